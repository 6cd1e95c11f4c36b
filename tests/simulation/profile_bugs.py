"""Planted mistakes in backup files and in pictures, as in `bugs`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

from p2pdm.node.circles import Circles
from p2pdm.node.door import oneself
from p2pdm.node.door import pictures as given
from p2pdm.node.myself import Myself
from p2pdm.node.peer import Peer
from p2pdm.node.pictures import Pictures
from p2pdm.store.backup import NewBackup
from p2pdm.store.database import Database
from p2pdm.store.pictures import PictureTable

Bug = Callable[[], AbstractContextManager[object]]


def saves_again_what_it_saved_first() -> AbstractContextManager[object]:
    """A copy that an earlier backup made is taken for the profile."""
    copy = NewBackup.copy
    copies: dict[Path, bytes] = {}

    def stale(self: NewBackup, database: Database) -> Generator[None, None, None]:
        if self._scratch not in copies:
            yield from copy(self, database)
            copies[self._scratch] = self._scratch.read_bytes()
        self._scratch.write_bytes(copies[self._scratch])

    return patch.object(NewBackup, "copy", stale)


def saves_what_is_gone() -> AbstractContextManager[object]:
    """As `saves_again_what_it_saved_first`: what was taken back meanwhile is in the file."""
    return saves_again_what_it_saved_first()


def goes_on_as_the_device_that_was_saved() -> AbstractContextManager[object]:
    """Whoever restores a backup has two machines that both speak as one device."""
    return patch.object(Myself, "restore", lambda *_: None)


def asks_for_a_face_only_once() -> AbstractContextManager[object]:
    """Who has a picture of somebody does not ask for the next."""
    want = Pictures.want

    def content(self: Pictures, peer: Peer) -> None:
        if not self._store.pictures.id_of(peer.identity):
            want(self, peer)

    return patch.object(Pictures, "want", content)


@contextmanager
def shows_its_face_to_everybody() -> Iterator[None]:
    """Whoever comes by gives and gets pictures."""
    make = Pictures.__init__

    def open_minded(self: Pictures, *services: object) -> None:
        make(self, *services)  # type: ignore[arg-type]  # as they came
        self._shows = lambda _: True

    with patch.object(Pictures, "__init__", open_minded):
        yield


def never_takes_a_face_off() -> AbstractContextManager[object]:
    """Who has no picture any more is still shown with the last one."""
    return patch.object(PictureTable, "remove", lambda *_: None)


@contextmanager
def takes_pictures_of_any_size() -> Iterator[None]:
    """Nobody looks how large a picture is."""
    with patch.object(oneself, "MAX_PICTURE", 10**9), patch.object(given, "picture_type", lambda _: "image/png"):
        yield


def shows_a_group_as_it_looked_first() -> AbstractContextManager[object]:
    """What was shown once of a group is shown for ever."""
    picture = Circles.picture
    shown: dict[tuple[Circles, bytes], bytes] = {}

    def remembered(self: Circles, conversation: bytes) -> bytes:
        return shown.setdefault((self, conversation), picture(self, conversation))

    return patch.object(Circles, "picture", remembered)


PLANTED: dict[Bug, str] = {
    saves_again_what_it_saved_first: "a backup holds all that was kept",
    saves_what_is_gone: "no later backup holds what is gone",
    goes_on_as_the_device_that_was_saved: "a restored profile is a new device",
    asks_for_a_face_only_once: "everybody is shown with their face",
    never_takes_a_face_off: "everybody is shown with their face",
    shows_its_face_to_everybody: "a face is shown to no stranger",
    takes_pictures_of_any_size: "pictures are few and small",
    shows_a_group_as_it_looked_first: "members see the same picture",
}
