"""`p2pdm chat`: a conversation in the terminal, typing and receiving at once. It asks for whatever it lacks."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from p2pdm.api.client import Client, connect
from p2pdm.api.endpoint import has_profile
from p2pdm.api.types import ApiError, Chat, Message, Notice, Person
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


class Partner(NamedTuple):
    """With whom one talks: a person, or a group, a room or oneself."""

    to: str
    """What calls are given."""
    chat: str
    name: str
    about: str
    person: Person | None = None

    @classmethod
    def of(cls, person: Person) -> Partner:
        """One person."""
        return cls(person.id, person.chat, person.name, standing(person), person)

    @classmethod
    def among(cls, chat: Chat) -> Partner:
        """Several, or oneself."""
        about = f"{len(chat.members)} people" if chat.kind == "group" else ""
        return cls(chat.id, chat.id, chat.name, about)


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
        if who is not None:
            await _talk(client, await _called(client, who), lines)
        elif (person := await choose(client, lines)) is not None:
            await _talk(client, Partner.of(person), lines)
    finally:
        await client.close()


async def _called(client: Client, who: str) -> Partner:
    """The person, or else the chat of several, that is called so."""
    try:
        return Partner.of(await client.api.person(who))
    except ApiError as error:
        if error.kind == "oneself":
            who = "self"
        elif error.kind != "unknown_person":
            raise
        several = [chat for chat in await client.api.chats() if chat.kind != "direct"]
        called = [c for c in several if who.casefold() in (c.name.casefold(), c.kind) or who.lower() == c.id]
        if not called and who == "self":
            raise ApiError("no_notes", "You have no notes yet. The first one: p2pdm send self TEXT") from None
        if len(called) != 1:
            raise
        return Partner.among(called[0])


# Talking.


async def _talk(client: Client, partner: Partner, lines: Lines) -> None:
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    screen: Screen = TerminalScreen() if terminal else PlainScreen(lines)
    try:
        conversation = Conversation(client, partner, screen)
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
    """One chat on one screen."""

    def __init__(self, client: Client, partner: Partner, screen: Screen) -> None:
        self._client = client
        self._api = client.api
        self._partner = partner
        self._screen = screen
        self._shown: set[str] = set()
        self._last_own: Message | None = None
        self._typing_told = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Show who it is, and what was said last."""
        partner, person = self._partner, self._partner.person
        self._screen.show(f"{paint(one_line(partner.name), BOLD)}  {paint(partner.about, DIM)}".rstrip())
        if person is not None and person.request is not None:
            self._screen.show(paint(f"They ask: {one_line(person.request)}", YELLOW))
            self._screen.show(paint("Writing to them accepts them; `p2pdm decline` and `p2pdm block` do not.", DIM))
        await self._api.subscribe()
        messages = await self._api.history(partner.to, SHOWN_AT_FIRST, happenings=True)
        for line in message_lines(messages):
            self._screen.show(line)
        self._shown.update(message.id for message in messages)
        self._last_own = next((message for message in reversed(messages) if message.mine), None)
        self._screen.show(paint("Enter sends, Ctrl-D ends.", DIM))
        self._hint()
        await self._mark_read(messages)

    async def _mark_read(self, messages: list[Message]) -> None:
        if any(message.unread for message in messages):
            await self._api.read(self._partner.to)

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
            await self._api.send(self._partner.to, line)
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
            await self._api.typing(self._partner.to, on)

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
        here = notice.chat == self._partner.chat
        if notice.event == "message":
            message = await self._api.message(notice.id)
            if here:
                await self._said(message)
            else:
                self._elsewhere(message)
        elif notice.event == "chat" and here:
            await self._happened()
        elif notice.event == "state" and here:
            await self._moved(await self._api.message(notice.id))
        elif notice.event in ("person", "typing") and self._is(notice.person):
            await self._look(await self._api.person(notice.person))
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
        others = self._partner.name if self._partner.person is not None else "" if message.mine else message.name
        names = max(width(one_line(others)), len("You"))
        self._screen.show(message_line(message, names=names, show_state=False))
        self._hint()
        await self._mark_read([message])

    async def _happened(self) -> None:
        """Show what has happened to the group meanwhile."""
        for message in await self._api.history(self._partner.to, SHOWN_AT_FIRST, happenings=True):
            if message.happening is not None and message.id not in self._shown:
                self._shown.add(message.id)
                self._screen.show(message_line(message))

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

    def _is(self, person: str) -> bool:
        return self._partner.person is not None and self._partner.person.id == person

    async def _look(self, person: Person) -> None:
        before, self._partner = self._partner.person, Partner.of(person)
        if before is not None and before.online != person.online:
            there = "is here" if person.online else "has left"
            self._screen.show(paint(f"{one_line(person.name)} {there}", DIM))
        self._hint()

    def _hint(self) -> None:
        if self._partner.person is not None and self._partner.person.typing:
            self._screen.hint(f"{one_line(self._partner.name)} is typing…")
        elif self._last_own is not None:
            why = f": {one_line(self._last_own.why)}" if self._last_own.why else ""
            self._screen.hint(STATE_WORDS[self._last_own.state] + why)
        else:
            self._screen.hint("")
