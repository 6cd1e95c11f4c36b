"""Calls that write say in a sentence when the disk fails."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import ParamSpec, TypeVar

from p2pdm.api.types import ApiError
from p2pdm.store.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")


def tells_of_the_disk(call: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[None, None, T]]:
    """A call that writes: whoever makes it is told in a sentence when the disk fails."""

    @functools.wraps(call)
    async def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(*args, **kwargs)
        except StoreError as error:
            raise ApiError("disk", str(error)) from error

    return told
