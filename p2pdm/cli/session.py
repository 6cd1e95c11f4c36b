"""Connects a verb to the node of its profile, and ends it well."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Coroutine
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2pdm.api.client import Client


def run_verb(do: Callable[[Client, Namespace], Coroutine[Any, Any, int]], arguments: Namespace) -> int:
    """Do a verb with a client. Ctrl-C ends it, which for `listen` is the way to be done."""
    import asyncio

    if not arguments.no_start:
        ask_passphrase(arguments.profile)
    try:
        return asyncio.run(_with_client(do, arguments))
    except KeyboardInterrupt:
        return 0 if arguments.verb == "listen" else 1


async def _with_client(do: Callable[[Client, Namespace], Coroutine[Any, Any, int]], arguments: Namespace) -> int:
    from p2pdm.api.client import connect

    client = await connect(arguments.profile, start=not arguments.no_start)
    try:
        return await do(client, arguments)
    finally:
        await client.close()


def ask_passphrase(profile: Path) -> None:
    """Before a node is started in the background, which can't ask: the passphrase, if one protects the profile."""
    from p2pdm.api.endpoint import has_profile, node_process

    if not sys.stdin.isatty() or not has_profile(profile) or node_process(profile) is not None:
        return
    from p2pdm.node.run import PASSPHRASE, needs_passphrase

    if PASSPHRASE not in os.environ and needs_passphrase(profile):
        os.environ[PASSPHRASE] = getpass("Passphrase: ")


def run_chat(arguments: Namespace) -> int:
    """`chat`: the terminal one, which is only loaded for this."""
    from p2pdm.cli.terminal import run

    if not arguments.no_start:
        ask_passphrase(arguments.profile)
    return run(arguments.profile, arguments.who, not arguments.no_start)
