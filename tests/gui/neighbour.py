"""Somebody else's real node in a process of its own, on this machine, driven through its door."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any

from p2pdm.api.client import connect
from p2pdm.api.launch import command, environment


class Neighbour:
    """A profile and its node; `call` is any call of the API, done when it returns."""

    def __init__(self, profile: Path, name: str) -> None:
        self.profile = profile
        self.name = name
        self._run("init", "--name", name)
        self._node: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the node, and wait until it can be reached."""
        self._node = subprocess.Popen(
            command(self.profile, "node", "--json"), env=environment(), stdout=subprocess.PIPE
        )
        assert self._node.stdout is not None
        assert b"ready" in self._node.stdout.readline()

    def stop(self) -> None:
        """End the node cleanly."""
        if self._node is not None and self._node.stdout is not None:
            self._node.terminate()
            self._node.stdout.close()
            assert self._node.wait(10) == 0
            self._node = None

    def call(self, method: str, *args: object) -> Any:
        """Call the node."""
        return call(self.profile, method, *args)

    def _run(self, *words: str) -> None:
        subprocess.run(command(self.profile, *words), env=environment(), check=True, stdout=subprocess.DEVNULL)


def call(profile: Path, method: str, *args: object) -> Any:
    """Call the node that runs for `profile`."""

    async def called() -> Any:
        client = await connect(profile, start=False)
        try:
            return await client.call(method, *args)
        finally:
            await client.close()

    return asyncio.run(called())
