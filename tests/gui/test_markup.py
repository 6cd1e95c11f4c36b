"""What people type is shown with links and a little markdown, and no markup of a peer survives."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm_gui.markup import links, marked, marked_up, plain


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.org/b?c=d&e=f.", ["https://a.org/b?c=d&e=f"]),
        ("(www.a.org) and HTTP://B.ORG!", ["https://www.a.org", "HTTP://B.ORG"]),
        ("https://en.org/x_(y)", ["https://en.org/x_(y)"]),
        ("nothing here: javascript:alert(1) file:///etc/passwd", []),
        ("*https://a.org/x_y_z*, mailto:a@b.org!", ["https://a.org/x_y_z", "mailto:a@b.org"]),
        ("`https://a.org` is code", []),
        ("http:// www. mailto:", []),
    ],
)
def test_links_are_found_without_the_sentence_around_them(text: str, found: list[str]) -> None:
    assert links(text) == found


@given(st.text(alphabet="<>&\"'/ab= \n", max_size=40))
def test_no_markup_of_a_peer_survives(text: str) -> None:
    written = marked_up(f"https://a.org {text}")
    assert written.startswith('<a href="0">')
    rest = written.replace('<a href="0">', "", 1).replace("</a>", "", 1).replace("<br/>", "")
    assert "<" not in rest
    assert ">" not in rest


def test_text_without_links_stays_plain() -> None:
    assert marked_up("<b>bold</b> & more") == ""


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("a *b c* d", "a <b>b c</b> d"),
        ("_a_, *_b_*", "<i>a</i>, <b><i>b</i></b>"),
        ("x `*y* <z>` x", "x <code>*y*&nbsp;&lt;z&gt;</code> x"),
        ("so:\n```\n<a>\n  b\n```\nc", "so:<pre>&lt;a&gt;\n  b</pre>c"),
        ("> *said*\nno > quote", "\u258e <b>said</b><br/>no &gt; quote"),
    ],
)
def test_a_little_markdown_is_shown(text: str, markup: str) -> None:
    assert marked(text).markup == markup
    assert marked(text).rich == ("`" in text)


@pytest.mark.parametrize(
    "text",
    ["2*3*4", "a_file_name", "* a list *", "**", "__init__", "*a\nb*", "`", "``````", ">:(", "1 > 0", "# no", "[a](b)"],
)
def test_what_is_no_markdown_stays_as_typed(text: str) -> None:
    assert marked(text).markup == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a *b c* d", "a b c d"),
        ("_a_, *_b_* and `c  <d>`", "a, b and c  <d>"),
        ("so:\n```\n<a>\n  b\n```\nc", "so:\n<a>\n  b\nc"),
        ("> *said*\nno > quote", "said\nno > quote"),
        ("www.a.org/x_y_z & *more* &lt;", "www.a.org/x_y_z & more &lt;"),
        ("2*3*4 <b> &amp;", "2*3*4 <b> &amp;"),
    ],
)
def test_where_there_is_no_room_the_words_stand_without_marks(text: str, words: str) -> None:
    assert plain(text) == words


TAGS = re.compile(r'</?(?:b|i|code|pre)>|<br/>|<a href="\d+">|</a>')


@given(
    st.text(alphabet="*_`<>&\"'\n @a/:.hpst\ue000\ue001", max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9))),
)
def test_whatever_is_typed_no_other_tag_comes_out(text: str, named: list[tuple[int, int]]) -> None:
    rest = TAGS.sub("", marked(text, tuple(named)).markup)
    assert not set(rest) & set("<>\ue000\ue001")


def test_who_is_named_stands_out() -> None:
    assert marked("hi @Bob <b>", ((3, 4),)).markup == "hi <b>@Bob</b> &lt;b&gt;"
