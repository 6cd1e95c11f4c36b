"""The house's own rules: what is pinned, what the start script does, and that the tests' guards bite."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import p2pdm

ROOT = Path(__file__).resolve().parents[2]
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def run() -> ModuleType:
    """The start script, as a module."""
    loader = SourceFileLoader("run", str(ROOT / "run"))
    spec = spec_from_loader("run", loader)
    assert spec
    module = module_from_spec(spec)
    write, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # it has no place for a cache beside it
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = write
    return module


@pytest.fixture
def started(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The section that the start script prepared, and what it became after that, without doing either."""
    done: list[str] = []

    def become(*arguments: str) -> int:
        done.extend(arguments)
        return 0

    monkeypatch.setattr(run, "prepare", done.append)
    monkeypatch.setattr(run, "become", become)
    return done


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~ \[;]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def pinned(text: str) -> set[str]:
    return names(re.findall(r"^[^\s#].*==", text, re.MULTILINE))


def test_one_version_everywhere() -> None:
    assert PROJECT["project"]["version"] == p2pdm.__version__
    assert f"## {p2pdm.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


TOLD_BY_THEIR_FILES = {"p2pdm/api/methods", "p2pdm/api/types", "p2pdm/node/door"}
"""Packages with a file for each concern, called after it."""
ROOMS = {
    path.parent.relative_to(ROOT).as_posix()
    for place in ("p2pdm", "gui/p2pdm_gui")
    for path in (ROOT / place).rglob("__init__.py")
}


@pytest.mark.parametrize("room", sorted(ROOMS - TOLD_BY_THEIR_FILES))
def test_every_module_is_named_at_the_door_of_its_room(room: str) -> None:
    said = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    files = {path.stem for path in (ROOT / room).glob("*.py")}
    folders = {path.parent.name for path in (ROOT / room).glob("*/__init__.py")}
    named = set(re.findall(r"\w+", said))
    assert {name for name in files | folders if not name.startswith("__")} <= named


def test_every_pin_has_its_hashes_and_no_address() -> None:
    pins = re.split(r"\n(?=[^\s#])", PINS)[1:]
    assert len(pins) > 40
    for pin in pins:
        head, *hashes = [line.strip(" \\") for line in pin.splitlines() if line.strip() and not line.startswith("#")]
        assert re.match(r"[a-z0-9-]+==[0-9][\w.]*( ; .*)?$", head.strip()), head
        assert hashes, f"{head} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), pin
    assert "//" not in PINS


def test_what_the_project_asks_for_is_pinned_where_it_is_needed(run: ModuleType) -> None:
    base, gui, dev = (pinned(run.read_pins(section)) for section in run.SECTIONS)
    project = PROJECT["project"]
    assert names(project["dependencies"]) | {"hatchling"} <= base
    assert names(project["optional-dependencies"]["gui"]) <= gui
    assert names(PROJECT["dependency-groups"]["dev"]) <= dev
    assert base < gui < dev
    assert "pyside6-essentials" not in base, "the terminal needs no Qt"


def test_the_start_script_needs_the_standard_library_alone(run: ModuleType) -> None:
    tree = ast.parse((ROOT / "run").read_text(encoding="utf-8"), feature_version=(3, 7))  # older ones read the sentence
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_a_wrong_command_is_answered_with_the_right_ones() -> None:
    answer = subprocess.run([sys.executable, ROOT / "run", "tset"], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "no command 'tset'" in answer.stderr
    assert "./run test" in answer.stderr
    assert not answer.stdout


def test_without_a_display_the_terminal_opens(
    run: ModuleType, started: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert run.main(["--profile", "/tmp/alice"]) == 0  # noqa: S108  never opened
    assert started == ["base", "-m", "p2pdm", "--profile", "/tmp/alice", "chat"]  # noqa: S108
    assert "no display" in capsys.readouterr().err


def test_with_a_display_the_window_opens(run: ModuleType, started: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert run.main([]) == 0
    assert started == ["gui", "-m", "p2pdm_gui"]


def test_a_user_without_rights_is_told_the_exact_command(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name, path=None: "/usr/bin/" + name)
    monkeypatch.setattr(run, "administrator", lambda: None)
    monkeypatch.setattr(run, "can_load", lambda library: library != "libxcb-cursor.so.0")
    monkeypatch.setattr(run, "is_ready", lambda section: False)
    monkeypatch.setattr(run, "DEBIAN_FONTS", {})
    monkeypatch.setenv("DISPLAY", ":0")
    assert run.main([]) == 1
    assert "sudo apt-get install -y --no-install-recommends libxcb-cursor0\n" in capsys.readouterr().err


def test_the_environment_is_made_anew_when_the_pins_change(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "constraints.txt").write_text("one==1")
    monkeypatch.setattr(run, "ROOT", str(tmp_path))
    monkeypatch.setattr(run, "VENV", str(tmp_path))
    monkeypatch.setattr(run, "PINS", str(tmp_path / "constraints.txt"))
    Path(run.stamp("gui")).write_text(run.fingerprint())
    assert run.is_ready("base")
    assert run.is_ready("gui")
    assert not run.is_ready("dev")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]")
    assert run.is_ready("base"), "how tools are set changes no environment"
    (tmp_path / "constraints.txt").write_text("one==2")
    assert not run.is_ready("base")


CARELESS = """
import asyncio, logging, threading
import pytest

def test_warns(): logging.getLogger("room").warning("boo")

@pytest.mark.logs_warnings("boo")
def test_announces_its_warning(): logging.getLogger("room").warning("boo")

@pytest.mark.logs_warnings("bah")
def test_announces_another_warning(): logging.getLogger("room").warning("boo")

def test_leaves_a_thread(): threading.Thread(target=threading.Event().wait, args=(4,), daemon=True).start()

async def test_uses_a_thread(): await asyncio.to_thread(int)

async def test_leaves_a_task(): asyncio.get_running_loop().kept = asyncio.create_task(asyncio.sleep(60))

def test_counts(counts): counts.ran("eggs", 2, 3); counts.ran("eggs", 1, 1)
"""

LAN = """
import pytest

def test_runs(): pass

def test_cannot_run(): pytest.skip("no namespaces here")
"""


@pytest.fixture
def careless_project(tmp_path: Path) -> Path:
    """A project with this one's conftest.py, whose tests leave things behind."""
    for path, text in {"unit/test_careless.py": CARELESS, "lan/test_lan.py": LAN}.items():
        (tmp_path / "tests" / path).parent.mkdir(parents=True)
        (tmp_path / "tests" / path).write_text(text)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def careless_pytest(project: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "--color=no", "-p", "no:cacheprovider", *arguments]
    answer = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout


def test_the_guards_catch_what_careless_tests_leave_behind(
    careless_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    code, output = careless_pytest(careless_project)
    caught = set(re.findall(r"^ERROR \S+::(\w+)", output, re.MULTILINE))
    assert caught == {"test_warns", "test_announces_another_warning", "test_leaves_a_thread", "test_leaves_a_task"}
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "\neggs: ran 3 of 4\n" in output
    assert "\nLAN tests: ran 1 of 2\n" in output


def test_what_did_not_run_fails_where_everything_must(careless_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert careless_pytest(careless_project, "tests/lan")[0] == pytest.ExitCode.OK
    assert careless_pytest(careless_project, "tests/lan", "--all-must-run")[0] == pytest.ExitCode.TESTS_FAILED
    monkeypatch.setenv("CI", "true")
    assert careless_pytest(careless_project, "tests/lan")[0] == pytest.ExitCode.TESTS_FAILED
