"""A picture as others get it: square, small, and without whatever else its file holds (a camera's place and time)."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

WIDTH = 256
MAX_BYTES = 24 * 1024
"""As many as a node takes of a person."""
MAX_GROUP_BYTES = 16 * 1024
"""Of a group."""
QUALITIES = (90, 80, 70, 55, 40, 20)
"""From the best to what always fits."""


def portrait(path: str, most: int = MAX_BYTES) -> bytes:
    """The picture in a file as a JPEG of at most `most` bytes; empty when it can't be read."""
    if not path:  # nothing on this computer
        return b""
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():  # a camera's picture is made smaller while it is read
        reader.setScaledSize(size.scaled(QSize(2 * WIDTH, 2 * WIDTH), Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return b""
    page = _on_white(square(image, WIDTH))
    return next((data for quality in QUALITIES if len(data := _jpeg(page, quality)) <= most), b"")


def square(image: QImage, width: int) -> QImage:
    """The middle of a picture, `width` points wide and high."""
    side, whole = QSize(width, width), Qt.AspectRatioMode.KeepAspectRatioByExpanding
    filled = image.scaled(side, whole, Qt.TransformationMode.SmoothTransformation)
    return filled.copy((filled.width() - width) // 2, (filled.height() - width) // 2, width, width)


def _on_white(image: QImage) -> QImage:
    page = QImage(image.size(), QImage.Format.Format_RGB32)
    page.fill(Qt.GlobalColor.white)
    painter = QPainter(page)
    painter.drawImage(0, 0, image)
    painter.end()
    return page


def _jpeg(image: QImage, quality: int) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", quality)  # type: ignore[call-overload] # the stubs know only bytes
    return bytes(data.data())
