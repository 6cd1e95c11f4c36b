"""Times as people say them: the clock, the day, and when somebody was last here."""

from __future__ import annotations

from datetime import UTC, date, datetime

from PySide6.QtCore import QDate, QLocale, QTime

NEVER = datetime.fromtimestamp(0, UTC)


def moment(text: str) -> datetime:
    """An API time in the local zone; a peer's clock may hold anything, so the unreadable becomes 1970."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        return NEVER.astimezone()


def today() -> date:
    """The local day of now."""
    return datetime.now().astimezone().date()


def clock(when: datetime) -> str:
    """The time of day in the user's own form, for example 14:03."""
    return QLocale().toString(QTime(when.hour, when.minute), QLocale.FormatType.ShortFormat)


def day(when: datetime, now: date) -> str:
    """Today, Yesterday, a weekday of this week, or the date."""
    ago = (now - when.date()).days
    if ago == 0:
        return "Today"
    if ago == 1:
        return "Yesterday"
    there = QDate(when.year, when.month, when.day)
    if 1 < ago < 7:
        return QLocale().toString(there, "dddd")
    return QLocale().toString(there, "d MMMM" if when.year == now.year else "d MMMM yyyy")


def brief(when: datetime, now: date) -> str:
    """A stamp for a list: the clock today, else the day, as short as it can be."""
    ago = (now - when.date()).days
    if ago == 0:
        return clock(when)
    there = QDate(when.year, when.month, when.day)
    if 0 < ago < 7:
        return QLocale().toString(there, "ddd")
    return QLocale().toString(there, "d MMM" if when.year == now.year else "d MMM yyyy")


def last_seen(text: str | None, now: date) -> str:
    """A phrase for somebody who is away."""
    if not text:
        return "offline"
    when = moment(text)
    named = day(when, now)
    spoken = {"Today": "today", "Yesterday": "yesterday"}.get(named, named)
    return f"last seen {spoken} at {clock(when)}"
