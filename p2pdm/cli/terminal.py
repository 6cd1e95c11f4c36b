"""`p2pdm chat`: a conversation in the terminal, typing and receiving at once. It asks for whatever it lacks."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from p2pdm.api.client import Client, connect
from p2pdm.api.endpoint import has_profile
from p2pdm.api.types import ApiError, Message, Notice, Person
from p2pdm.cli.asking import choose, introduce
from p2pdm.cli.output import BOLD, DIM, RED, YELLOW, one_line, paint, shortened, width
from p2pdm.cli.people import standing
from p2pdm.cli.screen import Lines, PlainScreen, Screen, TerminalScreen
from p2pdm.cli.talking import message_line, message_lines

SHOWN_AT_FIRST = 20
"""Messages: enough to remember what it was about."""
TYPING_AGAIN = 4.0
"""Seconds after which it is told again; others forget it after 6."""
STATE_WORDS = {"waiting": "waiting", "sent": "sent", "delivered": "✓ delivered", "read": "✓✓ read", "failed": "failed"}


def run(profile: Path, who: str | None, start: bool) -> int:
    """Chat until the end of input or Ctrl-C."""
    try:
        asyncio.run(_run(profile, who, start))
    except KeyboardInterrupt:
        pass
    return 0


async def _run(profile: Path, who: str | None, start: bool) -> None:
    lines = Lines(sys.stdin.fileno())
    if start and not has_profile(profile):
        await introduce(profile, lines)
    client = await connect(profile, start)
    try:
        person = await client.api.person(who) if who is not None else await choose(client, lines)
        if person is not None:
            await _talk(client, person, lines)
    finally:
        await client.close()


# Talking.


async def _talk(client: Client, person: Person, lines: Lines) -> None:
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    screen: Screen = TerminalScreen() if terminal else PlainScreen(lines)
    try:
        conversation = Conversation(client, person, screen)
        if terminal:
            await conversation.open()
        else:
            await client.api.subscribe()
        await _first(conversation.receive(), conversation.type())
    finally:
        screen.close()


async def _first(*works: Coroutine[Any, Any, None]) -> None:
    """Do all at once until one ends or fails; the others end with it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Conversation:
    """One person on one screen."""

    def __init__(self, client: Client, person: Person, screen: Screen) -> None:
        self._client = client
        self._api = client.api
        self._person = person
        self._screen = screen
        self._shown: set[str] = set()
        self._last_own: Message | None = None
        self._typing_told = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Show who it is, and what was said last."""
        person = self._person
        self._screen.show(f"{paint(one_line(person.name), BOLD)}  {paint(standing(person), DIM)}")
        if person.request is not None:
            self._screen.show(paint(f"They ask: {one_line(person.request)}", YELLOW))
            self._screen.show(paint("Writing to them accepts them; `p2pdm decline` and `p2pdm block` do not.", DIM))
        await self._api.subscribe()
        messages = await self._api.history(person.id, SHOWN_AT_FIRST)
        for line in message_lines(messages):
            self._screen.show(line)
        self._shown.update(message.id for message in messages)
        self._last_own = next((message for message in reversed(messages) if message.mine), None)
        self._screen.show(paint("Enter sends, Ctrl-D ends.", DIM))
        self._hint()
        await self._mark_read(messages)

    async def _mark_read(self, messages: list[Message]) -> None:
        if any(message.unread for message in messages):
            await self._api.read(self._person.id)

    # Typing.

    async def type(self) -> None:
        """Send what is entered, until its end."""
        try:
            async for line in self._screen.lines(self._tell_typing):
                if line.strip():
                    await self._send(line)
        finally:
            for task in self._tasks:
                task.cancel()

    async def _send(self, line: str) -> None:
        self._typing_told = 0.0
        try:
            await self._api.send(self._person.id, line)
        except ApiError as error:
            if error.kind == "gone":
                raise
            self._screen.show(paint(f"not sent: {one_line(error.message)}", RED))

    def _tell_typing(self, on: bool) -> None:
        now = asyncio.get_running_loop().time()
        due = now - self._typing_told >= TYPING_AGAIN if on else self._typing_told > 0
        if not due:
            return
        self._typing_told = now if on else 0.0
        task = asyncio.ensure_future(self._send_typing(on))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_typing(self, on: bool) -> None:
        with suppress(ApiError):  # a courtesy: whoever is away is not told
            await self._api.typing(self._person.id, on)

    # Receiving.

    async def receive(self) -> None:
        """Show what happens, until the node ends."""
        async for notice in self._client.notices():
            try:
                await self._take(notice)
            except ApiError as error:
                if error.kind == "gone":
                    raise  # else: what it was about is no longer there

    async def _take(self, notice: Notice) -> None:
        here = notice.chat == self._person.chat
        if notice.event == "message":
            message = await self._api.message(notice.id)
            if here:
                await self._said(message)
            else:
                self._elsewhere(message)
        elif notice.event == "state" and here:
            await self._moved(await self._api.message(notice.id))
        elif notice.event in ("person", "typing") and notice.person == self._person.id:
            await self._look()
        elif notice.event == "request":
            person = await self._api.person(notice.person)
            self._screen.show(paint(f"{one_line(person.name)} asks: {shortened(person.request or '', 60)}", YELLOW))
        elif notice.event == "trouble" and notice.text:
            self._screen.show(paint(one_line(notice.text), YELLOW))

    async def _said(self, message: Message) -> None:
        if message.id in self._shown:
            return
        self._shown.add(message.id)
        if message.mine:
            self._last_own = message
        names = max(width(one_line(self._person.name)), len("You"))
        self._screen.show(message_line(message, names=names, show_state=False))
        self._hint()
        await self._mark_read([message])

    def _elsewhere(self, message: Message) -> None:
        if not message.mine:
            self._screen.show(paint(f"(meanwhile {one_line(message.name)}: {shortened(message.text, 60)})", DIM))

    async def _moved(self, message: Message) -> None:
        if message.state == "failed":
            words = f"not delivered: {shortened(message.text, 30)}: {one_line(message.why)}"
            self._screen.show(paint(words, RED))
        if self._last_own is None or message.id == self._last_own.id:
            self._last_own = message
            self._hint()

    async def _look(self) -> None:
        before, self._person = self._person, await self._api.person(self._person.id)
        if before.online != self._person.online:
            there = "is here" if self._person.online else "has left"
            self._screen.show(paint(f"{one_line(self._person.name)} {there}", DIM))
        self._hint()

    def _hint(self) -> None:
        if self._person.typing:
            self._screen.hint(f"{one_line(self._person.name)} is typing…")
        elif self._last_own is not None:
            why = f": {one_line(self._last_own.why)}" if self._last_own.why else ""
            self._screen.hint(STATE_WORDS[self._last_own.state] + why)
        else:
            self._screen.hint("")
