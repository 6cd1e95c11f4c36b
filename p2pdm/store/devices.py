"""Devices: those of this profile's own identity, and what became of them."""

from __future__ import annotations

from typing import NamedTuple

from p2pdm.identity import PeerId
from p2pdm.store.database import Database


class OwnDevice(NamedTuple):
    """One device of this identity, as this profile knows it."""

    certificate: bytes
    retired: str
    """Why this profile is that device no longer; empty if it is, or if the device never was this profile."""
    retired_at: int
    """Milliseconds since 1970; 0: never."""
    last_seen: int
    """When it last was met on the network, in milliseconds since 1970; 0: never."""


class DeviceTable:
    """The devices of one's own identity; those of everybody are in `entries`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, identity: PeerId) -> list[OwnDevice]:
        """All devices of an identity, in the order in which they became known here."""
        rows = self._db.execute(
            "SELECT d.certificate, coalesce(o.retired, ''), coalesce(o.retired_at, 0), coalesce(o.last_seen, 0)"
            " FROM devices d LEFT JOIN own_devices o ON o.device = d.key WHERE d.identity = ? ORDER BY d.number",
            (identity,),
        )
        return [OwnDevice(*row) for row in rows]

    def retire(self, device: bytes, why: str, at: int) -> None:
        """This profile goes on as another device."""
        self._db.execute(
            "INSERT INTO own_devices (device, retired, retired_at) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET retired = excluded.retired, retired_at = excluded.retired_at",
            (device, why, at),
        )

    def seen(self, device: bytes, at: int) -> None:
        """It was met on the network."""
        self._db.execute(
            "INSERT INTO own_devices (device, last_seen) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen",
            (device, at),
        )
