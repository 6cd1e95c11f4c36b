"""A node's API from another process: `(await connect(profile)).api` is a NodeApi."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import msgspec

from p2pdm import __version__
from p2pdm.api.calls import METHODS, call
from p2pdm.api.endpoint import node_process, socket_path
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
from p2pdm.api.launch import COMING_OR_GOING, PATIENCE, Launch, command, environment
from p2pdm.api.methods import NodeApi
from p2pdm.api.types import ApiError, Notice

NOTICES_HELD = 10_000
"""Notices that wait for a slow reader here, some 3 MB; beyond it they are asked for again later."""
HELLO_PATIENCE = 5.0
"""Seconds for a node to greet: it never works longer than 50 ms at a stretch."""
DOOR_INTERVAL = 0.02
"""Seconds between two knocks at the door of a node that is starting."""

_KINDS = {NO_METHOD: "no_method", INVALID_PARAMS: "usage", INTERNAL_ERROR: "bug"}
_notice_decoder = msgspec.json.Decoder(Notice)


async def connect(profile: Path, start: bool = True) -> Client:
    """A client of the node of `profile`; when none runs, start one, or with `start` False raise ApiError `no_node`."""
    path = socket_path(profile)
    client = await _try(path)
    if client is not None:
        return client
    if not start:
        raise ApiError("no_node", f"no node runs for the profile {profile}: start one with `p2pdm node`")
    return await _launch(profile, path)


async def _try(path: Path) -> Client | None:
    try:
        return await Client.open(path)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        raise ApiError("door", f"the node's socket {path} can't be opened: {error.strerror}") from None


async def _launch(profile: Path, path: Path) -> Client:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    launch: Launch | None = None
    try:
        while True:
            launch = launch or Launch.begin(profile, insist=loop.time() > begun + COMING_OR_GOING)
            failure = launch.failure() if launch else None
            client = await _try(path)  # after that look: the child may have lost a race to another's node
            if client is not None:
                return client
            if failure is not None:
                raise failure
            if loop.time() > begun + PATIENCE:
                raise launch.give_up() if launch else ApiError("not_started", "the node of this profile does not start")
            await asyncio.sleep(DOOR_INTERVAL)
    except asyncio.CancelledError:
        if launch is not None:
            launch.give_up()  # nobody waits for it any more
        raise
    finally:
        if launch is not None:
            launch.leave()


async def make_profile(profile: Path, name: str) -> None:
    """Make a profile for a newcomer called `name`; ApiError `init` if there is one already."""
    process = await asyncio.create_subprocess_exec(
        *command(profile, "init", "--name", name),
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise ApiError("init", lines[-1].removeprefix("p2pdm: ") if lines else f"no profile was made in {profile}")


async def stop_node(profile: Path) -> None:
    """End the node of `profile`, and wait until it has let go of it; ApiError `no_node` if none runs."""
    process = node_process(profile)
    client = await connect(profile, start=False)
    try:
        await client.api.stop()
        async with asyncio.timeout(PATIENCE):
            await client.ended()
            while process is not None and node_process(profile) == process:  # noqa: ASYNC110 - not our child
                await asyncio.sleep(DOOR_INTERVAL)
    except TimeoutError:
        raise ApiError("not_answering", f"the node was told to end {PATIENCE:.0f} seconds ago and has not") from None
    finally:
        await client.close()


class Client:
    """One connection to a node's door. Calls may run side by side; ApiError `gone` when the node ends."""

    api: NodeApi
    """Every call, typed."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self.api = cast(NodeApi, _Remote(self))

    @classmethod
    async def open(cls, path: Path) -> Client:
        """Connect to the door at `path` and exchange hellos; OSError when nobody is behind it."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_unix_connection(_Connection, str(path))
        client = cls(connection)
        try:
            await asyncio.wait_for(connection.greeted, HELLO_PATIENCE)
        except TimeoutError:
            await client.close()
            raise ApiError("not_answering", "the node of this profile does not answer") from None
        except ApiError:
            await client.close()
            raise
        return client

    async def call(self, method: str, *args: object, **kwargs: object) -> Any:
        """Any method of NodeApi, its result typed."""
        known = call(method)
        params = known.params(args, kwargs)
        if method == "subscribe":
            return await self._subscribe(params)
        answer = await self._connection.request(method, params)
        try:
            return known.result(answer)
        except ProtocolError as error:
            raise ApiError("protocol", str(error)) from None

    async def raw(self, method: str, params: msgspec.Raw) -> bytes:
        """Any method at all with JSON for its parameters; the result's JSON."""
        return await self._connection.request(method, params)

    async def _subscribe(self, params: dict[str, object]) -> int:
        cursor: int = call("subscribe").result(await self._connection.subscribe(params))
        return cursor

    async def notices(self) -> AsyncIterator[Notice]:
        """What comes after `api.subscribe`, without end; ApiError `gone` when the node ends."""
        while True:
            yield await self._connection.next_notice()

    async def ended(self) -> None:
        """Wait until the node hangs up."""
        await self._connection.gone.wait()

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()


class _Remote:
    """A NodeApi whose every method goes through the door."""

    def __init__(self, client: Client) -> None:
        self._client = client


def _forward(method: str) -> Callable[..., Awaitable[Any]]:
    async def forward(self: _Remote, *args: object, **kwargs: object) -> Any:
        return await self._client.call(method, *args, **kwargs)

    forward.__name__ = method
    return forward


for _name in METHODS:
    setattr(_Remote, _name, _forward(_name))


class _Connection(asyncio.Protocol):
    """Lines in and out, answers to their calls, notices to their reader."""

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
