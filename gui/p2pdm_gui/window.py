"""Puts the window together: the application, the controllers, and the QML that is handed them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QUrl
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow
from PySide6.QtQuickControls2 import QQuickStyle

from p2pdm.api.endpoint import socket_path
from p2pdm_gui.account import Account
from p2pdm_gui.card import Card
from p2pdm_gui.care import Care
from p2pdm_gui.circle import Circle
from p2pdm_gui.company import Company
from p2pdm_gui.connection import Connection
from p2pdm_gui.conversation import Conversation
from p2pdm_gui.faces import PROVIDER, Faces
from p2pdm_gui.idle import IdleWatch
from p2pdm_gui.lock import Lock
from p2pdm_gui.looks import Looks
from p2pdm_gui.new_group import NewGroup
from p2pdm_gui.oneself import Oneself
from p2pdm_gui.rooms import Rooms
from p2pdm_gui.roster import Roster
from p2pdm_gui.start import Start

QML = Path(__file__).parent / "qml"
PREFERRED_FONTS = ("Inter", "Noto Sans", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Cantarell")


def make_application(arguments: list[str]) -> QGuiApplication:
    """The one application of this process, before any window."""
    if sys.platform == "linux" and "QT_QUICK_BACKEND" not in os.environ and not any(Path("/dev/dri").glob("renderD*")):
        os.environ["QT_QUICK_BACKEND"] = "software"  # without a GPU it needs a third of the memory
    QQuickStyle.setStyle("Basic")
    app = QGuiApplication(arguments)
    app.setApplicationName("p2pdm")
    app.setApplicationDisplayName("p2pdm")
    app.setDesktopFileName("p2pdm")
    app.setFont(best_font())
    return app


def best_font() -> QFont:
    """The first of the preferred fonts that is here, with the system's own behind it for what it lacks."""
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    here = set(QFontDatabase.families())
    found = [name for name in PREFERRED_FONTS if name in here][:1]
    system.setFamilies([*found, *system.families()])
    system.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return system


class Window:
    """One profile's window. `close` before the application ends: the engine goes first, then what it was handed."""

    def __init__(self, profile: Path, settings: QSettings | None = None) -> None:
        self.root = QObject()
        settings = settings or QSettings("p2pdm", "window")
        self.connection = Connection(socket_path(profile), self.root)
        self.lock = Lock(self.connection, self.root)
        self.looks = Looks(settings, self.root)
        self.account = Account(self.connection, settings, self.root)
        self.faces = Faces(self.connection, self.root)
        self.oneself = Oneself(self.connection, self.faces, self.root)
        self.idle = IdleWatch(self.connection, self.root)
        self.company = Company(self.connection, self.root)
        self.roster = Roster(self.connection, self.faces, self.company, self.root)
        self.conversation = Conversation(self.connection, self.roster, self.account, self.root)
        self.care = Care(self.connection, self.roster, self.root)
        self.card = Card(self.connection, self.roster, self.root)
        self.circle = Circle(self.connection, self.roster, self.account, self.conversation, self.root)
        self.rooms = Rooms(self.connection, self.roster, self.root)
        self.new_group = NewGroup(self.connection, self.roster, self.root)
        self.start = Start(profile, self.connection, self.root)
        self.engine = QQmlApplicationEngine()
        self.engine.addImageProvider(PROVIDER, self.faces.provider)

    def show(self) -> QQuickWindow:
        """Load the QML and begin to reach the node."""
        self.engine.setInitialProperties(
            {
                "connection": self.connection,
                "lock": self.lock,
                "looks": self.looks,
                "account": self.account,
                "oneself": self.oneself,
                "roster": self.roster,
                "conversation": self.conversation,
                "care": self.care,
                "card": self.card,
                "circle": self.circle,
                "rooms": self.rooms,
                "new_group": self.new_group,
                "start": self.start,
            }
        )
        self.connection.open()
        self.engine.load(QUrl.fromLocalFile(str(QML / "Main.qml")))
        roots = self.engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise SystemExit("p2pdm-gui: the window could not be made; its QML files do not fit this version of Qt")
        self.idle.watch(roots[0])
        return roots[0]

    def close(self) -> None:
        """Take everything down in order."""
        import shiboken6

        shiboken6.delete(self.engine)
        self.connection.close()
        shiboken6.delete(self.root)
