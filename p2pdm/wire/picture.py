"""Pictures that people show of themselves: named by their hash, told by their first bytes, never decoded by a node.

A decoder is more code than all of p2pdm, written for speed and fed by strangers: only whoever shows a picture runs one.
"""

from __future__ import annotations

import hashlib
from typing import Literal

MAX_PICTURE = 24 * 1024
"""Bytes: a good portrait of 256 points, less than half a frame, so that no message waits behind it for long."""
PictureType = Literal["image/png", "image/jpeg", "image/webp"]

_PICTURE = b"p2pdm picture\0"


def picture_id(data: bytes) -> bytes:
    """The 32 bytes that name a picture in a profile record."""
    return hashlib.sha256(_PICTURE + data).digest()


def picture_type(data: bytes) -> PictureType | None:
    """What a picture says that it is; None for anything but a PNG, JPEG or WebP of at most MAX_PICTURE bytes."""
    if len(data) > MAX_PICTURE:
        return None
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None
