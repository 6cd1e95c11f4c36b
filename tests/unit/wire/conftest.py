"""What the tests of the wire get for the asking."""

from __future__ import annotations

import pytest

from tests.unit.wire.pair import Pair


@pytest.fixture
def pair() -> Pair:
    """Alice and bob, between whom nothing is under way."""
    pair = Pair()
    pair.settle()
    return pair
