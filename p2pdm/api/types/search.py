"""What was found."""

from __future__ import annotations

from typing import Literal

import msgspec

from p2pdm.api.types.messages import Message

SearchOrder = Literal["newest", "best"]


class Hit(msgspec.Struct, frozen=True):
    """A message that a search has found."""

    message: Message
    chat: str
    """The id of the chat that it is in."""
    snippet: str
    """The part of its text around what was found first."""
    matched: list[tuple[int, int]]
    """What was found in `snippet`: from this character (a Unicode code point, counted from 0) up to that."""
