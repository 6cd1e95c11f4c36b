"""Calls that write: where they may, and what they say when the disk fails."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
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


def check_outside(place: Path, profile: str) -> None:
    """Refuse a place in the profile's own folder, whose files come and go by their names, and with the profile."""
    if profile and place.parent.resolve().is_relative_to(Path(profile)):
        raise ApiError("path", "The profile's own folder is no place for other files. Choose another.")
