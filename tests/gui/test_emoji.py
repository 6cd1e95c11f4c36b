"""What counts as said in emoji alone."""

from __future__ import annotations

import pytest

from p2pdm_gui.emoji import only_emoji


@pytest.mark.parametrize("text", ["👍", "❤️", "👍🏽 ☕", "👩‍👩‍👧‍👦", "🇩🇪🇫🇷🇮🇹", "😂😂😂"])
def test_a_few_emoji_alone_are_shown_large(text: str) -> None:
    assert only_emoji(text)


@pytest.mark.parametrize("text", ["", " ", "ok 👍", "😂😂😂😂", "12", "©", "→", "\u200d", "\ufe0f", "👍" * 1000])
def test_anything_else_is_a_text(text: str) -> None:
    assert not only_emoji(text)
