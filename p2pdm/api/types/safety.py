"""The safety of the profile."""

from __future__ import annotations

import msgspec


class Device(msgspec.Struct, frozen=True):
    """One device of this identity, as this node knows it."""

    id: str
    created: str
    """By that device's own clock."""
    this: bool
    """It is the one that this node is now."""
    retired: str
    """A sentence: why this profile is that device no longer; empty if it is, or never was."""
    retired_at: str | None = None
    last_seen: str | None = None
    """When it was last met on the network: later than `retired_at`, it goes on without this profile."""


class LockState(msgspec.Struct, frozen=True):
    """The lock of the door."""

    set: bool
    """Whether there is one."""
    locked: bool
    idle_minutes: int
    """It locks by itself after so many minutes in which no user did anything; 0: never."""


class Backup(msgspec.Struct, frozen=True):
    """A backup that was made."""

    path: str
    bytes: int
