"""The safety of the profile."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Backup, Device


class SafetyCalls(Protocol):
    """Part of NodeApi."""

    async def devices(self) -> list[Device]:
        """The devices of this identity that this node knows of, oldest first."""
        ...

    async def wipe(self, sure: str) -> str:
        """Erase this profile for good, the key first, at once; then the node ends. `sure` is the profile's own name.

        Returns a sentence on what could not be erased, or nothing.
        """
        ...

    async def backup(self, path: str, passphrase: str) -> Backup:
        """Write all of this profile into one encrypted file at `path`, which replaces an older backup there."""
        ...
