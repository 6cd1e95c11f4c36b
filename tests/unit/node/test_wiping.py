"""The end of a profile: the key goes first, and from then on nobody reads anything, whatever comes in between."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from p2pdm.api.types import ApiError
from p2pdm.node.run import make_profile, run_node, wipe
from p2pdm.store import keys
from p2pdm.store.database import Database
from p2pdm.store.errors import ProfileWiped, StoreError
from p2pdm.store.keys import KeyFile
from p2pdm.store.profile import ProfileFolder, state
from tests.fakes.deadly import kill_at_each_step
from tests.fakes.world import World


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PASSES", 1)
    monkeypatch.setattr(keys, "MEMORY", 8192)


def readable(profile: Path) -> bool:
    """Whether what was said can be read with all that lies in the profile's folder."""
    try:
        with ProfileFolder.open(profile) as folder:
            key = KeyFile(folder.key, os.urandom, lambda: None).load("correct horse")
            database = Database.open(folder.database, key.database)
            assert database.first("SELECT count(*) FROM settings") != (0,)
            database.close()
    except StoreError:
        return False
    return True


# The running node


async def test_only_the_profiles_own_name_wipes_it(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    destroyed: list[str] = []

    def destroy() -> str:
        destroyed.append("the key")
        return ""

    with pytest.raises(ApiError, match="in memory only"):
        await alice.node.wipe("Alice")
    alice.node.wiping._destroy_key = destroy
    for wrong in ("", "alice", "Bob", "yes"):
        with pytest.raises(ApiError, match="Nothing was erased"):
            await alice.node.wipe(wrong)
    assert not destroyed
    assert not alice.node.stopped.is_set()
    assert await alice.node.wipe("Alice") == ""
    await world.passes(0.01)
    assert destroyed == ["the key"]
    assert alice.node.stopped.is_set()
    assert alice.node.wiping.done
    await alice.leaves()
    await world.until(lambda: not bob.online(alice))


async def test_a_key_that_can_not_be_destroyed_keeps_the_profile(world: World) -> None:
    alice = await world.person("Alice")

    def refuse() -> str:
        raise StoreError("The disk is read-only.")

    alice.node.wiping._destroy_key = refuse
    with pytest.raises(ApiError, match="read-only"):
        await alice.node.wipe("Alice")
    assert not alice.node.stopped.is_set()
    assert not alice.node.wiping.done


# The folder


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_wiped_profile_is_gone_without_its_passphrase_and_a_new_one_can_be_made(
    tmp_path: Path, passphrase: str | None
) -> None:
    profile = tmp_path / "alice"
    make_profile(profile, "Alice", passphrase)
    assert readable(profile)
    assert wipe(profile) == ""
    assert not profile.exists()
    make_profile(profile, "Alice again", None)
    assert readable(profile)


def test_what_is_not_ours_in_the_folder_stays(tmp_path: Path) -> None:
    profile = tmp_path / "alice"
    make_profile(profile, "Alice", None)
    (profile / "thesis.odt").write_text("ten years")
    wipe(profile)
    assert os.listdir(profile) == ["thesis.odt"]


def test_nothing_is_wiped_that_is_no_profile_or_in_use(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="no profile"):
        wipe(tmp_path)
    profile = tmp_path / "alice"
    make_profile(profile, "Alice", None)
    with ProfileFolder.open(profile), pytest.raises(ApiError, match="in use"):
        wipe(profile)
    assert readable(profile)


WIPING = """
from p2pdm.node.wiping import wipe_profile
from p2pdm.store.keys import KeyFile

def work(profile):
    wipe_profile(profile, lambda folder: KeyFile(folder.key, os.urandom, lambda: None))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_at_any_step_it_is_whole_or_unreadable_for_good(tmp_path: Path) -> None:
    make_profile(tmp_path / "original", "Alice", None)
    for step in range(1, 60):
        shutil.copytree(tmp_path / "original", tmp_path / str(step))
    last = kill_at_each_step(WIPING, tmp_path, 59)
    seen = [state(tmp_path / str(step)) for step in range(1, last + 1)]
    assert [s for n, s in enumerate(seen) if n == 0 or s != seen[n - 1]] == ["made", "wiped", "absent"]
    assert seen.index("wiped") < 8, "the key goes first"
    for step, found in enumerate(seen, 1):
        profile = tmp_path / str(step)
        assert readable(profile) == (found == "made"), step
        if found == "wiped" and step % 2:  # a start says what happened, and clears the rest
            with pytest.raises(ApiError, match=r"was wiped, .* Make a new one"):
                run_node(profile, None, (), lambda id, port: None)
            assert not profile.exists()
        if found != "made":
            make_profile(profile, "Alice again", None)
            assert readable(profile)


def test_opening_a_wiped_profile_says_so(tmp_path: Path) -> None:
    profile = tmp_path / "alice"
    make_profile(profile, "Alice", None)
    with ProfileFolder.open(profile) as folder:
        KeyFile(folder.key, os.urandom, lambda: None).destroy()
    with pytest.raises(ProfileWiped, match="was wiped"):
        ProfileFolder.open(profile)
