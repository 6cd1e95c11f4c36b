"""How people are, in a word for the drawing and in words for people."""

from __future__ import annotations

from p2pdm.api.types import Person
from p2pdm_gui.times import last_seen, today

SPOKEN = {"available": "online", "away": "away", "busy": "busy", "do_not_disturb": "do not disturb"}


def status(person: Person) -> str:
    """Which dot: available, away, busy or do_not_disturb; empty: none."""
    return (person.status or "available") if person.online else ""


def presence(person: Person) -> str:
    """`busy · In a meeting`, or when they were here last."""
    if not person.online:
        return last_seen(person.last_seen, today())
    return " · ".join(words for words in (SPOKEN[status(person)], person.status_text) if words)


def work(person: Person) -> str:
    """`Head, Human Resources`; of a bot or an organisation, also that it is one."""
    kind = "" if person.kind == "person" else person.kind.capitalize()
    return ", ".join(words for words in (kind, person.role, person.department) if words)
