"""Verbs about what is said: sending, chats, their history, and what happens now."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

import msgspec

from p2pdm.api.mentions import mentioned
from p2pdm.api.types import ApiError, Chat, Message, Notice, Sent
from p2pdm.cli.output import (
    BOLD,
    CYAN,
    DIM,
    STATE_SIGNS,
    YELLOW,
    as_argument,
    columns,
    complain,
    indented,
    one_line,
    padded,
    paint,
    say,
    say_json,
    shortened,
    table,
    when,
    width,
)
from p2pdm.cli.people import presence

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client

MIN_PREFIX = 4
"""Letters of an id that may stand for it."""
PARTED = {"left": "you left it", "removed": "you were removed from it"}
ARRIVED = ("delivered", "read")


async def send(client: Client, arguments: Namespace) -> int:
    """`send`: done once it is on this disk, with `--wait` once it is delivered."""
    text = given_text(arguments.text)
    mentions = await named(client, arguments.who, text)
    sent = await client.api.send(
        arguments.who, text, mentions=mentions, automated=arguments.automated, bulk=arguments.bulk
    )
    return await sent_so_far(client, arguments, sent)


async def named(client: Client, chat: str, text: str) -> list[str]:
    """The ids of those in a chat whom a text names, as @Name."""
    if "@" not in text:
        return []
    people = {person.id: person for person in await client.api.people()}
    there = [one for one in await client.api.chats() if _is_called(one, chat)]
    if there:
        members = there[0].members or list(people)  # a room is everybody's
    else:
        try:
            members = [(await client.api.person(chat)).id]
        except ApiError:
            return []  # what is wrong with it, or that it is one's own notes, is found when it is sent
    return mentioned(text, {id: [people[id].name, people[id].own_name] for id in members if id in people})


def _is_called(chat: Chat, given: str) -> bool:
    given = given.strip().casefold()
    return given == chat.name.casefold() or (len(given) >= MIN_PREFIX and chat.id.startswith(given))


def given_text(words: list[str]) -> str:
    """The text that was typed, or `-`: what comes on stdin."""
    return _stdin() if words == ["-"] else " ".join(words)


async def sent_so_far(client: Client, arguments: Namespace, sent: Sent) -> int:
    """Print what was sent, after it was delivered where `--wait` asks for that."""
    why = ""
    if arguments.wait is not None:
        message = await client.api.wait(sent.id, arguments.wait)
        sent, why = msgspec.structs.replace(sent, state=message.state), message.why
    if arguments.json:
        say_json(sent)
    if arguments.wait is None or sent.state in ARRIVED:
        return 0
    if sent.state == "failed":
        return complain(f"not delivered: {why}")
    return complain(f"not delivered within {arguments.wait:g} s" + (f": {why}" if why else ""))


def _stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise ApiError("bad_text", "what came on stdin is not UTF-8 text; nothing was sent") from None


async def chats(client: Client, arguments: Namespace) -> int:
    """`chats`: all conversations."""
    everything = await client.api.chats()
    if arguments.json:
        for chat in everything:
            say_json(chat)
        return 0
    asking = [one for one in await client.api.people() if one.request is not None]
    for person in asking:
        asks = f"{one_line(person.name)} asks: {shortened(person.request or '', 60)}"
        say(paint(f"{asks}  (p2pdm accept {person.id[:10]})", YELLOW))
    if not everything and not asking:
        say("No chats yet. `p2pdm people` shows who is there, `p2pdm chat NAME` begins one.")
    for line in table([_chat_row(chat) for chat in everything], [BOLD, YELLOW, DIM]):
        say(line)
    return 0


def _chat_row(chat: Chat) -> list[str]:
    unread = f"{chat.unread} new" if chat.unread else ""
    if chat.standing == "invited":
        return [one_line(chat.name), unread, "", f"invites you: p2pdm group join {chat.id[:10]}"]
    gone = PARTED.get(chat.standing, "")
    if chat.last is None:
        return [one_line(chat.name), unread, "", gone]
    room = max(columns() - width(one_line(chat.name)) - 32, 20)
    said = (f"Draft: {chat.draft}" if chat.draft else "") or said_last(chat.last)
    return [one_line(chat.name), unread, when(chat.last.time), f"({gone}) " * bool(gone) + shortened(said, room)]


def said_last(message: Message) -> str:
    """What a chat's line says of its last message."""
    return ("You: " if message.mine else "") + (message.text or "(taken back)")


