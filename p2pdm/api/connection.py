"""The client's end of one connection: lines in and out, answers to their calls, notices to their reader."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import cast

import msgspec

from p2pdm import __version__
from p2pdm.api.jsonrpc import (
    ANSWER_LIMIT,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    NO_METHOD,
    PROTOCOL,
    REQUEST_LIMIT,
    CallId,
    Failure,
    LineReader,
    ProtocolError,
    Request,
    Result,
    decode,
    decode_hello,
    encode_hello,
    encode_request,
)
from p2pdm.api.types import ApiError, Notice

NOTICES_HELD = 10_000
"""Notices that wait for a slow reader here, some 3 MB; beyond it they are asked for again later."""
HELLO_PATIENCE = 5.0
"""Seconds for a node to greet or to hang up: it never works longer than 50 ms at a stretch."""

_KINDS = {NO_METHOD: "no_method", INVALID_PARAMS: "usage", INTERNAL_ERROR: "bug"}
_notice_decoder = msgspec.json.Decoder(Notice)


class Connection(asyncio.Protocol):
    """One connection to a node's door; ApiError `gone` once the node has hung up."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._lines = LineReader(ANSWER_LIMIT)
        self._calls: dict[CallId, asyncio.Future[bytes]] = {}
        self._last_id = 0
        self._notices: deque[Notice] = deque()
        self._told = asyncio.Event()
        self.gone = asyncio.Event()
        self._end: ApiError | None = None
        self._cursor = 0
        self._overflowed = False
        self._subscribing: CallId | None = None

    # Calling.

    async def request(self, method: str, params: dict[str, object] | msgspec.Raw) -> bytes:
        """One call; its result's JSON."""
        if self._end is not None:
            raise self._end
        self._last_id += 1
        try:
            line = encode_request(self._last_id, method, params)
        except ProtocolError as error:
            raise ApiError("bad_text", f"{method}: {error}") from None
        if len(line) > REQUEST_LIMIT:
            raise ApiError("too_long", "that is too long for one message")
        answer: asyncio.Future[bytes] = self._loop.create_future()
        call_id = self._last_id
        self._calls[call_id] = answer
        if method == "subscribe":
            self._subscribing = call_id
        self._transport.write(line)
        try:
            return await answer
        finally:
            self._calls.pop(call_id, None)

    async def subscribe(self, params: dict[str, object]) -> bytes:
        """As `request`; what was told before counts no more."""
        self._notices.clear()
        self._overflowed = True  # until the answer: what comes before it is not of this subscription
        since = params.get("since")
        self._cursor = since if isinstance(since, int) else 0
        answer = await self.request("subscribe", params)
        if since is None:
            self._cursor = max(self._cursor, int(answer))
        return answer

    async def next_notice(self) -> Notice:
        """The next one; when some had to be let go, it is asked for again."""
        while not self._notices:
            if self._end is not None:
                raise self._end
            if self._overflowed and self._subscribing is None:
                await self.request("subscribe", {"since": self._cursor})
                continue
            self._told.clear()
            await self._told.wait()
        return self._notices.popleft()

    # Receiving.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(encode_hello(__version__))

    def data_received(self, data: bytes) -> None:
        try:
            for line in self._lines.feed(data):
                if self.greeted.done():
                    self._take(line)
                else:
                    self._greet(line)
        except (ProtocolError, ApiError, msgspec.MsgspecError) as error:
            self._fail(error if isinstance(error, ApiError) else ApiError("protocol", f"the node said: {error}"))
            self._transport.close()

    def _greet(self, line: bytes) -> None:
        hello = decode_hello(line)
        if hello.p2pdm != PROTOCOL:
            raise ApiError(
                "version",
                f"the node of this profile ({hello.version[:20]}) speaks version {hello.p2pdm} of the door,"
                f" not {PROTOCOL}: stop it, then this one ({__version__}) starts its own",
            )
        self.greeted.set_result(None)

    def _take(self, line: bytes) -> None:
        read = decode(line)
        if isinstance(read, Request):
            if read.method == "notice":
                self._notice(_notice_decoder.decode(read.params))
            return
        if isinstance(read, Failure) and read.id is None:
            raise ApiError("protocol", f"the node did not understand: {read.message}")
        if read.id == self._subscribing:
            self._subscribing = None
            self._overflowed = isinstance(read, Failure)
        answer = self._calls.get(read.id) if read.id is not None else None
        if answer is None or answer.done():
            return  # the caller has gone
        if isinstance(read, Result):
            answer.set_result(read.result)
        else:
            answer.set_exception(ApiError(read.kind or _KINDS.get(read.code, "protocol"), read.message))

    def _notice(self, notice: Notice) -> None:
        if len(self._notices) >= NOTICES_HELD:
            self._overflowed = True
        if self._overflowed:
            return
        self._cursor = max(self._cursor, notice.cursor)
        self._notices.append(notice)
        self._told.set()

    # Ending.

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(ApiError("gone", "the node has ended"))
        self.gone.set()

    def _fail(self, end: ApiError) -> None:
        self._end = self._end or end
        if not self.greeted.done():
            self.greeted.set_exception(self._end)
            self.greeted.exception()  # seen, whoever waits for it or not
        for answer in self._calls.values():
            if not answer.done():
                answer.set_exception(self._end)
        self._told.set()

    async def close(self) -> None:
        self._transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.gone.wait(), HELLO_PATIENCE)
