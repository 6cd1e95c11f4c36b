"""What one says of oneself."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Availability, Me, Picture, Profile, ProfileKind


class OneselfCalls(Protocol):
    """Part of NodeApi."""

    async def rename(self, name: str) -> Me:
        """Change one's own name; others see it at once."""
        ...

    async def profile(self) -> Profile:
        """All that this profile says of itself."""
        ...

    async def set_profile(
        self,
        name: str | None = None,
        kind: ProfileKind | None = None,
        department: str | None = None,
        role: str | None = None,
        picture: str | None = None,
    ) -> Profile:
        """Say something else of oneself; what is not given stays, what is empty goes. Others see it at once.

        `picture` is the whole path of a PNG, JPEG or WebP of at most 24 KiB; contacts get exactly those bytes, with
        whatever else the file holds (a camera's place and time).
        """
        ...

    async def set_status(self, status: Availability, text: str = "") -> Profile:
        """Say how one is here, with at most 80 characters; it stays so until it is changed."""
        ...

    async def idle(self, on: bool) -> None:
        """Nobody sits at this computer (`on`), or somebody does again: others see `away` instead of `available`."""
        ...

    async def picture(self, who: str) -> Picture:
        """Someone's picture, one's own (one's own id) or a group's (its id); ApiError `no_picture` if there is none.

        It crosses the door as bytes, the only thing that does: a path would need a file, and neither the profile's
        folder nor a temporary one shall hold anybody's face in the open. At most 32 KiB of base64.
        """
        ...
