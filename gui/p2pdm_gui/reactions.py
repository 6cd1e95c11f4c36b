"""Reactions to a message as chips: one for each emoji, with how many, who, and whether the user is one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from p2pdm.api.types import Reaction


class Chip(TypedDict):
    """One emoji below a bubble."""

    value: str
    count: int
    own: bool
    names: str


def chips(reactions: Sequence[Reaction], me: str, name_of: Callable[[str], str]) -> list[Chip]:
    """The chips in the order in which their emoji first came; oneself is named first."""
    people: dict[str, list[str]] = {}
    for reaction in reactions:
        people.setdefault(reaction.value, []).append(reaction.person)
    return [_chip(value, sorted(who, key=lambda id: id != me), me, name_of) for value, who in people.items()]


def _chip(value: str, who: Sequence[str], me: str, name_of: Callable[[str], str]) -> Chip:
    names = ", ".join("You" if id == me else name_of(id) for id in who)
    return Chip(value=value, count=len(who), own=me in who, names=names)
