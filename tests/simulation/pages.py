"""Pages: what somebody with the key can find on a disk."""

from __future__ import annotations

import re

B_TREE = {2: 12, 5: 12, 10: 8, 13: 8}
"""By a page's first byte, how long its header is (sqlite.org/fileformat2.html, section 1.6; a page's size: 1.3)."""
TEXT = re.compile(r"words\d+q")
"""What every text that somebody says begins with: no two are the same."""


def words_on(pages: bytes, words: set[str]) -> set[str]:
    """Which of these texts' first words are on these pages."""
    if not words:
        return set()
    found = {word.decode() for word in re.findall(TEXT.pattern.encode(), _without_gaps(pages))}
    return words & found


def _without_gaps(pages: bytes) -> bytes:
    """All pages but what lies between a page's pointers and its cells: secure_delete erases what is deleted, not the
    copies that SQLite leaves there when it moves cells to other pages."""
    content = bytearray(pages)
    size = int.from_bytes(content[16:18], "big")
    for start in range(0, len(content), size):
        header = start + (100 if start == 0 else 0)
        if content[header] in B_TREE:
            pointers = header + B_TREE[content[header]] + 2 * int.from_bytes(content[header + 3 : header + 5], "big")
            cells = start + (int.from_bytes(content[header + 5 : header + 7], "big") or 65_536)
            content[pointers:cells] = bytes(max(cells - pointers, 0))
    return bytes(content)
