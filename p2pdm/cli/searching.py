"""`search`: finding what was said."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from p2pdm.api.types import Hit
from p2pdm.cli.output import BOLD, CYAN, DIM, FOUND, one_line, paint, say, say_json, when

if TYPE_CHECKING:
    from p2pdm.api.client import Client

DAY = "2026-03-31"


async def search(client: Client, arguments: Namespace) -> int:
    """`search`: what was found, each with the chat that it is in."""
    order: Literal["best", "newest"] = "best" if arguments.best else "newest"
    hits = await client.api.search(
        " ".join(map(_phrase, arguments.words)),
        arguments.chat,
        arguments.person,
        arguments.since,
        arguments.until,
        order,
        arguments.limit,
        arguments.before,
    )
    if arguments.json:
        for hit in hits:
            say_json(hit)
        return 0
    chats = {chat.id: chat.name for chat in await client.api.chats()}
    for hit in hits:
        for line in _lines(hit, chats.get(hit.chat, "")):
            say(line)
    return 0


def without_aim(arguments: Namespace) -> str | None:
    """That nothing is asked for, as a sentence; None if something is."""
    if any(word.strip() for word in arguments.words):
        return None
    if any((arguments.chat, arguments.person, arguments.since, arguments.until)):
        return None
    return "say which words to find, or of which --chat, --person or time (--since, --until) to show all"


def _phrase(given: str) -> str:
    """What the shell was given in quotes is a phrase."""
    return f'"{given}"' if len(given.split()) > 1 and '"' not in given else given


def _lines(hit: Hit, chat: str) -> list[str]:
    """`09:03  Robin in Robin  2x7k3aqp`, and below it the words."""
    message = hit.message
    speaker = "You" if message.mine else one_line(message.name)
    where = f" in {one_line(chat)}" if chat and (message.mine or chat != message.name) else ""
    head = f"{paint(when(message.time), DIM)}  {paint(speaker, CYAN if message.mine else BOLD)}{where}"
    return [f"{head}  {paint(message.id[:8], DIM)}", "    " + _marked(hit)]


def _marked(hit: Hit) -> str:
    """The snippet on one line, what was found painted."""
    shown, at = "", 0
    for start, end in hit.matched:
        shown += one_line(hit.snippet[at:start]) + paint(one_line(hit.snippet[start:end]), FOUND)
        at = end
    return (shown + one_line(hit.snippet[at:])).strip()


# Types of arguments: dates and times as they are here.


def begin(given: str) -> str:
    """The beginning of a day here, or a time."""
    return _moment(given, timedelta(0))


def end(given: str) -> str:
    """The end of a day here, or a time."""
    return _moment(given, timedelta(days=1))


def _moment(given: str, within_day: timedelta) -> str:
    try:
        time = datetime.fromisoformat(given)
        with suppress(ValueError):
            time = datetime.fromisoformat(date.fromisoformat(given).isoformat()) + within_day
        return time.astimezone(UTC).isoformat().replace("+00:00", "Z")  # placed here only now: a day may have 23 hours
    except (ValueError, OverflowError, OSError):
        raise ArgumentTypeError(f"{given!r} is no date: write it like {DAY} or {DAY}T17:30") from None
