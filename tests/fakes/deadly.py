"""Kills a process, as kill -9 does, before each of its steps on the disk in turn."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_SCRIPT = """
import os, sys
from pathlib import Path

deadly, here = 0, ""

def step(event, arguments):
    global deadly
    opens = event in ("open", "os.truncate") and str(arguments[0]).startswith(here)
    if opens or event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir"):
        deadly -= 1
        if not deadly:
            os.kill(os.getpid(), 9)

def synced(descriptor, fsync=os.fsync):
    step("os.rename", ())
    fsync(descriptor)
    step("os.rename", ())

{work}

for number in range(1, {most} + 1):
    child = os.fork()
    if not child:
        here, deadly = os.path.join(sys.argv[1], str(number)), number
        os.fsync = synced
        sys.addaudithook(step)
        work(Path(here))
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        print(number)
        break
"""


def kill_at_each_step(work: str, folder: Path, most: int = 80) -> int:
    """`work`, Python that defines `work(path)`, is done in `folder`/1 and killed at its first step, then in 2, and on.

    Returns the number of the first that came to its end.
    """
    script = _SCRIPT.format(work=work, most=most)
    command = [sys.executable, "-c", script, str(folder)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return int(ended.stdout)
