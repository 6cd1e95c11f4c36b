"""Three neighbours on this machine to try p2pdm with: `python -m p2pdm.demo`.

Each is a bot with a real node and a profile of its own (kept in the cache folder, so that they are the same
people next time), discovered and written to like anybody else.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from p2pdm.api.client import stop_node
from p2pdm.api.types import ApiError, Message
from p2pdm.bot import Bot

THINKING = 1.2
"""Seconds that Robin types."""
QUESTIONS = (
    "Good to hear from you, {name}! What are you working on?",
    "“{text}”, you say. What makes you think so?",
    "I have {words} words from you now. Tell me more?",
    "Interesting. And what does everybody else there say?",
    "Shall we talk about it over lunch?",
)


def echo(folder: Path) -> Bot:
    """Says everything back."""
    bot = Bot("Echo", folder / "echo")

    @bot.on_message
    async def answer(message: Message) -> str:
        return message.text

    return bot


def clock(folder: Path) -> Bot:
    """Knows the time and the date."""
    bot = Bot("Clock", folder / "clock")

    @bot.on_message
    async def answer(message: Message) -> str:
        now = datetime.now().astimezone()
        if "date" in message.text.casefold() or "day" in message.text.casefold():
            return now.strftime("It is %A, %d %B %Y, week %V.")
        return now.strftime("It is %H:%M:%S. Ask me for the date, too.")

    return bot


def robin(folder: Path) -> Bot:
    """Types for a while, and asks back."""
    bot = Bot("Robin", folder / "robin")

    @bot.on_message
    async def answer(message: Message) -> str:
        await bot.api.read(message.chat)
        await bot.api.typing(message.chat, True)
        await asyncio.sleep(THINKING)
        await bot.api.typing(message.chat, False)
        question = random.choice(QUESTIONS)  # noqa: S311 - a conversation, no secret
        return question.format(name=message.name, text=message.text[:80], words=len(message.text.split()))

    return bot


def main(argv: Sequence[str] | None = None) -> int:
    """Run the neighbours until Ctrl-C."""
    parser = argparse.ArgumentParser("p2pdm.demo", description="Three neighbours to try p2pdm with.")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where their profiles are; default: the cache folder"
    )
    folder = parser.parse_args(argv).folder or _cache_folder()
    return asyncio.run(run([echo(folder), robin(folder), clock(folder)]))


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("p2pdm", appauthor=False) / "demo"


async def run(bots: Sequence[Bot]) -> int:
    """Let the bots answer until SIGINT or SIGTERM, then end their nodes; returns the exit code."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await _answer_until(stopped, bots)
        return 0
    except* ApiError as errors:
        for error in errors.exceptions:
            print(f"p2pdm demo: {error}", file=sys.stderr)
    finally:
        await asyncio.gather(*(_stop(bot) for bot in bots))
    return 1


async def _answer_until(stopped: asyncio.Event, bots: Sequence[Bot]) -> None:
    there: set[str] = set()

    def ready(bot: Bot) -> None:
        there.add(bot.name)
        if len(there) == len(bots):
            _welcome([bot.name for bot in bots])

    async with asyncio.TaskGroup() as group:
        serving = [group.create_task(bot.serve(partial(ready, bot))) for bot in bots]
        await stopped.wait()
        for task in serving:
            task.cancel()


def _welcome(names: Sequence[str]) -> None:
    print(f"{', '.join(names[:-1])} and {names[-1]} are on this network now, each with a node of its own.")
    print(
        "Start p2pdm in another terminal (./run, or ./run p2pdm chat) and write to them. Ctrl-C ends them.",
        flush=True,
    )


async def _stop(bot: Bot) -> None:
    with suppress(ApiError):  # none runs
        await stop_node(bot.profile)


if __name__ == "__main__":
    sys.exit(main())
