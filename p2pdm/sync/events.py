"""What an exchange has to do or to tell."""

from __future__ import annotations

from dataclasses import dataclass, field

from p2pdm.sync.ledger import Head


@dataclass(frozen=True, slots=True)
class TellHave:
    """Say which heads are on this disk."""

    conversation: bytes
    heads: tuple[Head, ...]
    whole: bool
    quick: bool


@dataclass(frozen=True, slots=True)
class PushEntries:
    """Send these entries."""

    conversation: bytes
    entries: tuple[bytes, ...]
    quick: bool


@dataclass(frozen=True, slots=True)
class WantBranch:
    """Ask for the ancestors of `head` above `after`."""

    conversation: bytes
    head: bytes
    after: int


@dataclass(frozen=True, slots=True)
class TellLacking:
    """Say of which entries the body is lacking here; of none, where it was some."""

    conversation: bytes
    entries: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AskWhole:
    """Ask for the whole vector: theirs came before anything was shared here."""

    conversation: bytes


@dataclass(frozen=True, slots=True)
class Reached:
    """The peer's own word: these heads, which are stored here, are durably on its disk."""

    conversation: bytes
    heads: tuple[Head, ...]
    again: bool = field(default=False, compare=False)
    """All of it was said before: what is new is what some of these entries say, which had come there without that."""


@dataclass(frozen=True, slots=True)
class LaneDoubted:
    """Something sent over the quick lane had to be sent again."""


Event = TellHave | TellLacking | PushEntries | WantBranch | AskWhole | Reached | LaneDoubted
