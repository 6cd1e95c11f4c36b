"""A chat as a page of text, with all that a reader is shown of it.

    ----- Thursday 1 January 2026 -----
    00:00  Alice: Tea or coffee?
           {pinned}
           {Bob 🍵}
           (read)
    ----- unread -----
    00:01  {Bob joined}
    00:01  Bob: Tea
           | Alice: Tea or coffee?
           {edited, 00:00: Te}

Own messages end with how far they came and why no further. What is quoted, or reacted by, is named as on the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from p2pdm.api.types import Message

MARGIN = " " * 7
QUOTED = 40
"""Characters of a quoted message."""
GONE = "(taken back)"


def page(title: str, messages: Sequence[Message], names: Mapping[str, str]) -> str:
    """What somebody sees; `names` are those of people by their ids, as this reader calls them."""
    return "\n".join([f"## {title}", "", *(_lines(messages, names) if messages else ["(nothing)"]), ""])


def _lines(messages: Sequence[Message], names: Mapping[str, str]) -> Iterator[str]:
    by_id = {message.id: message for message in messages}
    day, divided = "", False
    for message in messages:
        if day != (day := _day(message.time)):
            yield f"----- {day} -----"
        if message.unread and not divided:
            divided = True
            yield "----- unread -----"
        yield from _lines_of(message, by_id, names)


def _lines_of(message: Message, by_id: Mapping[str, Message], names: Mapping[str, str]) -> Iterator[str]:
    if message.happening is not None:
        yield f"{_clock(message.time)}  {{{message.happening.sentence}}}"
        return
    first, *rest = _words(message).split("\n")
    yield f"{_clock(message.time)}  {message.name}: {first}"
    yield from (MARGIN + line for line in [*rest, *_about(message, by_id, names)])


def _about(message: Message, by_id: Mapping[str, Message], names: Mapping[str, str]) -> Iterator[str]:
    if message.reply_to is not None:
        yield _quote(by_id.get(message.reply_to))
    for version in message.edited:
        words = version.text.replace("\n", " / ")
        yield f"{{edited, {_clock(version.time)}: {words}}}"
    if message.pinned:
        yield "{pinned}"
    if message.reactions:
        yield "{" + ", ".join(f"{names[one.person]} {one.value}" for one in message.reactions) + "}"
    if message.mine:
        yield f"({_with_why(message.state, message.why)})"
        for one in sorted(message.states, key=lambda one: names[one.person]):
            yield f"  {names[one.person]}: {_with_why(one.state, one.why)}"


def _quote(quoted: Message | None) -> str:
    if quoted is None:
        return "| (not here)"
    words = " ".join(_words(quoted).split())
    return f"| {quoted.name}: {words if len(words) <= QUOTED else words[:QUOTED] + '…'}"


def _words(message: Message) -> str:
    return GONE if message.unsent else message.text


def _with_why(state: str, why: str) -> str:
    return f"{state}: {why}" if why else state


def _clock(time: str) -> str:
    return f"{_moment(time):%H:%M}"


def _day(time: str) -> str:
    return f"{_moment(time):%A} {_moment(time).day} {_moment(time):%B %Y}"


def _moment(time: str) -> datetime:
    return datetime.fromisoformat(time).astimezone(UTC)
