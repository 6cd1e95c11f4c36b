"""States: how far messages came, by each recipient's own word, and what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from p2pdm.api.types import MemberState, MessageState
from p2pdm.conversation.entries import Entry
from p2pdm.identity import PeerId, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.myself import Myself
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.roster import Roster, timestamp
from p2pdm.node.sessions import Sessions
from p2pdm.store.conversations import DELIVERED, DIRECT, READ, ROOM, StoredConversation
from p2pdm.store.lines import StoredLine
from p2pdm.store.tables import Store

NAMED = 3
"""People named in a sentence; of more, how many."""


class Shown(NamedTuple):
    """How far a message came, as it is shown."""

    state: MessageState
    why: str = ""
    unread: bool = False
    states: list[MemberState] = []  # noqa: RUF012 -- never changed


class States:
    """Reads only."""

    def __init__(
        self,
        store: Store,
        myself: Myself,
        roster: Roster,
        sessions: Sessions,
        circles: Circles,
        privacy: PrivacySettings,
    ) -> None:
        self._store = store
        self._myself = myself
        self._roster = roster
        self._sessions = sessions
        self._circles = circles
        self._privacy = privacy

    def of(self, stored: StoredConversation) -> DirectStates | SharedStates:
        """The states of the messages of one conversation, as things are now."""
        if stored.kind == DIRECT:
            held = self._store.people.held(stored.other)
            why, receipts = self.why(stored.other), self._privacy.now.receipts
            return DirectStates(self._store, self._myself, self._roster, stored, held, why, receipts)
        others = [identity for identity in self._circles.members(stored.id) if identity != self._myself.id]
        whys = {identity: self._why_member(identity) for identity in others}
        floors = {identity: self._circles.floors(stored.id, identity) for identity in others}
        below = {who: {device: floor.seq for device, floor in of.items()} for who, of in floors.items()}
        receipts = self._privacy.now.receipts
        return SharedStates(self._store, self._myself, self._roster, stored, whys, below, receipts)

    def of_direct(self, entry: Entry, stored: StoredConversation) -> MessageState:
        """How far an own message between two came."""
        reached = self._store.conversations.progress(stored.id, stored.other, entry.header.device)
        if entry.header.seq <= reached.read:
            return "read"
        if entry.header.seq <= reached.delivered:
            return "delivered"
        return "sent" if self._store.people.held(stored.other) == entry.id else "waiting"

    def why(self, other: PeerId) -> str:
        """What keeps a direct message from someone now; empty when nothing does."""
        name = self._roster.name(other)
        if self._roster.is_blocked(other):
            return f"you have blocked {name}"
        if self._sessions.online(other):
            accepted = any(peer.accepts_us for peer in self._sessions.of(other))
            return "" if accepted else f"waiting for {name} to accept"
        asked = self._store.people.held(other) is not None and not self._roster.accepts_us(other)
        if asked and not self._sessions.connected(other):
            return f"waiting for {name} to accept"
        return self._why_member(other)

    def _why_member(self, other: PeerId) -> str:
        name = self._roster.name(other)
        if self._sessions.online(other):
            return ""
        if self._sessions.connected(other):
            return f"{name} is not answering"
        obstacle = self._roster.obstacle(other)
        return f"{name} can't be reached: {obstacle}" if obstacle else f"{name} is offline"


class DirectStates:
    """Of a conversation of two. `receipts`: whether it is shown what was read."""

    def __init__(
        self,
        store: Store,
        myself: Myself,
        roster: Roster,
        stored: StoredConversation,
        held: bytes | None,
        why: str,
        receipts: bool,
    ) -> None:
        self._store = store
        self._myself = myself
        self._roster = roster
        self._stored = stored
        self._held = held
        self.why = why
        self._receipts = receipts

    def of(self, line: StoredLine) -> Shown:
        """How far one message came."""
        if line.identity != self._myself.id:
            return _theirs(line, self._stored)
        header, stored = line.entry.header, self._stored
        reached = self._store.conversations.progress(stored.id, stored.other, header.device)
        if header.seq <= reached.read and self._receipts:
            return Shown("read")
        if header.seq <= reached.delivered:
            return Shown("delivered")
        if self._held == line.entry.id:
            return Shown("sent", f"waiting for {self._roster.name(stored.other)} to accept")
        return Shown("waiting", self.why)

    def waiting(self) -> int:
        """How many own messages have not reached them."""
        stored = self._stored
        return sum(
            self._store.lines.waiting_count(
                stored.id, device, self._store.conversations.progress(stored.id, stored.other, device).delivered
            )
            for device in _own_devices(self._store, self._myself, stored)
        )


class SharedStates:
    """Of a conversation of many: the least of its members; of a room, whether it is on anybody's disk.

    `receipts`: whether it is shown what was read.
    """

    def __init__(
        self,
        store: Store,
        myself: Myself,
        roster: Roster,
        stored: StoredConversation,
        whys: dict[PeerId, str],
        below: dict[PeerId, dict[bytes, int]],
        receipts: bool,
    ) -> None:
        self._store = store
        self._myself = myself
        self._roster = roster
        self._stored = stored
        self._whys = whys
        self._shown: tuple[int, ...] = (READ, DELIVERED) if receipts else (DELIVERED,)
        self._below = below
        """By member and device, the sequence number up to which messages are not meant for them."""

    def of(self, line: StoredLine) -> Shown:
        """How far one message came."""
        if line.identity != self._myself.id:
            return _theirs(line, self._stored)
        device, seq = line.entry.header.device, line.entry.header.seq
        states = [self._member(who, device, seq) for who in self._recipients(device, seq)]
        if not states:
            return self._without_recipients(device, seq)
        lacking = [who for who in self._recipients(device, seq) if self._top(who, device, DELIVERED) < seq]
        if not lacking:
            return Shown("read" if all(state.state == "read" for state in states) else "delivered", states=states)
        held = len(lacking) < len(states) or self._on_any_disk(device, seq)
        return Shown("sent" if held else "waiting", self._why(lacking), states=states)

    @property
    def why(self) -> str:
        """What keeps messages from those who are not there."""
        return self._why([who for who, why in self._whys.items() if why])

    def waiting(self) -> int:
        """How many own messages have not reached everybody."""
        return sum(
            self._store.lines.waiting_count(self._stored.id, device, self._least(device))
            for device in _own_devices(self._store, self._myself, self._stored)
        )

    def _least(self, device: bytes) -> int:
        reached = [max(self._top(who, device, DELIVERED), self._below[who].get(device, -1)) for who in self._whys]
        return min(reached, default=2**53)

    def _recipients(self, device: bytes, seq: int) -> Sequence[PeerId]:
        return [who for who in self._whys if seq > self._below[who].get(device, -1)]

    def _without_recipients(self, device: bytes, seq: int) -> Shown:
        if self._stored.kind == ROOM:
            return Shown("delivered") if self._on_any_disk(device, seq) else Shown("waiting", "nobody has it yet")
        return Shown("delivered")  # there is nobody else: notes to oneself, a group of one

    def _member(self, who: PeerId, device: bytes, seq: int) -> MemberState:
        for kind in self._shown:
            at = self._store.conversations.reached_when(self._stored.id, who, device, kind, seq)
            if at is not None:
                return MemberState(encode_id(who), "read" if kind == READ else "delivered", timestamp(at))
        return MemberState(encode_id(who), "waiting", None, self._whys[who])

    def _top(self, who: PeerId, device: bytes, kind: int) -> int:
        progress = self._store.conversations.progress(self._stored.id, who, device)
        return progress.read if kind == READ else progress.delivered

    def _on_any_disk(self, device: bytes, seq: int) -> bool:
        return self._store.conversations.on_any_disk(self._stored.id, device, seq)

    def _why(self, lacking: Sequence[PeerId]) -> str:
        away = [who for who in lacking if self._whys[who]]
        if len(away) == 1:
            return self._whys[away[0]]
        if len(away) > NAMED:
            return f"{len(away)} people are away"
        names = [self._roster.name(who) for who in away]
        return f"{', '.join(names[:-1])} and {names[-1]} are away" if names else ""


def _theirs(line: StoredLine, stored: StoredConversation) -> Shown:
    unread = line.arrival > stored.read_arrival and not line.line.unsent
    return Shown("delivered" if unread else "read", unread=unread)


def _own_devices(store: Store, myself: Myself, stored: StoredConversation) -> set[bytes]:
    heads = store.entries.heads.all(stored.id)
    return {head.device for head in heads if store.entries.identity_of(head.device) == myself.id}
