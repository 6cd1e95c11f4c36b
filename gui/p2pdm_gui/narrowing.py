"""Narrowing a list by what is typed above it."""

from __future__ import annotations

from collections.abc import Callable


def matching(search: str) -> Callable[[str], bool]:
    """Whether a text holds all words of `search`, in any order and case; every text does those of an empty one."""
    words = search.casefold().split()

    def matches(text: str) -> bool:
        there = text.casefold()
        return all(word in there for word in words)

    return matches
