"""Makes packaging/screenshot.png anew: the real window, on a node in memory with a morning in an office.

    PYTHONPATH=. .venv/bin/python packaging/take_screenshot.py

It is half past ten in the picture, whenever it is taken.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")
HERE_SINCE_UTC = (datetime.now(UTC).hour * 60 + datetime.now(UTC).minute - 10 * 60 - 30) % (24 * 60)
os.environ["TZ"] = f"OFFICE{HERE_SINCE_UTC // 60}:{HERE_SINCE_UTC % 60:02}"
time.tzset()

import msgspec  # noqa: E402 -- the clock and the screen are set first
from PySide6.QtCore import QSettings  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402

from p2pdm.api.types import Message, Version  # noqa: E402
from p2pdm_gui.window import Window, make_application  # noqa: E402
from tests.fakes.fake_ids import fake_id  # noqa: E402
from tests.fakes.memory_node import MemoryNode  # noqa: E402
from tests.gui.conftest import Neighbourhood  # noqa: E402

PICTURE = Path(__file__).with_name("screenshot.png")
SIZE = (1200, 800)
ME = fake_id("me")


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        (profile / "data").touch()  # a profile that was made: no first start
        office = Neighbourhood(profile)
        office.do(people)
        office.do(chats)
        bridge = office.do(group)
        office.start()
        settings = QSettings(str(profile / "window.ini"), QSettings.Format.IniFormat)
        settings.setValue("mode", "light")
        take(Window(profile, settings), bridge)
        office.end()


def take(window: Window, chat: str) -> None:
    """The window, with a chat open."""
    view = window.show()
    view.resize(*SIZE)
    QTest.qWait(1_500)
    window.conversation.open(chat)
    QTest.qWait(2_500)
    view.grabWindow().save(str(PICTURE))
    window.close()


def people(node: MemoryNode) -> None:
    """Who is in the office."""
    node.name = "Anna Weber"
    node.own = msgspec.structs.replace(node.own, name=node.name)
    friend = {"relation": "contact", "accepted_by_them": True}
    node.meet("Lena Okafor", online=True, verified=True, **friend)
    node.meet("Jonas Lindqvist", online=True, **friend)
    node.meet("Mira Castellanos", online=True, **friend)
    node.meet("Yusuf Demir", last_seen=ago(70).isoformat(), **friend)
    node.meet("Carla Reyes", online=True)
    node.meet("Print room", online=True, kind="bot")
    node.meet("Zoë Çelik", online=True)
    node.says_of_themselves("Mira Castellanos", status="busy", status_text="On the phone with the city")
    node.says_of_themselves("Print room", department="Second floor")
    node.says_of_themselves("Zoë Çelik", role="Model maker")


def chats(node: MemoryNode) -> None:
    """What stands at the left."""
    node._clock = ago(18 * 60 + 20)
    node.arrive("Yusuf Demir", "The laser cutter is free again")
    node.said.append(own(node, chat_with("Yusuf Demir"), "The keys are at the front desk", "waiting"))
    node._clock = ago(120)
    node.arrive("Mira Castellanos", "The lift works again")
    node.arrive("Lena Okafor", "Are we still on for the model review?", 9)
    node.said.append(own(node, chat_with("Lena Okafor"), "Yes, at four, in the small room", "read"))
    lobby = node.room("Lobby", 7, entered=True)
    node._clock = ago(50)
    node.tells(lobby.id, "Zoë Çelik", "Whose bicycle is in front of the gate?")
    read(node)
    node._clock = ago(12)
    node.arrive("Jonas Lindqvist", "Soup at half past twelve?")
    node.arrive("Jonas Lindqvist", "Or the place by the water")
    node.arrive("Carla Reyes", "Hello, I'm Carla, new on the second floor")


def group(node: MemoryNode) -> str:
    """What was said in the group that is open; its id."""
    bridge = node.gather("Harbour bridge", "Lena Okafor", "Jonas Lindqvist", "Mira Castellanos", topic="Site visit")
    node._clock = ago(17 * 60 + 45)
    gate = node.tells(bridge.id, "Jonas Lindqvist", "The crane is booked for Thursday, eight in the morning. 🏗️")
    node.reacted(gate.id, ME, "👍")
    node.reacted(gate.id, fake_id("Lena Okafor"), "👍")
    node._clock = ago(26)
    question = node.tells(bridge.id, "Lena Okafor", "@Anna Weber does the handrail still meet the 90 cm rule?")
    node.becomes(question.id, mentions=[ME], mention_places=[(0, 11)])
    answer = own(node, bridge.id, "It does, 92 at the lowest point.\nSheet 4: https://plans.office.lan/stair", "read")
    node.said.append(answer)
    node.becomes(answer.id, reply_to=question.id)
    node.tells(bridge.id, "Lena Okafor", "Perfect, then the drawings can go out today.", 2)
    node.tells(bridge.id, "Mira Castellanos", "Who needs a helmet for Thursday?", 3)
    helmet = node.tells(bridge.id, "Jonas Lindqvist", "Me, please. Size 57.", 1)
    node.becomes(helmet.id, text="Me, please. Size 58.", edited=[Version(helmet.time, helmet.text)])
    read(node)
    last = node._say_in(bridge, "Four helmets then, I'll put them in the van. Coffee is on me ☕")
    node.said.append(last)
    for who, state in (("Lena Okafor", "read"), ("Jonas Lindqvist", "read"), ("Mira Castellanos", "delivered")):
        node.reaches(last.id, who, state, node._clock.isoformat())  # type: ignore[arg-type]
    return bridge.id


def own(node: MemoryNode, chat: str, text: str, state: str) -> Message:
    """Something that Anna said."""
    why = "Yusuf Demir is offline" if state == "waiting" else ""
    return node._message(chat, text, 2, sender=ME, name=node.name, state=state, why=why)


def read(node: MemoryNode) -> None:
    """Nothing of what others said so far is new, but in Jonas's chat."""
    for message in list(node.said):
        if not message.mine and message.chat != chat_with("Jonas Lindqvist"):
            node.becomes(message.id, unread=False, state="read")


def chat_with(name: str) -> str:
    """The direct chat's id."""
    return fake_id("chat" + fake_id(name))


def ago(minutes: float) -> datetime:
    """So long before now."""
    return datetime.now(UTC) - timedelta(minutes=minutes)


if __name__ == "__main__":
    make_application([])
    main()
