"""A client that finds no node starts one, and says so when that does not work."""

import asyncio
import sys
from pathlib import Path

import pytest

from p2pdm.api import client as client_module
from p2pdm.api import launch
from p2pdm.api.client import Client, connect, stop_node
from p2pdm.api.endpoint import log_path, node_process, stderr_path
from p2pdm.api.types import ApiError
from tests.fakes.doors import make_profile_folder


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return make_profile_folder(tmp_path / "alice")


@pytest.fixture
def fake_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """`p2pdm node` is the fake one."""

    def command(profile: Path, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "tests.fakes.memory_office", "--profile", str(profile)]

    monkeypatch.setattr(launch, "command", command)


def node_says(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """`p2pdm node` is this script."""
    monkeypatch.setattr(launch, "command", lambda profile, *words: [sys.executable, "-c", script])


async def end(client: Client) -> None:
    await client.api.subscribe()
    await client.api.stop()
    with pytest.raises(ApiError, match="has ended"):
        async for _ in client.notices():
            pass
    await client.close()


@pytest.mark.usefixtures("fake_node")
async def test_a_node_is_started_and_outlives_who_started_it(profile: Path) -> None:
    first = await connect(profile)
    await first.api.rename("Alicia")
    await first.close()
    second = await connect(profile, start=False)
    assert (await second.api.me()).name == "Alicia"
    await end(second)


@pytest.mark.usefixtures("fake_node")
async def test_clients_that_come_at_once_start_one_node(profile: Path) -> None:
    first, second, third = await asyncio.gather(*(connect(profile) for _ in range(3)))
    await first.api.rename("Alicia")
    assert (await second.api.me()).name == (await third.api.me()).name == "Alicia"
    await second.close()
    await third.close()
    await end(first)


async def test_without_a_profile_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="p2pdm init --name") as caught:
        await connect(tmp_path / "nobody")
    assert caught.value.kind == "no_profile"
    assert not (tmp_path / "nobody").exists()


async def test_a_node_that_ends_at_once_is_quoted(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stderr_path(profile).write_text("an older line\n")
    node_says(monkeypatch, "import sys; sys.exit('p2pdm: the disk is full: make room')")
    with pytest.raises(ApiError, match=r"^the disk is full: make room$") as caught:
        await connect(profile)
    assert caught.value.kind == "not_started"


async def test_a_node_that_ends_without_a_word_points_to_its_log(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr_path(profile).write_text("an older line\n")
    node_says(monkeypatch, "pass")
    with pytest.raises(ApiError, match=f"see {log_path(profile)}"):
        await connect(profile)


async def test_a_node_that_never_opens_its_door_is_ended(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node_says(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(client_module, "PATIENCE", 0.3)
    with pytest.raises(ApiError, match="did not open its door"):
        await connect(profile)


async def test_nothing_in_the_current_folder_is_taken_for_p2pdm(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p2pdm").mkdir()
    (tmp_path / "p2pdm" / "__main__.py").write_text("print('trapped')")
    monkeypatch.chdir(tmp_path)
    process = await asyncio.create_subprocess_exec(
        *launch.command(profile, "--version"), env=launch.environment(), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.startswith(b"p2pdm ")


@pytest.mark.usefixtures("fake_node")
async def test_a_node_that_is_just_ending_is_waited_for(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ending = await asyncio.create_subprocess_exec("sleep", "60")
    (profile / "lock").write_text(f"{ending.pid}\n")
    connecting = asyncio.create_task(connect(profile))
    await asyncio.sleep(client_module.DOOR_INTERVAL * 3)
    assert not connecting.done()
    assert not stderr_path(profile).exists()  # nothing was launched
    ending.kill()
    await ending.wait()
    await end(await connecting)


@pytest.mark.usefixtures("fake_node")
async def test_a_lock_of_a_dead_process_holds_nobody_up(profile: Path) -> None:
    dead = await asyncio.create_subprocess_exec("true")
    await dead.wait()
    (profile / "lock").write_text(f"{dead.pid}\n")
    await (await connect(profile)).close()
    await stop_node(profile)
    with pytest.raises(ApiError, match="no node runs"):
        await stop_node(profile)


@pytest.mark.parametrize("noted", ["", "x", "-1", "0", "99999999999999999999"])
def test_a_strange_lock_file_names_nobody(profile: Path, noted: str) -> None:
    (profile / "lock").write_text(noted)
    assert node_process(profile) is None
