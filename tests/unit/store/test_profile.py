"""Alice's profile: one folder, one node at a time, never half made."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from p2pdm.store.errors import (
    NewerVersion,
    NoProfile,
    NotPermitted,
    ProfileDamaged,
    ProfileExists,
    ProfileInUse,
)
from p2pdm.store.profile import ProfileFolder, default_path, state

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alice"


def make(path: Path) -> None:
    with ProfileFolder.create(path) as folder:
        folder.key.write_text("the key")
        folder.database.write_text("the database")
        folder.finish()


@contextmanager
def as_nobody() -> Iterator[Path]:
    """Root may do everything, so it steps down; yields a folder of its own that everyone can reach."""
    with tempfile.TemporaryDirectory(dir="/tmp") as shared:
        os.chmod(shared, 0o777)  # noqa: S103 - and may write
        if os.geteuid() != 0:
            yield Path(shared)
            return
        os.seteuid(65534)
        try:
            yield Path(shared)
        finally:
            os.seteuid(0)


def test_a_profile_is_made_once_and_opened_ever_after(path: Path) -> None:
    assert state(path) == "absent"
    make(path)
    assert state(path) == "made"
    with ProfileFolder.open(path) as folder:
        assert folder.key.read_text() == "the key"
        assert folder.warning == ""
        assert {folder.key.parent, folder.database.parent, folder.highwater.parent, folder.log.parent} == {folder.path}


def test_what_a_killed_backup_has_left_is_cleared_at_the_next_start(path: Path) -> None:
    make(path)
    (path / "copy").write_text("half a copy")
    ProfileFolder.open(path).close()
    assert not (path / "copy").exists()


def test_a_profile_can_be_made_deep_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    make(tmp_path / "data" / "p2pdm" / "alice")
    assert state(tmp_path / "data" / "p2pdm" / "alice") == "made"


def test_a_profile_is_never_overwritten(path: Path) -> None:
    make(path)
    with pytest.raises(ProfileExists, match="already a profile"):
        ProfileFolder.create(path)
    with ProfileFolder.open(path) as folder:
        assert folder.key.read_text() == "the key"


def test_a_folder_with_other_things_is_left_alone(path: Path) -> None:
    path.mkdir()
    (path / "thesis.odt").write_text("ten years")
    with pytest.raises(ProfileExists, match=r"thesis\.odt"):
        ProfileFolder.create(path)
    assert os.listdir(path) == ["thesis.odt"]


def test_a_file_in_the_place_of_the_folder_is_told(path: Path) -> None:
    path.write_text("not a folder")
    with pytest.raises(NotPermitted, match="is a file"):
        ProfileFolder.create(path)


def test_no_profile_means_how_to_make_one(path: Path) -> None:
    with pytest.raises(NoProfile, match="p2pdm init"):
        ProfileFolder.open(path)
    path.mkdir()
    with pytest.raises(NoProfile, match="no profile"):
        ProfileFolder.open(path)


def test_a_creation_that_was_interrupted_is_made_anew(path: Path) -> None:
    with ProfileFolder.create(path) as folder:
        folder.key.write_text("half a key")
        folder.database.write_text("half a database")
    assert state(path) == "unfinished"
    with pytest.raises(NoProfile, match="interrupted"):
        ProfileFolder.open(path)
    with ProfileFolder.create(path) as folder:
        assert sorted(os.listdir(path)) == ["lock", "p2pdm.json"]
        folder.finish()
    assert state(path) == "made"


CREATION = """
import os, sys
from pathlib import Path
from p2pdm.store import files, profile

deadly = int(sys.argv[2])

def count(event, arguments):
    global deadly
    if event in ("os.mkdir", "os.rename", "os.remove") or event == "open" and str(arguments[0]).startswith(sys.argv[1]):
        deadly -= 1
        if not deadly:
            os.kill(os.getpid(), 9)

