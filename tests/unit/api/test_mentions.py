"""Where a text names people."""

from __future__ import annotations

import pytest

from p2pdm.api.mentions import mentioned, places

OFFICE = {"ben": ["Ben", "Benjamin"], "ng": ["Ben Ng"], "zoe": ["Zoë Çelik"], "odd": ["C++ (bot)"], "none": [""]}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Ben", ["ben"]),
        ("@ben, @BENJAMIN", ["ben"]),
        ("@Ben Ng has it", ["ng"]),
        ("@Ben @Ben Ng", ["ben", "ng"]),
        ("@zoë çelik!", ["zoe"]),
        ("ask @C++ (bot) now", ["odd"]),
        ("Ben", []),
        ("a@Ben.org", []),
        ("@Bens", []),
        ("@", []),
    ],
)
def test_whom_it_names(text: str, ids: list[str]) -> None:
    assert mentioned(text, OFFICE) == ids


def test_where_it_names_them() -> None:
    assert places("😀 @Ben, @Ben Ng", OFFICE) == [(2, 4, "ben"), (8, 7, "ng")]
