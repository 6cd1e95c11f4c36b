"""Where a terminal chat reads and writes: a real terminal with a line being typed, or plain pipes."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys
import termios
import tty
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from p2pdm.cli.editor import Key, LineEditor
from p2pdm.cli.output import DIM, columns, paint, shortened, width

PROMPT = "> "
PASTE_ON, PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"


class Screen(Protocol):
    """What a chat needs of the place where it is shown."""

    def show(self, line: str) -> None:
        """Add a line to what is read."""

    def hint(self, text: str) -> None:
        """Say something that passes by: who types, how far the last message came."""

    def lines(self, typing: Callable[[bool], None]) -> AsyncIterator[str]:
        """What is entered, until its end; `typing` hears at every key whether something stands on the line."""
        ...

    def close(self) -> None:
        """Leave things as they were."""


async def chunks(fd: int) -> AsyncIterator[str]:
    """What comes on a file descriptor, as it comes; any kind of file."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        await _readable(fd)
        data = os.read(fd, 4096)
        if not data:
            return
        yield decoder.decode(data)


async def _readable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(fd, _done, ready)
    except PermissionError:
        return  # a regular file, which can always be read
    try:
        await ready
    finally:
        loop.remove_reader(fd)


def _done(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


class Lines:
    """Whole lines from a file descriptor; what follows them is kept for the next reader."""

    def __init__(self, fd: int) -> None:
        self._chunks = chunks(fd)
        self._held = ""

    async def next(self) -> str | None:
        """The next line, None at the end."""
        while "\n" not in self._held:
            chunk = await anext(self._chunks, None)
            if chunk is None:
                line, self._held = self._held, ""
                return line or None
            self._held += chunk
        line, _, self._held = self._held.partition("\n")
        return line


class PlainScreen:
    """No terminal: lines in, lines out, nothing that passes by."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def show(self, line: str) -> None:
        print(line, flush=True)

    def hint(self, text: str) -> None:
        """Nobody is there to see it."""

    async def lines(self, typing: Callable[[bool], None]) -> AsyncIterator[str]:
        while (line := await self._lines.next()) is not None:
            yield line

    def close(self) -> None:
        """Nothing was changed."""


class TerminalScreen:
    """A terminal: what is said scrolls by above a hint and the line that is being typed."""

    def __init__(self) -> None:
        self._fd = sys.stdin.fileno()
        self._editor = LineEditor()
        self._hint = ""
        self._hint_drawn = False
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd, termios.TCSADRAIN)
        self._write(PASTE_ON)
        self._draw()

    def show(self, line: str) -> None:
        self._erase()
        self._write(line + "\n")
        self._draw()

    def hint(self, text: str) -> None:
        if text != self._hint:
            self._erase()
            self._hint = text
            self._draw()

    async def lines(self, typing: Callable[[bool], None]) -> AsyncIterator[str]:
        async for typed in chunks(self._fd):
            for asked in self._editor.feed(typed):
                if asked is Key.END:
                    return
                if asked is Key.REDRAW:
                    self._write("\x1b[2J\x1b[H")
                elif isinstance(asked, str):
                    yield asked
            typing(bool(self._editor.text))
            self._erase()
            self._draw()

    def close(self) -> None:
        self._erase()
        self._write(PASTE_OFF)
        termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

    def _erase(self) -> None:
        self._write("\r" + ("\x1b[A" if self._hint_drawn else "") + "\x1b[J")
        self._hint_drawn = False

    def _draw(self) -> None:
        room = columns() - 1
        if self._hint:
            self._write(paint(shortened(self._hint, room), DIM) + "\n")
            self._hint_drawn = True
        text, cursor = self._editor.view(room - width(PROMPT))
        self._write(f"{PROMPT}{text}\r\x1b[{width(PROMPT) + cursor}C")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
