"""Links in what people write: found, and marked up without letting a peer write any markup of its own."""

from __future__ import annotations

import re
from functools import lru_cache

LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
TRAILING = ".,;:!?'\"\u2019\u201d"  # belongs to the sentence, not to the link


def _trim(found: str) -> str:
    """The link without the sentence's punctuation; a closing bracket stays only with its opening one."""
    while found:
        last = found[-1]
        if last in TRAILING or (last == ")" and found.count(")") > found.count("(")):
            found = found[:-1]
        else:
            break
    return found


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the links are."""
    return [(match.start(), match.start() + len(_trim(match.group()))) for match in LINK.finditer(text)]


def links(text: str) -> list[str]:
    """The addresses behind the links of `text`, in order."""
    found = [text[start:end] for start, end in _spans(text)]
    return [link if "://" in link else f"https://{link}" for link in found]


def _escape(text: str) -> str:
    """Plain text for Qt's StyledText: nothing in it is markup, lines and runs of spaces stay."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\r\n", "\n").replace("\n", "<br/>").replace("  ", "&nbsp; ")


@lru_cache(maxsize=4096)
def marked_up(text: str) -> str:
    """`text` as StyledText with its links numbered; empty where it has none, so that it is shown as plain text.

    An address never stands in an attribute: a click reports the link's number, `links` knows the rest.
    """
    out, end = [], 0
    for number, (start, stop) in enumerate(_spans(text)):
        out += [_escape(text[end:start]), f'<a href="{number}">{_escape(text[start:stop])}</a>']
        end = stop
    return "".join([*out, _escape(text[end:])]) if out else ""
