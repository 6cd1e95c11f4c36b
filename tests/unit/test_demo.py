"""The neighbours of the demo: what they answer, and that they all go when told to."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from p2pdm import demo
from p2pdm.api import launch
from p2pdm.api.client import connect
from p2pdm.api.types import ApiError
from p2pdm.bot import Bot
from tests.fakes.doors import make_profile_folder, open_door
from tests.fakes.memory_node import MemoryNode


async def answer_of(bot: Bot, text: str) -> str:
    """What the bot answers Alice."""
    node = MemoryNode(name=bot.name)
    node.meet("Alice", relation="contact", online=True)
    ready = asyncio.Event()
    async with open_door(bot.profile, node), asyncio.timeout(10):
        serving = asyncio.create_task(bot.serve(ready.set))
        await ready.wait()
        node.arrive("Alice", text)
        while not (own := [message.text for message in node.said if message.mine]):
            node._changed.clear()
            await node._changed.wait()
        serving.cancel()
        await asyncio.wait([serving])
    return own[0]


async def test_echo_says_everything_back(tmp_path: Path) -> None:
    assert await answer_of(demo.echo(tmp_path), "Hello\n{0} 📦") == "Hello\n{0} 📦"


async def test_clock_knows_time_and_date(tmp_path: Path) -> None:
    assert re.match(r"It is \d\d:\d\d:\d\d\.", await answer_of(demo.clock(tmp_path / "a"), "Hi"))
    assert re.match(r"It is \w+day, \d+ \w+ \d+, week \d+\.", await answer_of(demo.clock(tmp_path / "b"), "Which day?"))


async def test_robin_asks_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "THINKING", 0.0)
    assert (await answer_of(demo.robin(tmp_path), "I like {braces}")).endswith("?")


async def test_all_end_with_their_nodes_when_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(profile: Path, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "tests.fakes.memory_office", "--empty", "--profile", str(profile)]

    welcomed = asyncio.Event()
    monkeypatch.setattr(launch, "command", command)
    monkeypatch.setattr(demo, "_welcome", lambda names: welcomed.set())
    bots = [demo.echo(tmp_path), demo.robin(tmp_path), demo.clock(tmp_path)]
    for bot in bots:
        make_profile_folder(bot.profile)
    async with asyncio.timeout(20):
        running = asyncio.create_task(demo.run(bots))
        await welcomed.wait()
        os.kill(os.getpid(), signal.SIGINT)
        assert await running == 0
    for bot in bots:
        with pytest.raises(ApiError, match="no node runs"):
            await connect(bot.profile, start=False)


async def test_a_neighbour_that_cannot_start_ends_the_demo_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launch, "command", lambda *_: [sys.executable, "-c", "raise SystemExit('p2pdm: no disk')"])
    bots = [demo.echo(tmp_path), demo.clock(tmp_path)]
    for bot in bots:
        make_profile_folder(bot.profile)
    assert await demo.run(bots) == 1
    assert set(capsys.readouterr().err.splitlines()) == {"p2pdm demo: no disk"}
