"""A node's API from another process: `(await connect(profile)).api` is a NodeApi."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import msgspec

from p2pdm.api.calls import METHODS, call
from p2pdm.api.connection import HELLO_PATIENCE, Connection
from p2pdm.api.endpoint import node_process, socket_path
from p2pdm.api.jsonrpc import ProtocolError
from p2pdm.api.launch import COMING_OR_GOING, PATIENCE, Launch, command, environment
from p2pdm.api.methods import NodeApi
from p2pdm.api.types import ApiError, Notice

DOOR_INTERVAL = 0.02
"""Seconds between two knocks at the door of a node that is starting."""


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

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.api = cast(NodeApi, _Remote(self))

    @classmethod
    async def open(cls, path: Path) -> Client:
        """Connect to the door at `path` and exchange hellos; OSError when nobody is behind it."""
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_unix_connection(Connection, str(path))
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
