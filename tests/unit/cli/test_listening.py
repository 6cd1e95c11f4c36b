"""Listening, in a process of its own, since signals and pipes end it."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest

from p2pdm.api.launch import command, environment
from tests.fakes.doors import ThreadedDoor


@pytest.fixture
def listening(door: ThreadedDoor) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(door.profile, "listen", *words),
            env=environment() | {"PYTHONWARNINGS": "error"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_listening_tells_at_once_with_cursors_until_interrupted(
    door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]
) -> None:
    cursor = door.do(door.node.cursor)
    process = listening("--json", "--since", str(cursor - 1))
    assert json.loads(line_of(process))["cursor"] == cursor
    message = door.do(lambda: door.node.arrive("Robin", "Now"))
    assert json.loads(line_of(process)) == {
        "cursor": cursor + 1,
        "event": "message",
        "chat": message.chat,
        "person": message.sender,
        "id": message.id,
    }
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_listening_in_words(door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]) -> None:
    process = listening("--since", str(door.do(door.node.cursor) - 1))
    line_of(process)
    door.do(lambda: door.node.arrive("Robin", "Now\x1b[2J"))
    assert line_of(process).endswith("Robin  Now\ufffd[2J\n")
    door.do(lambda: door.node.come("Ben"))
    assert line_of(process) == "       Ben is online\n"


def test_listening_ends_quietly_when_nobody_reads(
    door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]
) -> None:
    process = listening("--json", "--since", "0")
    line_of(process)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    door.do(lambda: door.node.arrive("Robin", "Anybody?"))
    door.do(lambda: door.node.arrive("Robin", "Nobody."))
    assert process.wait(10) == 0
    assert process.stderr.read() == ""


def test_listening_ends_with_the_node(door: ThreadedDoor, listening: Callable[..., subprocess.Popen[str]]) -> None:
    process = listening("--json", "--since", "0")
    line_of(process)
    door.do(door.node.stopped.set)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (1, "p2pdm: the node has ended\n")
