"""What announcements tell, to whom."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.identity import OPEN_SPACE
from p2pdm.net.discovery.adverts import MAX_NAME_BYTES, from_txt, to_txt
from p2pdm.net.discovery.finder import Advert

OFFICE = b"o" * 32
ALICE = Advert(b"A" * 32, "Alice", 53530, OPEN_SPACE)
IN_OFFICE = replace(ALICE, space=OFFICE)


def heard(txt: dict[str, bytes]) -> dict[bytes, bytes | None]:
    """As zeroconf hands it over."""
    return {key.encode(): value for key, value in txt.items()}


@pytest.mark.parametrize("advert", [ALICE, IN_OFFICE], ids=["open", "closed"])
def test_the_same_space_reads_it(advert: Advert) -> None:
    assert from_txt(heard(to_txt(advert, "instance1")), "instance1", advert.space) == (ALICE.identity, "Alice")


def test_a_closed_space_shows_nothing_to_others() -> None:
    txt = to_txt(IN_OFFICE, "instance1")
    on_the_wire = b"".join(txt.values())
    assert b"Alice" not in on_the_wire
    assert ALICE.identity not in on_the_wire
    for space in (OPEN_SPACE, b"e" * 32):
        assert from_txt(heard(txt), "instance1", space) is None


def test_a_closed_space_does_not_take_open_announcements() -> None:
    assert from_txt(heard(to_txt(ALICE, "instance1")), "instance1", OFFICE) is None


def test_sealed_announcements_differ_each_time_but_not_in_length() -> None:
    one = to_txt(IN_OFFICE, "instance1")
    other = to_txt(replace(IN_OFFICE, name="Al"), "instance1")
    assert one != to_txt(IN_OFFICE, "instance1")
    assert len(one["s"]) == len(other["s"])


def test_a_sealed_announcement_means_nothing_under_another_name() -> None:
    assert from_txt(heard(to_txt(IN_OFFICE, "instance1")), "instance2", OFFICE) is None


@pytest.mark.parametrize("space", [OPEN_SPACE, OFFICE], ids=["open", "closed"])
@pytest.mark.parametrize("name", ["ä" * 64, "漢" * 64, "👩‍👩‍👧" * 12, "x" * 500])
def test_long_names_are_cut_between_characters_and_fit(space: bytes, name: str) -> None:
    txt = to_txt(replace(ALICE, name=name, space=space), "instance1")
    assert all(len(key) + 1 + len(value) <= 255 for key, value in txt.items())
    told = from_txt(heard(txt), "instance1", space)
    assert told is not None
    assert name.startswith(told[1])
    assert len(told[1].encode()) > MAX_NAME_BYTES - 100 or len(told[1]) == 64


def test_names_are_cleaned() -> None:
    txt = heard(to_txt(ALICE, "instance1")) | {b"n": b"Al\x00ice\n\xe2\x80\xaeevil \xff"}
    told = from_txt(txt, "instance1", OPEN_SPACE)
    assert told is not None
    assert told[1].isprintable()
    assert len(told[1]) <= 64


@pytest.mark.parametrize(
    "wrong",
    [{b"v": b"2"}, {b"v": None}, {b"k": b"short"}, {b"k": None}, {b"n": b""}, {b"n": None}, {b"n": b"x" * 250}],
)
def test_malformed_announcements_are_ignored(wrong: dict[bytes, bytes | None]) -> None:
    assert from_txt(heard(to_txt(ALICE, "instance1")) | wrong, "instance1", OPEN_SPACE) is None


def test_every_altered_byte_of_a_sealed_announcement_shows() -> None:
    sealed = to_txt(IN_OFFICE, "instance1")["s"]
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        assert from_txt({b"v": b"1", b"s": bytes(altered)}, "instance1", OFFICE) is None


@given(
    st.dictionaries(
        st.sampled_from([b"v", b"k", b"n", b"s", b"x"]), st.none() | st.just(b"1") | st.binary(max_size=255)
    )
)
def test_no_record_makes_it_fail(txt: dict[bytes, bytes | None]) -> None:
    for space in (OPEN_SPACE, OFFICE):
        told = from_txt(txt, os.urandom(4).hex(), space)
        assert told is None or (len(told[0]) == 32 and 0 < len(told[1]) <= 64)
