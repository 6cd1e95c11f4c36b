"""What a reader sees: the fold of stored entries into lines, the same on every machine that holds the same set.

A text is a line. What names it as its target changes that line, whatever order things arrived in:

    Edit      of the same author: the latest, by (lamport, time, id), gives the words; the earlier ones stay visible
    Unsend    of the same author: nothing is left but that something was here
    Mark      "reaction": the latest of each person; "pin": the latest of anybody. An empty value takes it back

An edit or unsend of somebody else, or of what is no text, changes nothing. A setting of the conversation is a line,
too: everybody sees who set it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from p2pdm.conversation.encoding import decode_body
from p2pdm.conversation.entries import (
    EXPIRY,
    MAX_EXPIRY,
    PIN,
    REACTION,
    Body,
    Edit,
    Entry,
    EntryError,
    Kind,
    Mark,
    Mention,
    Setting,
    Text,
    Unknown,
    Unsend,
)
from p2pdm.identity import PeerId


@dataclass(frozen=True, slots=True)
class Authored:
    """An entry and whose it is."""

    entry: Entry
    author: PeerId

    @property
    def order(self) -> tuple[int, int, bytes]:
        """Where it stands: by (lamport, time, id), so that no clock can push a message before what it answers."""
        return self.entry.header.lamport, self.entry.header.time, self.entry.id


@dataclass(frozen=True, slots=True)
class Version:
    """Words that a message had before an edit."""

    time: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message as shown."""

    id: bytes
    device: bytes
    lamport: int
    time: int
    text: str
    """Empty when unsent."""
    reply_to: bytes | None = None
    earlier: tuple[Version, ...] = ()
    """What an edit has replaced, oldest first."""
    reactions: tuple[tuple[PeerId, str], ...] = ()
    """(person, emoji), in the order in which they came."""
    pinned: bool = False
    unsent: bool = False
    mentions: tuple[Mention, ...] = ()
    setting: Setting | None = None
    """What was set, when this is no text."""

    @property
    def order(self) -> tuple[int, int, bytes]:
        """Where it is shown."""
        return self.lamport, self.time, self.id


def body_of(entry: Entry) -> Body | None:
    """What an entry says; None when its body is purged, or can't be read: it is kept for the chain only."""
    if entry.body is None:
        return None
    try:
        return decode_body(entry.header.kind, entry.body)
    except EntryError:
        return None


def line_of(entry: Entry) -> Line | None:
    """The line that an entry adds by itself, or None for what is no message."""
    header = entry.header
    match body_of(entry):
        case Text(text, reply_to, mentions) if text:
            return Line(entry.id, header.device, header.lamport, header.time, text, reply_to, mentions=mentions)
        case Setting(_, _, sentence) as setting if sentence or expiry_set(setting) is not None:
            return Line(entry.id, header.device, header.lamport, header.time, sentence, setting=setting)
        case Unknown(text) if text:
            return Line(entry.id, header.device, header.lamport, header.time, text)
        case _:
            return None


def is_line(body: Body | None) -> bool:
    """Whether an entry that says this adds a line by itself, as `line_of` would make it."""
    match body:
        case Text(text) | Unknown(text):
            return bool(text)
        case Setting(_, _, sentence):
            return bool(sentence) or expiry_set(body) is not None
        case _:
            return False


def expiry_set(body: Body | None) -> int | None:
    """The seconds after which messages disappear by this setting, 0: they stay; None for what sets nothing of that."""
    if not isinstance(body, Setting) or body.name != EXPIRY or not (body.value.isascii() and body.value.isdecimal()):
        return None
    return min(int(body.value), MAX_EXPIRY)


def fold(message: Authored, about: Iterable[Authored]) -> Line | None:
    """The line of a message with everything that was said about it, or None for what is no message."""
    related = [(one, body_of(one.entry)) for one in sorted(about, key=lambda one: one.order)]
    own = [(one, body) for one, body in related if one.author == message.author]
    header = message.entry.header
    if header.kind == Kind.TEXT and any(one.entry.header.kind == Kind.UNSEND for one, _ in own):
        return Line(message.entry.id, header.device, header.lamport, header.time, "", unsent=True)
    line = line_of(message.entry)
    if line is None:
        return None
    versions, mentions = [Version(line.time, line.text)], line.mentions
    for one, body in own:
        if header.kind == Kind.TEXT and isinstance(body, Edit):
            versions.append(Version(one.entry.header.time, body.text))
            mentions = body.mentions
    marks = [(one, body) for one, body in related if isinstance(body, Mark)]
    return Line(
        line.id,
        line.device,
        line.lamport,
        line.time,
        versions[-1].text,
        line.reply_to,
        tuple(versions[:-1]),
        _reactions(marks),
        _pinned(marks),
        mentions=mentions,
        setting=line.setting,
    )


def target_of(body: Body | None) -> bytes | None:
    """Which entry a body is about; None for one that stands for itself."""
    return body.target if isinstance(body, Edit | Unsend | Mark) else None


def _reactions(marks: list[tuple[Authored, Mark]]) -> tuple[tuple[PeerId, str], ...]:
    latest: dict[PeerId, str] = {}
    for one, mark in marks:
        if mark.name == REACTION:
            latest.pop(one.author, None)
            latest[one.author] = mark.value
    return tuple((author, value) for author, value in latest.items() if value)


def _pinned(marks: list[tuple[Authored, Mark]]) -> bool:
    pins = [mark.value for _, mark in marks if mark.name == PIN]
    return bool(pins and pins[-1])
