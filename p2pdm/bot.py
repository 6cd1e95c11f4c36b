"""Bots: a profile whose messages are answered by functions.

    bot = Bot("Echo")

    @bot.on_message
    async def echo(message: Message) -> str:
        return message.text

    bot.run()

A bot that was away answers what came meanwhile: how far it got stands in `bot.json` in its profile (a
notice cursor and ids, no text). Messages are answered one after another, each once: after a crash
between an answer and the note of it, the chat itself tells whether the answer was given. A handler that
sends by itself (`bot.send`) may do so twice in that case.

In a direct chat a bot is given everything, in a group or a room only what names it (@Echo): nobody wants an
answer of every bot to what is said in the lobby. What a bot says is marked as `automated`, and what is so
marked is not given to its handler: no two bots keep each other talking.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from p2pdm.api.client import Client, connect, make_profile
from p2pdm.api.endpoint import has_profile
from p2pdm.api.methods import NodeApi
from p2pdm.api.trace import where
from p2pdm.api.types import ApiError, Message, Notice, Person, Sent

OnMessage = Callable[[Message], Awaitable[str | None]]
OnRequest = Callable[[Person], Awaitable[bool]]

AGAIN_AFTER = 1.0
"""Seconds until a bot whose node has ended looks for it again."""
LOOK_BACK = 100
"""Messages among which a bot looks for its own last one."""
STATE_FILE = "bot.json"

logger = logging.getLogger(__name__)


class Progress(msgspec.Struct):
    """How far a bot got; what `bot.json` holds."""

    cursor: int
    """The last notice that was dealt with."""
    answering: str = ""
    """The message that is being answered."""
    own_before: str = ""
    """The bot's own last message in that chat before its answer."""


async def accept_all(person: Person) -> bool:
    """The policy of a bot that decides nothing: everyone may talk to it."""
    return True


class Bot:
    """One profile, which is made if there is none and says that it is a bot, and the functions that answer for it."""

    api: NodeApi
    """The node, while the bot runs."""

    def __init__(self, name: str, profile: Path | None = None) -> None:
        self.name = name
        self.profile = profile if profile is not None else _own_profile(name)
        self._message_handler: OnMessage | None = None
        self._request_handler: OnRequest = accept_all
        self._new = False
        self._id = ""

    def on_message(self, handler: OnMessage) -> OnMessage:
        """Decorator: called with every message to the bot; what it returns is the answer, None is silence."""
        self._message_handler = handler
        return handler

    def on_request(self, handler: OnRequest) -> OnRequest:
        """Decorator: called when a stranger asks; True accepts them, False puts the request away."""
        self._request_handler = handler
        return handler

    def run(self) -> None:
        """Answer until Ctrl-C."""
        try:
            asyncio.run(self.serve())
        except KeyboardInterrupt:
            pass

    async def serve(self, ready: Callable[[], None] | None = None) -> None:
        """Answer until cancelled, also after the node was restarted; `ready` is called whenever it listens."""
        if not has_profile(self.profile):
            self.profile.parent.mkdir(parents=True, exist_ok=True)
            await make_profile(self.profile, self.name)
            self._new = True
        while True:
            client = await connect(self.profile)
            try:
                await self._listen(client, ready)
            except ApiError as error:
                if error.kind != "gone":
                    raise
            finally:
                await client.close()
            await asyncio.sleep(AGAIN_AFTER)

    async def _listen(self, client: Client, ready: Callable[[], None] | None) -> None:
        self.api = client.api
        self._id = (await self.api.me()).id
        if (await self.api.profile()).kind == "person":
            await self.api.set_profile(kind="bot")
        progress = await self._resume()
        await self.api.subscribe(progress.cursor)
        if ready is not None:
            ready()
        for person in await self.api.people():
            await self._decide(person)
        async for notice in client.notices():
            await self._take(notice, progress)
            if notice.cursor > progress.cursor:
                progress.cursor = notice.cursor
                if notice.event == "message":  # the others may well be looked at again
                    self._save(progress)

    async def send(self, to: str, text: str, reply_to: str | None = None) -> Sent:
        """Say something by oneself, marked as a program's: no bot answers it."""
        return await self.api.send(to, text, reply_to, automated=True)

    # What happened.

    async def _take(self, notice: Notice, progress: Progress) -> None:
        try:
            if notice.event == "message" and notice.cursor > progress.cursor:
                await self._answer(await self.api.message(notice.id), progress)
            elif notice.event == "request":
                await self._decide(await self.api.person(notice.person))
        except ApiError as error:
            if error.kind == "gone":
                raise
            logger.warning(
                "%s: %s", self.name, error.kind
            )  # forgotten or blocked meanwhile: nobody waits for an answer

    async def _decide(self, person: Person) -> None:
        if person.relation != "request":
            return  # decided already
        if await _guarded(self._request_handler, person):
            await self.api.accept(person.id)
        else:
            await self.api.decline(person.id)

    async def _answer(self, message: Message, progress: Progress) -> None:
        if message.mine or message.automated or message.expiry_set is not None or self._message_handler is None:
            return  # two programs that answer each other would never stop
        if self._id not in message.mentions and not await self._is_between_two(message):
            return  # said to others, in a group or a room
        if await self._answered(message, progress):
            return
        text = await _guarded(self._message_handler, message)
        if text:
            self._save(progress, answering=message.id, own_before=await self._last_own(message.chat))
            await self.send(message.chat, text)

    async def _is_between_two(self, message: Message) -> bool:
        try:
            return (await self.api.person(message.sender)).chat == message.chat
        except ApiError as error:
            if error.kind != "unknown_person":
                raise
            return False  # what is kept in a room may be by somebody who was never here

    async def _answered(self, message: Message, progress: Progress) -> bool:
        """Whether the answer was given just before a crash."""
        return progress.answering == message.id and await self._last_own(message.chat) != progress.own_before

    async def _last_own(self, chat: str) -> str:
        messages = await self.api.history(chat, LOOK_BACK)
        return next((message.id for message in reversed(messages) if message.mine), "")

    # How far it got.

    async def _resume(self) -> Progress:
        try:
            return msgspec.json.decode((self.profile / STATE_FILE).read_bytes(), type=Progress)
        except FileNotFoundError:
            pass
        except msgspec.MsgspecError:
            logger.warning("%s: %s can't be read; it starts from now", self.name, STATE_FILE)
        # A person's profile that becomes a bot's does not answer years of messages.
        progress = Progress(0 if self._new else (await self.api.status()).cursor)
        self._save(progress)
        return progress

    def _save(self, progress: Progress, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(progress, name, value)
        path = self.profile / STATE_FILE
        fresh = path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(progress))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _own_profile(name: str) -> Path:
    """Where a bot called `name` lives unless it is told otherwise."""
    from platformdirs import user_data_path

    folder = re.sub(r"[^\w-]+", "-", name).strip("-").lower() or "bot"
    return user_data_path("p2pdm-bots", appauthor=False) / folder


async def _guarded(handler: Callable[[Any], Awaitable[Any]], argument: Message | Person) -> Any:
    """What the handler returns; None when it fails, which must not end the bot."""
    try:
        return await handler(argument)
    except Exception as error:  # noqa: BLE001 - the author's bug: the next message shall still be answered
        logger.error("a handler failed: %s", where(error))
        return None
