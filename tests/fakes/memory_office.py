"""A week in an office, for a MemoryNode.

`python -m tests.fakes.memory_office --profile DIR` serves it on that profile's door, with Robin who types and answers,
so that a window or a terminal can be looked at without a network.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from p2pdm.api.endpoint import socket_path
from p2pdm.api.server import ApiServer
from p2pdm.api.types import Person
from tests.fakes.fake_ids import ME
from tests.fakes.memory_node import MemoryNode


def populate(node: MemoryNode) -> None:
    """A week in an office: contacts, a request, a stranger, unread messages, and every state."""
    robin = node.meet("Robin", relation="contact", online=True, verified=True, accepted_by_them=True)
    ben = node.meet("Ben", relation="contact", accepted_by_them=True, last_seen="2026-03-02T08:12:00.000Z")
    node.meet("Zoë Çelik", online=True)
    node.meet("Ben Ng", relation="contact", online=True, accepted_by_them=True, typing=True)
    node.meet("Mallory", relation="blocked")
    carol = node.meet("Carol", online=True)
    node.arrive(carol.id, "Hello, I'm Carol from the second floor. May I write to you?")
    node.arrive(robin.id, "Good morning! Did the delivery come?")
    node.known[robin.id] = robin
    for text, state, why in (
        ("Yes, two boxes 📦, they stand in the kitchen.", "read", ""),
        ("One is for Ben.", "delivered", ""),
        ("I'll be late for lunch.", "sent", "handed to Ben, who keeps it for Robin"),
    ):
        _say(node, robin, text, state, why)
    node.arrive(robin.id, "No hurry.\nWe eat at half past twelve, in the small room.")
    node.arrive(robin.id, "See you there")
    _say(node, ben, "Your box is here", "waiting", "Ben is offline")
    _say(node, ben, "It is heavy", "failed", "Ben has removed this chat")


def _say(node: MemoryNode, person: Person, text: str, state: str, why: str) -> None:
    message = node._message(person.chat, text, 3, sender=ME, name=node.name, state=state, why=why)
    node.said.append(message)
    node._note("message", chat=person.chat, id=message.id, state=state)


async def serve(profile: Path, populated: bool = True) -> None:
    """Serve a fake node on the profile's door until it is stopped."""
    node = MemoryNode(folder=str(profile), answers=True)
    if populated:
        populate(node)
    server = ApiServer(node.door, socket_path(profile), node)
    node.tell = server.notify
    await server.start()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, node.stopped.set)
    print(f"a fake node is at the door of {profile}", flush=True)
    await node.stopped.wait()
    await node.close()
    await server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", type=Path, required=True)
    parser.add_argument("--empty", action="store_true", help="nobody is there yet")
    given = parser.parse_args()
    given.profile.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(given.profile, not given.empty))
