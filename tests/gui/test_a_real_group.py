"""Ana on another node makes a group, and Ben joins at his window: both nodes real, over real sockets."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from p2pdm.api.types import ApiError
from tests.gui.neighbour import Neighbour, call
from tests.gui.screen import Screen

Open = Callable[..., Screen]


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Neighbour]:
    """Ana's node; her name is her own, whoever else is on this network."""
    neighbour = Neighbour(tmp_path / "ana", f"Ana {secrets.token_hex(3)}")
    yield neighbour
    neighbour.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Ben's profile; the node that his window starts outlives the window, so it is ended here."""
    profile = tmp_path / "ben"
    Neighbour(profile, "Ben").stop()
    yield profile
    with contextlib.suppress(ApiError):
        call(profile, "stop")


def test_ben_joins_the_group_that_ana_made_and_both_talk(ana: Neighbour, home: Path, open_window: Open) -> None:
    screen = open_window(home)  # it starts his node
    screen.find(f"row:{ana.name}")
    ben = call(home, "me").id
    screen.until(lambda: any(person.id == ben for person in ana.call("people")))
    call(home, "accept", ana.call("me").id)
    ana.call("accept", ben)
    chat = ana.call("create_group", "Lunch", [ben]).id

    screen.until(lambda: screen.find("row:Lunch").property("line") == f"{ana.name} invites you")
    screen.click("row:Lunch")
    screen.sees(f"{ana.name} invites you to Lunch")
    screen.click("joinGroup")
    screen.sees("2 people, 2 online")

    ana.call("send", chat, "Noon?")
    bubble = screen.bubble("Noon?")
    assert (bubble.property("showsAuthor"), bubble.property("name")) == (True, ana.name)
    ana.call("typing", chat, True)
    screen.until(lambda: screen.find("presence").property("text") == f"{ana.name} is typing")
    screen.say("Yes")
    screen.until(lambda: [message.text for message in ana.call("history", chat)] == ["Noon?", "Yes"])
    ana.call("read", chat)
    screen.until(lambda: screen.bubble("Yes").property("stage") == "read")
    screen.click("stateSign")
    screen.find(f"reach:{ana.name}")
    screen.sees("Read by")

    ana.call("remove", chat, ben)
    screen.sees("You were removed from this group. What was said stays here.")
    screen.gone("composer")


def test_ben_finds_the_lobby_and_ana_in_it(ana: Neighbour, home: Path, open_window: Open) -> None:
    screen = open_window(home)
    screen.find(f"row:{ana.name}")
    screen.open("Lobby")
    screen.sees("Say hello to everybody")
    ana.call("send", "Lobby", "Anybody?")
    assert screen.bubble("Anybody?").property("name") == ana.name
    screen.say("Me")
    screen.until(lambda: ana.call("history", "Lobby")[-1].text == "Me")
