"""Every test of the node lives in virtual time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.fakes.virtual_time import VirtualLoop
from tests.fakes.world import World


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Callable[[], VirtualLoop]]:
    """pytest-asyncio's hook: which loops coroutine tests run in."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A network with nobody on it."""
    async with World() as world:
        yield world
