"""How things look: columns, times, colours, JSON lines. Other people's words never command the terminal."""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from itertools import accumulate, takewhile

import msgspec

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What moves a cursor, colours, rings, breaks lines or turns text around; tab and newline are treated apart."""
REFUSALS = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""What the system says when stdout takes no more."""
STATE_SIGNS = {"waiting": "…", "sent": "✓", "delivered": "✓✓", "read": "✓✓ read", "failed": "✗"}

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
FOUND = "1;33"
"""What a search has found: bold and yellow."""


def prepare(*, json: bool = False) -> None:
    """Make stdout take every character: JSON is UTF-8, a poor terminal shows a question mark, a closed one nothing."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 -- until the process ends
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace", encoding="utf-8" if json else sys.stdout.encoding)
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")


def refused(error: OSError) -> int:
    """Stdout took no more: a sentence says why, but for who has read enough (`p2pdm history Ben | head`)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is held back yet fails no more
    return 0 if isinstance(error, BrokenPipeError) else complain(f"stdout can't be written: {error.strerror}")


def complain(sentence: str) -> int:
    """One sentence on stderr; returns exit code 1."""
    print(f"p2pdm: {one_line(sentence)}", file=sys.stderr)
    return 1


def say(line: str = "") -> None:
    """One result line."""
    print(line)


def say_json(value: object) -> None:
    """One JSON object on one line, at once; harmless on a terminal too."""
    print(escaped(msgspec.json.encode(value).decode()), flush=True)


def escaped(json: str) -> str:
    """The same JSON, harmless on a terminal."""
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


# Words of others.


def clean(text: str) -> str:
    """`text` with everything that would command a terminal replaced; newlines stay."""
    return CONTROLS.sub("\ufffd", text).replace("\t", "    ")


def one_line(text: str) -> str:
    """`clean`, on one line."""
    return clean(text).replace("\n", " ")


def shortened(text: str, room: int) -> str:
    """`one_line`, at most `room` columns wide."""
    line = one_line(text)
    if width(line) <= room:
        return line
    ends = accumulate(_width(character) for character in line)
    return line[: sum(1 for _ in takewhile(lambda end: end < room, ends))].rstrip() + "…"


def as_argument(text: str) -> str:
    """`one_line`, as a shell takes it for one word: what is shown as a command is copied, whoever chose the words."""
    return shlex.quote(one_line(text))


def indented(text: str, columns: int) -> str:
    """`clean`, every line but the first indented."""
    return clean(text).replace("\n", "\n" + " " * columns)


# Layout.


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """`text` filled up to `columns`."""
    return text + " " * max(columns - width(text), 0)


def table(rows: Sequence[Sequence[str]], colours: Sequence[str] = ()) -> Iterable[str]:
    """Aligned lines; `colours` paint whole columns; the last column is as wide as it is."""
    if not rows:
        return
    widths = [max(width(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [padded(cell, columns) for cell, columns in zip(row, widths, strict=True)]
        cells[-1] = row[-1]
        painted = [paint(cell, colour) for cell, colour in zip(cells, colours, strict=False)]
        yield "  ".join(painted + cells[len(painted) :]).rstrip()


def columns() -> int:
    """The terminal's width."""
    return shutil.get_terminal_size((100, 24)).columns


def colourful() -> bool:
    """Whether stdout is a terminal that wants colours (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str) -> str:
    """`text` in a colour, where colours are wanted."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text and colourful() else text


# Times.


def when(time: str, now: datetime | None = None) -> str:
    """An ISO time as people say it here: `09:03`, `Mon 09:03`, `2 Mar 2026 09:03`."""
    try:
        there = datetime.fromisoformat(time).astimezone()
    except (ValueError, OverflowError, OSError):
        return one_line(time)
    days = ((now or datetime.now(UTC)).astimezone().date() - there.date()).days
    clock = there.strftime("%H:%M")
    if days == 0:
        return clock
    if 0 < days < 7:
        return there.strftime("%a ") + clock
    return f"{there.day} {there.strftime('%b %Y')} {clock}"
