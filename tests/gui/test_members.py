"""The members of a group: who has a message, and what can be done about whom."""

from __future__ import annotations

from p2pdm.api.types import Member, MemberState
from p2pdm.api.types.groups import Rights
from p2pdm_gui.members import member_row
from p2pdm_gui.reach import member_lines
from tests.gui.lines import NOW


def test_who_has_a_message_is_listed_by_how_far_it_came_with_them() -> None:
    names = {"a": "Ann", "b": "Bob", "c": "Carol", "d": "Dave"}
    noon = "2026-03-03T12:00:00Z"
    states = [
        MemberState("a", "waiting", None, "Ann is offline"),
        MemberState("b", "read", noon),
        MemberState("c", "waiting", None, "Carol can't be reached: no route"),
        MemberState("d", "read", noon),
    ]
    lines = member_lines(states, names.__getitem__, NOW)
    assert [(line["title"], line["name"]) for line in lines] == [
        ("Read by", "Bob"),
        ("", "Dave"),
        ("Waiting for", "Ann"),
        ("", "Carol"),
    ]
    assert lines[0]["when"].startswith("Yesterday, ")
    assert [line["when"] for line in lines[2:]] == ["offline", "can't be reached: no route"]


def test_only_who_stands_above_a_member_can_do_something_about_them() -> None:
    ranks: list[Rights] = ["creator", "admin", "member", "invited"]
    may = {}
    for mine in (3, 2, 1):
        rows = [
            member_row(Member(rank, rank, rank, online=True), "me", mine, None, announcement=False) for rank in ranks
        ]
        may[mine] = [(row.may_remove, row.may_promote, row.may_demote) for row in rows]
    nothing = (False, False, False)
    assert may[3] == [nothing, (True, False, True), (True, True, False), (True, False, False)]
    assert may[2] == [nothing, nothing, (True, False, False), (True, False, False)]
    assert may[1] == [nothing] * 4
