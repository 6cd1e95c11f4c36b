"""Durations in words."""

from __future__ import annotations

_UNITS = ((7 * 86_400, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def in_words(seconds: int) -> str:
    """`1 day`, `90 minutes`: in the largest unit that comes out even."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}" if count == 1 else f"{count:,} {unit}s"


def expiry_sentence(seconds: int) -> str:
    """What somebody did who set for how long messages stay; their name stands before it."""
    return f"set messages to disappear {in_words(seconds)} after reading" if seconds else "set messages to stay"
