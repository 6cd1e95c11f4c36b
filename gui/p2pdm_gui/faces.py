"""Pictures of people and groups: fetched once, kept as they came, cut to shape when QML asks for them."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QImageReader, QPainter
from PySide6.QtQuick import QQuickImageProvider

from p2pdm.api.types import ApiError, Picture
from p2pdm_gui.connection import Connection
from p2pdm_gui.portrait import square

PROVIDER = "faces"
LARGEST = 1_024
"""Points on a side: what is larger was not made to be shown here, and could fill the memory from a few bytes."""
CORNERS = {"person": 0.5, "group": 0.28}
"""The radius of the corners, as a part of the width."""
FORMATS = {"image/png": b"png", "image/jpeg": b"jpeg", "image/webp": b"webp"}


def decoded(picture: Picture) -> QImage:
    """A picture's points; null when it is none, or too large."""
    buffer = QBuffer()
    buffer.setData(QByteArray(picture.data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(FORMATS[picture.type]))
    reader.setAutoTransform(True)
    size = reader.size()
    if not 0 < size.width() <= LARGEST or not 0 < size.height() <= LARGEST:
        return QImage()
    return reader.read()


def rounded(image: QImage, width: int, corner: float = 0.5) -> QImage:
    """The middle of a picture as a disc, or with a smaller part of its width as the corners' radius."""
    disc = QImage(width, width, QImage.Format.Format_ARGB32_Premultiplied)
    disc.fill(Qt.GlobalColor.transparent)
    painter = QPainter(disc)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(square(image, width)))
    painter.drawRoundedRect(0, 0, width, width, corner * width, corner * width)
    painter.end()
    return disc


class FaceProvider(QQuickImageProvider):
    """What stands behind `image://faces/`; the engine owns it."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self.pictures: dict[str, Picture] = {}

    def requestImage(self, id: str, size: QSize, requested: QSize) -> QImage:
        """See QQuickImageProvider."""
        kind, picture = id.split("/")
        return rounded(decoded(self.pictures[picture]), max(requested.width(), 1), CORNERS[kind])


class Faces(QObject):
    """Knows which pictures are here."""

    changed = Signal()

    def __init__(self, connection: Connection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._asked: set[str] = set()
        self.provider = FaceProvider()
        connection.ready.connect(self._asked.clear)

    def source(self, who: str, picture: str, kind: str = "person") -> str:
        """Where QML finds the picture of a person or group; empty while it is not here: then it is on its way."""
        if picture in self.provider.pictures:
            return f"image://{PROVIDER}/{kind}/{picture}"
        if picture and picture not in self._asked:
            self._asked.add(picture)
            self._connection.call("picture", self._took, _ignore, who=who)
        return ""

    def _took(self, picture: Picture) -> None:
        if not decoded(picture).isNull():
            self.provider.pictures[picture.id] = picture
            self.changed.emit()


def _ignore(_error: ApiError) -> None:
    """A picture that can't be had is just not shown."""
