"""The safety of the profile."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Backup


class SafetyCalls(Protocol):
    """Part of NodeApi."""

    async def backup(self, path: str, passphrase: str) -> Backup:
        """Write all of this profile into one encrypted file at `path`, which replaces an older backup there."""
        ...
