"""The safety of the profile."""

from __future__ import annotations

import asyncio
from pathlib import Path

from p2pdm.api.types import ApiError, Backup, Device
from p2pdm.identity import Certificate, encode_id
from p2pdm.node.backups import Backups
from p2pdm.node.door.disk import check_outside, tells_of_the_disk
from p2pdm.node.myself import Myself
from p2pdm.node.roster import timestamp
from p2pdm.node.wiping import Wiping
from p2pdm.store.devices import OwnDevice
from p2pdm.store.tables import Store


class SafetyDoor:
    """Part of NodeApi."""

    backups: Backups
    myself: Myself
    stopped: asyncio.Event
    store: Store
    wiping: Wiping
    _profile: str

    async def devices(self) -> list[Device]:
        """See NodeApi."""
        known = [self._device(device) for device in self.store.devices.of(self.myself.id)]
        return sorted(known, key=lambda device: device.created)

    def _device(self, known: OwnDevice) -> Device:
        certificate = Certificate.decode(known.certificate)
        return Device(
            encode_id(certificate.device),
            timestamp(certificate.created),
            certificate.device == self.myself.device.public,
            known.retired,
            timestamp(known.retired_at) if known.retired_at else None,
            timestamp(known.last_seen) if known.last_seen else None,
        )

    @tells_of_the_disk
    async def backup(self, path: str, passphrase: str) -> Backup:
        """See NodeApi."""
        check_outside(Path(path), self._profile)
        return Backup(path, await self.backups.make(Path(path), passphrase))

    @tells_of_the_disk
    async def wipe(self, sure: str) -> str:
        """See NodeApi."""
        if sure != self.myself.name:
            raise ApiError("not_sure", "To wipe this profile, give its own name, letter by letter. Nothing was erased.")
        left = await self.wiping.destroy_key()
        asyncio.get_running_loop().call_soon(self.stopped.set)
        return left
