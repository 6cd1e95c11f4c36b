"""A client of a node's door that waits without an event loop, for stories that are told line by line."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import msgspec

from p2pdm import __version__
from p2pdm.api.endpoint import socket_path
from p2pdm.api.jsonrpc import (
    ANSWER_LIMIT,
    Failure,
    LineReader,
    Request,
    Result,
    decode,
    decode_hello,
    encode_hello,
    encode_request,
)

PATIENCE = 30.0
CHUNK = 65_536


class Gone(AssertionError):
    """The node has hung up."""


class Door:
    """One connection: calls, and the notices that come meanwhile. Calls may be asked without waiting for answers."""

    def __init__(self, profile: Path, runtime: Path) -> None:
        with patch.dict(os.environ, XDG_RUNTIME_DIR=str(runtime)):
            path = socket_path(profile)
        self.notices: deque[dict[str, Any]] = deque()
        self._answers: dict[int, Result | Failure] = {}
        self._lines = LineReader(ANSWER_LIMIT)
        self._read: deque[bytes] = deque()
        self._next = 0
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(str(path))
            self._socket.sendall(encode_hello(__version__))
            decode_hello(self._line(time.monotonic() + PATIENCE))
        except BaseException:
            self._socket.close()
            raise

    def call(self, method: str, **params: object) -> Any:
        """What a method returns; AssertionError when it fails."""
        return self.answer(self.ask(method, **params))

    def ask(self, method: str, **params: object) -> int:
        """Call, and leave the answer for later; returns its number."""
        self._next += 1
        self._socket.sendall(encode_request(self._next, method, params))
        return self._next

    def answer(self, number: int, timeout: float = PATIENCE) -> Any:
        """The answer to a call, once it is there."""
        deadline = time.monotonic() + timeout
        while number not in self._answers:
            self._take(deadline)
        answer = self._answers.pop(number)
        assert isinstance(answer, Result), answer
        return msgspec.json.decode(answer.result)

    def wait_for_notice(self, deadline: float) -> None:
        """Return once there are notices in `notices`; TimeoutError when none come."""
        while not self.notices:
            self._take(deadline)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _take(self, deadline: float) -> None:
        line = decode(self._line(deadline))
        if isinstance(line, Request):
            self.notices.append(cast(dict[str, Any], msgspec.json.decode(line.params)))
        elif isinstance(line.id, int):
            self._answers[line.id] = line

    def _line(self, deadline: float) -> bytes:
        while not self._read:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self._socket.recv(CHUNK)
            except ConnectionError:
                data = b""
            if not data:
                raise Gone("the node has hung up")
            self._read.extend(self._lines.feed(data))
        return self._read.popleft()
