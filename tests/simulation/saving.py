"""What people do with backup files, and what must hold of those. Each act as in `life`.

The files are the product's own; only the database in them lies bare, as the simulated disks do, and its passphrase is
stretched as little as can be.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import apsw
import nacl.pwhash.argon2id

from p2pdm.node import restoring
from p2pdm.node.myself import Myself
from p2pdm.node.restoring import restore_profile
from p2pdm.store import backup as backup_module
from p2pdm.store import keys
from p2pdm.store.backup import BackupFile
from p2pdm.store.connection import set_up
from p2pdm.store.database import Database
from p2pdm.store.keys import KeyFile
from p2pdm.store.profile import ProfileFolder
from p2pdm.store.tables import Store
from tests.simulation.disk import SimulatedDisk
from tests.simulation.keeping import LATE
from tests.simulation.life import Act, Life
from tests.simulation.pages import TEXT, words_on
from tests.simulation.people import Character

PASSPHRASE = "correct horse battery staple"
TAKEN_BACK = (
    "SELECT e.target FROM entries e JOIN entries m ON m.id = e.target AND m.device = e.device"
    " WHERE e.kind = 4 AND e.void = 0"
)


@dataclass(frozen=True)
class Saved:
    """A backup file, and what was so when it was begun."""

    path: Path
    keeps: frozenset[bytes]
    heard_of: frozenset[str]
    deleted: frozenset[bytes]
    left: dict[bytes, float]
    """For how long what was read stays."""
    drafts: dict[bytes, set[str]]


class _Bare(Database):
    """A file as the simulated disks are: without a key, and with a log."""

    @classmethod
    def open(cls, path: Path | None, key: bytes) -> Database:
        """See Database."""
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = apsw.Connection(str(path), flags=flags)
        connection.pragma("locking_mode", "EXCLUSIVE")
        connection.pragma("journal_mode", "WAL")
        set_up(connection, None)
        return Database(connection)


@contextmanager
def cheap_files(seed: int) -> Iterator[None]:
    """Backup files cost no more than their bytes, and what is made of them is the same each time."""
    with (
        patch.object(restoring, "os", SimpleNamespace(urandom=random.Random(f"restored {seed}").randbytes)),
        patch.object(backup_module, "Database", _Bare),
        patch.object(restoring, "Database", _Bare),
        patch.object(keys, "PASSES", nacl.pwhash.argon2id.OPSLIMIT_MIN),
        patch.object(keys, "MEMORY", nacl.pwhash.argon2id.MEMLIMIT_MIN),
    ):
        yield


# --- what people do ---


async def save(life: Life) -> None:
    """Write a backup file."""
    machine = life.machine
    path = life.world.folder / f"{machine.host} {len(life.saved)} {machine.now}"
    saved = Saved(
        path,
        frozenset(machine.keeps),
        frozenset(machine.heard_of),
        frozenset(machine.deleted),
        {id: max(due - machine.now, 0) for id, due in machine.due.items()},
        {chat: set(texts) for chat, texts in machine.drafts.items()},
    )
    gone = _words_gone(machine)
    if await machine.tries(machine.node.backup(str(path), PASSPHRASE)) is not None:
        life.saved.append(saved)
        found = words_on(_pages(life.world.folder / "look", path), gone) if gone else None
        if found:
            detail = f"{machine.name} at {machine.host} saves {', '.join(sorted(found))}"
            life.world.record.broken.append(("no later backup holds what is gone", detail))


async def restore(life: Life) -> None:
    """Make a profile of a backup file: in the place of the one that is here, on another machine once this one is gone
    for good, or on another one while this one goes on.
    """
    if not life.saved:
        return
    saved, machine = life.chance.choice(life.saved[-2:]), life.machine
    # While this one goes on: of one person only, as with copies.
    alone = len(life.world.machines) == life.story.born
    how = life.chance.choice(("here", "there", "beside") if alone else ("here", "there"))
    if how == "beside":
        life.story.begin_life(await _arrives(life, saved))
        return
    await machine.leaves()
    await asyncio.sleep(life.chance.uniform(0.1, 3))  # at least, for what was called soon
    if machine.dead:
        return  # at the last write
    if how == "there":
        machine.gone = True
        life.machine = await _arrives(life, saved)
        _goes_on(machine, life.machine)
    else:
        machine.restore(_disk_of(life, saved), mark_too=True)
        _remembers(machine, saved)
        await life.world.begin(machine)


SAVING_ACTS: dict[Act, float] = {save: 2.5, restore: 2.5}


async def _arrives(life: Life, saved: Saved) -> Character:
    disk = _disk_of(life, saved)
    arrived = await life.world.arrives(life.machine.name, disk)
    _remembers(arrived, saved)
    return arrived


def _remembers(machine: Character, saved: Saved) -> None:
    machine.heard_of |= saved.heard_of
    machine.deleted = set(saved.deleted)
    machine.due = {id: machine.now + left for id, left in saved.left.items()}
    machine.drafts = {chat: set(texts) for chat, texts in saved.drafts.items()}


def _goes_on(old: Character, new: Character) -> None:
    """What was done at a machine that is gone now, the new one's owner has done."""
    record = old.stormy.record
    elsewhere = {id for machine in old.stormy.present for id in machine.keeps}
    record.restored_away |= old.keeps - elsewhere
    record.went_back.add(new.key)
    for saying in record.said.values():
        if saying.machine is old:
            saying.machine = new
    record.edited = [(id, text, new if by is old else by) for id, text, by in record.edited]
    record.taken_back = [(id, new if by is old else by) for id, by in record.taken_back]


def _disk_of(life: Life, saved: Saved) -> SimulatedDisk:
    """What the product makes of a backup file, and whether it is all of it."""
    world, profile = life.world, life.world.folder / "profile"
    restore_profile(saved.path, profile, PASSPHRASE, None, _keeper, life.machine.wall())
    with ProfileFolder.open(profile) as folder:
        disk = SimulatedDisk.holding(folder.database.read_bytes(), world.chance)
        folder.discard()
    lost = saved.keeps - {row[0] for row in disk.ask("SELECT id FROM entries")}
    if lost:
        detail = f"{life.machine.name}'s lacks {len(lost)} of {len(saved.keeps)} entries"
        world.record.broken.append(("a backup holds all that was kept", detail))
    device = Myself(Store(disk), os.urandom).device.public
    if any(device == machine.node.myself.device.public for machine in world.machines):
        detail = f"{life.machine.name} goes on as a device that is there already"
        world.record.broken.append(("a restored profile is a new device", detail))
    return disk


def _keeper(folder: ProfileFolder) -> KeyFile:
    return KeyFile(folder.key, os.urandom, lambda: None)


# --- what must hold ---


def words_taken_back(machine: Character) -> set[str]:
    """The words of what is known to be taken back on a disk, and of its edits."""
    return _words(machine, {row[0] for row in machine.disk.ask(TAKEN_BACK)})


def _words_gone(machine: Character) -> set[str]:
    """What no backup that begins now may hold."""
    over = {id for id, due in machine.due.items() if machine.now > due + LATE}
    return words_taken_back(machine) | _words(machine, over | machine.deleted)


def _words(machine: Character, ids: set[bytes]) -> set[str]:
    texts = [text for id in ids for text in machine.stormy.record.words.get(id, ())]
    return {found[0] for text in texts if (found := TEXT.match(text)) is not None}


def _pages(extracted: Path, path: Path) -> bytes:
    BackupFile.open(path, PASSPHRASE).extract(extracted)
    return extracted.read_bytes()
