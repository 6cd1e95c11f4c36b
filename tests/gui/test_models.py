"""The list models, watched by Qt's own model tester: rows change, come and go, and are never reset."""

from __future__ import annotations

import sys

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QGuiApplication

from p2pdm_gui.rows import RowModel
from tests.gui.lines import watched


class Fruit(msgspec.Struct, frozen=True):
    """A row of these tests."""

    key: str
    ripe: bool = False


class FruitModel(RowModel[Fruit]):
    """A list of fruit."""

    fields = ("key", "ripe")


baskets = st.lists(st.builds(Fruit, key=st.sampled_from("abcdefgh"), ripe=st.booleans()), unique_by=lambda f: f.key)


@given(st.lists(baskets, max_size=5))
def test_a_model_becomes_what_it_is_told_without_ever_being_reset(
    qapp: QGuiApplication, lists: list[list[Fruit]]
) -> None:
    model = FruitModel()
    tester = watched(model)
    resets: list[int] = []
    mirror: list[str] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.rowsInserted.connect(lambda _, a, b: mirror.__setitem__(slice(a, a), [f.key for f in model.rows[a : b + 1]]))
    model.rowsRemoved.connect(lambda _, a, b: mirror.__delitem__(slice(a, b + 1)))
    model.rowsMoved.connect(lambda _, a, _b, _p, to: mirror.insert(to, mirror.pop(a)))
    for basket in lists:
        model.apply(basket)
        assert model.rows == basket
        assert mirror == [fruit.key for fruit in basket]
    assert not resets
    del tester


def test_an_equal_list_changes_nothing_and_one_change_is_one_signal(qapp: QGuiApplication) -> None:
    model = FruitModel()
    model.apply([Fruit(key) for key in "abcd"])
    changes: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changes.append((first.row(), last.row())))
    model.apply([Fruit(key) for key in "abcd"])
    assert changes == []
    model.apply([Fruit("a"), Fruit("b", ripe=True), Fruit("c", ripe=True), Fruit("d")])
    assert changes == [(1, 2)]


def test_a_field_is_a_role_and_what_is_not_there_is_none(qapp: QGuiApplication) -> None:
    model = FruitModel()
    model.apply([Fruit("a", ripe=True)])
    roles = {bytes(name.data()).decode(): role for role, name in model.roleNames().items()}
    assert model.data(model.index(0), roles["ripe"]) is True
    assert model.data(model.index(0), 1) is None
    assert model.data(QModelIndex(), roles["ripe"]) is None
    assert model.rowCount(model.index(0)) == 0


def test_calling_qt_loses_no_reference_to_none(qapp: QGuiApplication) -> None:
    """One release of PySide drops one at every void call, until the process dies."""
    model = FruitModel()
    before = sys.getrefcount(None)
    for _ in range(2_000):
        model.layoutChanged.emit()
        model.setObjectName("fruit")
        model.blockSignals(False)
    assert abs(sys.getrefcount(None) - before) < 500
