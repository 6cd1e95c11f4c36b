"""Ids of things that are only made up."""

from __future__ import annotations

import base64
import hashlib


def fake_id(of: str) -> str:
    """An id as the node makes them, always the same for `of`."""
    return base64.b32encode(hashlib.sha256(of.encode()).digest()).decode().rstrip("=").lower()


ME = fake_id("me")
"""Oneself."""
