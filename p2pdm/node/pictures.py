"""Pictures: people's faces, asked for when their records name new ones, and the own one, given to who may see it.

The devices of one person get each other's in the same way. One that was restored from a backup is told of a later
record by those who have heard it, and gets the picture that it names back from them.

Nothing here looks into a picture: its hash, its size and its first bytes are all that is checked.
"""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.identity import PeerId
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.store.tables import Store
from p2pdm.wire import frames
from p2pdm.wire.picture import picture_id, picture_type


class Pictures:
    """Gives, asks and keeps. `shows` says who is no stranger: only with those pictures are exchanged."""

    def __init__(
        self,
        store: Store,
        commits: Commits,
        board: Board,
        myself: Myself,
        roster: Roster,
        sessions: Sessions,
        shows: Callable[[PeerId], bool],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._roster = roster
        self._sessions = sessions
        self._shows = shows

    def want(self, peer: Peer) -> None:
        """Ask a peer for the picture that its record names, once: again only when one has accepted the other since.

        And for the own one, which they may have kept, if another device that is gone was the only one to have it.
        """
        if peer.greeted and self._shows(peer.identity):
            for whose in dict.fromkeys((self._myself.id, peer.identity)):
                self._want_of(peer, whose)

    def _want_of(self, peer: Peer, whose: PeerId) -> None:
        named, kept = self._named(whose), self._store.pictures.id_of(whose)
        if not named and kept:
            self._commits.note(lambda: self._store.pictures.remove(whose))
        asked = (named, peer.accepts_us)
        if named not in (b"", kept) and asked != peer.pictures_asked.get(whose):
            peer.pictures_asked[whose] = asked
            peer.say(frames.AskPicture(named))

    def asked(self, peer: Peer, id: bytes) -> None:
        """A peer asks for the own picture, or for its own that it has lost. Whoever asks twice for one, or for another,
        hears nothing; whoever asks for what is still under way here gets it when it has come.
        """
        for whose in (self._myself.id, peer.identity):
            if id == self._named(whose):
                peer.pictures_owed[whose] = id
                self._give(peer, whose)
                return

    def _give(self, peer: Peer, whose: PeerId) -> None:
        owed = peer.pictures_owed.get(whose, b"")
        if owed in (b"", peer.pictures_given.get(whose)) or not self._shows(peer.identity):
            return
        if owed == self._named(whose) == self._store.pictures.id_of(whose):
            peer.pictures_given[whose] = owed
            peer.say(frames.Picture(self._store.pictures.data_of(whose)))

    def received(self, peer: Peer, data: bytes) -> None:
        """A picture came: kept if it is one that was asked for. If it isn't, a face is not worth a session."""
        id = picture_id(data)
        whose = next((who for who, (wanted, _) in peer.pictures_asked.items() if wanted == id), None)
        if whose is None or not self._lacks(whose, id) or picture_type(data) is None:
            return

        def keep() -> None:
            if self._lacks(whose, id):  # not forgotten, or changed meanwhile
                self._store.pictures.set(whose, id, data)
                self._commits.then(lambda error: self._pass_on(whose) if error is None else None)
                if whose == self._myself.id:
                    self._board.post("profile")
                else:
                    self._board.post("person", person=whose)

        self._commits.note(keep)

    def _lacks(self, whose: PeerId, id: bytes) -> bool:
        return self._shows(whose) and self._named(whose) == id != self._store.pictures.id_of(whose)

    def _pass_on(self, whose: PeerId) -> None:
        """To those who have asked before it was here."""
        for peer in list(self._sessions):
            self._give(peer, whose)

    def _named(self, whose: PeerId) -> bytes:
        """The picture that somebody's record names; empty when there is none."""
        record = self._myself.record if whose == self._myself.id else self._roster.record(whose)
        return record.picture if record is not None else b""
