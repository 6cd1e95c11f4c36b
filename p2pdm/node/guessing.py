"""What somebody may have meant who gave a name that nobody has."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 3
"""Guesses: more would be a list, and for that there are commands."""


def guess(given: str, names: Iterable[str]) -> str:
    """` Did you mean Bob Ng?`; empty if no name has a word that begins so, nor is like it."""
    spelt = {name.casefold(): name for name in names}
    folded = given.strip().casefold()
    begun = [name for name in spelt if folded and f" {folded}" in f" {name}"]
    found = [spelt[one] for one in sorted(begun) or get_close_matches(folded, spelt, MOST)][:MOST]
    return f" Did you mean {' or '.join(found)}?" if found else ""
