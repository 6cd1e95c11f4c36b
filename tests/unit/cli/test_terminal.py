"""The terminal chat, in a real terminal (a pty) and through pipes."""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from p2pdm.api.launch import command, environment
from tests.fakes.doors import ThreadedDoor, door_in_thread

PATIENCE = 10.0


class Terminal:
    """`p2pdm chat` in a terminal of its own; `see` waits for what somebody there would see."""

    def __init__(self, profile: Path, *words: str) -> None:
        self._fd, inner = pty.openpty()
        self.process = subprocess.Popen(
            command(profile, "chat", *words),
            env=environment() | {"TERM": "xterm", "PYTHONWARNINGS": "error"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self._seen = ""

    def see(self, words: str) -> str:
        """Wait until `words` are seen; returns everything since the last time."""
        end = time.monotonic() + PATIENCE
        while words not in self._seen:
            assert select.select([self._fd], [], [], end - time.monotonic())[0], f"{words!r} is not in {self._seen!r}"
            self._seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(self._fd, 65_536).decode())
        seen, self._seen = self._seen, self._seen.partition(words)[2]
        return seen

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self._fd)

    def end(self) -> int:
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._fd)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[ThreadedDoor]:
    with door_in_thread(tmp_path / "alice", answers=True) as door:
        yield door


@pytest.fixture
def robin(door: ThreadedDoor) -> Iterator[Terminal]:
    terminal = Terminal(door.profile, "Robin")
    terminal.see("Ctrl-D ends")
    yield terminal
    terminal.close()


def test_alice_talks_to_a_group(door: ThreadedDoor) -> None:
    door.do(
        lambda: door.node.tells(door.node.gather("Harbour bridge", "Robin", "Ben Ng").id, "Robin", "Who has the key?")
    )
    terminal = Terminal(door.profile, "harbour bridge")
    try:
        terminal.see("Harbour bridge  3 people")
        terminal.see("Robin  Who has the key?")
        terminal.see("Ctrl-D ends")
        terminal.type("I have\r")
        terminal.see("You  I have")
        door.do(lambda: door.node.tells("Harbour bridge", "Ben Ng", "I, too"))
        terminal.see("Ben Ng  I, too")
        door.do(lambda: door.node.happens("Harbour bridge", "Robin", "removed", "Robin removed Ben Ng"))
        terminal.see("Robin removed Ben Ng")
    finally:
        terminal.close()


def test_alice_talks_to_robin_while_robin_types(robin: Terminal) -> None:
    robin.type("Soup or salad?\r")
    robin.see("You    Soup or salad?")
    robin.see("✓ delivered")
    robin.see("Robin is typing…")
    robin.see("Robin  You said: Soup or salad?")
    robin.type("\x04")
    assert robin.end() == 0


def test_what_is_being_typed_survives_what_arrives(robin: Terminal, door: ThreadedDoor) -> None:
    robin.type("Half a sent")
    robin.see("> Half a sent")
    door.do(lambda: door.node.arrive("Robin", "Wait!\x1b[2J"))
    robin.see("Wait!\ufffd[2J")
    robin.see("> Half a sent")
    robin.type("ence\r")
    robin.see("You    Half a sentence")


def test_presence_other_chats_and_requests_are_told(robin: Terminal, door: ThreadedDoor) -> None:
    door.do(lambda: door.node.come("Robin", online=False))
    robin.see("Robin has left")
    door.do(lambda: door.node.arrive("Ben", "Are you busy?"))
    robin.see("(meanwhile Ben: Are you busy?)")
    door.do(lambda: door.node.arrive("Zoë Çelik", "May I?"))
    robin.see("Zoë Çelik asks: May I?")


def test_ctrl_c_leaves_the_terminal_as_it_was(robin: Terminal) -> None:
    before = robin.attributes()
    robin.type("unsent")
    robin.see("> unsent")
    robin.process.send_signal(signal.SIGINT)
    assert robin.end() == 0
    assert robin.attributes() != before
    assert robin.attributes()[3] & termios.ECHO


def test_the_end_of_the_node_is_a_sentence(robin: Terminal, door: ThreadedDoor) -> None:
    door.do(door.node.stopped.set)
    robin.see("p2pdm: the node has ended")
    assert robin.end() == 1


def test_without_a_who_it_asks(door: ThreadedDoor) -> None:
    terminal = Terminal(door.profile)
    try:
        seen = terminal.see("Talk to whom?")
        assert "Mallory" not in seen
        terminal.type("Nobody\r")
        terminal.see("nobody called Nobody")
        terminal.see("Talk to whom?")
        door.do(lambda: door.node.meet("Wendy", online=True))
        terminal.see("Wendy")
        terminal.see("Talk to whom?")
        terminal.type("1\r")
        terminal.see("Enter sends, Ctrl-D ends.")
    finally:
        terminal.close()


def test_through_pipes_every_line_is_a_message(door: ThreadedDoor) -> None:
    done = subprocess.run(
        command(door.profile, "chat", "Robin"),
        env=environment() | {"PYTHONWARNINGS": "error"},
        input="one\n\ntwo",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [message.text for message in door.node.said if message.mine][-2:] == ["one", "two"]


def test_a_file_can_be_said(door: ThreadedDoor, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("from\na file\n")
    with (tmp_path / "lines").open() as file:
        done = subprocess.run(command(door.profile, "chat", "Robin"), env=environment(), stdin=file, check=False)
    assert done.returncode == 0
    assert [message.text for message in door.node.said if message.mine][-2:] == ["from", "a file"]
