"""The line that someone types in the terminal chat: keys in, text and cursor out. Pure."""

from __future__ import annotations

import re
from enum import Enum, auto

from p2pdm.cli.output import clean, width

KEY = re.compile(r"\x1b\[[0-9;?]*[A-Za-z~]|\x1bO[A-Z]|\x1b[^\[O]|[^\x1b]", re.DOTALL)
PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
LONGEST_KEY = 16
"""Characters; a longer beginning of an escape sequence is no key of any terminal."""
REMEMBERED = 200
"""Lines that Up brings back."""


class Key(Enum):
    """What a key asks of the chat rather than of the line."""

    END = auto()
    """Ctrl-D on an empty line."""
    REDRAW = auto()
    """Ctrl-L."""


class LineEditor:
    """One line being typed, with the usual Emacs keys of a shell, and the lines before it."""

    def __init__(self) -> None:
        self.text = ""
        self.cursor = 0
        self._rest = ""
        self._pasting = False
        self._before: list[str] = []
        self._at = 0
        self._actions = {
            "\x01": self._home,
            "\x1b[H": self._home,
            "\x1bOH": self._home,
            "\x1b[1~": self._home,
            "\x05": self._end,
            "\x1b[F": self._end,
            "\x1bOF": self._end,
            "\x1b[4~": self._end,
            "\x02": self._left,
            "\x1b[D": self._left,
            "\x1bOD": self._left,
            "\x06": self._right,
            "\x1b[C": self._right,
            "\x1bOC": self._right,
            "\x1b[1;5D": self._word_left,
            "\x1bb": self._word_left,
            "\x1b[1;5C": self._word_right,
            "\x1bf": self._word_right,
            "\x7f": self._backspace,
            "\x08": self._backspace,
            "\x1b[3~": self._delete,
            "\x15": self._kill_before,
            "\x0b": self._kill_after,
            "\x17": self._kill_word,
            "\x1b\x7f": self._kill_word,
            "\x10": self._earlier,
            "\x1b[A": self._earlier,
            "\x1bOA": self._earlier,
            "\x0e": self._later,
            "\x1b[B": self._later,
            "\x1bOB": self._later,
        }

    def feed(self, typed: str) -> list[str | Key]:
        """Take keys; returns the lines that were entered and what else was asked for, in order."""
        typed, self._rest = self._rest + typed, ""
        asked: list[str | Key] = []
        at = 0
        while at < len(typed):
            found = KEY.match(typed, at)
            if found is None:  # the beginning of a key whose rest is still to come, or none at all
                rest = typed[at:]
                if len(rest) < LONGEST_KEY:
                    self._rest = rest
                    break
                at += 1
                continue
            at = found.end()
            asked += self._press(found[0])
        return asked

    def view(self, columns: int) -> tuple[str, int]:
        """What of the line fits into `columns` around the cursor, and the cursor's column in it."""
        # Far more than fits is cut first, so that a key costs the same in a long line: accents take no room.
        most = 8 * columns
        before = self._shown(self.text[max(self.cursor - most, 0) : self.cursor])
        after = self._shown(self.text[self.cursor : self.cursor + most])
        while width(before) >= columns:
            before = before[1:]
        while width(before) + width(after) > columns - 1:
            after = after[:-1]
        return before + after, width(before)

    @staticmethod
    def _shown(text: str) -> str:
        return clean(text.replace("\n", "⏎"))

    # One key.

    def _press(self, key: str) -> list[str | Key]:
        if key in (PASTE_BEGINS, PASTE_ENDS):
            self._pasting = key == PASTE_BEGINS
        elif key in ("\r", "\n"):
            if not self._pasting:
                return [self._enter()]
            self._insert("\n")
        elif key == "\x04":
            if not self.text:
                return [Key.END]
            self._delete()
        elif key == "\x0c":
            return [Key.REDRAW]
        elif action := self._actions.get(key):
            action()
        elif key == "\t" or key.isprintable() or (not key.startswith("\x1b") and ord(key[0]) > 0x9F):
            self._insert(key)
        return []

    def _enter(self) -> str:
        line = self.text
        if line.strip():
            self._before = [*self._before, line][-REMEMBERED:]
        self._at = len(self._before)
        self._set("")
        return line

    def _set(self, text: str) -> None:
        self.text, self.cursor = text, len(text)

    def _insert(self, text: str) -> None:
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def _cut(self, begin: int, end: int) -> None:
        self.text = self.text[:begin] + self.text[end:]
        self.cursor = begin

    def _home(self) -> None:
        self.cursor = 0

    def _end(self) -> None:
        self.cursor = len(self.text)

    def _left(self) -> None:
        self.cursor = self._left_of(self.cursor)

    def _right(self) -> None:
        self.cursor = self._right_of(self.cursor)

    def _left_of(self, at: int) -> int:
        """The place before the character that ends at `at`, with the accents that sit on it."""
        at = max(at - 1, 0)
        while at > 0 and width(self.text[at]) == 0:
            at -= 1
        return at

    def _right_of(self, at: int) -> int:
        at = min(at + 1, len(self.text))
        while at < len(self.text) and width(self.text[at]) == 0:
            at += 1
        return at

    def _word_left(self) -> None:
        self.cursor = self._word_begin()

    def _word_right(self) -> None:
        found = re.compile(r"\W*\w*").match(self.text, self.cursor)
        self.cursor = found.end() if found else len(self.text)

    def _word_begin(self) -> int:
        found = re.search(r"\S*\s*$", self.text[: self.cursor])
        return found.start() if found else 0

    def _backspace(self) -> None:
        self._cut(self._left_of(self.cursor), self.cursor)

    def _delete(self) -> None:
        self._cut(self.cursor, self._right_of(self.cursor))

    def _kill_before(self) -> None:
        self._cut(0, self.cursor)

    def _kill_after(self) -> None:
        self._cut(self.cursor, len(self.text))

    def _kill_word(self) -> None:
        self._cut(self._word_begin(), self.cursor)

    def _earlier(self) -> None:
        if self._at > 0:
            self._at -= 1
            self._set(self._before[self._at])

    def _later(self) -> None:
        if self._at < len(self._before):
            self._at += 1
            self._set(self._before[self._at] if self._at < len(self._before) else "")
