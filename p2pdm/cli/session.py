"""Connects a verb to the node of its profile, and ends it well."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2pdm.api.client import Client


def run_verb(do: Callable[[Client, Namespace], Coroutine[Any, Any, int]], arguments: Namespace) -> int:
    """Do a verb with a client. Ctrl-C ends it, which for `listen` is the way to be done."""
    import asyncio

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


def run_chat(arguments: Namespace) -> int:
    """`chat`: the terminal one, which is only loaded for this."""
    from p2pdm.cli.terminal import run

    return run(arguments.profile, arguments.who, not arguments.no_start)
