"""The safety of the profile."""

from __future__ import annotations

import msgspec


class Backup(msgspec.Struct, frozen=True):
    """A backup that was made."""

    path: str
    bytes: int
