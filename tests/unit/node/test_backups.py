"""Backups: made while the node goes on, restored as a new device of the same person, and nobody loses a message."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from p2pdm.api.types import ApiError
from p2pdm.identity import encode_id
from p2pdm.node.restoring import restore_profile
from p2pdm.store import keys
from p2pdm.store.backup import BackupFile
from p2pdm.store.database import Database
from p2pdm.store.files import explained
from p2pdm.store.keys import KeyFile
from p2pdm.store.profile import ProfileFolder, state
from tests.fakes.world import Disk, Someone, World

PASSPHRASE = "correct horse battery staple"
SECRET = "Zuckerwatte"
RESTORED = "This profile was restored from an older copy"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id as quick as it gets: its default is for people, not for tests."""
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alice.backup"


async def alice_and_bob(world: World, tmp_path: Path) -> tuple[Someone, Someone]:
    """Friends; Alice has a disk."""
    alice = await world.person("Alice", path=tmp_path / "messages")
    bob = await world.person("Bob")
    await world.until(lambda: alice.online(bob) and bob.online(alice))
    for one, other in ((alice, bob), (bob, alice)):
        await one.node.accept(other.id)
    await world.until(lambda: alice.person(bob).accepted_by_them and bob.person(alice).accepted_by_them)
    return alice, bob


def keeper(folder: ProfileFolder) -> KeyFile:
    return KeyFile(folder.key, os.urandom, lambda: None)


def restore(world: World, file: Path, profile: Path, passphrase: str = PASSPHRASE) -> Disk:
    """The disk of the profile that was made of a backup."""
    assert restore_profile(file, profile, passphrase, None, keeper, world.wall()) == "Alice"
    with ProfileFolder.open(profile) as folder:
        assert sorted(os.listdir(profile)) == ["key", "lock", "messages", "p2pdm.json"]
        return Disk.open(folder.database, keeper(folder).load().database)


def content(file: Path) -> bytes:
    return file.read_bytes()


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def replace(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def contents(file: Path, tmp_path: Path) -> bytes:
    """All decrypted pages of a backup's database."""
    manifest = BackupFile.open(file, PASSPHRASE).extract(tmp_path / "extracted")
    disk = Disk.open(tmp_path / "extracted", manifest.key)
    pages = disk.pages()
    disk.close()
    return pages


async def test_alice_loses_her_computer_and_nobody_loses_a_message(world: World, tmp_path: Path, file: Path) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    await alice.says(bob, "before the backup")
    await bob.says(alice, "yes")
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 2)
    await alice.node.nickname(bob.id, "Bobby")
    made = await alice.node.backup(str(file), PASSPHRASE)
    assert (made.path, made.bytes) == (str(file), len(content(file)))

    for n in range(60):
        await alice.says(bob, f"after the backup {n}")
    await bob.says(alice, "still there?")
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 63)
    before = alice.texts(bob)
    was = alice.node.myself.device.public
    await alice.leaves()
    missed = await bob.says(alice, "where are you?")

    again = await world.person("Alice", disk=restore(world, file, tmp_path / "new"))
    assert again.id == alice.id
    assert again.node.myself.device.public != was
    assert again.node.roster.person(bob.key).name == "Bobby"
    await world.until(lambda: again.texts(bob) == bob.texts(again) == [*before, "where are you?"])
    assert bob.state(missed) == "delivered"
    sent = await again.says(bob, "I am back")
    await world.until(lambda: again.state(sent) == "delivered")
    await world.passes(120)
    assert again.texts(bob) == bob.texts(again) == [*before, "where are you?", "I am back"]
    assert [n.text[: len(RESTORED)] for n in again.told("trouble")] == [RESTORED]
    assert len((await again.node.status()).trouble) == 1

    device = again.node.myself.device.public
    await again.leaves()
    await again.starts()
    await world.passes(60)
    assert again.node.myself.device.public == device
    assert len(again.told("trouble")) == 1
    assert (await again.node.status()).trouble == []


