"""Client and server over a real Unix socket: calls, errors, notices, and clients that behave badly."""

import asyncio
import contextlib
import json
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from p2pdm.api import connection as connection_module
from p2pdm.api import server as server_module
from p2pdm.api.client import Client, connect
from p2pdm.api.endpoint import socket_path
from p2pdm.api.jsonrpc import REQUEST_LIMIT
from p2pdm.api.server import ApiServer
from p2pdm.api.types import ApiError, Notice
from tests.fakes.doors import open_door
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_node import MemoryNode
from tests.fakes.memory_office import populate

FAREWELL = 20.0
"""Seconds of patience with a call that is in progress at the end: more than any machine needs to close a door."""


@pytest.fixture
async def node() -> MemoryNode:
    node = MemoryNode()
    populate(node)
    return node


@pytest.fixture
async def server(tmp_path: Path, node: MemoryNode) -> AsyncIterator[ApiServer]:
    async with open_door(tmp_path, node) as server:
        yield server


@pytest.fixture
async def alice(server: ApiServer, tmp_path: Path) -> AsyncIterator[Client]:
    client = await connect(tmp_path, start=False)
    yield client
    await client.close()


@contextlib.asynccontextmanager
async def raw(profile: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(socket_path(profile), limit=1 << 24)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def read_json(reader: asyncio.StreamReader) -> Any:
    async with asyncio.timeout(5):
        return json.loads(await reader.readline())


async def take(client: Client, count: int) -> list[Notice]:
    notices: list[Notice] = []
    async with asyncio.timeout(10):
        async for notice in client.notices():
            notices.append(notice)
            if len(notices) == count:
                break
    return notices


# Calls.


async def test_alice_asks_who_is_there_and_writes_to_robin(alice: Client, node: MemoryNode) -> None:
    assert [person.name for person in await alice.api.people()] == sorted(person.name for person in node.known.values())
    sent = await alice.api.send("Robin", "Hi, \n\u2028 \U0001f4e6")
    message = await alice.api.message(sent.id)
    assert message.text == "Hi, \n\u2028 \U0001f4e6"
    assert message.sender == fake_id("me")
    assert await alice.api.history("Robin", limit=1) == [message]


async def test_calls_by_name_and_by_place_are_the_same(alice: Client) -> None:
    named = await alice.raw("history", msgspec.Raw(b'{"chat":"Robin","limit":2}'))
    placed = await alice.raw("history", msgspec.Raw(b'["Robin",2]'))
    assert named == placed
    assert len(msgspec.json.decode(named)) == 2


async def test_a_call_that_does_not_work_says_why(alice: Client) -> None:
    with pytest.raises(ApiError, match="nobody called Zed") as caught:
        await alice.api.person("Zed")
    assert caught.value.kind == "unknown_person"


@pytest.mark.parametrize(
    ("method", "params", "kind"),
    [
        ("nothing", b"{}", "no_method"),
        ("__init__", b"{}", "no_method"),
        ("person", b"{}", "usage"),
        ("person", b'{"who":1}', "usage"),
        ("person", b'{"who":"Robin","more":1}', "usage"),
        ("person", b"7", "usage"),
    ],
)
async def test_a_wrong_call_is_refused_and_the_next_one_works(
    alice: Client, method: str, params: bytes, kind: str
) -> None:
    with pytest.raises(ApiError) as caught:
        await alice.raw(method, msgspec.Raw(params))
    assert caught.value.kind == kind
    assert (await alice.api.me()).name == "Alice"


@pytest.mark.logs_warnings("person failed: KeyError at .*boom")
async def test_a_bug_in_the_node_is_one_sentence_and_quotes_nobody(
    alice: Client, node: MemoryNode, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def boom(who: str) -> None:
        raise KeyError("a secret that Bob told")

    monkeypatch.setattr(node, "person", boom)
    with pytest.raises(ApiError, match=r"something went wrong inside p2pdm; the log at .* has details") as caught:
        await alice.api.person("Robin")
    assert caught.value.kind == "bug"
    assert "secret" not in caplog.text
    assert (await alice.api.me()).name == "Alice"


async def test_calls_run_side_by_side(alice: Client, node: MemoryNode) -> None:
    sent = await alice.api.send("Robin", "Are you there?")
    waiting = asyncio.create_task(alice.api.wait(sent.id, 10))
    await alice.api.me()
    node.advance(sent.id, "delivered")
    assert (await waiting).state == "delivered"


async def test_text_that_no_message_can_be_is_refused_before_it_is_sent(alice: Client) -> None:
    with pytest.raises(ApiError, match="not Unicode"):
        await alice.api.send("Robin", "\udcff")
    with pytest.raises(ApiError, match="too long"):
        await alice.api.send("Robin", "x" * REQUEST_LIMIT)
    assert (await alice.api.me()).name == "Alice"


async def test_an_answer_that_is_too_long_says_so(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "ANSWER_LIMIT", 1_000)
    with pytest.raises(ApiError, match="ask for less"):
        await alice.api.people()


# Notices.


async def test_what_was_missed_comes_first_then_what_happens(alice: Client, node: MemoryNode) -> None:
    cursor = await alice.api.subscribe(3)
    assert cursor == node.cursor()
    missed = await take(alice, cursor - 3)
    assert [notice.cursor for notice in missed] == list(range(4, cursor + 1))
    message = node.arrive("Robin", "And now?")
    node.types("Robin")
    told = await take(alice, 2)
    assert [(notice.event, notice.id) for notice in told] == [("message", message.id), ("typing", "")]


async def test_coming_and_going_passes_by(alice: Client, node: MemoryNode) -> None:
    await alice.api.subscribe()
    node.come("Ben")
    node.arrive("Robin", "Hi")
    node.come("Ben", online=False)
    assert [notice.event for notice in await take(alice, 3)] == ["person", "message", "person"]


async def test_nothing_is_told_to_who_did_not_ask(alice: Client, node: MemoryNode, tmp_path: Path) -> None:
    async with raw(tmp_path) as (reader, writer):
        await read_json(reader)
        node.arrive("Robin", "Hi")
        writer.write(b'{"p2pdm":1}\n{"jsonrpc":"2.0","id":1,"method":"me"}\n')
        assert (await read_json(reader))["id"] == 1


async def test_a_client_that_does_not_read_is_bounded_and_misses_nothing(
    server: ApiServer, node: MemoryNode, tmp_path: Path
) -> None:
    async with raw(tmp_path) as (reader, writer):
        writer.write(b'{"p2pdm":1}\n{"jsonrpc":"2.0","id":1,"method":"subscribe"}\n')
        await read_json(reader)
        before = (await read_json(reader))["result"]
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        (connection,) = server.connections
        for _ in range(200):
            for _ in range(200):
                node._note("message", id="m" * 52, chat="c" * 52)
            await asyncio.sleep(0)
        assert connection._transport.get_write_buffer_size() < 2 * server_module.UNREAD_HIGH
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        cursors = [(await read_json(reader))["params"]["cursor"] for _ in range(40_000)]
        assert cursors == list(range(before + 1, before + 40_001))


async def test_a_client_with_a_slow_reader_asks_again_for_what_it_let_go(
    alice: Client, node: MemoryNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "NOTICES_HELD", 10)
    cursor = await alice.api.subscribe()
    for _ in range(50):
        node.arrive("Robin", "Hi")
    await alice.api.me()  # everything told until here has been received
    node.arrive("Robin", "Last")
    told = await take(alice, 51)
    assert [notice.cursor for notice in told] == list(range(cursor + 1, cursor + 52))


# Coming and going.


async def test_the_door_is_for_its_user_only(server: ApiServer, tmp_path: Path) -> None:
    assert stat.S_IMODE(socket_path(tmp_path).stat().st_mode) == 0o600


async def test_a_door_that_a_dead_node_left_is_replaced(tmp_path: Path, node: MemoryNode) -> None:
    server = ApiServer(node.door, socket_path(tmp_path), node)
    server._bind().close()  # a socket file with nobody behind it
    with pytest.raises(ApiError, match="no node runs") as caught:
        await connect(tmp_path, start=False)
    assert caught.value.kind == "no_node"
    async with open_door(tmp_path, node):
        client = await connect(tmp_path, start=False)
        assert (await client.api.me()).name == "Alice"
        await client.close()
    assert not socket_path(tmp_path).exists()


async def test_when_the_node_ends_callers_and_listeners_are_told(
    alice: Client, server: ApiServer, node: MemoryNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "FAREWELL", FAREWELL)
    sent = await alice.api.send("Ben", "Hi")
    await alice.api.subscribe()
    waiting = asyncio.create_task(alice.api.wait(sent.id, 60))
    listening = asyncio.create_task(take(alice, 1))
    await alice.api.me()
    began = time.monotonic()
    await server.close()
    assert time.monotonic() - began < FAREWELL / 2, "it waits for none of them"
    for task in (waiting, listening):
        with pytest.raises(ApiError, match="the node has ended"):
            await task
    with pytest.raises(ApiError, match="the node has ended"):
        await alice.api.me()


async def test_a_call_begun_before_the_end_is_answered(tmp_path: Path, node: MemoryNode) -> None:
    go = asyncio.Event()
    real = node.me

    async def slow() -> Any:
        await go.wait()
        return await real()

    node.me = slow  # type: ignore[method-assign]
    async with open_door(tmp_path, node) as server:
        client = await connect(tmp_path, start=False)
        asking = asyncio.create_task(client.api.me())
        await client.api.status()
        closing = asyncio.create_task(server.close())
        await asyncio.sleep(0)
        go.set()
        assert (await asking).name == "Alice"
        await closing
        await client.close()


async def test_who_hangs_up_waits_for_nothing_more(
    server: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "FAREWELL", FAREWELL)
    client = await connect(tmp_path, start=False)
    sent = await client.api.send("Ben", "Hi")
    waiting = asyncio.create_task(client.api.wait(sent.id, 1_000))
    await client.api.me()
    await client.close()
    with pytest.raises(ApiError):
        await waiting
    began = time.monotonic()
    await server.close()
    assert time.monotonic() - began < FAREWELL / 2, "no call is in progress"


async def test_a_script_may_pipe_its_calls_in_and_close_its_end(server: ApiServer, tmp_path: Path) -> None:
    async with raw(tmp_path) as (reader, writer):
        writer.write(b'{"p2pdm":1}\n{"jsonrpc":"2.0","id":1,"method":"me"}\n')
        writer.write_eof()
        lines = (await reader.read()).splitlines()
    assert json.loads(lines[1])["result"]["name"] == "Alice"


async def test_another_version_is_told_so(server: ApiServer, tmp_path: Path) -> None:
    async with raw(tmp_path) as (reader, writer):
        writer.write(b'{"p2pdm":2,"version":"9.0"}\n')
        assert (await read_json(reader))["p2pdm"] == 1
        assert "speaks version 1 of the door, not 2" in (await read_json(reader))["error"]["message"]
        assert await reader.read() == b""


async def test_a_node_of_another_version_is_named(tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"p2pdm":7,"version":"8.1"}\n')
        await reader.read()
        writer.close()

    async with await asyncio.start_unix_server(greet, socket_path(tmp_path)):
        with pytest.raises(ApiError, match=r"\(8\.1\) speaks version 7 of the door") as caught:
            await connect(tmp_path)
        assert caught.value.kind == "version"


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1\r\n", b"\xff\xff\n", b'{"jsonrpc":"2.0","id":1,"method":"me"}\n'])
async def test_who_does_not_greet_is_sent_away(server: ApiServer, tmp_path: Path, line: bytes) -> None:
    async with raw(tmp_path) as (reader, writer):
        writer.write(line)
        await read_json(reader)
        assert "must be a hello" in (await read_json(reader))["error"]["message"]
        assert await reader.read() == b""


async def test_an_endless_line_is_cut_off(server: ApiServer, tmp_path: Path) -> None:
    async with raw(tmp_path) as (reader, writer):
        writer.write(b'{"p2pdm":1}\n' + b"x" * (REQUEST_LIMIT + 1))
        await read_json(reader)
        assert "longer than" in (await read_json(reader))["error"]["message"]
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""


async def test_nonsense_between_calls_is_answered_as_such(server: ApiServer, tmp_path: Path) -> None:
    async with raw(tmp_path) as (reader, writer):
        writer.write(b'{"p2pdm":1}\nnonsense\n{"jsonrpc":"2.0","id":1,"result":1}\n')
        writer.write(b'{"jsonrpc":"2.0","id":"a","method":"me"}\n')
        await read_json(reader)
        assert (await read_json(reader))["error"]["code"] == -32700
        assert (await read_json(reader))["error"]["code"] == -32600
        assert (await read_json(reader))["id"] == "a"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=60), max_size=5))
async def test_whatever_a_client_sends_the_door_stays_open(
    server: ApiServer, tmp_path: Path, garbage: list[bytes]
) -> None:
    async with raw(tmp_path) as (_, writer):
        writer.write(b'{"p2pdm":1}\n' + b"\n".join(garbage))
        with contextlib.suppress(OSError):
            await writer.drain()
    client = await connect(tmp_path, start=False)
    assert (await client.api.me()).name == "Alice"
    await client.close()
