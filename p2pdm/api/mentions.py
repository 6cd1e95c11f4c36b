"""Mentions: where a text names people, as `@` and a name of theirs. The node and its clients find them alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence


def places(text: str, names: Mapping[str, Sequence[str]]) -> list[tuple[int, int, str]]:
    """(start, length, id) of each of the people (id -> their names) whom `text` names, in its order.

    Upper and lower case are alike. The longest name wins, so that "@Ben Ng" is not Ben.
    """
    if "@" not in text:
        return []
    found: dict[str, tuple[int, int]] = {}
    named = sorted(((name, id) for id, of in names.items() for name in of if name), key=lambda one: -len(one[0]))
    for name, id in named:
        for match in re.finditer(rf"(?<!\w)@{re.escape(name)}(?!\w)", text, re.IGNORECASE):
            start, end = match.span()
            free = all(end <= taken or start >= taken + length for taken, length in found.values())
            if free and id not in found:
                found[id] = (start, end - start)
    return sorted((start, length, id) for id, (start, length) in found.items())


def mentioned(text: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """The ids of those whom it names."""
    return [id for _, _, id in places(text, names)]
