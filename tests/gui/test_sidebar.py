"""The list at the left: in which order requests, chats, contacts and people nearby stand."""

from __future__ import annotations

from p2pdm.api.types import Chat, Person, Room
from p2pdm_gui.sidebar import Shared, sidebar_rows
from tests.gui.lines import NOW, said


def person(name: str, **fields: object) -> Person:
    """Somebody."""
    known = {
        "relation": "contact",
        "online": False,
        "verified": False,
        "accepted_by_them": True,
        "addresses": [],
    } | fields
    return Person(id=name.lower(), name=name, chat=f"chat-{name.lower()}", **known)  # type: ignore[arg-type]


def test_requests_come_first_then_chats_then_contacts_then_who_is_nearby() -> None:
    people = {
        p.id: p
        for p in (
            person("Ann"),
            person("Bob"),
            person("Carol", relation="nearby", online=True),
            person("Dave", relation="request", request="Hi\nthere"),
            person("Eve", relation="blocked"),
        )
    }
    chats = [Chat("chat-bob", "direct", "Bob", ["me", "bob"], 2, said("x", "hello", sender="bob"))]
    rows = sidebar_rows(chats, people, {"chat-bob": "half a"}, "", NOW)
    assert [(row.section, row.name, row.line) for row in rows] == [
        ("Requests", "Dave", "Hi there"),
        ("Chats", "Bob", "half a"),
        ("Chats", "Ann", "No messages yet"),
        ("Nearby", "Carol", "On this network. Say hello"),
    ]
    assert rows[1].draft
    assert "2 unread" in rows[1].label
    assert [row.name for row in sidebar_rows(chats, people, {}, "EVE", NOW)] == ["Eve"]
    assert [row.name for row in sidebar_rows(chats, people, {}, "bob hel", NOW)] == ["Bob"]


def test_groups_stand_among_chats_invitations_among_requests_and_a_silent_lobby_behind_them() -> None:
    people = {p.id: p for p in (person("Ann"), person("Bob", relation="nearby", online=True))}
    hello = said("x", "hello", sender="ann")
    chats = [
        Chat("g1", "group", "Lunch", ["me", "ann"], 1, hello),
        Chat("g2", "group", "Golf", ["ann"], 0, None, standing="invited"),
    ]
    lobby = Room("r1", "Lobby", entered=True, announcement=False, people=2)
    shared = Shared(lobby, lambda _chat: "Ann", typing=lambda chat: "Ann is typing" if chat == "g1" else "")
    rows = sidebar_rows(chats, people, {}, "", NOW, shared=shared)
    assert [(row.section, row.name, row.line) for row in rows] == [
        ("Requests", "Golf", "Ann invites you"),
        ("Chats", "Lunch", f"{hello.name}: hello"),
        ("Chats", "Lobby", "You and 1 other are here"),
        ("Chats", "Ann", "No messages yet"),
        ("Nearby", "Bob", "On this network. Say hello"),
    ]
    assert rows[0].label == "Ann invites you to Golf"
    assert "group, 1 unread, Ann is typing" in rows[1].label
    alone = Shared(Room("r1", "Lobby", entered=True, announcement=False, people=1))
    assert sidebar_rows([], {}, {}, "", NOW, shared=alone) == []  # the empty list says what may be in the way
    assert [row.name for row in sidebar_rows([], {}, {}, "lob", NOW, shared=alone)] == ["Lobby"]
