"""Wiping: a profile ends for good. The key goes first, at once; whatever comes in between, the rest is unreadable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from p2pdm.api.types import ApiError
from p2pdm.node.aside import Aside
from p2pdm.store.errors import ProfileInUse, StoreError
from p2pdm.store.keys import KeyFile
from p2pdm.store.profile import ProfileFolder, state


class Wiping:
    """The end of the profile that a node runs on."""

    def __init__(self, destroy_key: Callable[[], str] | None, aside: Aside) -> None:
        self._destroy_key = destroy_key
        self._aside = aside
        self.done = False
        """The key is destroyed: whoever runs the node removes the rest when the node has ended."""

    async def destroy_key(self) -> str:
        """Make the profile unreadable; a sentence on what could not be erased. StoreError when the disk refuses."""
        if self._destroy_key is None:
            raise ApiError("no_disk", "This profile is in memory only: end its node, and it is gone.")
        left = await self._aside(self._destroy_key)
        self.done = True
        return left


Keeper = Callable[[ProfileFolder], KeyFile]


def wipe_profile(profile: Path, keeper: Keeper) -> str:
    """Erase a profile that no node runs on; a sentence on what could not be erased, or nothing."""
    try:
        with ProfileFolder.seize(profile) as folder:
            left = keeper(folder).destroy()
            folder.wipe()
            return left
    except ProfileInUse as error:
        raise ApiError("in_use", str(error)) from error
    except StoreError as error:
        raise ApiError("profile", str(error)) from error


def finish_wiping(profile: Path, keeper: Keeper) -> bool:
    """Clear away what a wipe that was killed has left; whether there was such a thing."""
    if state(profile) != "wiped":
        return False
    wipe_profile(profile, keeper)
    return True