async def test_a_group_gives_back_what_was_said_and_done_in_it(world: World, tmp_path: Path, file: Path) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    carol = await world.person("Carol")
    await world.until(lambda: alice.online(carol))
    await alice.node.accept(carol.id)
    await carol.node.accept(alice.id)
    await world.until(lambda: alice.person(carol).accepted_by_them and carol.person(alice).accepted_by_them)
    chat = (await alice.node.create_group("Lunch", [bob.id])).id
    await world.until(lambda: [c.name for c in bob.node.view.chats() if c.id == chat] == ["Lunch"])
    await bob.node.join_group(chat)
    await alice.node.send(chat, "before the backup")
    await world.until(lambda: said_in(bob, chat) == ["before the backup"])
    await alice.node.backup(str(file), PASSPHRASE)

    await alice.node.invite(chat, carol.id)
    await world.until(lambda: any(c.id == chat for c in carol.node.view.chats()))
    await carol.node.join_group(chat)
    await alice.node.describe(chat, "Dinner")
    await alice.node.send(chat, "after the backup")
    await bob.node.send(chat, "all right")
    everybody = (alice, bob, carol)
    await world.until(lambda: all(said_in(one, chat)[-2:] == ["after the backup", "all right"] for one in everybody))
    await alice.leaves()

    again = await world.person("Alice", disk=restore(world, file, tmp_path / "new"))
    await world.until(lambda: said_in(again, chat) == ["before the backup", "after the backup", "all right"])
    await world.until(lambda: [c.name for c in again.node.view.chats() if c.id == chat] == ["Dinner"])
    await again.node.send(chat, "I am back")
    await carol.node.send(chat, "Good")
    await world.until(lambda: said_in(again, chat) == said_in(bob, chat) and len(said_in(bob, chat)) == 5)
    await world.until(lambda: said_in(carol, chat) == said_in(bob, chat)[-4:])
    assert len(again.told("trouble")) == 1


def said_in(someone: Someone, chat: str) -> list[str]:
    return [message.text for message in someone.node.view.history(chat, 1_000, None)]


async def test_a_backup_that_is_restored_while_the_original_runs_makes_two_devices(
    world: World, tmp_path: Path, file: Path
) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    await alice.node.backup(str(file), PASSPHRASE)
    await alice.says(bob, "after the backup")
    twin = await world.person("Alice", disk=restore(world, file, tmp_path / "new"))
    await world.until(lambda: twin.online(bob))
    sent = [await one.says(bob, f"from {n}") for n, one in enumerate((alice, twin))]
    await world.until(lambda: alice.state(sent[0]) == twin.state(sent[1]) == "delivered")
    await world.until(lambda: alice.texts(bob) == twin.texts(bob) == bob.texts(alice))
    assert sorted(bob.texts(alice)) == ["after the backup", "from 0", "from 1"]
    assert [len(one.told("trouble")) for one in (alice, twin)] == [0, 1]
    await twin.leaves()
    await world.passes(1)
    await twin.starts()
    await world.passes(10)
    first, this = await twin.node.devices()
    assert this.this
    assert (first.last_seen or "") > (first.retired_at or "never")


async def test_one_backup_can_be_restored_many_times(world: World, tmp_path: Path, file: Path) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    await alice.node.backup(str(file), PASSPHRASE)
    disks = [restore(world, file, tmp_path / f"new {n}") for n in range(2)]
    await alice.leaves()
    people = [await world.person("Alice", disk=disk) for disk in disks]
    assert len({one.node.myself.device.public for one in (alice, *people)}) == 3
    for n, one in enumerate(people):
        await one.says(bob, f"from {n}")
    await world.until(lambda: sorted(bob.texts(alice)) == ["from 0", "from 1"])


async def test_who_renames_herself_after_a_restore_is_believed(world: World, tmp_path: Path, file: Path) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    await alice.node.backup(str(file), PASSPHRASE)
    await alice.node.rename("Alice B.")
    await world.until(lambda: bob.person(alice).name == "Alice B.")
    await alice.leaves()
    again = await world.person("Alice", disk=restore(world, file, tmp_path / "new"))
    await world.until(lambda: bob.online(again))
    await again.node.rename("Alice C.")
    await world.until(lambda: bob.person(alice).name == "Alice C.")


