"""The window's end of the door: calls and notices over a local socket, and the way back when the node is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtQml import QmlElement

from p2pdm import __version__
from p2pdm.api import jsonrpc
from p2pdm.api.calls import call
from p2pdm.api.types import ApiError, Notice

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

FIRST_RETRY, LAST_RETRY = 50, 2_000
"""Milliseconds between two tries to reach the node: soon at first, for it may just be starting."""

Then = Callable[[Any], None]
Failed = Callable[[ApiError], None]

GONE = ApiError("gone", "The messenger's service is not running; nothing was changed.")


class _Waiting(msgspec.Struct):
    method: str
    then: Then
    failed: Failed


@QmlElement
class Connection(QObject):
    """Reaches the node at `path`, again and again; `ready` each time it is there and open, `lost` when it has gone."""

    changed = Signal()
    reached = Signal()
    """The node is there; its door may be locked."""
    ready = Signal()
    lost = Signal()
    absent = Signal()
    """Nobody answers the door: the first try in a row that failed."""
    lock_set = Signal()
    """Of a node that is open: its lock was set or taken off."""
    noticed = Signal(object)
    """A Notice."""
    failed = Signal(str, arguments=["sentence"])
    """A call did not work and nobody else says so."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._online = False
        self._silent = False  # whether `absent` has been said since the last answer
        self._trouble = ""
        self._locked = False  # stays as it was last while there is no node
        self._open = False  # whether `ready` has been said since the door was closed or locked
        self._pending: dict[int, _Waiting] = {}
        self._last_id = 0
        self._greeted = False
        self._lines = jsonrpc.LineReader(jsonrpc.ANSWER_LIMIT)
        self._socket = QLocalSocket(self)
        self._socket.connected.connect(self._connected)
        self._socket.stateChanged.connect(self._turned)  # errorOccurred comes too early, while still connecting
        self._socket.readyRead.connect(self._read)
        self._retry = QTimer(self, singleShot=True, interval=FIRST_RETRY)
        self._retry.timeout.connect(self._dial)

    @Property(bool, notify=changed)
    def online(self) -> bool:
        """Whether the node answers."""
        return self._online

    @Property(bool, notify=changed)
    def locked(self) -> bool:
        """Whether the node's door is locked: it answers nothing until it is unlocked."""
        return self._locked

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """A sentence while there is no node, else empty."""
        return "" if self._online else self._trouble

    def open(self) -> None:
        """Begin to reach the node; it goes on by itself until `close`."""
        self._retry.setInterval(FIRST_RETRY)
        self._dial()

    def close(self) -> None:
        """Hang up for good."""
        self._retry.stop()
        self._socket.blockSignals(True)
        self._socket.abort()

    def explain(self, sentence: str) -> None:
        """Say why there is no node."""
        self._trouble = sentence
        self.changed.emit()

    @Slot()
    def retry(self) -> None:
        """Try again now."""
        self._retry.setInterval(FIRST_RETRY)
        self._silent = False
        self._retry.stop()
        self._dial()

    def call(self, method: str, then: Then, failed: Failed | None = None, **params: object) -> None:
        """Call the node; exactly one of `then` and `failed` is called later. Unhandled failures go to `failed`."""
        waiting = _Waiting(method, then, failed or self._say)
        if not self._online:
            QTimer.singleShot(0, self, lambda: waiting.failed(GONE))
            return
        self._last_id += 1
        self._pending[self._last_id] = waiting
        self._socket.write(jsonrpc.encode_request(self._last_id, method, params))

    # The socket.

    def _dial(self) -> None:
        if self._socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._socket.connectToServer(str(self._path))

    def _connected(self) -> None:
        self._lines = jsonrpc.LineReader(jsonrpc.ANSWER_LIMIT)
        self._greeted = False
        self._socket.write(jsonrpc.encode_hello(__version__))

    def _turned(self, state: QLocalSocket.LocalSocketState) -> None:
        if state == QLocalSocket.LocalSocketState.UnconnectedState:
            if self._online:
                self._lose()
            self._again()

    def _again(self) -> None:
        first, self._silent = not self._silent, True
        self._retry.start()
        self._retry.setInterval(min(LAST_RETRY, self._retry.interval() * 2))
        if first:
            self.absent.emit()

    def _lose(self) -> None:
        self._online = self._silent = self._open = False
        self._trouble = "The messenger's service has stopped. Reconnecting…"
        self._retry.setInterval(FIRST_RETRY)
        pending, self._pending = self._pending, {}
        for waiting in pending.values():
            waiting.failed(GONE)
        self.changed.emit()
        self.lost.emit()

    # Lines.

    def _read(self) -> None:
        try:
            for line in self._lines.feed(bytes(self._socket.readAll().data())):
                self._take(line)
        except jsonrpc.ProtocolError as error:
            self._trouble = f"The messenger's service can't be understood: {error}."
            self.changed.emit()
            self._socket.abort()

    def _take(self, line: bytes) -> None:
        if not self._greeted:
            self._greet(line)
            return
        match jsonrpc.decode(line):
            case jsonrpc.Request(method="notice", params=params):
                self._hear(_notice(params))
            case jsonrpc.Result(id=id, result=result):
                self._answered(id, result)
            case jsonrpc.Failure(id=id, message=message, kind=kind) if id in self._pending:
                self._pending.pop(int(id)).failed(ApiError(kind, message))
            case jsonrpc.Failure(message=message):
                raise jsonrpc.ProtocolError(message)

    def _greet(self, line: bytes) -> None:
        hello = jsonrpc.decode_hello(line)
        if hello.p2pdm != jsonrpc.PROTOCOL:
            raise jsonrpc.ProtocolError(f"it runs version {hello.version}, this window is {__version__}")
        self._greeted = self._online = True
        self._retry.setInterval(FIRST_RETRY)
        self.call("subscribe", lambda _cursor: None)
        self.call("lock_state", lambda state: self._be_locked(state.locked), lambda _error: None)
        self.changed.emit()
        self.reached.emit()

    def _hear(self, notice: Notice) -> None:
        if notice.event == "lock":
            was_open = self._open
            self._be_locked(bool(notice.on))
            if was_open and self._open:
                self.lock_set.emit()
        else:
            self.noticed.emit(notice)

    def _be_locked(self, locked: bool) -> None:
        if locked != self._locked:
            self._locked = locked
            self.changed.emit()
        opened, self._open = not locked and not self._open, not locked
        if opened:
            self.ready.emit()

    def _answered(self, id: jsonrpc.CallId, result: bytes) -> None:
        waiting = self._pending.pop(int(id), None)
        if waiting is not None:
            waiting.then(call(waiting.method).result(result))

    def _say(self, error: ApiError) -> None:
        if error is not GONE and error.kind != "locked":  # the bar or the lock page says that already
            self.failed.emit(error.message)


def _notice(params: bytes) -> Notice:
    try:
        return msgspec.json.decode(params, type=Notice)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise jsonrpc.ProtocolError(f"a notice has another form: {error}") from None
