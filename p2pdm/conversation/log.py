"""Per-device chains: what may join them, what must wait for its parents, what is refused.

Entries at one place (device, chain, seq) with different ids are a fork: a device that signed twice. Both are
kept; each continues from its own parent.
"""

from __future__ import annotations

from collections.abc import Callable, Container

import msgspec

from p2pdm.conversation.encoding import check_signature, decode_body, seal
from p2pdm.conversation.entries import CONTENT, MEMBERSHIP, NO_ENTRY, Entry, EntryError, Floor, Header, Kind, Open
from p2pdm.conversation.timeline import body_of
from p2pdm.identity import Certificate, IdentityError, PeerId, ProfileRecord, SigningKey


class DoesNotFit(EntryError):
    """It contradicts what is known here: not kept. In a conversation of many, who hands it on may know otherwise."""


class NotAnAuthor(DoesNotFit):
    """It is in order, but its author does not belong here: not kept; who hands it on may think otherwise."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a known entry stands."""

    id: bytes
    conversation: bytes
    device: bytes
    chain: int
    seq: int
    lamport: int


def place_of(entry: Entry) -> Place:
    """Where this entry stands."""
    header = entry.header
    return Place(entry.id, header.conversation, header.device, header.chain, header.seq, header.lamport)


def is_at(place: Place, conversation: bytes, floor: Floor) -> bool:
    """Whether a known entry stands where an operation's floor says."""
    stands = (place.conversation, place.device, place.chain, place.seq)
    return stands == (conversation, floor.device, CONTENT, floor.seq)


def lacking(entry: Entry, find: Callable[[bytes], Place | None]) -> list[bytes]:
    """The parents that must be stored before this entry can be judged.

    DoesNotFit if it can't ever join: its numbers contradict parents that are known.
    """
    header = entry.header
    parents = header.dependencies if header.seq == 0 else (header.prev, *header.dependencies)
    lamport, missing = 0, []
    for parent in parents:
        place = find(parent)
        if place is None:
            missing.append(parent)
            continue
        if place.conversation != header.conversation:
            raise DoesNotFit("an entry depends on another conversation")
        lamport = max(lamport, place.lamport)
    if header.seq == 0:
        if header.prev != NO_ENTRY or header.kind != Kind.OPEN:
            raise EntryError("a chain does not begin with an opening")
    else:
        _check_prev(header, find(header.prev))
    _check_kind(header)
    if not missing and header.lamport != lamport + 1:
        raise DoesNotFit("an entry's lamport is not one more than its parents'")
    return missing + _unknown_heads(header, find)


def _unknown_heads(header: Header, find: Callable[[bytes], Place | None]) -> list[bytes]:
    """The membership heads that are not stored. They must be there too, but raise no lamport: they are no content."""
    missing = []
    for head in header.membership:
        place = find(head)
        if place is None:
            missing.append(head)
        elif (place.conversation, place.chain) != (header.conversation, MEMBERSHIP):
            raise DoesNotFit("an entry names as a membership head what is none")
    return missing


def _check_prev(header: Header, prev: Place | None) -> None:
    if prev is None:
        return
    if (prev.device, prev.chain, prev.seq) != (header.device, header.chain, header.seq - 1):
        raise DoesNotFit("an entry does not continue the chain it names")


def _check_kind(header: Header) -> None:
    """What was said is in the content chain, what was decided in the other. Kinds of later versions may be anywhere."""
    content = Kind.TEXT <= header.kind <= Kind.MARK or header.kind == Kind.MEMO
    membership = Kind.CREATE <= header.kind <= Kind.DESCRIBE
    if (content and header.chain != CONTENT) or (membership and header.chain != MEMBERSHIP):
        raise EntryError("an entry does not belong in its chain")


def authorise(entry: Entry, authors: Container[PeerId]) -> Certificate | None:
    """Check the signature and, for a first entry, that the device belongs to one of `authors`.

    Later entries are authorised by their parent. Returns the certificate that a first entry carries; `name_in` reads
    whose name.
    """
    check_signature(entry)
    if entry.header.seq:
        return None
    if entry.body is None:
        raise DoesNotFit("a conversation's opening came without its body")
    opening = decode_body(Kind.OPEN, entry.body)
    assert isinstance(opening, Open)  # noqa: S101 -- decode_body of OPEN gives nothing else
    try:
        certificate = Certificate.decode(opening.certificate)
    except IdentityError as error:
        raise EntryError(str(error)) from error
    if certificate.device != entry.header.device:
        raise EntryError("an opening carries the certificate of another device")
    if certificate.identity not in authors:
        raise NotAnAuthor("an entry's author does not belong to the conversation")
    return certificate


def name_in(opening: Entry, identity: PeerId) -> str:
    """The name that an opening's author gave themself in it; empty when it holds none of theirs."""
    body = body_of(opening)
    try:
        return ProfileRecord.decode(identity, body.record).name if isinstance(body, Open) and body.record else ""
    except IdentityError:
        return ""


def compose(
    device: SigningKey,
    conversation: bytes,
    kind: Kind,
    body: bytes,
    *,
    after: Place | None,
    dependencies: tuple[Place, ...],
    time: int,
    salt: bytes,
    flags: int = 0,
    chain: int = CONTENT,
    membership: tuple[bytes, ...] = (),
    expiry: int = 0,
) -> Entry:
    """Write the next entry of one's own chain: `after` is its last entry, None when it begins.

    `membership` are the heads of the membership chains by which its author belongs.
    """
    lamport = max([after.lamport if after else 0, *(d.lamport for d in dependencies)]) + 1
    header = Header(
        flags=flags,
        chain=chain,
        kind=kind,
        conversation=conversation,
        device=device.public,
        seq=after.seq + 1 if after else 0,
        prev=after.id if after else NO_ENTRY,
        lamport=lamport,
        time=time,
        expiry=expiry,
        body_length=0,
        commitment=b"",
        membership=membership,
        dependencies=tuple(d.id for d in dependencies),
    )
    return seal(header, body, salt, device)
