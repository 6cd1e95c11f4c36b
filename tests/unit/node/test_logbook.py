"""The log for a bug report: it says what happened, and never to whom, where, or in which words."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from p2pdm import __version__
from p2pdm.api.trace import where
from p2pdm.api.types import ApiError
from p2pdm.identity import decode_id
from p2pdm.node import logbook
from p2pdm.node.logbook import open_logbook
from p2pdm.store import keys
from tests.fakes.world import Someone, World

NAMES = ("Xaveria", "Bartholom\u00e4us", "Quirin", "Kunigunde")
SECRETS = ("Zuckerwatte", "knusprig", "Marzipan")
PASSPHRASE = "Himbeertorte"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """What a node's process writes there."""
    level, ours = logging.getLogger().level, logging.getLogger("p2pdm").level
    handler = open_logbook(tmp_path / "log")
    yield tmp_path / "log"
    logging.getLogger().removeHandler(handler)
    handler.close()
    logging.getLogger().setLevel(level)
    logging.getLogger("p2pdm").setLevel(ours)


def written(log: Path) -> str:
    return log.read_text(encoding="utf-8")


def of(someone: Someone) -> list[str]:
    """All by which somebody can be known."""
    device = someone.node.myself.device.public
    keys = [key.hex() for key in (someone.key, device)]
    return [someone.id, someone.id[:8], someone.host, *keys, *(key[:12] for key in keys)]


@pytest.mark.logs_warnings
async def test_a_whole_story_leaves_no_name_text_id_or_address_in_the_log(
    world: World, tmp_path: Path, log: Path
) -> None:
    place = tmp_path / "Home of Xaveria" / "messages"
    place.parent.mkdir()
    alice = await world.person(NAMES[0], path=place)
    bob, carol = await world.person(NAMES[1]), await world.person(NAMES[2])
    for someone in (alice, bob, carol):
        someone.node.diary.begin("file", 1)
    await world.until(lambda: alice.online(bob) and bob.online(carol) and carol.online(alice))
    await alice.says(bob, SECRETS[0])
    await world.until(lambda: bob.relation(alice) == "request")
    await bob.node.accept(alice.id)
    sent = await bob.says(alice, SECRETS[1])
    await world.until(lambda: bob.state(sent) == "delivered")
    await alice.node.read(bob.id)
    await alice.node.typing(bob.id, True)
    await bob.node.edit(sent.id, SECRETS[2])
    await bob.node.unsend(sent.id)
    await alice.node.nickname(bob.id, NAMES[3])
    await alice.node.rename(NAMES[3])
    await carol.says(alice, SECRETS[0])
    await alice.node.block(carol.id)
    await alice.node.join((await carol.node.me()).invite)
    with pytest.raises(ApiError):
        await alice.node.send(NAMES[3] + "?", SECRETS[0])
    await alice.node.backup(str(tmp_path / "Home of Xaveria" / "backup"), PASSPHRASE)
    await alice.node.set_lock(PASSPHRASE)
    await alice.node.lock()
    with pytest.raises(ApiError):
        await alice.node.unlock(SECRETS[0])
    world.cut(alice, bob)
    bob.disk.full = True
    with pytest.raises(ApiError):
        await bob.says(alice, SECRETS[1])
    await world.passes(100)
    bob.disk.full = False
    world.lan.mend()
    alice.node.network_changed([alice.host, "fd00::17"])
    twin = await world.copy(bob)
    await twin.says(alice, SECRETS[0])
    await world.passes(200)
    mistake(bob)
    alice.node.board.pass_by("trouble", text=f"{NAMES[0]}'s folder {place.parent} is full.")
    logging.getLogger("library").error("%s at %s", NAMES[0], alice.host)
    logging.getLogger("asyncio").warning("socket of %s", SECRETS[0], exc_info=ValueError(SECRETS[1]))
    people = (alice, bob, carol, twin)
    known = [mark for someone in people for mark in of(someone)]
    await carol.node.forget(alice.id)
    for someone in people:
        await someone.leaves()
    text = written(log)
    for hidden in (*NAMES, *SECRETS, PASSPHRASE, *known, "fd00::17", str(tmp_path), "Home of"):
        assert hidden.lower() not in text.lower(), hidden
    for told in (
        f"p2pdm {__version__} on Python 3",
        "pynacl",
        "session with",
        "ends after",
        "a backup of",
        "the door is locked",
        "a wrong passphrase at the door, 1 in a row",
        "commits fail: DiskFull",
        "1 IPv4 and 1 IPv6",
        "goes on as a new device",
        "KeyError at test_logbook.py",
        "something that library said at test_logbook.py",
        "something that asyncio said",
        "contacts",
    ):
        assert told in text, told
    assert all(re.match(r"20\d\d-\d\d-\d\dT[\d:.]+Z (INFO|WARNING|ERROR) ", line) for line in text.splitlines())


