"""Planted mistakes, at least one for each invariant: proof that the simulator would notice the real one.

Each is a switch here, in the tests: it changes the product's code for as long as it is on, and the product knows
nothing of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from p2pdm.conversation import log
from p2pdm.conversation.entries import Entry, Kind
from p2pdm.node import inbox as inbox_module
from p2pdm.node import orphans as orphans_module
from p2pdm.node.batch import Batch
from p2pdm.node.commits import Commits
from p2pdm.node.expiry import Expiry
from p2pdm.node.inbox import Inbox
from p2pdm.node.orphans import Orphan
from p2pdm.node.peer import Peer
from p2pdm.node.receipts import Receipts
from p2pdm.node.reception import Reception
from p2pdm.node.requests import Requests
from p2pdm.store import connection, database
from p2pdm.store.heads import HeadTable
from p2pdm.store.keeping import KeepingTable
from p2pdm.store.lines import LineTable, StoredLine
from p2pdm.sync import pushing
from p2pdm.sync.exchange import Exchange
from tests.simulation import circle_bugs, profile_bugs
from tests.simulation.run import simulate

Bug = Callable[[], AbstractContextManager[object]]


def shows_in_the_order_of_arrival() -> AbstractContextManager[object]:
    """A chat is shown as its entries came, which is another order on each machine."""
    page = LineTable.page

    def by_arrival(self: LineTable, conversation: bytes, limit: int, before: Entry | None) -> list[StoredLine]:
        return sorted(page(self, conversation, limit, before), key=lambda line: line.arrival)

    return patch.object(LineTable, "page", by_arrival)


@contextmanager
def does_not_sync_the_disk() -> Iterator[None]:
    """The database leaves it to the system when to write."""
    hasty = "PRAGMA synchronous = OFF"
    with patch.object(connection, "SYNCED", hasty), patch.object(database, "SYNCED", hasty):
        yield


def pushes_once_and_forgets() -> AbstractContextManager[object]:
    """What the quick lane loses is not sent again, nor is anything above their word."""
    return patch.object(pushing, "owed", lambda *_: iter(()))


@contextmanager
def acknowledges_before_the_disk_has_it() -> Iterator[None]:
    """Entries are acknowledged when they are judged, not when they are committed."""

    def at_once(self: Inbox, peer: Peer, batches: dict[bytes, Batch]) -> None:
        self._committed({conversation: {peer: batch} for conversation, batch in batches.items()}, None)

    with patch.object(Inbox, "_acknowledge_together", at_once), patch.object(HeadTable, "durable", HeadTable.all):
        yield


def takes_a_commit_for_a_sync() -> AbstractContextManager[object]:
    """What is synced beside the loop is told of when it is committed."""
    commit = Commits._commit

    def hasty(self: Commits) -> None:
        commit(self)
        self._store.synced()
        waiting, self._when_synced = self._when_synced, deque()
        self._tell(waiting, None)

    return patch.object(Commits, "_commit", hasty)


def does_not_hear_the_last_word() -> AbstractContextManager[object]:
    """What peers say of their disk is heard only while something waits at the exchange, that is never."""
    return patch.object(Receipts, "reached", lambda *_: None)


def tells_of_everything_that_comes() -> AbstractContextManager[object]:
    """Clients are told of a message each time that it comes, also when it is here already."""
    accept = Inbox._accept

    def loud(self: Inbox, entry: Entry, batch: Batch) -> list[bytes]:
        if self._store.entries.knows(entry.id) and entry.header.kind == Kind.TEXT:
            self._filing._board.post("message", chat=batch.conversation, id=entry.id)
        return accept(self, entry, batch)

    return patch.object(Inbox, "_accept", loud)


def shows_edited_messages_twice() -> AbstractContextManager[object]:
    """An edit shows as a message of its own beside the one that it changed."""
    page = LineTable.page

    def doubled(self: LineTable, conversation: bytes, limit: int, before: Entry | None) -> list[StoredLine]:
        return [
            one for line in page(self, conversation, limit, before) for one in [line] * (2 if line.line.earlier else 1)
        ]

    return patch.object(LineTable, "page", doubled)


@contextmanager
def shares_every_conversation_with_everybody() -> Iterator[None]:
    """Whoever says hello is told of all conversations, and takes whatever comes."""
    meet, take_one = Requests.meet, Inbox._take_one

    def sociable(self: Requests, peer: Peer) -> None:
        meet(self, peer)
        for stored in self._store.conversations.all():
            peer.exchange.share(stored.id)

    def greedy(self: Inbox, peer: Peer, batch: Batch, data: bytes, quick: bool, orphans: deque[Orphan]) -> None:
        if self._store.conversations.get(batch.conversation) is None:
            self._store.conversations.ensure_direct(batch.conversation, peer.identity)
        peer.exchange.share(batch.conversation)
        take_one(self, peer, batch, data, quick, orphans)

    def anybody(entry: Entry, authors: object) -> object:
        return log.authorise(entry, _Everybody())

    with (
        patch.object(Requests, "meet", sociable),
        patch.object(Inbox, "_take_one", greedy),
        patch.object(inbox_module, "authorise", anybody),
    ):
        yield


class _Everybody:
    def __contains__(self, key: object) -> bool:
        return True


def trusts_signatures() -> AbstractContextManager[object]:
    """Signatures are not checked."""
    return patch.object(log, "check_signature", lambda entry: None)


def keeps_the_edits_of_what_was_taken_back() -> AbstractContextManager[object]:
    """An unsend erases the message, not what an edit made of it."""

    def only_the_message(self: LineTable, message: StoredLine) -> None:
        self._db.execute("UPDATE entries SET body = NULL, salt = x'' WHERE id = ?", (message.entry.id,))
        self._db.execute("DELETE FROM words WHERE rowid = ?", (message.arrival,))

    return patch.object(LineTable, "take_back", only_the_message)


def goes_on_sharing_with_the_blocked() -> AbstractContextManager[object]:
    """A block shows in the list of people, and changes nothing in open sessions."""
    return patch.object(Exchange, "unshare", lambda *_: None)


def keeps_all_orphans() -> AbstractContextManager[object]:
    """What waits for parents waits without bounds."""
    return patch.object(orphans_module, "MAX_ORPHANS", 10**9)


def never_tidies_its_timers() -> AbstractContextManager[object]:
    """What asks again for entries that were dropped is not forgotten when it has asked."""
    ask = Inbox._ask_again

    def forgetful(self: Inbox, peer: Peer, conversation: bytes) -> None:
        timer = self._asking[peer, conversation]
        ask(self, peer, conversation)
        self._asking[peer, conversation] = timer

    return patch.object(Inbox, "_ask_again", forgetful)


def stumbles_in_a_timer() -> AbstractContextManager[object]:
    """What a timer calls fails."""

    def stumbles(self: Exchange, now: float) -> None:
        raise KeyError(now)

    return patch.object(Exchange, "tick", stumbles)


def loses_its_way_in_a_call() -> AbstractContextManager[object]:
    """A call fails with a mistake instead of a sentence."""

    def lost(self: Receipts, conversation: bytes) -> None:
        raise LookupError("lost")

    return patch.object(Receipts, "mark_read", lost)


def never_looks_whether_time_is_over() -> AbstractContextManager[object]:
    """Messages that should disappear stay."""
    return patch.multiple(Expiry, _erase_due=lambda _: False, _wait=lambda _: None)


def deletes_only_what_is_shown() -> AbstractContextManager[object]:
    """Who deletes a message for themselves does not see it any more; the disk still has it."""

    def hidden(self: LineTable, messages: Iterable[StoredLine]) -> None:
        for message in messages:
            self._db.execute("UPDATE entries SET shown = 0 WHERE id = ?", (message.entry.id,))

    return patch.object(LineTable, "erase", hidden)


def keeps_drafts_in_memory() -> AbstractContextManager[object]:
    """What is typed is not written to the disk."""
    return patch.object(KeepingTable, "set_draft", lambda *_: None)


def tells_a_new_profile_to_nobody() -> AbstractContextManager[object]:
    """Whoever is connected learns of a change at the next meeting, if there is one."""
    return patch.object(Reception, "_renamed", lambda *_: None)


PLANTED: dict[Bug, str] = {
    shows_in_the_order_of_arrival: "friends show the same",
    pushes_once_and_forgets: "friends show the same",
    does_not_sync_the_disk: "nothing acknowledged is missing",
    acknowledges_before_the_disk_has_it: "delivered is on their disk",
    takes_a_commit_for_a_sync: "delivered is on their disk",
    does_not_hear_the_last_word: "what arrived is shown as delivered",
    tells_of_everything_that_comes: "nothing appears twice",
    shows_edited_messages_twice: "nothing appears twice",
    shares_every_conversation_with_everybody: "nobody outside holds an entry",
    trusts_signatures: "nobody is forged",
    keeps_the_edits_of_what_was_taken_back: "what was taken back is nowhere",
    goes_on_sharing_with_the_blocked: "blocked people get nothing",
    keeps_all_orphans: "memory is bounded",
    never_tidies_its_timers: "nothing is left waiting",
    stumbles_in_a_timer: "no mistake in the background",
    loses_its_way_in_a_call: "the story goes on",
    never_looks_whether_time_is_over: "what has expired is nowhere",
    deletes_only_what_is_shown: "what was deleted is not there",
    keeps_drafts_in_memory: "drafts stay",
    tells_a_new_profile_to_nobody: "friends know each other as they are",
    **circle_bugs.PLANTED,
    **profile_bugs.PLANTED,
}
"""Each mistake and the invariant that must notice it."""


def noticed_at(name: str, seeds: range) -> int | None:
    """The first of these seeds that notices a mistake, as it must; None if none does."""
    bug = next(bug for bug in PLANTED if bug.__name__ == name)
    with bug():
        return next((seed for seed in seeds if PLANTED[bug] in {broken.invariant for broken in simulate(seed)}), None)


def told_with(name: str, seed: int) -> list[str]:
    """What a seed says of a mistake."""
    with next(bug for bug in PLANTED if bug.__name__ == name)():
        return [str(failure) for failure in simulate(seed)]
