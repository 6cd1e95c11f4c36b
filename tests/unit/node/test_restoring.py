"""A restore that ends too early: nothing is half made, and it can be made again."""

from __future__ import annotations

import os
import subprocess
import sys
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

ROOT = Path(__file__).parents[3]
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
import os, sys
from pathlib import Path
from p2pdm.node.restoring import restore_profile
from p2pdm.store.keys import KeyFile

file, profile, deadly = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])

def count(event, arguments):
    global deadly
    if event in ("os.mkdir", "os.rename", "os.remove") or event == "open" and str(arguments[0]).startswith(sys.argv[2]):
        deadly -= 1
        if not deadly:
            os.kill(os.getpid(), 9)

sys.addaudithook(count)
keeper = lambda folder: KeyFile(folder.key, os.urandom, lambda: None)
restore_profile(file, profile, "correct horse battery staple", None, keeper, 1)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_restore_that_is_killed_at_any_step_can_be_made_again(tmp_path: Path) -> None:
    file = backup_of_alice(tmp_path)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    seen, killed = set(), True
    for step in range(1, 60):
        profile = tmp_path / str(step)
        command = [sys.executable, "-c", RESTORING, str(file), str(profile), str(step)]
        ended = subprocess.run(command, env=environ, check=False)
        seen.add(found := state(profile))
        killed = ended.returncode != 0
        if not killed:
            break
        if found != "made":
            restore_profile(file, profile, PASSPHRASE, None, keeper, 1)
            assert state(profile) == "made"
            assert sorted(os.listdir(profile)) == ["key", "lock", "messages", "p2pdm.json"]
    assert not killed
    assert seen == {"absent", "unfinished", "made"}
