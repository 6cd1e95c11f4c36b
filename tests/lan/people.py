"""People at hosts: a profile, its node, and what they type at a terminal.

    alice, bob = people("Alice", "Bob")       # the fixture, see conftest.py
    alice.do("send", "Bob", "Hello")
    bob.until(lambda: bob.person("Alice")["request"] == "Hello")

What people do and see goes through the command line; only waiting listens at the door itself, so that a story looks
again exactly when the node says that something has changed, as its window would.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.lan.door import Door
from tests.lan.hosts import PATIENCE, Host, Program

T = TypeVar("T")
Told = dict[str, Any]
POURED = 100
"""Calls that are made before their answers are read; the node rests when its answers are left lying."""


class Someone:
    """A person at a host."""

    def __init__(self, host: Host, name: str, profile: str = "profile") -> None:
        self.host = host
        self.name = name
        self.profile = host.home / profile
        self.node: Program
        self.door: Door
        self.warned = False
        """Whether the node may have noted warnings; else its log must be empty at the end."""
        self._nodes: list[Program] = []
        self.do("init", "--name", name)

    # --- the node ---

    def start(self, *arguments: str) -> Told:
        """Start the node and listen at its door; returns what it said when it was ready."""
        ready = self.launch(self.command("node", "--json", *arguments))
        self.listen()
        return ready

    def listen(self) -> None:
        """Hear what the node has to tell."""
        self.door = Door(self.profile, self.host.home / "run")
        self.door.call("subscribe")

    def launch(self, command: Sequence[str]) -> Told:
        """Start the node by this command."""
        self.node = self.host.start(command)
        self._nodes.append(self.node)
        return self.node.wait_for_event("ready")

    def stop(self) -> None:
        """End the node in order, as fast as is promised."""
        assert self.node.stop(2) == 0, self.node.errors
        self.door.close()

    def kill(self) -> None:
        """End it as a crash or a power cut would."""
        self.node.kill()
        self.door.close()

    def hang_up(self) -> None:
        """Leave the door, if a node was ever started."""
        if self._nodes:
            self.door.close()

    def check(self) -> None:
        """No node has complained: whatever happens on the network, nothing ends in a traceback."""
        for node in self._nodes:
            assert node.errors == "", node.errors
        log = self.profile / "log"
        noted = log.read_text().splitlines() if log.exists() else []
        wrong = [line for line in noted if " INFO " not in line]
        assert self.warned or not wrong, wrong

    # --- the terminal ---

    def command(self, *arguments: str) -> list[str]:
        """The command line of a verb."""
        return [sys.executable, "-m", "p2pdm", "--no-start", "--profile", str(self.profile), *arguments]

    def do(self, *arguments: str, given: str = "") -> str:
        """A verb that works; returns what it printed."""
        done = self.host.run(self.command(*arguments), given=given)
        assert done.stderr == ""
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """A verb that does not work: nothing but one sentence for the user, which is returned."""
        done = self.host.run(self.command(*arguments), check=False)
        assert done.returncode == 1, done
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.strip()

    def ask(self, *arguments: str) -> list[Told]:
        """What a verb prints with --json."""
        return [json.loads(line) for line in self.do(*arguments, "--json").splitlines()]

    def until(self, look: Callable[[], T], timeout: float = PATIENCE) -> T:
        """What `look` finds, once it finds something; looks again whenever the node tells of a change."""
        deadline = time.monotonic() + timeout
        while True:
            self.door.notices.clear()
            found = look()
            if found:
                return found
            try:
                self.door.wait_for_notice(deadline)
            except TimeoutError:
                found = look()
                saw = [*self.ask("people"), *(m for chat in self.ask("chats") for m in self.history(chat["id"])[-5:])]
                what = "came, but nobody was told" if found else "did not come"
                raise AssertionError(f"{what} within {timeout:g} s; {self.name} saw {saw}") from None

    def pour(self, to: str, texts: Sequence[str]) -> None:
        """Send many messages, faster than anyone types; returns once all are on this disk."""
        for start in range(0, len(texts), POURED):
            for asked in [self.door.ask("send", to=to, text=text) for text in texts[start : start + POURED]]:
                self.door.answer(asked)

    # --- what they see ---

    @property
    def id(self) -> str:
        """Their id."""
        return str(self.ask("id")[0]["id"])

    @property
    def invite(self) -> str:
        """Their invitation."""
        return str(self.ask("id")[0]["invite"])

    @property
    def status(self) -> Told:
        """How their node is doing."""
        return self.ask("status")[0]

    def person(self, name: str) -> Told:
        """Somebody by name; an empty dict when nobody of that name is known or seen."""
        return next((person for person in self.ask("people") if person["name"] == name), {})

    def sees_online(self, name: str) -> bool:
        """Whether somebody is online."""
        return bool(self.person(name).get("online"))

    def history(self, chat: str) -> list[Told]:
        """The last messages of a chat, as many as fit a page."""
        return self.ask("history", chat, "--limit", "1000")

    def texts(self, chat: str) -> list[str]:
        """What was said in a chat."""
        return [message["text"] for message in self.history(chat) if message["happening"] is None]

    def states(self, chat: str) -> list[tuple[str, str]]:
        """How far the own messages of a chat came, and why not further."""
        return [(message["state"], message["why"]) for message in self.history(chat) if message["mine"]]


def befriend(one: Someone, other: Someone) -> None:
    """Make contacts of two people who have met, with nothing said yet."""
    one.do("join", other.invite)
    other.do("join", one.invite)
    for person, friend in ((one, other), (other, one)):
        person.until(lambda p=person, f=friend: is_friend(p, f))  # type: ignore[misc]  # mypy does not infer defaults


def is_friend(person: Someone, other: Someone) -> bool:
    """Whether both have accepted each other, and are in touch."""
    seen = person.person(other.name)
    return bool(seen and seen["relation"] == "contact" and seen["accepted_by_them"] and seen["online"])
