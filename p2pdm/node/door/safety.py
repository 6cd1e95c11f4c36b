"""The safety of the profile."""

from __future__ import annotations

from pathlib import Path

from p2pdm.api.types import Backup
from p2pdm.node.backups import Backups
from p2pdm.node.door.disk import tells_of_the_disk


class SafetyDoor:
    """Part of NodeApi."""

    backups: Backups

    @tells_of_the_disk
    async def backup(self, path: str, passphrase: str) -> Backup:
        """See NodeApi."""
        return Backup(path, await self.backups.make(Path(path), passphrase))
