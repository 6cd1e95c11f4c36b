"""What every test gets without asking, and the fixture `counts`.

- No test sees the user's own profile, keyring or screen.
- An unexpected log line of level WARNING or above fails the test that caused it. A test that provokes such lines says
  so: `@pytest.mark.logs_warnings` (any line) or `@pytest.mark.logs_warnings("regex", ...)` (lines that match one).
- No test leaves a thread or, if it is a coroutine, an asyncio task behind.
- `counts.ran(label, k, n)`: a test that goes through many cases tells how many of them ran, of how many there are:
  `counts.ran("noise vectors", 40, 40)`. Calls with one label add up, and the summary prints "noise vectors: ran 40 of
  40". .ci/run knows the labels, and how many must run. (`Counts`, to annotate it, is imported from here.)
- Tests under tests/lan are counted without asking, as "LAN tests"; a skipped one did not run.
- With CI=true in the environment, or --all-must-run, a session in which k < n for any label fails.
"""

import asyncio
import logging
import os
import re
import shutil
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_asyncio import is_async_test

settings.register_profile("p2pdm", deadline=None)  # how busy a machine is says nothing about the code
settings.load_profile("p2pdm")

THREAD_GRACE = 1.0  # seconds in which a thread that was told to end may still be seen
TASK_GRACE = 5  # rounds of the event loop in which a cancelled task may still be seen


class Counts:
    """How many cases of each kind ran, of how many there are."""

    def __init__(self) -> None:
        self._totals: dict[str, tuple[int, int]] = {}

    def ran(self, label: str, k: int, n: int) -> None:
        """Note that `k` of `n` more cases called `label` ran."""
        before_k, before_n = self._totals.get(label, (0, 0))
        self._totals[label] = (before_k + k, before_n + n)

    def lines(self) -> list[str]:
        """One sentence for each label."""
        return [f"{label}: ran {k} of {n}" for label, (k, n) in sorted(self._totals.items())]

    def all_ran(self) -> bool:
        """Whether nothing was left out."""
        return all(k >= n for k, n in self._totals.values())


class CountingPlugin:
    """Counts the LAN tests, prints all counts, and fails a session that had to run everything and did not."""

    LAN_TESTS = "LAN tests"

    def __init__(self, counts: Counts, all_must_run: bool) -> None:
        self._counts = counts
        self._all_must_run = all_must_run

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped and self._on_lan(report.nodeid):
            self._counts.ran(self.LAN_TESTS, 0, 1)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._on_lan(report.nodeid) and (report.when == "call" or (report.when == "setup" and not report.passed)):
            self._counts.ran(self.LAN_TESTS, 0 if report.skipped else 1, 1)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._all_must_run and not self._counts.all_ran() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not (lines := self._counts.lines()):
            return
        terminalreporter.section("counted")
        for line in lines:
            terminalreporter.write_line(line)
        if self._all_must_run and not self._counts.all_ran():
            terminalreporter.write_line("Everything must run here, and some of it did not.", red=True)

    @staticmethod
    def _on_lan(nodeid: str) -> bool:
        return nodeid.startswith("tests/lan/")


COUNTS = pytest.StashKey[Counts]()
HOME = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-must-run", action="store_true", help="fail if a counted case did not run (as CI=true does)")


def pytest_configure(config: pytest.Config) -> None:
    counts = config.stash[COUNTS] = Counts()
    all_must_run = bool(config.getoption("--all-must-run")) or os.environ.get("CI") == "true"
    config.pluginmanager.register(CountingPlugin(counts, all_must_run))
    config.stash[HOME] = _make_home()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a script's background
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    if home := config.stash.get(HOME, None):
        shutil.rmtree(home, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and is_async_test(item):
            # Before the test's own fixtures, so torn down after them; after no_thread_left, which sees the loop's end.
            item.fixturenames.insert(item.fixturenames.index("no_thread_left") + 1, "no_task_left")


def _make_home() -> Path:
    """Point every folder of the user's, and the keyring and the screen, somewhere harmless."""
    home = Path(tempfile.mkdtemp(prefix="p2pdm-"))  # short: a Unix socket's path ends at 108 bytes
    (home / "run").mkdir(mode=0o700)
    os.environ.update(
        HOME=str(home),
        XDG_DATA_HOME=str(home / "data"),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_CACHE_HOME=str(home / "cache"),
        XDG_STATE_HOME=str(home / "state"),
        XDG_RUNTIME_DIR=str(home / "run"),
        PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
        QT_QPA_PLATFORM="offscreen",
    )
    os.environ.pop("P2PDM_PROFILE", None)
    return home


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> Counts:
    """Tell how many cases ran: `counts.ran("noise vectors", k, n)`."""
    return pytestconfig.stash[COUNTS]


class LogTrap(logging.Handler):
    """Keeps the log lines that no pattern expects."""

    def __init__(self, expected: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._expected = [re.compile(pattern) for pattern in expected]
        self.unexpected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.levelname} {record.name}: {record.getMessage()}"
        if not any(pattern.search(line) for pattern in self._expected):
            self.unexpected.append(line)


@pytest.fixture(autouse=True)
def no_unexpected_log_line(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test after which the log holds a warning or an error that it did not announce."""
    marker = request.node.get_closest_marker("logs_warnings")
    trap = LogTrap([] if marker is None else list(marker.args) or [""])
    logging.getLogger().addHandler(trap)
    yield
    logging.getLogger().removeHandler(trap)
    assert not trap.unexpected, "unexpected log lines:\n" + "\n".join(trap.unexpected)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail the test that leaves a thread of Python's behind."""
    before = set(threading.enumerate())
    yield
    started = [thread for thread in threading.enumerate() if thread not in before and _is_ours(thread)]
    for thread in started:
        thread.join(THREAD_GRACE)
    assert not (left := [thread.name for thread in started if thread.is_alive()]), f"threads left behind: {left}"


def _is_ours(thread: threading.Thread) -> bool:
    """Whether Python started it; Qt's own threads show up as dummies, and end when Qt does."""
    return not isinstance(thread, threading._DummyThread)


@pytest.fixture
async def no_task_left() -> AsyncIterator[None]:
    """Fail the coroutine test that leaves a task behind; every such test has it."""
    before = asyncio.all_tasks()
    yield
    for _ in range(TASK_GRACE):
        await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in left:
        task.cancel()
    assert not left, f"tasks left behind: {left}"
