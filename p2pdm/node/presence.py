"""Presence: how the user is here, and what peers have said of how they are.

A status is no part of the profile record: it changes many times a day, means nothing once its session is over, and
nobody needs to be shown it by others, so it is neither numbered nor signed; the session says whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, get_args

import msgspec

from p2pdm.api.types import Availability
from p2pdm.identity import PeerId, clean_line
from p2pdm.node.peer import Peer
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.sessions import Sessions
from p2pdm.store.tables import Store
from p2pdm.wire import frames
from p2pdm.wire.frames import MAX_STATUS_TEXT

AVAILABILITIES: Final[dict[str, Availability]] = {word: word for word in get_args(Availability)}
_SETTING = "status"


class Chosen(msgspec.Struct, frozen=True):
    """What the user chose."""

    status: Availability = "available"
    text: str = ""


class Presence:
    """Tells each peer what it may know and does not know yet. `shows` says to whom more is shown than to a stranger."""

    def __init__(
        self, store: Store, sessions: Sessions, privacy: PrivacySettings, shows: Callable[[PeerId], bool]
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._privacy = privacy
        self._shows = shows
        self.chosen = Chosen()
        self.idle = False
        self.reload()

    def reload(self) -> None:
        """Be again as stored, after a change that could not be."""
        stored = self._store.settings.get(_SETTING)
        self.chosen = msgspec.json.decode(stored, type=Chosen) if stored is not None else Chosen()

    def choose(self, status: Availability, text: str) -> None:
        """Be here in another way; the caller holds a transaction, and calls `tell_everyone` after it."""
        self.chosen = Chosen(status, clean_line(text, MAX_STATUS_TEXT))
        self._store.settings.set(_SETTING, msgspec.json.encode(self.chosen))

    @property
    def hidden(self) -> bool:
        """Whether nobody shall see that the user is here."""
        return not self._privacy.now.presence

    def greets(self, peer: Peer) -> bool:
        """What the Hello to a new peer says: whether the user is hidden."""
        peer.presence_told = frames.Presence(hidden=self.hidden)
        return self.hidden

    def tell(self, peer: Peer) -> None:
        """Tell a peer how the user is here, unless it knows."""
        word = self._word(peer.identity)
        if peer.greeted and word != peer.presence_told:
            peer.presence_told = word
            peer.say(word)

    def tell_everyone(self) -> None:
        """Something changed."""
        for peer in list(self._sessions):
            self.tell(peer)

    def _word(self, identity: PeerId) -> frames.Presence:
        if self.hidden or not self._shows(identity):
            return frames.Presence(hidden=self.hidden)
        away = self.idle and self.chosen.status == "available"
        return frames.Presence(False, "away" if away else self.chosen.status, self.chosen.text)


def combined(words: Iterable[frames.Presence]) -> frames.Presence:
    """What the devices of one person say together: hidden if one is, else what says most of where they sit."""
    return min(words, key=_says_less, default=frames.Presence())


def _says_less(word: frames.Presence) -> tuple[bool, int, bool]:
    rank = {"available": 1, "away": 2}.get(word.status, 0)  # what was chosen, the default, what a clock says
    return not word.hidden, rank, not word.text
