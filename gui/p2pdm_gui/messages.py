"""The messages of one chat as rows: grouped by author, with days, the unread divider and states in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from p2pdm.api.types import Message
from p2pdm_gui.links import marked_up
from p2pdm_gui.rows import RowModel
from p2pdm_gui.times import clock, day, moment

GROUPED_WITHIN = timedelta(minutes=5)
STATES = {"waiting": "Waiting", "sent": "Sent", "delivered": "Delivered", "read": "Read", "failed": "Not sent"}


class MessageRow(msgspec.Struct, frozen=True):
    """What a bubble shows."""

    key: str
    sender: str
    name: str
    text: str
    markup: str
    """StyledText when there are links, else empty."""
    clock: str
    date: str
    """The day it was written on."""
    day: str
    """The same where a new day begins, else empty."""
    stage: str
    note: str
    """The state in words where that helps: below a run that waits for one reason, and below the last own one."""
    mine: bool
    first: bool
    """First of its author's group."""
    last: bool
    """Last of its author's group."""
    divider: bool
    """The first unread one."""
    label: str
    """For a screen reader."""


def state_in_words(message: Message) -> str:
    """How far an own message came, and why not further."""
    word, why = STATES[message.state], message.why
    if why.casefold().startswith(word.casefold()):
        return why[:1].upper() + why[1:]
    return f"{word}: {why}" if why else word


def _grouped(a: Message | None, b: Message | None) -> bool:
    """Whether two neighbours are one author's, of one day, within five minutes."""
    if a is None or b is None or a.sender != b.sender:
        return False
    early, late = moment(a.time), moment(b.time)
    return early.date() == late.date() and abs(late - early) <= GROUPED_WITHIN


def _note(message: Message, after: Message | None, is_last_own: bool) -> str:
    if not message.mine:
        return ""
    if is_last_own:
        return state_in_words(message)
    same = after is not None and after.mine and (after.state, after.why) == (message.state, message.why)
    return state_in_words(message) if message.why and not same else ""


def _label(message: Message, when: str) -> str:
    who = "You" if message.mine else message.name
    label = f"{who}, {when}: {message.text}"
    return f"{label} ({state_in_words(message)})" if message.mine else label


def message_rows(messages: Sequence[Message], now: date, divider: str, complete: bool) -> list[MessageRow]:
    """The rows of `messages`; unless `complete`, older ones are not loaded and the first row's day is left open."""
    last_own = next((m.id for m in reversed(messages) if m.mine), "")
    rows: list[MessageRow] = []
    for i, message in enumerate(messages):
        before = messages[i - 1] if i else None
        after = messages[i + 1] if i + 1 < len(messages) else None
        when = moment(message.time)
        new_day = complete if before is None else moment(before.time).date() != when.date()
        divided = message.id == divider
        ends = after is None or after.id == divider or not _grouped(message, after)
        row = MessageRow(
            key=message.id,
            sender=message.sender,
            name=message.name,
            text=message.text,
            markup=marked_up(message.text),
            clock=clock(when),
            date=day(when, now),
            day=day(when, now) if new_day else "",
            stage=message.state,
            note=_note(message, after, message.id == last_own),
            mine=message.mine,
            first=divided or not _grouped(before, message),
            last=ends,
            divider=divided,
            label=_label(message, clock(when)),
        )
        rows.append(row)
    return rows


class MessageModel(RowModel[MessageRow]):
    """The rows of one chat that are loaded, oldest first."""

    fields = MessageRow.__struct_fields__
