"""A peer without manners: real keys and a real session, in which the test says whatever it likes."""

from __future__ import annotations

import asyncio
import random
from typing import TypeVar

import msgspec

from p2pdm.conversation.encoding import encode_body, seal
from p2pdm.conversation.entries import (
    CONTENT,
    MEMBERSHIP,
    Entry,
    Flag,
    Join,
    Kind,
    Open,
    Said,
    Text,
    direct_conversation,
)
from p2pdm.conversation.log import Place, compose, place_of
from p2pdm.identity import OPEN_SPACE, Certificate, PeerId, ProfileRecord, SigningKey, decode_id, encode_id
from p2pdm.net.links import Address, Link
from p2pdm.wire import frames
from p2pdm.wire.frames import Frame
from p2pdm.wire.handshake import Established, Party, SessionHandshake
from p2pdm.wire.lane import LaneReceiver
from p2pdm.wire.noise import KeyPair
from p2pdm.wire.session import Closed, FrameReceived, Session
from tests.fakes.world import Someone, World

PORT = 53_530
F = TypeVar("F", bound=Frame)


class Puppet:
    """One identity with one device, driven by hand. It answers nothing by itself but pings."""

    def __init__(self, world: World, name: str, host: str = "10.9.9.9", identity: SigningKey | None = None) -> None:
        self._world = world
        self._random = random.Random(f"puppet {world.seed} {name} {host}")
        self.name = name
        self.host = host
        self.identity = identity or SigningKey.from_seed(self._random.randbytes(32))
        self.device = SigningKey.from_seed(self._random.randbytes(32))
        self.certificate = Certificate.issue(self.identity, self.device, 0)
        self.instance = self._random.randbytes(8)
        self.heard: list[Frame] = []
        self.closed: Closed | None = None
        self.session: Session
        self._link: Link
        self._handshake: SessionHandshake
        self._established = asyncio.Event()

    @property
    def key(self) -> PeerId:
        """Its identity."""
        return self.identity.public

    @property
    def id(self) -> str:
        """Its identity as scripts see it."""
        return encode_id(self.key)

    # --- connecting ---

    async def dials(self, someone: Someone, *, accepts: bool = True, greets: bool = True) -> Puppet:
        """Open a session with someone's node."""
        self._established.clear()
        self.closed = None
        party = Party(self.certificate, self.device, self.instance, OPEN_SPACE)
        self._handshake = SessionHandshake(party, dialled=True, expected=someone.key, keys=self._keys)
        self._link = await self._world.lan.host(self.host).dial(Address(someone.host, PORT), 0, 5.0)
        self._link.start(self)
        self._link.write(self._handshake.to_send())
        await self._established.wait()
        if greets:
            self.says(frames.Hello(ProfileRecord.issue(self.identity, 1, self.name).encoded, accepts, PORT))
            await self._world.until(lambda: self.heard_of(frames.Hello))
        return self

    def _keys(self) -> KeyPair:
        return KeyPair.from_private(self._random.randbytes(32))

    def data_received(self, data: bytes) -> None:
        """Bytes from the link."""
        if self._established.is_set():
            self.session.receive_data(data, asyncio.get_running_loop().time())
            self._drain()
            return
        established = self._handshake.receive(data)
        self._link.write(self._handshake.to_send())
        if established is not None:
            self._begin(established)

    def _begin(self, established: Established) -> None:
        lane = LaneReceiver(self._random.getrandbits(32), self._random.randbytes(32))
        self.session = Session(established, asyncio.get_running_loop().time(), lane, None)
        self._established.set()
        self._drain()

    def _drain(self) -> None:
        for event in self.session.events():
            if isinstance(event, FrameReceived):
                self.heard.append(event.frame)
            elif isinstance(event, Closed):
                self.closed = event
        self._link.write(self.session.data_to_send())

    def writable(self) -> None:
        """It never waits."""

    def link_closed(self, why: str) -> None:
        """The link ended."""
        if self._established.is_set():
            self.session.receive_end()
            self._drain()

    # --- speaking ---

    def says(self, *said: Frame) -> None:
        """Say something, allowed or not."""
        for frame in said:
            self.session.send(frame, asyncio.get_running_loop().time())
        self._drain()

    def says_bytes(self, plaintext: bytes) -> None:
        """Say bytes that need not be frames."""
        self.session._frames_out.append(plaintext)
        self._drain()

    def hangs_up(self) -> None:
        """End the link without a word."""
        self._link.abort()

    def heard_of(self, kind: type[F]) -> list[F]:
        """The frames of one kind that were heard so far."""
        return [frame for frame in self.heard if isinstance(frame, kind)]

    # --- writing ---

    def conversation(self, someone: Someone) -> bytes:
        """The id of the direct conversation with someone."""
        return direct_conversation(self.key, someone.key)

    def chain(self, conversation: bytes, *texts: str, flags: Flag = Flag(0)) -> list[Entry]:
        """An opening and some texts after it, in a chain of its own."""
        kind, body = encode_body(Open(self.certificate.encode()))
        entries = [self._entry(conversation, kind, body, None, Flag(0))]
        for text in texts:
            kind, body = encode_body(Text(text))
            entries.append(self._entry(conversation, kind, body, entries[-1], flags))
        return entries

    def after(self, entry: Entry, text: str) -> Entry:
        """One more text after `entry`."""
        kind, body = encode_body(Text(text))
        return self._entry(entry.header.conversation, kind, body, entry, Flag(0))

    def astray(self, entry: Entry, text: str) -> Entry:
        """A text, rightly signed, that names `entry` as its parent and does not follow it."""
        kind, body = encode_body(Text(text))
        header = msgspec.structs.replace(self.after(entry, text).header, seq=entry.header.seq + 5, kind=kind)
        return seal(header, body, self._random.randbytes(16), self.device)

    def _entry(self, conversation: bytes, kind: Kind, body: bytes, after: Entry | None, flags: Flag) -> Entry:
        return compose(
            self.device,
            conversation,
            kind,
            body,
            after=place_of(after) if after else None,
            dependencies=(),
            time=self._world.wall(),
            salt=self._random.randbytes(16),
            flags=flags,
        )

    def writes(
        self,
        conversation: bytes,
        body: Said,
        after: Entry | None = None,
        chain: int = CONTENT,
        dependencies: tuple[Place, ...] = (),
        membership: tuple[bytes, ...] = (),
    ) -> Entry:
        """An entry of any kind in any chain of its own."""
        kind, encoded = encode_body(body)
        return compose(
            self.device,
            conversation,
            kind,
            encoded,
            after=place_of(after) if after else None,
            dependencies=dependencies,
            time=self._world.wall(),
            salt=self._random.randbytes(16),
            chain=chain,
            membership=membership,
        )

    def opens(self, conversation: bytes, chain: int = CONTENT) -> Entry:
        """The first entry of a chain."""
        return self.writes(conversation, Open(self.certificate.encode()), chain=chain)

    async def joins(self, someone: Someone, chat: str) -> Entry:
        """Say yes to an invitation that someone's node knows of; the entry that says so, last of the chain."""
        node = someone.node
        conversation = decode_id(chat)
        invite = node.circles.group(conversation).invitations[self.key]
        place = node.store.entries.place(invite)
        assert place is not None
        opening = self.opens(conversation, MEMBERSHIP)
        join = self.writes(conversation, Join(invite), opening, MEMBERSHIP, (place,))
        self.hands_over(conversation, opening, join)
        await self._world.until(lambda: self.key in node.circles.group(conversation).members)
        return join

    def requests(self, someone: Someone, text: str, flags: Flag = Flag(0)) -> Entry:
        """Send a request in order; returns its entry."""
        opening, entry = self.chain(self.conversation(someone), text, flags=flags)
        self.says(frames.Request(opening.encode(), entry.encode()))
        return entry

    def hands_over(self, conversation: bytes, *entries: Entry) -> None:
        """Push entries."""
        self.says(frames.Entries(conversation, [entry.encode() for entry in entries]))
