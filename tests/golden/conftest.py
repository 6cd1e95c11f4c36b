"""Chats that are compared whole with a text that somebody has read: a change of what users see shows as one there.

A golden text lies in `chats/`, named like its test. When a change is meant, write them anew and read the difference:

    REWRITE_GOLDENS=1 ./run test tests/golden; git diff tests/golden
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.fakes.virtual_time import VirtualLoop
from tests.fakes.world import World

CHATS = Path(__file__).parent / "chats"
Golden = Callable[[str], None]


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Callable[[], VirtualLoop]]:
    """pytest-asyncio's hook: which loops coroutine tests run in."""
    return {"virtual": VirtualLoop}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A network with nobody on it."""
    async with World() as world:
        yield world


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with the golden one of this test."""
    path = CHATS / f"{request.node.originalname.removeprefix('test_')}.txt"

    def compare(text: str) -> None:
        if os.environ.get("REWRITE_GOLDENS"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"{path} is not there: REWRITE_GOLDENS=1 writes it"
        assert text == path.read_text(encoding="utf-8"), (
            "another chat than the golden one: see tests/golden/conftest.py"
        )

    return compare
