"""Pictures: people's faces, asked for when their records name new ones, and the own one, given to who may see it.

The devices of one person get each other's in the same way.

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
        shows: Callable[[PeerId], bool],
    ) -> None:
        self._store = store
        self._commits = commits
        self._board = board
        self._myself = myself
        self._roster = roster
        self._shows = shows

    def want(self, peer: Peer) -> None:
        """Ask a peer for the picture that its record names, once: again only when one has accepted the other since."""
        other = peer.identity
        if not peer.greeted or not self._shows(other):
            return
        record = self._myself.record if other == self._myself.id else self._roster.record(other)
        named, kept = record.picture if record else b"", self._store.pictures.id_of(other)
        if not named and kept:
            self._commits.note(lambda: self._store.pictures.remove(other))
        asked = (named, peer.accepts_us)
        if named not in (b"", kept) and asked != peer.picture_asked:
            peer.picture_asked = asked
            peer.say(frames.AskPicture(named))

    def asked(self, peer: Peer, id: bytes) -> None:
        """A peer asks for the own picture. Whoever asks twice for one, or for another, hears nothing."""
        if id != self._myself.record.picture or id == peer.picture_given or not self._shows(peer.identity):
            return
        data = self._store.pictures.data_of(self._myself.id)
        if data:
            peer.picture_given = id
            peer.say(frames.Picture(data))

    def received(self, peer: Peer, data: bytes) -> None:
        """A picture came: kept if it is the one that was asked for. If it isn't, a face is not worth a session."""
        other, (wanted, _) = peer.identity, peer.picture_asked
        if wanted in (b"", self._store.pictures.id_of(other)) or not self._shows(other):
            return
        if picture_type(data) is None or picture_id(data) != wanted:
            return

        def keep() -> None:
            if self._shows(other):  # not forgotten meanwhile
                self._store.pictures.set(other, wanted, data)
                if other == self._myself.id:
                    self._board.post("profile")
                else:
                    self._board.post("person", person=other)

        self._commits.note(keep)
