"""Invitations: `p2pdm:` links that carry a key, a name and addresses. Pure.

    p2pdm:<id>?n=<name>&a=<host:port>&a=...

The key makes whoever answers there provably the inviter; name and addresses are hints.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from p2pdm.identity import IdentityError, PeerId, clean_name, decode_id, encode_id
from p2pdm.net.links import Address

_SCHEME = "p2pdm:"
MAX_LINK = 2_000
"""Characters: what a QR code and every mail program carry."""
MAX_ADDRESSES = 8
_ADDRESS = re.compile(
    r"(?:(?P<v4>[0-9.]{7,15})|\[(?P<v6>[0-9A-Fa-f:.]{2,45}(?:%[\w.-]{1,15})?)\]):(?P<port>[0-9]{1,5})", re.ASCII
)
"""IPv6 stands in brackets, perhaps with the name or number of an interface: `::1:80` could mean two addresses."""
_BROADCAST = ipaddress.IPv4Address("255.255.255.255")


class InvitationError(Exception):
    """A link is no invitation; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who invites, and where they were."""

    identity: PeerId
    name: str
    addresses: tuple[Address, ...]

    def __str__(self) -> str:
        """The link."""
        parts = [f"n={quote(self.name, safe='')}", *(f"a={quote(str(a), safe=':[]')}" for a in self.addresses)]
        return f"{_SCHEME}{encode_id(self.identity)}?{'&'.join(parts)}"


def read_invitation(link: str) -> Invitation:
    """Read a link; InvitationError says what is wrong with it."""
    link = link.strip()
    if len(link) > MAX_LINK or not link.lower().startswith(_SCHEME):
        raise InvitationError("an invitation begins with p2pdm: and is one line")
    id, _, query = link[len(_SCHEME) :].partition("?")
    try:
        identity = decode_id(id.lower())
        fields = parse_qsl(query, max_num_fields=32)
    except (IdentityError, ValueError) as error:
        raise InvitationError("this invitation is damaged: copy the whole link again") from error
    name = next((clean_name(value) for key, value in fields if key == "n"), "")
    addresses = tuple(read_address(value) for key, value in fields if key == "a")
    return Invitation(identity, name, addresses[:MAX_ADDRESSES])


def read_address(text: str) -> Address:
    """`host:port` or `[host]:port` with a numeric host at which a peer can be."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise InvitationError(f"{text[:60]} is no address")
    host, port = match["v4"] or match["v6"], int(match["port"])
    try:
        ip = ipaddress.IPv4Address(host) if match["v4"] else ipaddress.IPv6Address(host)
    except ValueError as error:
        raise InvitationError(f"{text[:60]} is no address") from error
    if ip.is_multicast or ip.is_unspecified or ip == _BROADCAST:
        raise InvitationError(f"{text[:60]} is no address of a single machine")
    if not 0 < port < 65_536:
        raise InvitationError(f"{text[:60]} has no port")
    return Address(host, port)
