"""How long things stay: what is offered, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

HOUR, DAY, WEEK = 3_600, 86_400, 604_800
EXPIRIES = {0: "Off", HOUR: "1 hour", DAY: "1 day", WEEK: "1 week", 4 * WEEK: "4 weeks"}
"""After reading, in seconds."""
ROOM_EXPIRIES = {0: "Off", HOUR: "1 hour", DAY: "1 day"}
"""The same in a room, where nothing stays for longer than a week."""
RETENTIONS = {0: "As usual", 7: "1 week", 30: "1 month", 90: "3 months", 365: "1 year"}
"""On this disk, in days."""
ALL_RETENTIONS = {**RETENTIONS, 0: "For good"}
"""The same of all chats."""
_UNITS = ((WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (60, "minute"), (1, "second"))


class Option(TypedDict):
    """One of several to choose from."""

    value: int
    text: str
    chosen: bool


def in_words(seconds: int) -> str:
    """In the largest unit that comes out even: `1 day`, `90 minutes`."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}" if count == 1 else f"{count:,} {unit}s"


def kept_in_words(days: int, offered: Mapping[int, str] = RETENTIONS) -> str:
    """The same of days that a chat is kept."""
    return offered.get(days) or in_words(days * DAY)


def options(offered: Mapping[int, str], chosen: int, words: str) -> list[Option]:
    """What is offered, and with these `words` what was chosen elsewhere, in order."""
    there = dict(sorted({**offered, chosen: words}.items()))
    return [Option(value=value, text=text, chosen=value == chosen) for value, text in there.items()]
