"""The messages of one chat as rows: grouped by author, with days, the unread divider and states in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypedDict

import msgspec

from p2pdm.api.types import Message
from p2pdm_gui.emoji import only_emoji
from p2pdm_gui.markup import marked, plain
from p2pdm_gui.quotes import LATER, UNKNOWN, Quote, quote_of
from p2pdm_gui.reach import reach_in_words
from p2pdm_gui.reactions import Chip, chips
from p2pdm_gui.rows import RowModel
from p2pdm_gui.times import clock, day, moment

GROUPED_WITHIN = timedelta(minutes=5)
STATES = {"waiting": "Waiting", "sent": "Sent", "delivered": "Delivered", "read": "Read", "failed": "Not sent"}


@dataclass(frozen=True)
class Around:
    """What rows show of things outside the messages that are loaded."""

    me: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    """People's names by id."""
    quoted: Mapping[str, Message | None] = field(default_factory=dict)
    """Messages that are answered and not loaded; None: not on this machine."""

    def name_of(self, person: str) -> str:
        """Somebody's name."""
        return self.names.get(person, "somebody")


class Earlier(TypedDict):
    """Words that a message had before it was edited."""

    when: str
    text: str


class MessageRow(msgspec.Struct, frozen=True):
    """What a bubble shows."""

    key: str
    sender: str
    name: str
    text: str
    """What it says, or that it was taken back."""
    markup: str
    """What it says for Qt, where there is anything to mark up, else empty."""
    rich: bool
    """Whether `markup` is rich text, for it holds code; else StyledText."""
    large: bool
    """Whether it is a few emoji and nothing else."""
    named: bool
    """Whether it names the user."""
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
    answers: str
    """The id of the message that it answers, else empty."""
    quote_sender: str
    quote_name: str
    quote_text: str
    quote_gone: bool
    """Whether the answered message was taken back or is not here."""
    versions: list[Earlier]
    """What it said before it was edited, oldest first."""
    reactions: list[Chip]
    reaction: str
    """The user's own, else empty."""
    pinned: bool
    unsent: bool
    """Whether it is no words, but a note: that there were some, that something was set, or what happened to a group."""
    happening: bool
    """Whether nobody said it: it tells what happened to the group."""
    detailed: bool
    """Whether there is more to say of how far it came: with each member of a group."""


def state_in_words(message: Message) -> str:
    """How far an own message came, and why not further."""
    word, why = reach_in_words(message.states) or STATES[message.state], message.why
    if why.casefold().startswith(word.casefold()):
        return why[:1].upper() + why[1:]
    return f"{word}: {why}" if why else word


def _grouped(a: Message | None, b: Message | None) -> bool:
    """Whether two neighbours are one author's, of one day, within five minutes."""
    if a is None or b is None or a.sender != b.sender or bool(a.happening) != bool(b.happening):
        return False
    early, late = moment(a.time), moment(b.time)
    return early.date() == late.date() and abs(late - early) <= GROUPED_WITHIN


def _note(message: Message, after: Message | None, is_last_own: bool) -> str:
    if not message.mine or message.unsent:
        return ""
    if is_last_own:
        return state_in_words(message)
    same = after is not None and after.mine and (after.state, after.why) == (message.state, message.why)
    return state_in_words(message) if message.why and not same else ""


def _is_quiet(message: Message) -> bool:
    """Whether it is no words: something that was taken back, was set, or happened to the group."""
    return message.unsent or message.expiry_set is not None or message.happening is not None


def _text(message: Message) -> str:
    if message.happening is not None:
        return message.happening.sentence
    who = "You" if message.mine else message.name
    if message.unsent:
        return f"{who} took this message back"
    return message.text if message.expiry_set is None else f"{who} {message.text}"


def _label(message: Message, when: str, quote: Quote | None, reactions: Sequence[Chip]) -> str:
    if _is_quiet(message):
        return f"{when}: {_text(message)}"
    signs = [f"in answer to {quote.name}: {quote.text}" if quote.name else "an answer"] if quote else []
    signs += [sign for sign, on in (("edited", message.edited), ("pinned", message.pinned)) if on]
    signs += [f"{chip['value']} by {chip['names']}" for chip in reactions]
    signs += [state_in_words(message)] if message.mine else []
    label = f"{'You' if message.mine else message.name}, {when}: {plain(message.text)}"
    return f"{label} ({'; '.join(signs)})" if signs else label


def _earlier(message: Message, now: date) -> list[Earlier]:
    times = [moment(version.time) for version in message.edited]
    return [
        Earlier(when=f"{day(when, now)}, {clock(when)}", text=version.text)
        for when, version in zip(times, message.edited, strict=True)
    ]


def _quote(message: Message, loaded: Mapping[str, Message], quoted: Mapping[str, Message | None]) -> Quote | None:
    id = message.reply_to
    if not id or message.unsent:
        return None
    found = loaded.get(id) or quoted.get(id)
    if found is not None:
        return quote_of(found)
    return UNKNOWN if id in quoted else LATER


def _row(message: Message, now: date, quote: Quote | None, around: Around) -> MessageRow:
    """What a message shows by itself, whatever its neighbours are."""
    when = moment(message.time)
    reactions = [] if message.unsent else chips(message.reactions, around.me, around.name_of)
    quiet = _is_quiet(message)
    shown = marked("" if quiet else message.text, tuple(message.mention_places))
    return MessageRow(
        key=message.id,
        sender=message.sender,
        name=message.name,
        text=_text(message),
        markup=shown.markup,
        rich=shown.rich,
        large=not quiet and only_emoji(message.text),
        named=around.me in message.mentions and not message.mine,
        clock=clock(when),
        date=day(when, now),
        day="",
        stage=message.state,
        note="",
        mine=message.mine,
        first=False,
        last=False,
        divider=False,
        label=_label(message, clock(when), quote, reactions),
        answers=(message.reply_to or "") if quote else "",
        quote_sender=quote.sender if quote else "",
        quote_name=quote.name if quote else "",
        quote_text=quote.text if quote else "",
        quote_gone=quote.gone if quote else False,
        versions=_earlier(message, now),
        reactions=reactions,
        reaction=next((chip["value"] for chip in reactions if chip["own"]), ""),
        pinned=message.pinned and not message.unsent,
        unsent=quiet,
        happening=message.happening is not None,
        detailed=bool(message.states) and not quiet,
    )


def message_rows(
    messages: Sequence[Message], now: date, divider: str, complete: bool, around: Around | None = None
) -> list[MessageRow]:
    """The rows of `messages`; unless `complete`, older ones are not loaded and the first row's day is left open."""
    around = around or Around()
    loaded = {message.id: message for message in messages}
    last_own = next((m.id for m in reversed(messages) if m.mine), "")
    rows: list[MessageRow] = []
    for i, message in enumerate(messages):
        before = messages[i - 1] if i else None
        after = messages[i + 1] if i + 1 < len(messages) else None
        row = _row(message, now, _quote(message, loaded, around.quoted), around)
        new_day = complete if before is None else moment(before.time).date() != moment(message.time).date()
        divided = message.id == divider
        placed = msgspec.structs.replace(
            row,
            day=row.date if new_day else "",
            note=_note(message, after, message.id == last_own),
            first=divided or not _grouped(before, message),
            last=after is None or after.id == divider or not _grouped(message, after),
            divider=divided,
        )
        rows.append(placed)
    return rows


class MessageModel(RowModel[MessageRow]):
    """The rows of one chat that are loaded, oldest first."""

    fields = MessageRow.__struct_fields__