sys.addaudithook(count)
folder = profile.ProfileFolder.create(Path(sys.argv[1]))
files.replace_file(folder.key, b"the key", durable=True)
files.replace_file(folder.database, b"the database", durable=True)
folder.finish()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_at_any_step_the_next_creation_works_or_finds_it_done(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    seen = set()
    killed = True
    for step in range(1, 40):
        path = tmp_path / str(step)
        ended = subprocess.run([sys.executable, "-c", CREATION, str(path), str(step)], env=environ, check=False)
        killed = ended.returncode != 0
        seen.add(found := state(path))
        if found == "made":
            with ProfileFolder.open(path) as folder:
                assert (folder.key.read_text(), folder.database.read_text()) == ("the key", "the database")
        else:
            make(path)
        if not killed:
            break
    assert not killed, "the creation was never let through"
    assert seen == {"absent", "unfinished", "made"}


# One node at a time


def test_a_second_node_is_refused_and_told_who_has_it(path: Path) -> None:
    make(path)
    with ProfileFolder.open(path):
        with pytest.raises(ProfileInUse, match=f"in use by process {os.getpid()}") as refused:
            ProfileFolder.open(path)
        assert refused.value.pid == os.getpid()
    ProfileFolder.open(path).close()


def test_two_who_make_the_same_profile_get_one(path: Path) -> None:
    with ProfileFolder.create(path) as folder:
        with pytest.raises(ProfileInUse):
            ProfileFolder.create(path)
        folder.finish()
    assert state(path) == "made"


def test_one_folder_under_two_names_is_one_profile(path: Path, tmp_path: Path) -> None:
    make(path)
    (tmp_path / "link").symlink_to(path)
    with ProfileFolder.open(path) as folder:
        assert folder.path == path.resolve()
        with pytest.raises(ProfileInUse):
            ProfileFolder.open(tmp_path / "link")


HOLDER = """
import sys
from pathlib import Path
from p2pdm.store.profile import ProfileFolder

folder = ProfileFolder.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_a_killed_node_leaves_the_profile_free(path: Path) -> None:
    make(path)
    command = [sys.executable, "-c", HOLDER, str(path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as node:
        assert node.stdout is not None
        assert node.stdout.readline() == "open\n"
        with pytest.raises(ProfileInUse) as refused:
            ProfileFolder.open(path)
        assert refused.value.pid == node.pid
        node.kill()
    ProfileFolder.open(path).close()


def test_a_holder_that_left_no_number_is_just_another_process(path: Path) -> None:
    make(path)
    with ProfileFolder.open(path):
        (path / "lock").write_bytes(b"\xff\xfe not a number")
        with pytest.raises(ProfileInUse, match="another process") as refused:
            ProfileFolder.open(path)
        assert refused.value.pid is None


# Damage, versions, permissions


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": "1"}', b"\xff" * 40, b'{"version": 1, "state": "?"}'])
def test_a_damaged_marker_is_neither_opened_nor_overwritten(path: Path, content: bytes) -> None:
    make(path)
    (path / "p2pdm.json").write_bytes(content)
    with pytest.raises(ProfileDamaged, match="backup"):
        ProfileFolder.open(path)
    with pytest.raises(ProfileDamaged, match="backup"):
        ProfileFolder.create(path)
    assert (path / "key").read_text() == "the key"


def test_a_profile_of_a_newer_version_is_refused(path: Path) -> None:
    make(path)
    (path / "p2pdm.json").write_text('{"version": 2, "state": "made", "spaces": []}')
    with pytest.raises(NewerVersion, match="Update p2pdm"):
        ProfileFolder.open(path)


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")


@posix
def test_others_can_not_look_into_the_folder(path: Path) -> None:
    make(path)
    assert path.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o077 for file in path.iterdir() if file.name in ("lock", "p2pdm.json")} == {0}
    path.chmod(0o755)
    with ProfileFolder.open(path) as folder:
        assert folder.warning == ""
    assert path.stat().st_mode & 0o777 == 0o700


@posix
def test_a_file_system_without_modes_is_warned_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path)
    path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    with ProfileFolder.open(path) as folder:
        assert "Other users of this machine can look" in folder.warning


@posix
def test_a_folder_that_can_not_be_written_is_told() -> None:
    with as_nobody() as shared:
        (shared / "alice").mkdir(mode=0o500)
        with pytest.raises(NotPermitted, match="can't be written"):
            ProfileFolder.create(shared / "alice")
        with pytest.raises(NotPermitted, match="may not use"):
            ProfileFolder.create(shared / "alice" / "deeper")


@posix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_somebody_else_is_not_used() -> None:
    with tempfile.TemporaryDirectory() as path:
        os.chown(path, 65534, 65534)
        with pytest.raises(NotPermitted, match="belongs to another user"):
            ProfileFolder.create(Path(path))


def test_the_default_is_in_the_users_own_data() -> None:
    assert default_path().name == "p2pdm"
    assert Path.home() in default_path().parents