async def test_what_is_written_while_a_backup_is_made_is_in_it_or_comes_back(
    world: World, tmp_path: Path, file: Path
) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    for n in range(300):
        await alice.says(bob, f"long {n} " * 50)
    making = asyncio.create_task(alice.node.backup(str(file), PASSPHRASE))
    meanwhile = 0
    while not making.done():
        await alice.says(bob, f"meanwhile {meanwhile}")
        meanwhile += 1
    await making
    assert meanwhile > 3, "nobody had to wait for the backup"
    await alice.leaves()
    again = await world.person("Alice", disk=restore(world, file, tmp_path / "new"))
    again.disk.quick_check()
    await world.until(lambda: len(again.texts(bob)) == 300 + meanwhile)
    assert again.texts(bob) == bob.texts(again)


async def test_what_was_taken_back_is_in_no_later_backup(world: World, tmp_path: Path, file: Path) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    sent = await alice.says(bob, f"{SECRET} for you")
    for n in range(20):
        await alice.says(bob, f"other words {n}")
    await world.passes(2)
    await alice.node.backup(str(file), PASSPHRASE)
    assert SECRET.encode() in contents(file, tmp_path)
    await alice.node.unsend(sent.id)
    await world.passes(2)
    await alice.node.backup(str(file), PASSPHRASE)
    pages = contents(file, tmp_path)
    assert b"other words 7" in pages
    assert SECRET.encode() not in pages
    assert SECRET.lower().encode() not in pages


# What is in the way


