"""What a text is found by, in many scripts, and where what was asked for stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.conversation.words import (
    EXCERPT,
    MAX_ASKED,
    asked_for,
    composed,
    excerpt,
    places,
    relevance,
    words_of,
)


def found(text: str, query: str) -> list[str]:
    """The pieces of `text` that `query` finds."""
    return [composed(text)[start:end] for start, end in places(composed(text), asked_for(query))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Marzipan aus Lübeck", "marzipan aus lubeck"),
        ("ČEŠTINA, Ἑλλάς; Йод", "cestina ελλασ иод"),
        ("Straße STRASSE", "strasse strasse"),
        ("don't foo_bar 3.14", "don t foo bar 3 14"),
        ("e\u0301te\u0301", "ete"),
        ("ﬁsh Ⅳ ①②", "fish iv 12"),
        ("東京都に", "東 京 都 に"),
        ("iPhone手机", "iphone 手 机"),
        ("서울", "서 울"),
        ("hi🎂🎂", "hi 🎂 🎂"),
        ("👩🏽‍💻", "👩 💻"),
        ("5€", "5 €"),
        ("हिन्दी", "हिनदी"),
        ("co\u00adoperate zero\u200dwidth", "cooperate zerowidth"),
        ("a\0b\x1bc", "a b c"),
        ("", ""),
    ],
)
def test_words_of_many_scripts(text: str, words: str) -> None:
    assert words_of(text) == words.split()


@pytest.mark.parametrize(
    ("text", "query", "pieces"),
    [
        ("See you at Lübeck station", "lub STAT", ["Lübeck", "station"]),
        ("good morning", '"good morn"', []),
        ("a good morning, and good night", '"good morning"', ["good morning"]),
        ("a good morning, and good night", '"good', ["good", "good"]),
        ("a good morning", "“good morning”", ["good morning"]),
        ("我住在东京都", "东京", ["东京"]),
        ("我住在东西京", "东京", []),
        ("cake 🎂🎂 time", "🎂", ["🎂🎂"]),
        ("don't", "don't", ["don't"]),
        ("don t", "dont", []),
        ("word", '"', []),
    ],
)
def test_what_is_asked_for_and_where_it_stands(text: str, query: str, pieces: list[str]) -> None:
    assert found(text, query) == pieces


def test_an_excerpt_shows_what_was_found_in_a_long_text() -> None:
    text = "so it goes " * 200 + "the needle is here" + " and on" * 200
    shown, marks = excerpt(text, asked_for("needle"))
    assert [shown[start:end] for start, end in marks] == ["needle"]
    assert len(shown) <= EXCERPT + 2
    assert shown.startswith(("…so it", "…it goes", "…goes so"))
    assert shown.endswith("…")
    assert excerpt("needle first", asked_for("needle")) == ("needle first", [(0, 6)])


def test_whole_words_and_short_texts_are_more_about_what_was_asked() -> None:
    asked = asked_for("plan")
    texts = ["plan", "the plan is the plan", "plans", "planning of " + "many things " * 20]
    scores = [relevance(words_of(text), asked, 6.0) for text in texts]
    assert scores[0] > scores[2] > scores[3] > 0
    assert scores[1] > scores[2]


def test_no_query_asks_for_more_than_can_be_answered() -> None:
    assert len(asked_for(" ".join(f"w{n}" for n in range(10_000)))) == MAX_ASKED


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=[])))
def test_nothing_fails_whatever_is_written_and_asked(text: str, query: str) -> None:
    asked = asked_for(query)
    shown, marks = excerpt(text, asked)
    assert all(0 <= start < end <= len(shown) for start, end in marks)
    assert relevance(words_of(text), asked, 1.0) >= 0


@given(st.text(alphabet=st.characters(exclude_characters='"“”„', exclude_categories=["Cs"]), max_size=20))
def test_every_text_is_found_by_its_own_words(text: str) -> None:
    if words_of(text):
        assert places(composed(f"before {text} after"), asked_for(f'"{text}"'))