async def history(client: Client, arguments: Namespace) -> int:
    """`history`: what was said, oldest first."""
    messages = await client.api.history(
        arguments.chat, arguments.limit, arguments.before, arguments.search, happenings=True
    )
    if arguments.json:
        for message in messages:
            say_json(message)
        return 0
    if not messages and arguments.before is None and arguments.search is None:
        await _say_request(client, arguments.chat)
    for message, line in zip(messages, message_lines(messages), strict=True):
        say((paint(message.id[:8], DIM) + "  " if arguments.ids else "") + line)
    return 0


async def _say_request(client: Client, chat: str) -> None:
    """Of whoever asks and was not answered, there is no history yet: say what they ask."""
    asking = {id: one for one in await client.api.people() if one.request is not None for id in (one.id, one.chat)}
    person = asking.get(chat)
    if person is None:
        try:
            person = asking.get((await client.api.person(chat)).id)
        except ApiError:
            return  # a group or a room
    if person is not None:
        name = one_line(person.name)
        say(f"{name} asks: {one_line(person.request or '')}")
        who = as_argument(person.name)
        say(paint(f"`p2pdm accept {who}` lets them write to you, `p2pdm decline {who}` puts it away.", DIM))


def message_lines(messages: list[Message]) -> list[str]:
    """Messages under each other, times and names aligned."""
    times = max((width(when(message.time)) for message in messages), default=0)
    names = max((width(_speaker(message)) for message in messages if message.happening is None), default=0)
    return [message_line(message, times, names) for message in messages]


def message_line(message: Message, times: int = 5, names: int = 0, show_state: bool = True) -> str:
    """`09:03  Robin  Good morning`, and for an own one how far it came."""
    time, name = padded(when(message.time), times), padded(_speaker(message), names)
    if message.happening is not None:
        return paint(f"{time}  {one_line(message.happening.sentence)}", DIM)
    line = f"{paint(time, DIM)}  {paint(name, CYAN if message.mine else BOLD)}  "
    line += paint("(taken back)", DIM) if message.unsent else indented(message.text, width(time) + width(name) + 4)
    line += paint(_extras(message), DIM)
    if not message.mine or not show_state:
        return line
    why = f" {one_line(message.why)}" if message.why else ""
    return line + paint(f"  {STATE_SIGNS.get(message.state, message.state)}{why}", DIM)


def _extras(message: Message) -> str:
    """What was done with a message: answered to, edited, pinned, reacted to."""
    reactions = " ".join(one_line(reaction.value) for reaction in message.reactions)
    signs = [
        f"↪ {message.reply_to[:8]}" if message.reply_to else "",
        "edited" if message.edited else "",
        "pinned" if message.pinned else "",
        "automated" if message.automated else "",
        "disappears" if message.expiry else "",
        reactions,
    ]
    return "".join(f"  {sign}" for sign in signs if sign)


def _speaker(message: Message) -> str:
    return "You" if message.mine else one_line(message.name)


async def read(client: Client, arguments: Namespace) -> int:
    """`read`: mark a chat as read."""
    await client.api.read(arguments.chat)
    return 0


async def listen(client: Client, arguments: Namespace) -> int:
    """`listen`: notices as they happen, until interrupted or the node ends."""
    await client.api.subscribe(arguments.since)
    comings: dict[str, str] = {}
    async for notice in client.notices():
        if arguments.json:
            say_json(notice)
            continue
        line = await _told(client, notice)
        if notice.event == "person":  # also told for a new name or address: only comings and goings are news here
            line, comings[notice.person] = ("" if comings.get(notice.person) == line else line), line
        if line:
            print(line, flush=True)
    return 0


async def _told(client: Client, notice: Notice) -> str:
    """A notice in words, or nothing when what it is about is gone meanwhile."""
    try:
        return await _words(client, notice)
    except ApiError as error:
        if error.kind == "gone":
            raise
        return ""


async def _words(client: Client, notice: Notice) -> str:
    if notice.event == "message":
        return message_line(await client.api.message(notice.id))
    if notice.event == "change":
        return message_line(await client.api.message(notice.id))
    if notice.event == "state":
        message = await client.api.message(notice.id)
        why = f", {one_line(message.why)}" if message.why else ""
        return paint(f"       “{shortened(message.text, 30)}”: {one_line(notice.state)}{why}", DIM)
    if notice.event == "trouble":
        return paint(one_line(notice.text), YELLOW)
    if notice.event not in ("request", "person", "typing"):
        return ""
    person = await client.api.person(notice.person)
    name = one_line(person.name)
    if notice.event == "request":
        if person.request is None:
            return paint(f"       {name} asked to write to you", DIM)
        return paint(f"{name} asks: {one_line(person.request)}  (p2pdm accept {person.id[:10]})", YELLOW)
    if notice.event == "typing":
        return paint(f"       {name} is typing", DIM) if notice.on else ""
    return paint(f"       {name} is {presence(person)}", DIM)
