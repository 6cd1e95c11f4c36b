"""Groups of people in virtual time, and what each of them sees."""

from __future__ import annotations

from functools import partial

from p2pdm.api.types import Message
from tests.fakes.world import Someone, World


async def group_of(world: World, maker: Someone, *others: Someone, name: str = "Lunch") -> str:
    """A group that everybody has joined; its id."""
    chat = (await maker.node.create_group(name, [other.id for other in others])).id
    for other in others:
        await joins(world, other, chat)
    everybody = (maker, *others)
    await world.until(lambda: all(len(members(one, chat)) == len(everybody) for one in everybody))
    return chat


async def joins(world: World, one: Someone, chat: str) -> None:
    """Somebody says yes as soon as they are asked."""
    await world.until(partial(is_invited, one, chat))
    await one.node.join_group(chat)
    await world.until(lambda: standing(one, chat) == "member")


def is_invited(one: Someone, chat: str) -> bool:
    """Whether somebody's node shows the invitation."""
    return standing(one, chat) == "invited"


def standing(one: Someone, chat: str) -> str:
    """Where somebody stands, as their own node shows it."""
    shown = {chat.id: chat.standing for chat in one.node.view.chats()}
    return shown.get(chat, "not there")


def members(one: Someone, chat: str) -> list[str]:
    """Who belongs, as somebody sees it."""
    (shown,) = (c.members for c in one.node.view.chats() if c.id == chat)
    return shown


def texts(one: Someone, chat: str) -> list[str]:
    """What somebody reads."""
    return [message.text for message in messages(one, chat)]


def messages(one: Someone, chat: str) -> list[Message]:
    """All that somebody reads."""
    return one.node.view.history(chat, 1_000, None)
