"""Verbs about one message: answering, editing, taking back, reacting, pinning, forwarding."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from p2pdm.api.types import ApiError, Message
from p2pdm.cli.output import say_json
from p2pdm.cli.talking import given_text, named, sent_so_far

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client


async def reply(client: Client, arguments: Namespace) -> int:
    """`reply`: answer a message, in its chat."""
    message = await client.api.message(arguments.message)
    text = given_text(arguments.text)
    sent = await client.api.send(message.chat, text, message.id, await named(client, message.chat, text))
    return await sent_so_far(client, arguments, sent)


async def edit(client: Client, arguments: Namespace) -> int:
    """`edit`: say it in other words."""
    text = given_text(arguments.text)
    mentions = await named(client, (await client.api.message(arguments.message)).chat, text) if "@" in text else None
    return _tell(arguments, await client.api.edit(arguments.message, text, mentions))


async def unsend(client: Client, arguments: Namespace) -> int:
    """`unsend`: take an own message back."""
    return _tell(arguments, await client.api.unsend(arguments.message))


async def react(client: Client, arguments: Namespace) -> int:
    """`react`: an emoji, or none."""
    return _tell(arguments, await client.api.react(arguments.message, arguments.emoji))


async def pin(client: Client, arguments: Namespace) -> int:
    """`pin`: keep it in sight for everybody in the chat."""
    return _tell(arguments, await client.api.pin(arguments.message, not arguments.off))


async def forward(client: Client, arguments: Namespace) -> int:
    """`forward`: say the same to somebody else; whose words they were is not told."""
    message = await client.api.message(arguments.message)
    if message.unsent:
        raise ApiError("unsent", "This message was taken back; there is nothing to forward.")
    return await sent_so_far(client, arguments, await client.api.send(arguments.who, message.text))


def _tell(arguments: Namespace, message: Message) -> int:
    if arguments.json:
        say_json(message)
    return 0
