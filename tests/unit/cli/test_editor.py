"""The line that is typed in the terminal chat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.cli.editor import Key, LineEditor
from p2pdm.cli.output import width
from tests.unit.quickest import quickest


def typed(*keys: str) -> LineEditor:
    editor = LineEditor()
    for key in keys:
        editor.feed(key)
    return editor


@pytest.mark.parametrize(
    ("keys", "text", "cursor"),
    [
        ("hello", "hello", 5),
        ("hello\x7f\x7f", "hel", 3),
        ("hello\x1b[D\x1b[DX", "helXlo", 4),
        ("hello\x01X\x05Y", "XhelloY", 7),
        ("hello\x1b[H\x1b[3~", "ello", 0),
        ("one two\x17", "one ", 4),
        ("one two\x15", "", 0),
        ("one two\x1bb\x0b", "one ", 4),
        ("one two\x01\x1bf!", "one! two", 4),
        ("one two\x01\x1b[1;5C!", "one! two", 4),
        ("one two\x1b[1;5D!", "one !two", 5),
        ("e\u0301x\x1b[D\x7f", "x", 0),
        ("abc\x1b[D\x04", "ab", 2),
        ("\x1b[200~a\rb\x1b[201~", "a\nb", 3),
        ("\x1b[200~a\x1b[201~\x1b[99~", "a", 1),
        ("\x7f\x1b[D\x1b[3~\x17", "", 0),
        ("漢\x1b[D字", "字漢", 1),
    ],
)
def test_keys_do_what_they_do_in_a_shell(keys: str, text: str, cursor: int) -> None:
    whole, one_by_one = typed(keys), typed(*keys)
    assert (whole.text, whole.cursor) == (one_by_one.text, one_by_one.cursor) == (text, cursor)


def test_enter_hands_the_line_over() -> None:
    assert LineEditor().feed("one\rtwo\nthree") == ["one", "two"]


def test_ctrl_d_ends_only_an_empty_line() -> None:
    assert LineEditor().feed("\x04") == [Key.END]
    assert LineEditor().feed("a\x04") == []


def test_up_and_down_go_through_what_was_said() -> None:
    editor = typed("one\r", "two\r", "\x1b[A", "\x1b[A")
    assert editor.text == "one"
    editor.feed("\x1b[B")
    assert editor.text == "two"
    editor.feed("\x1b[B\x1b[B")
    assert editor.text == ""


def test_a_long_line_is_seen_around_its_cursor() -> None:
    editor = typed("0123456789" * 3)
    assert editor.view(10) == ("123456789"[-9:], 9)
    editor.feed("\x01")
    assert editor.view(10) == ("012345678", 0)


@given(st.lists(st.text(max_size=4) | st.sampled_from(["\x1b[D", "\x1b[", "\x1b", "\x17", "\r", "\x1b[200~"])))
def test_whatever_is_typed_the_cursor_stays_in_view(keys: list[str]) -> None:
    editor = typed(*keys)
    assert 0 <= editor.cursor <= len(editor.text)
    shown, column = editor.view(12)
    assert column <= width(shown) < 12


def test_a_pasted_book_does_not_slow_the_keys() -> None:
    """Looking at the line costs what fits on it, not what was pasted."""
    book, page = LineEditor(), LineEditor()
    book.feed("\x1b[200~" + "é" * 8_000 + "\x1b[201~")
    page.feed("\x1b[200~" + "é" * 1_000 + "\x1b[201~")
    assert book.view(80) == ("é" * 79, 79)
    long, short = quickest(lambda: book.view(80), lambda: page.view(80), runs=3)
    assert long < 4 * short
