"""Whether somebody said something in emoji alone."""

from __future__ import annotations

JOINER = "\u200d"
VARIATION = "\ufe0f"
SKINS = range(0x1F3FB, 0x1F400)
FLAGS = range(0x1F1E6, 0x1F200)
PICTURES = (range(0x2600, 0x27C0), range(0x2B00, 0x2C00), range(0x1F000, 0x1FB00))
MOST = 3
"""So many are shown large; more are a text."""
LONGEST = 40
"""Letters: a family with skins has a dozen."""


def only_emoji(text: str) -> bool:
    """Whether `text` is one to three emoji and nothing else."""
    text = "".join(text.split())
    if not text or len(text) > LONGEST:
        return False
    halves, joined = 0, False
    for letter in text:
        code = ord(letter)
        if letter == JOINER:
            joined = True
            continue
        if letter != VARIATION and code not in SKINS:
            if not any(code in pictures for pictures in PICTURES):
                return False
            halves += 0 if joined else 1 if code in FLAGS else 2
        joined = False
    return 0 < halves <= 2 * MOST
