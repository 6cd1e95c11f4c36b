"""What was taken out."""

from __future__ import annotations

from typing import Literal

import msgspec

ExportFormat = Literal["json", "html"]


class Exported(msgspec.Struct, frozen=True):
    """A chat that was written to a file."""

    path: str
    messages: int
    """How many."""
