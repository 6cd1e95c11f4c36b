"""One message spoken of in the bubble of another: who said it, and its beginning."""

from __future__ import annotations

import msgspec

from p2pdm.api.types import Message
from p2pdm_gui.markup import plain

LONGEST = 160
"""Letters; two lines of a bubble hold no more."""
TAKEN_BACK = "Message taken back"


class Quote(msgspec.Struct, frozen=True):
    """What a bubble shows of the message that it answers."""

    sender: str
    name: str
    text: str
    gone: bool = False
    """Whether there is nothing to be read of it."""


UNKNOWN = Quote("", "", "A message that was deleted here", gone=True)
LATER = Quote("", "", "\u2026", gone=True)


def speaker(message: Message) -> str:
    """Who said it, as the user would put it."""
    return "You" if message.mine else message.name


def shortened(message: Message) -> str:
    """Its beginning in one line, without marks."""
    if message.unsent:
        return TAKEN_BACK
    line = " ".join(plain(message.text[: 4 * LONGEST]).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "\u2026"


def quote_of(message: Message) -> Quote:
    """The quote of a message that is here."""
    return Quote(message.sender, speaker(message), shortened(message), message.unsent)
