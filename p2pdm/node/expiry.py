"""Expiry: messages that disappear from this disk by themselves.

Each message carries its own expiry. Its time begins when it was read here; that of an own one, when it was delivered:
what still waits to be sent is not lost. Then it is erased like something taken back (text, edits, index, the database's
log), and nothing tells that it was there. What fell due while the node was off is erased before the node answers
anybody, as far as the clock is believed. It goes by `age`, not by the wall clock. The chains stay, so nothing of it
comes back from others.
"""

from __future__ import annotations

from p2pdm.api.types import Notice
from p2pdm.conversation.entries import MAX_EXPIRY, Body, Entry
from p2pdm.conversation.timeline import body_of, expiry_set
from p2pdm.identity import PeerId
from p2pdm.node.age import Age
from p2pdm.node.commits import Commits
from p2pdm.node.erasing import Erasing
from p2pdm.node.later import AGAIN, Later
from p2pdm.node.myself import Myself
from p2pdm.node.view import View
from p2pdm.store.errors import StoreError
from p2pdm.store.lines import PURGED_AT_ONCE, StoredLine
from p2pdm.store.tables import Store

LOOK = 60.0
"""Seconds until it is looked again at the latest while something is to disappear: a machine may have slept."""
PAUSE = 0.02
"""Seconds between two pieces of work."""


class Expiry:
    """Begins the time of messages, and erases those whose time is over."""

    def __init__(
        self, store: Store, commits: Commits, erasing: Erasing, myself: Myself, view: View, age: Age, later: Later
    ) -> None:
        self._store = store
        self._commits = commits
        self._erasing = erasing
        self._myself = myself
        self._view = view
        self._age = age
        self._later = later
        self._checked = 0

    # --- life ---

    def start(self) -> None:
        """Erase what fell due while nobody ran, then go on by itself."""
        try:
            with self._commits.writing():
                self._age.keep()
                while self._erase_due():
                    pass
            self._commits.settle()
        except StoreError:
            self._later.after(AGAIN, self._look)
        self._later.after(PAUSE, self._begin_delivered)
        self._wait()

    def close(self) -> None:
        """What is left is done at the next start."""
        if self._age.drifted:
            self._commits.note(self._age.keep)

    # --- what happens; within `writing` ---

    def arrived(self, entry: Entry, body: Body | None, arrival: int, author: PeerId | None) -> None:
        """A message was stored."""
        if author not in (None, self._myself.id):
            self._age.heard(entry.header.time)
        self.came(arrival)
        self._take(entry, body, arrival, author)

    def came(self, arrival: int) -> None:
        """Anything was stored: it is of today."""
        self._store.keeping.day_begins(self._age.day(), arrival - 1)

    def counts_after_all(self, id: bytes) -> None:
        """A message that had not counted in its group does now."""
        message = self._store.lines.line(id)
        if message is not None:
            self._take(message.entry, body_of(message.entry), message.arrival, message.identity)

    def _take(self, entry: Entry, body: Body | None, arrival: int, author: PeerId | None) -> None:
        header = entry.header
        seconds = expiry_set(body)
        if seconds is not None:
            order = (header.lamport, header.time, entry.id)
            self._store.keeping.set_expiry(header.conversation, seconds, order)
        if header.expiry:
            own = author == self._myself.id
            self._store.keeping.expires(arrival, header.conversation, min(header.expiry, MAX_EXPIRY), own)

    def read(self, chat: bytes) -> None:
        """Everything in a chat has been read."""
        stored = self._store.conversations.get(chat)
        if stored is not None and self._store.keeping.was_read(chat, stored.read_arrival, self._age.now()):
            self._age.keep()
            self._commits.then(lambda error: self._wait() if error is None else None)

    # --- beginning ---

    def noted(self, notice: Notice) -> None:
        """The board's listener: an own message came further, perhaps one whose time begins with that."""
        if notice.event == "state" and notice.state in ("delivered", "read"):
            self._later.after(PAUSE, self._begin_delivered)

    def _begin_delivered(self) -> None:
        """Let the time of own messages begin that were delivered meanwhile; a piece of them."""
        waiting = self._store.keeping.own_waiting(self._checked, PURGED_AT_ONCE)
        found = [self._store.lines.line_at(arrival) for arrival in waiting]
        delivered = [message.arrival for message in found if message is not None and self._arrived_there(message)]
        if delivered:
            self._later.write(lambda: self._begin(delivered), self._wait, self._begin_delivered)
        full = len(waiting) == PURGED_AT_ONCE
        self._checked = waiting[-1] if full else 0
        if full:
            self._later.after(PAUSE, self._begin_delivered)

    def _begin(self, arrivals: list[int]) -> None:
        for arrival in arrivals:
            self._store.keeping.begin(arrival, self._age.now())
        self._age.keep()

    def _arrived_there(self, message: StoredLine) -> bool:
        return self._view.message(message).state not in ("waiting", "sent")

    # --- ending ---

    def _wait(self) -> None:
        """Look again when the next message is due."""
        due = self._store.keeping.next_due()
        if due is not None:
            self._later.after(min(max(due - self._age.now(), 0) / 1000 + 0.001, LOOK), self._look)

    def _look(self) -> None:
        self._later.write(self._work, self._wait, self._look)

    def _work(self) -> None:
        self._erase_due()
        if self._age.drifted:
            self._age.keep()

    def _erase_due(self) -> bool:
        """Erase some of what is due; whether there was any."""
        arrivals = self._store.keeping.due(self._age.now(), PURGED_AT_ONCE)
        found = [self._store.lines.line_at(arrival) for arrival in arrivals]
        self._erasing.erase([message for message in found if message is not None])
        self._store.lines.erase_unshown(arrivals)
        self._store.keeping.gone(arrivals)
        return bool(arrivals)
