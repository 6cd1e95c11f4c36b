"""A restore that ends too early: nothing is half made, and it can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from p2pdm.node.myself import Myself
from p2pdm.node.restoring import restore_profile
from p2pdm.store import keys
from p2pdm.store.backup import NewBackup
from p2pdm.store.database import Database
from p2pdm.store.keys import KeyFile
from p2pdm.store.profile import ProfileFolder, state
from p2pdm.store.tables import Store
from tests.fakes.deadly import kill_at_each_step

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)


def keeper(folder: ProfileFolder) -> KeyFile:
    return KeyFile(folder.key, os.urandom, lambda: None)


def backup_of_alice(folder: Path) -> Path:
    store = Store(Database.open(folder / "messages", bytes(32)))
    store.begin()
    Myself.create(store, "Alice", os.urandom, 1)
    store.commit()
    backup = NewBackup(folder / "backup", folder / "copy", os.urandom)
    backup.stretch(PASSPHRASE)
    for _ in backup.copy(store.database):
        pass
    for _ in backup.seal(1, "0.1.0"):
        pass
    backup.publish()
    backup.discard()
    store.close()
    return folder / "backup"


RESTORING = """
from p2pdm.node.restoring import restore_profile
from p2pdm.store.keys import KeyFile

def work(profile):
    keeper = lambda folder: KeyFile(folder.key, os.urandom, lambda: None)
    restore_profile(profile.parent / "backup", profile, "correct horse battery staple", None, keeper, 1)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_restore_that_is_killed_at_any_step_can_be_made_again(tmp_path: Path) -> None:
    file = backup_of_alice(tmp_path)
    last = kill_at_each_step(RESTORING, tmp_path)
    seen = [state(tmp_path / str(step)) for step in range(1, last + 1)]
    assert [s for n, s in enumerate(seen) if n == 0 or s != seen[n - 1]] == ["absent", "unfinished", "made"]
    for step, found in enumerate(seen, 1):
        profile = tmp_path / str(step)
        if found != "made":
            restore_profile(file, profile, PASSPHRASE, None, keeper, 1)
        assert sorted(os.listdir(profile)) == ["key", "lock", "messages", "p2pdm.json"]
        with ProfileFolder.open(profile) as folder:
            database = Database.open(folder.database, keeper(folder).load().database)
            database.quick_check()
            database.close()
