"""One's own profile, and how the node is doing."""

from __future__ import annotations

import base64
import io
from typing import Any

from PySide6.QtCore import Property, QObject, QSettings, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Me, Notice, Status
from p2pdm_gui.connection import Connection
from p2pdm_gui.refresh import Refresh

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

QStringList: Any = "QStringList"  # a type of Qt that Python has no class for
SEEN_KEPT = 20
QR_WIDTH = 240
"""Points, at most."""
NOBODY = Me(id="", name="", fingerprint="", invite="")


def qr_picture(text: str) -> str:
    """A QR code as a data URL, or nothing where segno is not installed."""
    try:
        import segno
    except ImportError:
        return ""
    code = segno.make(text, error="m", micro=False)
    scale = max(2, QR_WIDTH // code.symbol_size(border=2)[0])  # whole points, so that no edge is blurred
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=2, dark="#1b2126", light="#ffffff")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@QmlElement
class Account(QObject):
    """Who the user is, and what is in the way."""

    changed = Signal()

    def __init__(self, connection: Connection, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._settings = settings
        self._seen: list[str] = _sentences(settings.value("seen"))
        self._me = NOBODY
        self._status: Status | None = None
        self._qr = ("", "")
        self._refresh = Refresh(self._ask, self)
        connection.ready.connect(self._refresh.ask)
        connection.noticed.connect(self._noticed)

    @Property(str, notify=changed)
    def id(self) -> str:
        """One's own id."""
        return self._me.id

    @Property(str, notify=changed)
    def name(self) -> str:
        """One's own name."""
        return self._me.name

    @Property(str, notify=changed)
    def fingerprint(self) -> str:
        """The key, for people to read aloud."""
        return self._me.fingerprint

    @Property(str, notify=changed)
    def invite(self) -> str:
        """The invitation to hand to others."""
        return self._me.invite

    @Property(QStringList, notify=changed)
    def trouble(self) -> list[str]:
        """Sentences: what is in the way, and what to do."""
        return self._status.trouble if self._status else []

    @Property(QStringList, notify=changed)
    def news(self) -> list[str]:
        """Those of them that the user has not put away."""
        return [sentence for sentence in (self._status.trouble if self._status else []) if sentence not in self._seen]

    @Slot(str)
    def put_away(self, sentence: str) -> None:
        """The user knows; the own profile still shows it."""
        self._seen = [*self._seen, sentence][-SEEN_KEPT:]
        self._settings.setValue("seen", self._seen)
        self.changed.emit()

    @Property(str, notify=changed)
    def place(self) -> str:
        """Where the node listens, in words."""
        if self._status is None:
            return ""
        where = ", ".join(interface.address for interface in self._status.interfaces)
        return f"Port {self._status.port} on {where}" if where else "On no network"

    @Property(str, notify=changed)
    def version(self) -> str:
        """The node's version."""
        return self._status.version if self._status else ""

    @Slot(result=str)
    def qr(self) -> str:
        """The invitation as a picture; drawn when first looked at."""
        if self._me.invite and self._qr[0] != self._me.invite:
            self._qr = (self._me.invite, qr_picture(self._me.invite))
        return self._qr[1]

    @Slot(str)
    def rename(self, name: str) -> None:
        """Change one's own name."""
        name = " ".join(name.split())
        if name and name != self._me.name:
            self._connection.call("rename", self._took_me, name=name)

    @Slot(str)
    def copy(self, text: str) -> None:
        """Put `text` on the clipboard."""
        QGuiApplication.clipboard().setText(text)

    @Slot()
    def look(self) -> None:
        """Ask the node again; the addresses in the invitation are those of now."""
        self._refresh.ask()

    def own_id(self) -> str:
        """One's own id, for the other controllers; empty until the node has said it."""
        return self._me.id

    def _noticed(self, notice: Notice) -> None:
        if notice.event in ("profile", "trouble"):
            self._refresh.ask()

    def _ask(self) -> None:
        self._connection.call("me", self._took_me_then_status, self._ended)

    def _took_me_then_status(self, me: Me) -> None:
        self._me = me
        self._connection.call("status", self._took_status, self._ended)

    def _took_status(self, status: Status) -> None:
        self._status = status
        self._refresh.done()
        self.changed.emit()

    def _took_me(self, me: Me) -> None:
        self._me = me
        self.changed.emit()

    def _ended(self, _error: ApiError) -> None:
        self._refresh.done()


def _sentences(value: object) -> list[str]:
    """A list from a settings file, whatever it holds: one of one is kept as a string."""
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list) else []
