"""Where something went wrong, for a log or a bug report: not in the error's own words, which may quote a message."""

from __future__ import annotations

import traceback
from pathlib import Path


def where(error: BaseException) -> str:
    """`KeyError at node.py:12 person > roster.py:30 find`."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {places}"
