"""How far an own message came with each member of a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypedDict

from p2pdm.api.types import MemberState
from p2pdm_gui.times import clock, day, moment

READ, HAS_IT, LACKS_IT = "Read by", "Delivered to", "Waiting for"
_TITLES = {"read": READ, "delivered": HAS_IT}


class Reach(TypedDict):
    """One member's line."""

    person: str
    name: str
    stage: str
    title: str
    """What the lines of this stage stand under; empty for all but the first of them."""
    when: str
    """When they said so, or what is in the way."""


def member_lines(states: Sequence[MemberState], name_of: Callable[[str], str], now: date) -> list[Reach]:
    """Who has read it, who has it, and who does not; each by name."""
    order = ["read", "delivered"]
    ranked = [(order.index(s.state) if s.state in order else len(order), name_of(s.person), s) for s in states]
    lines: list[Reach] = []
    for _, name, state in sorted(ranked, key=lambda one: (one[0], one[1].casefold(), one[2].person)):
        title = _TITLES.get(state.state, LACKS_IT)
        begins = not lines or _TITLES.get(lines[-1]["stage"], LACKS_IT) != title
        lines.append(
            Reach(
                person=state.person,
                name=name,
                stage=state.state,
                title=title if begins else "",
                when=_when(state, name, now),
            )
        )
    return lines


def reach_in_words(states: Sequence[MemberState]) -> str:
    """The same in short; empty where the message's own state says it all."""
    have = sum(state.state in ("delivered", "read") for state in states)
    read = sum(state.state == "read" for state in states)
    if not have or len(states) < 2:
        return ""
    if read == len(states):
        return "Read by all"
    if have < len(states):
        return f"Delivered to {have} of {len(states)}"
    return f"Delivered, read by {read} of {len(states)}" if read else "Delivered to all"


def _when(state: MemberState, name: str, now: date) -> str:
    if state.time:
        when = moment(state.time)
        named = day(when, now)
        return clock(when) if named == "Today" else f"{named}, {clock(when)}"
    why = state.why.removeprefix(f"{name} ").removeprefix("is ")
    return why or "on the way"
