"""The folder of the door is the user's own, or there is no door."""

import os
import tempfile
from pathlib import Path

import pytest

from p2pdm.api.endpoint import default_profile, has_profile, socket_path
from p2pdm.api.types import ApiError


@pytest.fixture
def everyones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without a runtime folder; returns where p2pdm then makes its own."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"p2pdm-{os.getuid()}"


def test_each_profile_has_its_own_door_however_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "alice")
    assert socket_path(tmp_path / "alice") != socket_path(tmp_path / "bob")
    assert socket_path(tmp_path / "alice") == socket_path(tmp_path / "link")


def test_a_profile_far_down_has_a_door_too(tmp_path: Path) -> None:
    assert len(os.fsencode(socket_path(tmp_path / ("deep/" * 60)))) < 108


def test_the_folder_is_made_for_this_user_only(everyones: Path) -> None:
    assert socket_path(Path("/alice")).parent == everyones
    assert everyones.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_open_is_refused(everyones: Path) -> None:
    everyones.mkdir()
    everyones.chmod(0o755)
    with pytest.raises(ApiError, match="chmod 700"):
        socket_path(Path("/alice"))


def test_a_link_that_somebody_laid_there_is_refused(everyones: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    everyones.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ApiError, match="belongs to somebody else"):
        socket_path(Path("/alice"))


def test_a_folder_of_somebody_else_is_refused(everyones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everyones.mkdir(mode=0o700)
    other = os.getuid() + 1
    everyones.rename(everyones.with_name(f"p2pdm-{other}"))
    monkeypatch.setattr(os, "getuid", lambda: other)
    with pytest.raises(ApiError, match="belongs to somebody else"):
        socket_path(Path("/alice"))


def test_a_file_in_the_folders_place_is_refused(everyones: Path) -> None:
    everyones.write_text("")
    with pytest.raises(ApiError):
        socket_path(Path("/alice"))


def test_the_profile_is_the_one_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("P2PDM_PROFILE", "/somewhere/alice")
    assert default_profile() == Path("/somewhere/alice")
    monkeypatch.delenv("P2PDM_PROFILE")
    assert default_profile().name == "p2pdm"


def test_an_empty_folder_is_no_profile(tmp_path: Path) -> None:
    assert not has_profile(tmp_path)