async def test_a_disk_that_is_full_leaves_nothing_and_says_so(
    world: World, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await alice_and_bob(world, tmp_path)
    await alice.node.backup(str(file), PASSPHRASE)
    before, names = content(file), sorted(os.listdir(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr("p2pdm.store.backup._write", no_room)
        with pytest.raises(ApiError, match="no room left on the disk") as caught:
            await alice.node.backup(str(file), PASSPHRASE)
    assert caught.value.kind == "disk"
    with monkeypatch.context() as patched:
        patched.setattr(Database, "copy_into", no_room)
        with pytest.raises(ApiError, match="no room left on the disk"):
            await alice.node.backup(str(file), PASSPHRASE)
    assert (content(file), sorted(os.listdir(tmp_path))) == (before, names)
    sent = await alice.says(bob, "as if nothing had been")
    await world.until(lambda: alice.state(sent) == "delivered")
    await alice.node.backup(str(file), PASSPHRASE)


def no_room(*_: object) -> None:
    raise explained(OSError(28, "No space left on device"), Path("the backup"))


async def test_a_backup_that_is_given_up_leaves_nothing(
    world: World, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("p2pdm.store.backup.PAGES", 8)
    alice, bob = await alice_and_bob(world, tmp_path)
    for n in range(100):
        await alice.says(bob, f"long {n} " * 50)
    names = sorted(os.listdir(tmp_path))
    for turns in range(0, 12, 2):
        making = asyncio.create_task(alice.node.backup(str(file), PASSPHRASE))
        for _ in range(turns):
            await asyncio.sleep(0)
        assert not making.done()
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
        assert sorted(os.listdir(tmp_path)) == names
    await alice.node.backup(str(file), PASSPHRASE)
    await alice.says(bob, "on it goes")


async def test_a_backup_never_overwrites_anything_but_a_backup(world: World, tmp_path: Path) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    (tmp_path / "thesis.odt").write_text("ten years")
    (tmp_path / "empty").touch()
    for place, why in (
        ("thesis.odt", "is no backup"),
        ("empty", "is no backup"),
        (".", "is a folder"),
        ("nowhere/backup", "no folder"),
    ):
        with pytest.raises(ApiError, match=why):
            await alice.node.backup(str(tmp_path / place), PASSPHRASE)
    for path, passphrase in (("relative", PASSPHRASE), (str(tmp_path / "new"), "")):
        with pytest.raises(ApiError, match=r"whole path|empty passphrase"):
            await alice.node.backup(path, passphrase)
    assert (tmp_path / "thesis.odt").read_text() == "ten years"
    bob = next(one for one in world.everyone if one is not alice)
    with pytest.raises(ApiError, match="in memory only"):
        await bob.node.backup(str(tmp_path / "new"), PASSPHRASE)


async def test_what_only_has_a_name_like_a_half_made_backup_stays(world: World, tmp_path: Path, file: Path) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    half, letter = tmp_path / "alice.backup.new", tmp_path / "letter"
    letter.write_text("ten years")
    half.symlink_to(letter)
    with pytest.raises(ApiError, match=r"alice\.backup\.new is there already"):
        await alice.node.backup(str(file), PASSPHRASE)
    assert letter.read_text() == "ten years"
    half.unlink()
    half.write_bytes(b"p2pdm backup v1\0, of one that was killed")
    half.chmod(0o644)
    await alice.node.backup(str(file), PASSPHRASE)
    assert mode(file) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["alice.backup", "letter", "messages", "messages-wal"]


async def test_a_backup_does_not_lie_in_the_profile_that_it_saves(world: World, tmp_path: Path) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    alice.node._profile = str(tmp_path)
    (tmp_path / "deeper").mkdir()
    for name in ("copy", "log.1", "mine", "deeper/mine"):
        with pytest.raises(ApiError, match="own folder is no place"):
            await alice.node.backup(str(tmp_path / name), PASSPHRASE)
        assert not (tmp_path / name).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
async def test_nobody_waits_for_a_pipe_that_is_named_as_a_backup(world: World, tmp_path: Path, file: Path) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    os.mkfifo(file)
    with pytest.raises(ApiError, match="is no backup"):
        await asyncio.wait_for(alice.node.backup(str(file), PASSPHRASE), 5)


async def test_two_backups_at_once_are_one_too_many(world: World, tmp_path: Path, file: Path) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    making = asyncio.create_task(alice.node.backup(str(file), PASSPHRASE))
    await asyncio.sleep(0)
    with pytest.raises(ApiError, match="Another backup"):
        await alice.node.backup(str(file), PASSPHRASE)
    await making


# Restoring what is not whole


async def test_nothing_is_made_of_a_wrong_passphrase_or_a_damaged_file(
    world: World, tmp_path: Path, file: Path
) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    await alice.node.backup(str(file), PASSPHRASE)
    whole = content(file)
    new = tmp_path / "new"
    with pytest.raises(ApiError, match="not the passphrase of this backup"):
        restore(world, file, new, "wrong")
    for broken in (whole[:-1], whole[:-70_000], whole[:100], b"", whole + b"\0", whole[:-1] + b"?"):
        replace(file, broken)
        with pytest.raises(ApiError) as caught:
            restore(world, file, new)
        assert caught.value.message.count("\n") == 0
        assert not new.exists()
    with pytest.raises(ApiError, match="There is no file"):
        restore(world, tmp_path / "nothing", new)
    replace(file, whole)
    restore(world, file, new).close()
    with pytest.raises(ApiError, match="already a profile") as caught:
        restore(world, file, new)
    assert caught.value.kind == "exists"


async def test_a_full_disk_while_restoring_leaves_nothing(
    world: World, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _ = await alice_and_bob(world, tmp_path)
    await alice.node.backup(str(file), PASSPHRASE)
    for what in ("p2pdm.store.backup._write", "p2pdm.store.database.Database.copy_into"):
        with monkeypatch.context() as patched:
            patched.setattr(what, no_room)
            with pytest.raises(ApiError, match="no room left"):
                restore(world, file, tmp_path / "new")
        assert not (tmp_path / "new").exists()
    assert state(tmp_path / "new") == "absent"
    restore(world, file, tmp_path / "new").close()
    assert encode_id(alice.key) == alice.id
