"""Words: what a text is found by, what a search asks for, and where the one stands in the other.

Folded, words of one meaning look alike: case, accents and forms of letters (ﬁ, Ⅳ, half-width kana) don't count. Where a
script has no spaces between words (Chinese, Japanese, Thai and others, and Korean, which joins them) each character is
a word of its own, and so is each emoji and sign; then what was asked in one piece must stand there in one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

MAX_ASKED = 32
"""Phrases of one search that count."""
MAX_PHRASE = 64
"""Words of one phrase that count."""
EXCERPT = 160
"""Characters of a text that are shown with what was found in it: two or three lines."""
MAX_FOLDED = 16_384
"""Characters whose folding is remembered: more than a person writes with, less than somebody can send."""

_QUOTED = re.compile(r'["“”„]([^"“”„]*)(["“”„]?)|([^\s"“”„]+)')
_SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x31FF),  # Hiragana, Katakana, Bopomofo
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)


class Phrase(NamedTuple):
    """Words that must stand next to each other."""

    words: tuple[str, ...]
    open: bool
    """The last may go on."""


class Place(NamedTuple):
    """A word and where it stands in its text."""

    word: str
    start: int
    end: int


def composed(text: str) -> str:
    """`text` in the form in which places are counted: letters and their accents are one character."""
    return unicodedata.normalize("NFC", text)


def words_of(text: str) -> list[str]:
    """The folded words of a text, in its order."""
    return composed(text).translate(_FOLDED).split()


def asked_for(query: str) -> list[Phrase]:
    """What `query` asks for: each word may go on, "what is quoted" may not. Whatever it holds, this does not fail."""
    phrases = []
    for quoted, end, plain in _QUOTED.findall(query.encode("utf-8", "replace").decode()):
        words = words_of(quoted or plain)[:MAX_PHRASE]
        if words:
            phrases.append(Phrase(tuple(words), open=not end and not _is_alone(words[-1])))
    return list(dict.fromkeys(phrases))[:MAX_ASKED]


def stands_in(words: list[str], phrase: Phrase) -> bool:
    """Whether a phrase stands somewhere in a text of these words."""
    length = len(phrase.words)
    return any(_is(phrase, words[at : at + length]) for at in range(len(words) - length + 1))


def places(text: str, asked: list[Phrase]) -> list[tuple[int, int]]:
    """Where what was asked for stands in a composed text: ranges in their order, none touching another."""
    found: list[tuple[int, int]] = []
    standing = list(_places(text))
    for phrase in asked:
        length = len(phrase.words)
        for at in range(len(standing) - length + 1):
            piece = standing[at : at + length]
            if _is(phrase, [place.word for place in piece]):
                found.append((piece[0].start, piece[-1].end))
    return _merged(sorted(found))


def excerpt(text: str, asked: list[Phrase]) -> tuple[str, list[tuple[int, int]]]:
    """A piece of `text` of about EXCERPT characters around what was asked for first, and where it stands in that."""
    text = composed(text)
    found = places(text, asked)
    first = found[0][0] if found else 0
    start = 0 if first <= EXCERPT // 2 or len(text) <= EXCERPT else _word_start(text, first - EXCERPT // 4)
    end = min(start + EXCERPT, len(text))
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    within = [(max(a, start) + shift, min(b, end) + shift) for a, b in found if a < end and b > start]
    return before + text[start:end] + after, within


def _word_start(text: str, at: int) -> int:
    """The beginning of the next word from `at` on, if it is near."""
    for near in range(at, min(at + EXCERPT // 8, len(text))):
        if text[near - 1].isspace() and not text[near].isspace():
            return near
    return at


def relevance(words: list[str], asked: list[Phrase], usual: float) -> float:
    """How much a text of these words is about what was asked for: BM25, `usual` being the usual number of words.

    Rarity does not count, since every text that is found has all that was asked for. A word that goes on counts half.
    """
    rate, share = 1.2, 0.75
    damped = rate * (1 - share + share * len(words) / max(usual, 1.0))
    score = 0.0
    for phrase in asked:
        times = 0.0
        length = len(phrase.words)
        for at in range(len(words) - length + 1):
            if words[at] == phrase.words[0] or (length == 1 and phrase.open and words[at].startswith(phrase.words[0])):
                piece = words[at : at + length]
                if _is(phrase, piece):
                    times += 1.0 if piece[-1] == phrase.words[-1] else 0.5
        score += times * (rate + 1) / (times + damped) if times else 0.0
    return score


def _is(phrase: Phrase, words: list[str]) -> bool:
    if phrase.open:
        return (*words[:-1],) == phrase.words[:-1] and words[-1].startswith(phrase.words[-1])
    return (*words,) == phrase.words


def _places(text: str) -> Iterator[Place]:
    word, start, end = "", 0, 0
    for at, character in enumerate(text):
        folded = _FOLDED[ord(character)]
        if folded.startswith(" "):
            if word:
                yield Place(word, start, end)
                word = ""
            for alone in folded.split():
                yield Place(alone, at, at + 1)
        elif folded:
            if not word:
                start = at
            word, end = word + folded, at + 1
        elif word:
            end = at + 1
    if word:
        yield Place(word, start, end)


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _is_alone(word: str) -> bool:
    return len(word) == 1 and _FOLDED[ord(word)].startswith(" ")


class _Folding(dict[int, str]):
    """By character: what it adds to a word; nothing; a space, which ends one; or itself between spaces."""

    def __missing__(self, code: int) -> str:
        if len(self) >= MAX_FOLDED:
            self.clear()
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cf", "Sk") and not character.isascii():  # joiners, directions, skin colours
        return ""
    if kind.startswith("M"):
        accent = unicodedata.combining(character) or 0xFE00 <= ord(character) <= 0xFE0F or kind == "Me"
        return "" if accent else character
    if kind.startswith("S") and not character.isascii():
        return f" {character} "
    plain = unicodedata.normalize("NFKC", character)
    if any(low <= ord(plain[0]) <= high for low, high in _SPACELESS):
        return "".join(f" {one} " if one.isalnum() else " " for one in plain)
    if kind[0] not in "LN":
        return " "
    letters = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(one for one in letters if one.isalnum() and not unicodedata.combining(one))


_FOLDED = _Folding()
