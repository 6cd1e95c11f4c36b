"""How far Alice had come, kept outside her database: a restored one is noticed, a lost file harms nothing."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.store import highwater
from p2pdm.store.errors import CannotOpen
from p2pdm.store.highwater import HighWater, machine_id

KEY = bytes(range(32))
DESK, LAPTOP = bytes(32), b"\1" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heads"


def mark(path: Path, machine: bytes = DESK, key: bytes = KEY) -> HighWater:
    return HighWater(path, key, machine, os.urandom)


@given(heads=st.lists(st.binary(max_size=2000), min_size=1, max_size=4))
def test_what_was_written_last_is_read(heads: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any-heads"
    for each in heads:
        mark(path).write(each)
    assert mark(path).read() == (DESK, heads[-1])


def test_at_first_there_is_none(path: Path) -> None:
    assert mark(path).read() is None


def test_a_profile_copied_to_the_laptop_shows_where_it_came_from(path: Path) -> None:
    mark(path, DESK).write(b"seven")
    assert mark(path, LAPTOP).read() == (DESK, b"seven")
    mark(path, LAPTOP).write(b"eight")
    assert mark(path, DESK).read() == (LAPTOP, b"eight")


def test_the_file_of_another_profile_counts_for_nothing(path: Path) -> None:
    mark(path, key=bytes(32)).write(b"seven")
    assert mark(path).read() is None


def test_one_writer_goes_on_where_the_last_one_ended(path: Path) -> None:
    first = mark(path)
    for n in range(5):
        first.write(b"%d" % n)
    assert mark(path).read() == (DESK, b"4")
    mark(path).write(b"back at two")
    assert mark(path).read() == first.read() == (DESK, b"back at two")


def test_heads_may_grow_and_shrink(path: Path) -> None:
    writer = mark(path)
    for size in (10, 5000, 100, 40_000, 0):
        writer.write(b"x" * size)
        assert mark(path).read() == (DESK, b"x" * size)


def test_a_write_that_is_cut_off_anywhere_leaves_the_one_before(path: Path) -> None:
    writer = mark(path)
    writer.write(b"six")
    before = path.read_bytes()
    writer.write(b"seven")
    after = path.read_bytes()
    assert len(before) == len(after)
    for cut in range(len(before)):
        path.write_bytes(after[:cut] + before[cut:])
        assert mark(path).read() in [(DESK, b"six"), (DESK, b"seven")]


def test_a_damaged_slot_counts_for_nothing(path: Path) -> None:
    mark(path).write(b"seven")
    whole = path.read_bytes()
    used = [place for place in range(len(whole)) if whole[place]]
    for place in range(used[0], used[-1] + 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert mark(path).read() is None


@given(content=st.binary(max_size=200))
def test_whatever_the_file_holds_the_next_write_is_read(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-content"
    path.write_bytes(content)
    writer = mark(path)
    assert writer.read() is None
    writer.write(b"seven")
    assert mark(path).read() == (DESK, b"seven")


def test_a_file_that_was_removed_is_made_again(path: Path) -> None:
    writer = mark(path)
    writer.write(b"six")
    path.unlink()
    writer.write(b"seven")
    assert mark(path).read() == (DESK, b"seven")


def test_neither_heads_nor_machine_can_be_read_on_the_disk(path: Path) -> None:
    mark(path, LAPTOP).write(b"with bob: 17")
    assert b"bob" not in path.read_bytes()
    assert LAPTOP not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert os.listdir(path.parent) == ["heads"]


def test_where_it_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="no folder"):
        mark(tmp_path / "nowhere" / "heads").write(b"seven")


# The machine


def test_a_machine_stays_itself() -> None:
    assert machine_id() == machine_id()
    assert len(machine_id()) == 32


def test_the_systems_own_number_is_not_given_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highwater, "_platform_number", lambda: b"0123456789abcdef0123456789abcdef")
    one = machine_id()
    monkeypatch.setattr(highwater, "_platform_number", lambda: b"0123456789abcdef0123456789abcdee")
    assert one != machine_id()
    assert b"0123" not in one
    assert b"0123" not in one.hex().encode()


def test_without_a_number_of_the_system_the_network_card_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highwater, "_platform_number", lambda: b"")
    monkeypatch.setattr(uuid, "getnode", lambda: 0x00_1B_21_00_00_01)
    card = machine_id()
    monkeypatch.setattr(uuid, "getnode", lambda: 0x01_1B_21_00_00_01)  # invented by Python, another at each start
    invented = machine_id()
    monkeypatch.setattr(uuid, "getnode", lambda: 0x01_99_99_99_99_99)
    assert card != invented == machine_id()