@pytest.mark.logs_warnings
async def test_groups_rooms_profiles_and_all_that_is_kept_leave_no_name_or_text_in_the_log_either(
    world: World, tmp_path: Path, log: Path
) -> None:
    alice, bob = await world.friends(*NAMES[:2])
    for someone in (alice, bob):
        someone.node.diary.begin("file", 1)
    face = tmp_path / f"{NAMES[2]}.png"
    await alice.node.set_profile(department=SECRETS[0], role=SECRETS[1])
    await alice.node.set_status("busy", SECRETS[2])
    with pytest.raises(ApiError):
        await alice.node.set_profile(picture=str(face))
    chat = (await alice.node.create_group(NAMES[3], [bob.id])).id
    await alice.node.describe(chat, topic=SECRETS[0])
    await world.until(lambda: bob.node.circles.stored(decode_id(chat)))
    await bob.node.join_group(chat)
    await alice.node.promote(chat, bob.id, True)
    said = await alice.node.send(chat, f"@{NAMES[1]} {SECRETS[1]}", mentions=[bob.id])
    await alice.node.react(said.id, SECRETS[2][:8])
    await alice.node.pin(said.id, True)
    room = (await bob.node.open_room(SECRETS[2])).id
    await bob.node.send(room, SECRETS[0])
    await alice.node.set_draft(chat, SECRETS[1])
    await alice.node.expire(chat, 60)
    await alice.node.set_retention(chat, 1)
    await alice.node.search(SECRETS[1])
    await alice.node.export(chat, str(tmp_path / f"{NAMES[2]}.html"), "html")
    with pytest.raises(ApiError):
        await alice.node.export(chat, str(tmp_path / NAMES[2] / "no folder"), "json")
    await alice.node.idle(True)
    await world.passes(5)
    await bob.node.unread(chat, said.id)
    await alice.node.delete(said.id)
    await alice.node.remove(chat, bob.id)
    await alice.node.delete_chat(chat)
    alice.disk.full = True
    with pytest.raises(ApiError):
        await alice.node.rename(NAMES[2])
    alice.disk.full = False
    await world.passes(4_000)
    known = [mark for someone in (alice, bob) for mark in of(someone)]
    for someone in (alice, bob):
        await someone.leaves()
    text = written(log)
    assert "session with" in text
    assert "told" in text, "and counted"
    for hidden in (*NAMES, *SECRETS, *known, chat, chat[:8], room, room[:8], said.id, said.id[:8], str(tmp_path)):
        assert hidden.lower() not in text.lower(), hidden


def mistake(someone: Someone) -> None:
    """One of ours, as the server notes it."""
    try:
        _ = dict[str, int]()[someone.name]
    except KeyError as error:
        logging.getLogger("p2pdm.api.server").error("%s failed: %s", "send", where(error))


async def test_one_person_has_one_alias_in_one_log_and_another_in_the_next(world: World, log: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for _ in range(2):
        await bob.leaves()
        await world.until(lambda: not alice.online(bob))
        await bob.starts()
        await world.until(lambda: alice.online(bob))
    lines = [line for line in written(log).splitlines() if alice.node.diary.alias(bob.key) in line]
    assert len(lines) >= 5
    assert alice.node.diary.alias(bob.key) != bob.node.diary.alias(bob.key)
    before = alice.node.diary.alias(bob.key)
    await alice.leaves()
    await alice.starts()
    assert alice.node.diary.alias(bob.key) != before


async def test_counts_are_noted_every_hour_until_the_end(world: World, log: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.node.diary.begin("keyring", 2)
    await alice.says(bob, "hello")
    await world.passes(2.5 * 3_600)
    await alice.leaves()
    counts = [line for line in written(log).splitlines() if "stored:" in line]
    assert len(counts) == 4
    assert "1 contacts, 1 people, 1 conversations, 0 entries" in counts[0]
    assert "1 message" in counts[-1]
    await world.passes(10_000)
    assert written(log).count("stored:") == 4


def test_the_log_is_bounded_private_and_survives_a_full_disk(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = logging.getLogger("p2pdm.test")
    line = "x" * 1_000
    for _ in range(3 * logbook.LOG_BYTES // 1_000):
        ours.info(line)
    files = sorted(path for path in tmp_path.iterdir())
    assert [path.name for path in files] == ["log", "log.1"]
    assert all(path.stat().st_size <= logbook.LOG_BYTES for path in files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    monkeypatch.setattr(os, "write", no_room)
    ours.info("lost")
    monkeypatch.undo()
    ours.info("kept")
    assert written(log).endswith("kept\n")


def no_room(descriptor: int, data: bytes) -> int:
    raise OSError(28, "No space left on device")


def test_debugging_and_other_libraries_chatter_stays_out(log: Path) -> None:
    logging.getLogger("p2pdm.net").debug("details")
    logging.getLogger("keyring").info("chatter")
    assert written(log) == ""
