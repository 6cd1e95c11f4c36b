"""What the tests of conversations get for the asking."""

from __future__ import annotations

import pytest

from tests.unit.conversation.club import ANA, BEN, Club


@pytest.fixture
def club() -> Club:
    """Ana made a group and ben said yes."""
    club = Club()
    club.asks_in(ANA, BEN)
    return club
