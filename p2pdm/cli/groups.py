"""Verbs about groups and rooms."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from p2pdm.api.types import Chat, Group, Room
from p2pdm.cli.output import BOLD, DIM, GREEN, one_line, say, say_json, table

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client

_STANDINGS = {"invited": "you are invited", "left": "you have left it", "removed": "you were removed from it"}


async def create(client: Client, arguments: Namespace) -> int:
    """`group create`: make a group and call people in."""
    return _chat(arguments, await client.api.create_group(arguments.name, arguments.who))


async def show(client: Client, arguments: Namespace) -> int:
    """`group show`: who belongs to it."""
    return _group(arguments, await client.api.group(arguments.chat))


async def invite(client: Client, arguments: Namespace) -> int:
    """`group invite`: call people in."""
    for who in arguments.who:
        await client.api.invite(arguments.chat, who)
    return await show(client, arguments)


async def join(client: Client, arguments: Namespace) -> int:
    """`group join`: say yes."""
    return _group(arguments, await client.api.join_group(arguments.chat))


async def leave(client: Client, arguments: Namespace) -> int:
    """`group leave`, `room leave`: belong to it no more."""
    await client.api.leave(arguments.chat)
    return 0


async def remove(client: Client, arguments: Namespace) -> int:
    """`group remove`: put somebody out."""
    return _group(arguments, await client.api.remove(arguments.chat, arguments.who))


async def rank(client: Client, arguments: Namespace) -> int:
    """`group promote`, `group demote`: an admin, or no more."""
    on = arguments.does == "promote"
    return _group(arguments, await client.api.promote(arguments.chat, arguments.who, on))


async def rename(client: Client, arguments: Namespace) -> int:
    """`group rename`: another name, topic or picture."""
    picture = "" if arguments.no_picture else arguments.picture
    told = await client.api.describe(arguments.chat, arguments.name, arguments.topic, picture)
    return _group(arguments, told)


async def open_room(client: Client, arguments: Namespace) -> int:
    """`room open`: a new one, or one that is there."""
    return _chat(arguments, await client.api.open_room(arguments.name, arguments.announcement))


async def enter(client: Client, arguments: Namespace) -> int:
    """`room enter`: be in it."""
    return _chat(arguments, await client.api.enter_room(arguments.chat))


async def rooms(client: Client, arguments: Namespace) -> int:
    """`room list`: which there are."""
    found = await client.api.rooms()
    if arguments.json:
        for room in found:
            say_json(room)
        return 0
    for line in table([_room_row(room) for room in found], [BOLD, GREEN, "", DIM]):
        say(line)
    return 0


def _room_row(room: Room) -> list[str]:
    people = "1 person" if room.people == 1 else f"{room.people} people"
    kind = "announcements" if room.announcement else ""
    return [one_line(room.name), "entered" if room.entered else "", people, f"{kind} {room.id[:10]}".strip()]


def _chat(arguments: Namespace, chat: Chat) -> int:
    if arguments.json:
        say_json(chat)
    else:
        say(f"{one_line(chat.name)}  {chat.id}")
    return 0


def _group(arguments: Namespace, group: Group) -> int:
    if arguments.json:
        say_json(group)
        return 0
    say(f"{one_line(group.name)}  {group.id}")
    if group.topic:
        say(one_line(group.topic))
    if group.standing != "member":
        say(_STANDINGS[group.standing])
    names = {one.id: one_line(one.name) for one in group.members}
    names |= {one.id: one_line(one.name) for one in group.former}
    rows = [[one_line(m.name), m.rights, "online" if m.online else "", m.id[:10]] for m in group.members]
    for gone in group.former:
        by = names.get(gone.removed_by, gone.removed_by[:10]) if gone.removed_by else ""
        rows.append([names[gone.id], f"removed by {by}" if by else "has left", "", gone.id[:10]])
    for line in table(rows, [BOLD, "", GREEN, DIM]):
        say(line)
    return 0
