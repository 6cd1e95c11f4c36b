"""Planted mistakes in groups and rooms. Each as in `bugs`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest.mock import patch

from p2pdm.conversation import membership
from p2pdm.conversation.ancestry import Operation
from p2pdm.conversation.entries import Header
from p2pdm.conversation.rights import Step
from p2pdm.identity import PeerId
from p2pdm.node.circles import Circles
from p2pdm.node.ledger import PeerLedger
from p2pdm.node.receipts import Receipts
from p2pdm.node.sharing import Sharing
from p2pdm.sync.ledger import Head
from p2pdm.sync.relaying import Relaying
from p2pdm.sync.shared import Chain, Shared


def ignores_floors() -> AbstractContextManager[object]:
    """Who is asked in gets all that was ever said."""
    return patch.object(Circles, "floors", lambda *_: {})


def goes_on_telling_the_removed() -> AbstractContextManager[object]:
    """Who was removed is in the list of members no more, and gets everything all the same."""
    both = ExitStack()
    both.enter_context(patch.object(PeerLedger, "_sees_content", lambda *_: True))
    both.enter_context(patch.object(Circles, "may_still_know", lambda *_: True))
    return both


def tells_the_removed_what_was_decided() -> AbstractContextManager[object]:
    """Who was removed hears nothing that is said any more, but who came and went after them."""
    return patch.object(Circles, "may_still_know", lambda *_: True)


def counts_everything_on_some_machines() -> AbstractContextManager[object]:
    """Half of all people are shown what removed members said without knowing of it."""
    counts = Circles.counts

    def lenient(self: Circles, author: PeerId, header: Header) -> bool:
        return self._myself.id[0] % 2 == 0 or counts(self, author, header)

    return patch.object(Circles, "counts", lenient)


def keeps_what_others_said_to_itself() -> AbstractContextManager[object]:
    """Only authors hand on what they say, and whole vectors; nobody offers what somebody else wrote."""

    def silent(self: Relaying, conversation: bytes, shared: Shared, due: set[Chain]) -> None:
        for chain in due:
            del shared.held_back[chain]

    return patch.object(Relaying, "offer", silent)


def folds_in_the_order_of_arrival() -> AbstractContextManager[object]:
    """Of what several admins decide at once, the last to arrive counts."""

    def as_they_came(operations: Iterable[Operation]) -> list[Operation]:
        return list({operation.id: operation for operation in operations}.values())

    return patch.object(membership, "in_order", as_they_came)


def remembers_the_group_as_it_was() -> AbstractContextManager[object]:
    """A group that was folded once is not folded anew when its members change."""
    return patch.object(Circles, "_refold", lambda *_: None)


def hides_all_that_the_removed_said() -> AbstractContextManager[object]:
    """A removal takes everything with it that somebody ever said."""
    return patch.object(Step, "covers", lambda *_: False)


def takes_one_members_word_for_all() -> AbstractContextManager[object]:
    """What one member has, all are said to have."""
    receipts = Receipts._receipts

    def generous(self: Receipts, other: PeerId, conversation: bytes, heads: Sequence[Head], *rest: Any) -> None:
        for who in {other, *self._circles.members(conversation)} - {self._myself.id}:
            receipts(self, who, conversation, heads, *rest)

    return patch.object(Receipts, "_receipts", generous)


def says_that_newcomers_have_what_was_before_them() -> AbstractContextManager[object]:
    """The word of who came later is taken for all that their word covers, held or not."""
    return patch.object(Receipts, "_not_for", lambda *_: -1)


def remembers_peers_who_left() -> AbstractContextManager[object]:
    """What a peer may have is remembered for ever."""
    return patch.object(Sharing, "left", lambda *_: None)


PLANTED = {
    ignores_floors: "nobody outside holds an entry",
    goes_on_telling_the_removed: "a removed member gets nothing later",
    tells_the_removed_what_was_decided: "a removed member gets nothing later",
    counts_everything_on_some_machines: "members show the same",
    keeps_what_others_said_to_itself: "members show the same",
    folds_in_the_order_of_arrival: "members know the same group",
    remembers_the_group_as_it_was: "members know the same group",
    hides_all_that_the_removed_said: "nothing acknowledged is missing",
    takes_one_members_word_for_all: "delivered is on their disk",
    says_that_newcomers_have_what_was_before_them: "delivered is on their disk",
    remembers_peers_who_left: "nothing is left waiting",
}
