"""Real hosts on one machine: a network namespace each, veth cables, a bridge for a switch.

    alice, bob = lan(2)                       # the fixture, see conftest.py
    bob.start_python("tests.lan.neighbour", "find", "--name", "Bob")
    alice.pull_cable()

Namespaces live as long as a `cat` in each, whose standard input this process holds: whatever happens to the tests,
the kernel clears everything away, and the machine's own network is never touched. Root is not needed where user
namespaces are allowed. A host's programs see its own HOME and XDG folders.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("unshare", "nsenter", "ip", "nft")
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
PATIENCE = 30.0
"""Seconds after which something that should have happened will not, on a busy machine either."""


def why_not() -> str:
    """Why no hosts can be made here; empty when they can."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    missing = [tool for tool in TOOLS if shutil.which(tool, path=PATH) is None]
    if missing:
        return f"missing: {', '.join(missing)} (Debian: util-linux iproute2 nftables)"
    tried = subprocess.run(["unshare", *_own_user(), "-n", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"network namespaces are not allowed here: {tried.stderr.strip()}"


class Program:
    """A program that runs on a host: its lines as they come."""

    def __init__(self, command: Sequence[str], env: dict[str, str], errors: Path) -> None:
        self.command = list(command)
        self.lines: list[str] = []
        """What it has printed."""
        self.said_at = 0.0
        """When it printed the last of them (monotonic)."""
        self._errors = errors
        self._new: queue.SimpleQueue[tuple[float, str | None]] = queue.SimpleQueue()
        with errors.open("ab") as stderr:
            self.process = subprocess.Popen(
                self.command, env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
            )
        self._reader = threading.Thread(target=self._read, name=f"reads {command[-1]}")
        self._reader.start()

    @property
    def errors(self) -> str:
        """Its standard error so far."""
        return self._errors.read_text("utf-8", "replace")

    def wait_for(self, wanted: Callable[[str], bool], timeout: float = PATIENCE) -> str:
        """The first line from now on that is `wanted`; AssertionError when it does not come."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.said_at, line = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(self._story(f"nothing of the kind within {timeout:g} s")) from None
            if line is None:
                self._new.put((self.said_at, None))
                raise AssertionError(self._story(f"ended with {self.process.wait()}"))
            self.lines.append(line)
            if wanted(line):
                return line

    def wait_for_event(self, event: str, timeout: float = PATIENCE, **fields: object) -> dict[str, Any]:
        """The first JSON line from now on with this `event` and these fields."""
        return self.wait_for_json(lambda told: told.items() >= {"event": event, **fields}.items(), timeout)

    def wait_for_json(self, wanted: Callable[[dict[str, Any]], bool], timeout: float = PATIENCE) -> dict[str, Any]:
        """The first JSON line from now on that is `wanted`."""
        line = self.wait_for(lambda line: line.startswith("{") and wanted(json.loads(line)), timeout)
        told: dict[str, Any] = json.loads(line)
        return told

    def say(self, line: str) -> None:
        """Type a line into it."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def stop(self, timeout: float = PATIENCE) -> int:
        """Ask it to end (SIGTERM), wait, and say how it did."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self) -> int:
        """End it as a crash would (SIGKILL)."""
        return self._end(signal.SIGKILL, PATIENCE)

    def _end(self, how: signal.Signals, timeout: float) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(self._story(f"did not end within {timeout:g} s")) from None
        finally:
            self._reader.join(PATIENCE)
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()  # type: ignore[union-attr]
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put((time.monotonic(), line.decode("utf-8", "replace").rstrip("\n")))
        self._new.put((time.monotonic(), None))

    def _story(self, what: str) -> str:
        return f"{' '.join(self.command)}: {what}; it said:\n" + "\n".join(self.lines) + f"\n{self.errors}"


class Namespace:
    """A network namespace."""

    def __init__(self, enter: Sequence[str], unshare: Sequence[str]) -> None:
        self._holder = subprocess.Popen(
            [*enter, "unshare", *unshare, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_tools_env()
        )
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.write(b"\n")
        self._holder.stdin.flush()
        if self._holder.stdout.readline() != b"\n":  # it echoes once it is in its namespace
            raise AssertionError("a network namespace could not be made")
        self.pid = self._holder.pid
        self.enter = ["nsenter", "-t", str(self.pid), *(["-U", "--preserve-credentials"] if _own_user() else []), "-n"]

    def do(self, *command: str, given: str = "") -> str:
        """Run a tool in it."""
        done = subprocess.run(
            [*self.enter, *command], input=given, capture_output=True, text=True, check=False, env=_tools_env()
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def batch(self, *lines: str) -> None:
        """Several commands of `ip` at once."""
        self.do("ip", "-batch", "-", given="\n".join(lines) + "\n")

    def close(self) -> None:
        """Let it go, with all that is in it."""
        self._holder.communicate()


class Host:
    """A machine on the LAN."""

    def __init__(self, name: str, switch: Namespace, port: str, address: str, home: Path, ipv6: bool) -> None:
        self.name = name
        self.address = address
        self.home = home
        self.namespace = Namespace(switch.enter, ["-n"])
        self._switch = switch
        self._port = port
        self._ipv6 = ipv6
        self._programs: list[Program] = []
        self._count = 0
        for folder in ("data", "config", "cache", "state", "run", "tmp"):
            (home / folder).mkdir(parents=True, mode=0o700)
        self._lay_cable()

    # --- programs ---

    def run(
        self, command: Sequence[str], timeout: float = PATIENCE, check: bool = True, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; with `check`, AssertionError unless it exits with 0."""
        done = subprocess.run(
            [*self.namespace.enter, *command],
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=self.env(),
            cwd=ROOT,
        )
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def start(self, command: Sequence[str]) -> Program:
        """Start a program; it ends at the latest with the LAN."""
        self._count += 1
        program = Program([*self.namespace.enter, *command], self.env(), self.home / f"stderr{self._count}")
        self._programs.append(program)
        return program

    def start_python(self, module: str, *arguments: str) -> Program:
        """Start `python -m module`."""
        return self.start([sys.executable, "-m", module, *arguments])

    def env(self) -> dict[str, str]:
        """What this host's programs see: nothing of the user's."""
        folders = {f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
        return (
            _tools_env()
            | folders
            | {
                "HOME": str(self.home),
                "TMPDIR": str(self.home / "tmp"),
                "XDG_RUNTIME_DIR": str(self.home / "run"),
                "PYTHONPATH": f"{ROOT}:{ROOT / 'gui'}",
                "PYTHONUNBUFFERED": "1",
                "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
                "QT_QPA_PLATFORM": "offscreen",
            }
        )

    # --- what can happen to a machine ---

    def pull_cable(self) -> None:
        """The cable is out: the machine sees that it has no link."""
        self._switch.batch(f"link set {self._port} down")

    def plug_cable(self) -> None:
        """And in again, with the same address; mends `cut`, too."""
        self._switch.batch(f"link set {self._port} master br0 up")

    def cut(self) -> None:
        """A switch further on has died: nothing passes, and the machine's own link stays up."""
        self._switch.batch(f"link set {self._port} nomaster")

    def remove_card(self) -> None:
        """The network card goes, as a USB adapter does when it is unplugged."""
        self._switch.batch(f"link del {self._port}")

    def insert_card(self) -> None:
        """It comes back as another interface of the same name, with the same address."""
        self._lay_cable()

    def drop(self, percent: int) -> None:
        """Lose so many of the packets that arrive; 0: none."""
        self._firewall("loss", f"numgen random mod 100 < {percent} drop" if percent else "")

    def firewall_answers_only(self) -> None:
        """Admit only answers to what this machine said first, and mDNS, as desktop firewalls do."""
        self._firewall(
            "answers",
            "ct state established,related accept",
            'iifname "lo" accept',
            "meta l4proto ipv6-icmp accept",
            "udp dport 5353 accept",
            "drop",
        )

    def block_multicast(self) -> None:
        """Let no mDNS in or out, as many company and guest networks do."""
        self._firewall("multicast", "udp dport 5353 drop")

    def firewall_off(self) -> None:
        """Admit everything again."""
        self._firewall("answers")

    def change_address(self, new: str) -> None:
        """The network gives it another address."""
        self.namespace.batch(f"addr del {self.address}/24 dev eth0", f"addr add {new}/24 brd + dev eth0")
        self.address = new

    @contextlib.contextmanager
    def capture(self) -> Iterator[Path]:
        """Write every frame that this machine sends or receives to a file meanwhile."""
        path = self.home / f"wire{secrets.token_hex(2)}"
        program = self.start_python("tests.lan.capture", str(path))
        program.wait_for(lambda line: line == "capturing")
        try:
            yield path
        finally:
            program.stop()

    def close(self) -> None:
        """Switch it off."""
        for program in self._programs:
            if program.process.poll() is None or (program.process.stdout and not program.process.stdout.closed):
                program.kill()
        self.namespace.close()

    def _lay_cable(self) -> None:
        there = f"type veth peer name eth0 netns {self.namespace.pid}"
        self._switch.batch(f"link add name {self._port} {there}", f"link set {self._port} master br0 up")
        addresses = [] if self._ipv6 else ["link set eth0 addrgenmode none"]
        addresses.append(f"addr add {self.address}/24 brd + dev eth0")
        self.namespace.batch("link set lo up", *addresses, "link set eth0 up")

    def _firewall(self, table: str, *rules: str) -> None:
        lines = [f"add table inet {table}", f"delete table inet {table}"]
        wanted = [rule for rule in rules if rule]
        if wanted:
            chain = ["type filter hook input priority 0", *wanted]
            lines += [f"table inet {table} {{", "chain arriving {", *chain, "}", "}"]
        self.namespace.do("nft", "-f", "-", given="\n".join(lines) + "\n")


class Lan:
    """One switch and the hosts on it."""

    NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")

    def __init__(self) -> None:
        # Not pytest's folder: its names are too long for a Unix socket's path.
        self.folder = Path(tempfile.mkdtemp(prefix="p2pdm-lan-"))
        self.hosts: list[Host] = []
        self._subnet = os.getpid() % 254 + 1
        self.switch = Namespace([], [*_own_user(), "-n"])
        self.switch.batch("link add br0 type bridge mcast_snooping 0", "link set br0 up")

    def add(self, ipv6: bool = True) -> Host:
        """Another host; without `ipv6` it has no address of that family."""
        number = len(self.hosts)
        address = f"10.77.{self._subnet}.{number + 1}"
        name = self.NAMES[number]
        host = Host(name, self.switch, f"port{number}", address, self.folder / name, ipv6)
        self.hosts.append(host)
        return host

    def close(self) -> None:
        """Switch everything off."""
        for host in self.hosts:
            host.close()
        self.switch.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _own_user() -> list[str]:
    return [] if os.geteuid() == 0 else ["-U", "-r"]


def _tools_env() -> dict[str, str]:
    return {"PATH": PATH, "LANG": "C.UTF-8"}
