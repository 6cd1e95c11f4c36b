"""Pictures for tests to show."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from PySide6.QtGui import QColor, QImage


def painted(path: Path, width: int = 300, height: int = 200, noisy: bool = False) -> Path:
    """A picture in a file: one colour, or as hard to make small as there is."""
    if noisy:
        data = b"".join(zlib.crc32(struct.pack("I", n)).to_bytes(4, "little") for n in range(width * height))
        image = QImage(data, width, height, QImage.Format.Format_RGB32).copy()
    else:
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor("#c04080"))
    assert image.save(str(path))
    return path
