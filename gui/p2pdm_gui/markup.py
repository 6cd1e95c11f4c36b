"""What people type, as the bubble shows it: conservative Markdown, links, and who is named.

    *bold*   _italic_   `code`   ```blocks```   > quotes   https:// http:// mailto: www.

Everything else is literal, and what was typed is what was sent. A mark counts only where it hugs its words and stands
apart from others, so that 2*3*4 and a_file_name stay as they are; links show as typed, and code holds nothing but
code. No markup of a peer survives: all of a text is escaped, no address stands in an attribute, and nothing is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from typing import NamedTuple

LINK = r"\b(?:https?://|mailto:|www\.)[^\s<>\"\ue000\ue001]+"
TRAILING = ".,;:!?'\"\u2019\u201d*_`"  # belongs to the sentence, not to the link
_TOKEN = re.compile(
    rf"\n?```\n?(?P<block>.+?)\n?```\n?|`(?P<code>[^`\n]+)`|(?P<link>{LINK})"
    r"|(?<![\w*])\*(?P<bold>(?=[^\s*])[^*\n]*[^\s*])\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>(?=[^\s_])[^_\n]*[^\s_])_(?![\w_])",
    re.IGNORECASE | re.DOTALL,
)
_QUOTE = re.compile(r"^> ", re.MULTILINE)
_BEGIN, _END = "\ue000", "\ue001"  # around whoever is named, while the rest is read
_BAR = "\u258e "  # what a line of a quote begins with
_BREAK = re.compile(r"<br/>|</?pre>")
_TAG = re.compile(r"<[^>]*>")
MAX_DEPTH = 3


class Marked(NamedTuple):
    """A text for the bubble."""

    markup: str
    """For Qt; empty where there is nothing to mark up, so that it is shown as plain text."""
    rich: bool
    """Whether it needs Qt's rich text: StyledText knows no code."""
    links: tuple[str, ...]
    """The addresses behind its links, which the markup calls by their numbers."""


@lru_cache(maxsize=4096)
def marked(text: str, named: tuple[tuple[int, int], ...] = ()) -> Marked:
    """`text` as a bubble shows it; `named`: where it names people."""
    links: list[str] = []
    if named or _BEGIN in text or _END in text:
        text = _with_names(text, named)
    markup = _inline(text, links, 0)
    plain = markup == _escape(text) and not named
    return Marked("" if plain else markup, "<code>" in markup or "<pre>" in markup, tuple(links))


def links(text: str) -> list[str]:
    """The addresses behind the links of `text`, in order."""
    return list(marked(text).links)


def marked_up(text: str) -> str:
    """`text` as markup; empty where it has none."""
    return marked(text).markup


def plain(text: str) -> str:
    """The words of `text` without the marks, for where there is no room to show what they mean."""
    markup = marked(text).markup
    if not markup:
        return text
    lines = _BREAK.sub("\n", markup.replace(_BAR, ""))
    return unescape(_TAG.sub("", lines)).replace("\u00a0", " ").strip()


def _with_names(text: str, named: Sequence[tuple[int, int]]) -> str:
    out, end = [], 0
    clean = text.replace(_BEGIN, " ").replace(_END, " ")
    for start, length in sorted(named):
        if start >= end:
            out += [clean[end:start], _BEGIN, clean[start : start + length], _END]
            end = start + length
    return "".join([*out, clean[end:]])


def _inline(text: str, links: list[str], depth: int) -> str:
    out, end = [], 0
    for match in _TOKEN.finditer(text):
        if match.start() < end:
            continue
        shown, stop = _token(match, links, depth)
        if shown:
            out += [_words(text[end : match.start()], end == 0 and depth == 0, text, end), shown]
            end = stop
    return "".join([*out, _words(text[end:], end == 0 and depth == 0, text, end)])


def _words(words: str, first: bool, text: str, at: int) -> str:
    """Words between tokens; a line of a quote begins with a bar."""
    begins = first or (at > 0 and text[at - 1] == "\n")
    if not begins and words.startswith("> "):
        return _escape("> ") + _escape(_QUOTE.sub(_BAR, words[2:]))
    return _escape(_QUOTE.sub(_BAR, words))


def _token(match: re.Match[str], links: list[str], depth: int) -> tuple[str, int]:
    """The markup of a token and where it ends; none for what is none."""
    kind, said = match.lastgroup, match[match.lastgroup or 0]
    if kind == "link":
        link = _trim(said)
        if link.lower() in ("www", "http://", "https://", "mailto"):
            return "", 0
        links.append(link if ":" in link.split("/", 1)[0] else f"https://{link}")
        return f'<a href="{len(links) - 1}">{_escape(link)}</a>', match.start() + len(link)
    if kind == "block":
        return f"<pre>{_escape_code(said, lines=True)}</pre>" if said.strip() else "", match.end()
    if kind == "code":
        return f"<code>{_escape_code(said)}</code>", match.end()
    inner = _inline(said, links, depth + 1) if depth < MAX_DEPTH else _escape(said)
    return (f"<b>{inner}</b>" if kind == "bold" else f"<i>{inner}</i>"), match.end()


def _trim(found: str) -> str:
    """The link without the sentence's punctuation; a closing bracket stays only with its opening one."""
    while found:
        last = found[-1]
        if last in TRAILING or (last == ")" and found.count(")") > found.count("(")):
            found = found[:-1]
        else:
            break
    return found


def _escape(text: str) -> str:
    """Plain text for Qt: nothing in it is markup but the names; lines and runs of spaces stay."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    text = text.replace("\r\n", "\n").replace("\n", "<br/>").replace("  ", "&nbsp; ")
    return text.replace(_BEGIN, "<b>").replace(_END, "</b>")


def _escape_code(text: str, *, lines: bool = False) -> str:
    text = text.replace(_BEGIN, "").replace(_END, "")
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text if lines else text.replace(" ", "&nbsp;")
