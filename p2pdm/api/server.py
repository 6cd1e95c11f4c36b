"""Serves a NodeApi on a profile's door. Built for short calls: a call costs one read, one task, one write."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import stat
from pathlib import Path
from typing import cast

from p2pdm import __version__
from p2pdm.api.calls import METHODS, call
from p2pdm.api.feed import Feed, NoticeLog, notice_line
from p2pdm.api.guard import LASTING, OPEN, Guard, locked_error, reduced, shows_a_user
from p2pdm.api.jsonrpc import (
    ANSWER_LIMIT,
    CALL_FAILED,
    INTERNAL_ERROR,
    NO_METHOD,
    PROTOCOL,
    REQUEST_LIMIT,
    CallId,
    LineReader,
    ProtocolError,
    Request,
    decode,
    decode_hello,
    encode_error,
    encode_hello,
    encode_result,
)
from p2pdm.api.methods import NodeApi
from p2pdm.api.trace import where
from p2pdm.api.types import ApiError, Notice, Status

__all__ = ["ApiServer", "NoticeLog"]

UNREAD_HIGH = 1 << 20
"""Bytes that a client may leave unread; beyond it gets no notices, and no new call of its is begun."""
UNREAD_LOW = 1 << 18
CALLS_AT_ONCE = 256
"""Calls of one connection in progress; beyond it nothing more is read from it."""
FAREWELL = 1.0
"""Seconds that calls in progress and unread answers have when the node ends (it must end within 2)."""

logger = logging.getLogger(__name__)


class ApiServer:
    """The door. `api` does the calls, `log` keeps the durable notices; `log_file` is named in the sentence for a bug.
    Where there is a `guard`, it says when the door is locked, and `lock_changed` is called when that changes.

    The server answers `subscribe` itself, from `log`: NodeApi.subscribe of `api` is never called.
    """

    def __init__(
        self, api: NodeApi, path: Path, log: NoticeLog, log_file: Path | None = None, guard: Guard | None = None
    ) -> None:
        self.api = api
        self.guard = guard
        self.log = log
        self.bug = "something went wrong inside p2pdm" + (f"; the log at {log_file} has details" if log_file else "")
        self.connections: set[Connection] = set()
        self._path = path
        self._server: asyncio.Server | None = None
        self._newest = 0

    async def start(self) -> None:
        """Open the door, in place of one that a dead node left. The caller holds the profile's lock."""
        self._newest = self.log.cursor()
        door = self._bind()
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: Connection(self), sock=door)

    def _bind(self) -> socket.socket:
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(self._path.lstat().st_mode):
                self._path.unlink()
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            door.bind(os.fspath(self._path))
            self._path.chmod(0o600)
        except OSError as error:
            door.close()
            raise ApiError("door", f"the socket {self._path} can't be made: {error.strerror}") from None
        return door

    def notify(self, notice: Notice) -> None:
        """Tell every subscriber. A durable notice is in the log already, and they come in the log's order.

        A `person` notice with the cursor of one already told is a coming or going, which passes by.
        """
        durable = notice.event not in ("typing", "trouble") and (
            notice.event != "person" or notice.cursor > self._newest
        )
        if durable:
            self._newest = max(self._newest, notice.cursor)
        if self.locked:
            for connection in self.connections if durable else ():
                connection.tell_of_lock(True)
            return
        line = b""
        for connection in self.connections:
            if connection.feed is not None:
                line = line or notice_line(notice)
                connection.feed.offer(notice, line, durable)

    @property
    def locked(self) -> bool:
        """Whether the door is locked now."""
        return self.guard is not None and self.guard.locked

    def lock_changed(self) -> None:
        """The door was locked or unlocked."""
        for connection in self.connections:
            connection.tell_of_lock(self.locked)

    async def close(self) -> None:
        """Close the door; calls in progress may end first, for a second at most."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        if self.connections:
            await asyncio.gather(*(connection.finish() for connection in self.connections))


class Connection(asyncio.Protocol):
    """One client."""

    _transport: asyncio.Transport

    def __init__(self, server: ApiServer) -> None:
        self.feed: Feed | None = None
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._lines = LineReader(REQUEST_LIMIT)
        self._greeted = False
        self._at_end = False
        self._calls: dict[asyncio.Task[None], str] = {}
        self._unsent: list[bytes] = []
        self._flushing = False
        self._congested = False
        self._pumping = False
        self._gone = asyncio.Event()

    # Receiving.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=UNREAD_HIGH, low=UNREAD_LOW)
        self._server.connections.add(self)
        self._write(encode_hello(__version__))

    def data_received(self, data: bytes) -> None:
        try:
            for line in self._lines.feed(data):
                if self._greeted:
                    self._take(line)
                else:
                    self._greet(line)
        except ProtocolError as error:  # no way to go on: not our client, or the line has no end
            self._write(encode_error(None, error.code, str(error)))
            self._hang_up()

    def _greet(self, line: bytes) -> None:
        hello = decode_hello(line)
        if hello.p2pdm != PROTOCOL:
            raise ProtocolError(
                f"this node ({__version__}) speaks version {PROTOCOL} of the door, not {hello.p2pdm}:"
                " stop it with `p2pdm stop`, then the new one starts"
            )
        self._greeted = True

    def _take(self, line: bytes) -> None:
        try:
            request = decode(line)
            if not isinstance(request, Request):
                raise ProtocolError("only requests are taken here")
        except ProtocolError as error:
            self._write(encode_error(None, error.code, str(error)))
            return
        try:
            self._begin(request)
        except ProtocolError as error:
            self._answer(request.id, encode_error(request.id, error.code, str(error)))

    # Calling.

    def _begin(self, request: Request) -> None:
        if request.method not in METHODS:
            raise ProtocolError(_no_method(request.method[:80]), NO_METHOD)
        if self._server.locked and request.method not in OPEN:
            self._refuse(request.id, locked_error())
            return
        arguments = call(request.method).arguments(request.params)
        if self._server.guard is not None and shows_a_user(request.method, arguments):
            self._server.guard.used()
        if request.method == "subscribe":
            self._subscribe(request.id, arguments["since"])
            return
        task = self._loop.create_task(self._run(request, arguments))
        self._calls[task] = request.method
        task.add_done_callback(self._ended)
        self._throttle()

    def _subscribe(self, id: CallId | None, since: int | None) -> None:
        self.feed = Feed(self._server.log, self._write, since)
        self._answer(id, encode_result(id, self._server.log.cursor()))
        if self._server.locked:
            self.tell_of_lock(True)
        self._pump()

    def tell_of_lock(self, locked: bool) -> None:
        """Tell a subscriber that the door is locked (again and again, as things change), or no longer."""
        if self.feed is None:
            return
        if locked:
            self.feed.fall_behind()
        if not self._congested:
            self._write(notice_line(Notice(self.feed.cursor, "lock", on=locked)))
        self._pump()

    async def _run(self, request: Request, arguments: dict[str, object]) -> None:
        call_id = request.id
        try:
            result = await getattr(self._server.api, request.method)(**arguments)
            if self._server.locked:
                if request.method in LASTING:
                    raise locked_error()
                result = reduced(result) if isinstance(result, Status) else result
            line = encode_result(call_id, result)
        except ApiError as error:
            line = encode_error(call_id, CALL_FAILED, error.message, error.kind)
        except Exception as error:  # noqa: BLE001 - our bug: the caller gets a sentence, the log the place
            logger.error("%s failed: %s", request.method, where(error))
            line = encode_error(call_id, INTERNAL_ERROR, self._server.bug, "bug")
        if len(line) > ANSWER_LIMIT:
            line = encode_error(call_id, CALL_FAILED, "that is too much for one answer: ask for less", "too_much")
        self._answer(call_id, line)

    def _refuse(self, id: CallId | None, error: ApiError) -> None:
        self._answer(id, encode_error(id, CALL_FAILED, error.message, error.kind))

    def _answer(self, id: CallId | None, line: bytes) -> None:
        if id is not None:
            self._write(line)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._calls[task]
        self._throttle()
        if self._at_end and not self._calls:
            self._hang_up()

    def _throttle(self) -> None:
        """Read no more from a client that has too much in progress or does not read its answers."""
        if self._gone.is_set() or self._transport.is_closing():
            return
        if self._congested or len(self._calls) >= CALLS_AT_ONCE:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    # Sending.

    def _write(self, line: bytes) -> None:
        """Write now; what follows within this turn of the loop goes in one piece after it."""
        if self._transport.is_closing():
            return
        if self._flushing:
            self._unsent.append(line)
            return
        self._flushing = True
        self._loop.call_soon(self._flush)
        self._transport.write(line)

    def _flush(self) -> None:
        self._flushing = False
        unsent, self._unsent = self._unsent, []
        if unsent and not self._transport.is_closing():
            self._transport.write(b"".join(unsent))

    def pause_writing(self) -> None:
        self._congested = True
        if self.feed is not None:
            self.feed.fall_behind()
        self._throttle()

    def resume_writing(self) -> None:
        self._congested = False
        self._throttle()
        self._pump()

    def _pump(self) -> None:
        """Hand on the log, one chunk a turn of the loop, as fast as the client reads."""
        if self.feed is not None and self.feed.behind and not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump_once)

    def _pump_once(self) -> None:
        self._pumping = False
        if self.feed is None or self._congested or self._server.locked or self._transport.is_closing():
            return
        self.feed.pump()
        self._pump()

    # Ending.

    def eof_received(self) -> bool:
        """The client says no more. A script that pipes its calls in still gets its answers."""
        self._at_end = True
        self._end_waits()
        if self.feed is not None or not self._calls:
            self._hang_up()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._gone.set()
        self.feed = None
        self._server.connections.discard(self)
        self._end_waits()

    def _end_waits(self) -> None:
        """Other calls end by themselves, and what they began is done."""
        for task, method in self._calls.items():
            if method == "wait":
                task.cancel()

    def _hang_up(self) -> None:
        self._flush()
        self._transport.close()

    async def finish(self) -> None:
        """Let calls end and answers go out, then hang up."""
        self._end_waits()
        if self._calls:
            await asyncio.wait(list(self._calls), timeout=FAREWELL / 2)
        for task in self._calls:
            task.cancel()
        self._hang_up()
        try:
            await asyncio.wait_for(self._gone.wait(), FAREWELL / 2)
        except TimeoutError:
            self._transport.abort()


def _no_method(name: str) -> str:
    import difflib  # only here: it takes a while

    alike = difflib.get_close_matches(name, METHODS, 1)
    which = f": did you mean {alike[0]}?" if alike else f"; there are {', '.join(METHODS)}"
    return f"there is no method {name}{which}"
