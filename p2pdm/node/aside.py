"""Aside: slow work that is done beside the loop, so that nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Aside(Protocol):
    """Does work somewhere; its result, or what it raised. The work touches nothing that the loop touches."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """Do it."""
        ...


async def in_a_thread(work: Callable[[], T], /) -> T:
    """As on a real machine."""
    return await asyncio.to_thread(work)
