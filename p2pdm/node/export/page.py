"""The page that people read: one HTML file with everything in it, no script, nothing fetched from anywhere.

What others wrote can't leave its place: it is escaped, has no control characters, and stands in isolated elements, so
that a sign which turns the direction of writing turns nothing but its own text. All functions are pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from html import escape
from typing import NamedTuple

from p2pdm.api.types import MemberState, Message, Reaction, Version
from p2pdm.node.export.look import PEOPLE, STYLE

SIGNS = {"waiting": "…", "sent": "✓", "delivered": "✓✓", "read": "✓✓", "failed": "✗"}
NAMED = 3
"""People named beside a reaction; more are counted."""
QUOTED = 200
"""Characters of a message that are shown with its answer."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class Names(NamedTuple):
    """How people are called here."""

    of: Callable[[str], str]
    """By id."""
    zone: tzinfo | None = None
    """The reader's; None: that of this machine."""


def head(title: str, members: Sequence[str]) -> str:
    """Everything before the first message."""
    plain = _DIRECTIONS.sub("", _CONTROLS.sub("", title)).replace("\n", " ")
    people = ", ".join(_inline(name) for name in members)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(plain)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{_inline(title)}</h1>\n<p>{people}</p>\n</header>\n<main>\n"
    )


def foot(count: int, written: str, zone: tzinfo | None = None) -> str:
    """Everything after the last message."""
    time = _local(written, zone)
    day, clock = _day(time), _clock(time)
    messages = "1 message" if count == 1 else f"{count:,} messages"
    return (
        f"</main>\n<footer>{messages}, written by p2pdm on {day} at {clock}. "
        "This file is not encrypted: whoever has it can read it.</footer>\n</body>\n</html>\n"
    )


def lines(messages: Sequence[Message], last: Message | None, quoted: dict[str, Message], names: Names) -> str:
    """Messages under each other; `last` is the one that stands before them; `quoted`: what they answer, by id."""
    parts = []
    for message in messages:
        day = _day(_local(message.time, names.zone))
        new_day = last is None or _day(_local(last.time, names.zone)) != day
        if new_day:
            parts.append(f"<h2>{day}</h2>\n")
        if message.happening is not None:
            sentence = _inline(message.happening.sentence)
            parts.append(f'<p class="happening">{_time(message.time, names.zone)} {sentence}</p>\n')
            last = message
            continue
        again = last is not None and not new_day and last.sender == message.sender and last.happening is None
        parts.append(_bubble(message, again, quoted.get(message.reply_to or ""), names))
        last = message
    return "".join(parts)


def _bubble(message: Message, again: bool, quoted: Message | None, names: Names) -> str:
    side, group = "mine" if message.mine else "theirs", " again" if again else ""
    name = f'<span class="name {_colour(message.sender)}">{_inline(message.name)}</span>\n'
    if again or message.mine:
        name = ""
    return (
        f'<article id="m-{escape(message.id)}" class="{side}{group}">\n'
        f'{name}<div class="bubble">\n{_answered(message, quoted)}{_said(message)}{_earlier(message.edited, names)}'
        f"{_reached(message.states, names)}{_about(message, names)}</div>\n"
        f"{_reactions(message.reactions, names)}</article>\n"
    )


def _said(message: Message) -> str:
    if message.unsent:
        return '<p class="text gone">(taken back)</p>\n'
    return f'<p class="text" dir="auto">{_text(message.text)}</p>\n'


def _answered(message: Message, quoted: Message | None) -> str:
    if message.reply_to is None:
        return ""
    if quoted is None:
        return '<blockquote class="gone">(a message that is not here)</blockquote>\n'
    text = quoted.text[:QUOTED] + ("…" if len(quoted.text) > QUOTED else "")
    said = f'<span class="said" dir="auto">{_text(text)}</span>'
    if quoted.unsent:
        said = '<span class="said gone">(taken back)</span>'
    return (
        f'<blockquote><a href="#m-{escape(quoted.id)}"><span class="who">{_inline(quoted.name)}</span>{said}</a>'
        "</blockquote>\n"
    )


def _earlier(versions: Sequence[Version], names: Names) -> str:
    if not versions:
        return ""
    items = "".join(
        f'<li>{_time(version.time, names.zone)} <span class="text" dir="auto">{_text(version.text)}</span></li>'
        for version in versions
    )
    return f"<details><summary>edited: what it said before</summary><ol>{items}</ol></details>\n"


def _about(message: Message, names: Names) -> str:
    facts = [_time(message.time, names.zone)]
    if message.pinned:
        facts.insert(0, "<span>pinned</span>")
    if message.mine:
        why = f": {_inline(message.why)}" if message.why else ""
        kind = ' class="failed"' if message.state == "failed" else ""
        facts.append(f"<span{kind}>{SIGNS.get(message.state, '')} {escape(message.state)}{why}</span>")
    return f'<div class="about">{"".join(facts)}</div>\n'


def _reached(states: Sequence[MemberState], names: Names) -> str:
    """In a group: how far it came with each."""
    if not states:
        return ""
    items = []
    for state in states:
        time = f" {_time(state.time, names.zone)}" if state.time else ""
        why = f": {_inline(state.why)}" if state.why else ""
        items.append(f"<li>{_inline(names.of(state.person))} {escape(state.state)}{time}{why}</li>")
    return f"<details><summary>who has it</summary><ol>{''.join(items)}</ol></details>\n"


def _reactions(reactions: Sequence[Reaction], names: Names) -> str:
    by_value: dict[str, list[str]] = {}
    for reaction in reactions:
        by_value.setdefault(reaction.value, []).append(names.of(reaction.person))
    chips = "".join(f"<li>{_inline(value)} {_who(people)}</li>" for value, people in by_value.items())
    return f'<ul class="marks">{chips}</ul>\n' if chips else ""


def _who(people: list[str]) -> str:
    shown = ", ".join(_inline(name) for name in people[:NAMED])
    return shown + (f" and {len(people) - NAMED} more" if len(people) > NAMED else "")


def _text(text: str) -> str:
    return escape(_CONTROLS.sub("\ufffd", text))


def _inline(text: str) -> str:
    """A name or a sign, which has no say over what stands beside it."""
    return f"<bdi>{_text(text)}</bdi>"


def _colour(id: str) -> str:
    """The same for the same person as in the window."""
    total = 0
    for character in id[:12]:
        total = (total * 31 + ord(character)) % 9973
    return f"p{total % PEOPLE}"


def _local(time: str, zone: tzinfo | None) -> datetime:
    return datetime.fromisoformat(time).astimezone(zone)


def _day(time: datetime) -> str:
    return f"{time:%A}, {time.day} {time:%B} {time.year}"


def _clock(time: datetime) -> str:
    return f"{time:%H:%M}"


def _time(time: str, zone: tzinfo | None) -> str:
    return f'<time datetime="{escape(time)}">{_clock(_local(time, zone))}</time>'
