"""From nothing to a running node: makes the profile on the first start, starts the node when none answers."""

from __future__ import annotations

import getpass
from pathlib import Path

from PySide6.QtCore import Property, QElapsedTimer, QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.launch import PATIENCE, Launch, command, environment
from p2pdm.api.types import ApiError
from p2pdm_gui.connection import Connection

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

LOOK = 100
"""Milliseconds between two looks at a node that is starting."""


def account_name() -> str:
    """What the account calls its user: the full name where the system knows one, else the login with a capital."""
    try:
        login = getpass.getuser()
    except (OSError, KeyError):  # an account without a name, in a container for example
        return ""
    try:
        import pwd

        full = pwd.getpwnam(login).pw_gecos.split(",")[0].strip()
    except (ImportError, KeyError):  # not on Windows; not for accounts that come from elsewhere
        full = ""
    return full if full and full != login else login[:1].upper() + login[1:]


def has_profile(profile: Path) -> bool:
    """Whether something is there already."""
    return profile.is_dir() and any(profile.iterdir())


@QmlElement
class Start(QObject):
    """The first start, and every other."""

    changed = Signal()

    def __init__(self, profile: Path, connection: Connection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile = profile
        self._connection = connection
        self._needed = not has_profile(profile)
        self._working = False
        self._trouble = ""
        self._launch: Launch | None = None
        self._since = QElapsedTimer()
        self._look = QTimer(self, interval=LOOK)
        self._look.timeout.connect(self._check)
        self._init = QProcess(self)
        self._init.finished.connect(self._made)
        self._init.errorOccurred.connect(self._not_made)
        connection.absent.connect(self._start_node)
        connection.reached.connect(self._running)

    @Property(bool, notify=changed)
    def needed(self) -> bool:
        """Whether there is no profile yet: ask for a name."""
        return self._needed

    @Property(bool, notify=changed)
    def working(self) -> bool:
        """Whether a profile is being made or a node started."""
        return self._working

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """Why it did not work, else empty."""
        return self._trouble

    @Property(str, notify=changed)
    def suggestion(self) -> str:
        """The account's name."""
        return account_name()

    @Slot(str)
    def begin(self, name: str) -> None:
        """Make the profile, then start its node."""
        name = " ".join(name.split())
        if not name or self._working:
            return
        self._say("", working=True)
        program, *words = command(self._profile, "init", "--name", name)
        surroundings = QProcessEnvironment()
        for key, value in environment().items():
            surroundings.insert(key, value)
        self._init.setProcessEnvironment(surroundings)
        self._init.start(program, words)

    @Slot()
    def again(self) -> None:
        """Try once more to start the node."""
        self._connection.retry()

    def _made(self, code: int) -> None:
        if code:
            said = bytes(self._init.readAllStandardError().data()).decode(errors="replace").strip().splitlines()
            self._say(said[-1].removeprefix("p2pdm: ") if said else "The profile could not be made.")
            return
        self._needed = False
        self._say("", working=True)
        self._connection.retry()

    def _not_made(self, _error: QProcess.ProcessError) -> None:
        self._say(f"The profile could not be made: {self._init.errorString()}")

    def _start_node(self) -> None:
        if self._needed or self._look.isActive():
            return
        try:
            self._launch = Launch.begin(self._profile)  # None: another client is starting one, so wait with it
        except ApiError as error:
            self._fail(error)
            return
        self._since.start()
        self._look.start()
        self._say("", working=True)
        self._connection.explain("Starting\u2026")
        self._connection.open()

    def _check(self) -> None:
        late = self._since.elapsed() > PATIENCE * 1000
        if self._launch is None:
            if late:
                self._look.stop()
                self._start_node()
            return
        error = self._launch.failure() or (self._launch.give_up() if late else None)
        if error is not None:
            self._fail(error)

    def _running(self) -> None:
        self._leave()
        self._needed = False
        self._say("")

    def _fail(self, error: ApiError) -> None:
        self._leave()
        self._say(error.message)
        self._connection.explain(error.message)

    def _leave(self) -> None:
        self._look.stop()
        if self._launch is not None:
            self._launch.leave()
            self._launch = None

    def _say(self, trouble: str, working: bool = False) -> None:
        self._trouble, self._working = trouble, working
        self.changed.emit()
