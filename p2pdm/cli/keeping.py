"""Verbs about how long things are kept: drafts, what disappears, retention, deleting."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from p2pdm.cli.output import clean, say, say_json
from p2pdm.cli.talking import given_text

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client


async def draft(client: Client, arguments: Namespace) -> int:
    """`draft`: what is typed in a chat, or what is to be."""
    if arguments.text or arguments.clear:
        await client.api.set_draft(arguments.chat, "" if arguments.clear else given_text(arguments.text))
        return 0
    text = await client.api.draft(arguments.chat)
    if arguments.json:
        say_json({"draft": text})
    elif text:
        say(clean(text))
    return 0


async def unread(client: Client, arguments: Namespace) -> int:
    """`unread`: the badge comes back."""
    await client.api.unread(arguments.chat, arguments.since)
    return 0


async def delete(client: Client, arguments: Namespace) -> int:
    """`delete`: erase a message on this disk."""
    await client.api.delete(arguments.message)
    return 0


async def delete_chat(client: Client, arguments: Namespace) -> int:
    """`delete-chat`: erase a whole chat on this disk."""
    await client.api.delete_chat(arguments.chat)
    return 0


async def expire(client: Client, arguments: Namespace) -> int:
    """`expire`: let what is said from now on disappear, or say whether it does."""
    chat = await client.api.expire(arguments.chat, arguments.seconds)
    if arguments.json:
        say_json(chat)
    elif arguments.seconds is None:
        from p2pdm.node.durations import in_words

        say(f"messages disappear {in_words(chat.expiry)} after reading" if chat.expiry else "messages stay")
    return 0


async def retention(client: Client, arguments: Namespace) -> int:
    """`retention`: keep a chat, or all, for so many days."""
    if arguments.days is not None:
        await client.api.set_retention(arguments.chat, arguments.days)
    days = await client.api.retention(arguments.chat)
    if arguments.json:
        say_json({"days": days})
    elif arguments.days is None:
        say(f"{days} days" if days else "for good" if arguments.chat is None else "as all chats")
    return 0
