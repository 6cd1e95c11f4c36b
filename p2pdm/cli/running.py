"""Verbs about the profile and its node: making one, running it, asking how it is, any method raw."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import msgspec

from p2pdm.api.types import ApiError, Status
from p2pdm.cli.output import DIM, YELLOW, clean, complain, one_line, paint, say, say_json, table
from p2pdm.cli.passphrases import chosen

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client


def init(arguments: Namespace) -> int:
    """`init`: make a profile."""
    from p2pdm.node.run import PASSPHRASE, make_profile

    passphrase = chosen("Passphrase", "no profile was made", PASSPHRASE) if arguments.passphrase else None
    make_profile(arguments.profile, arguments.name, passphrase)
    if arguments.json:
        say_json({"name": arguments.name, "profile": str(arguments.profile)})
    else:
        say(f"{one_line(arguments.name)}'s profile is in {one_line(str(arguments.profile))}")
    return 0


def node(arguments: Namespace) -> int:
    """`node`: run the node in the foreground."""
    from p2pdm.node.run import run_node

    def ready(id: str, port: int) -> None:
        if arguments.json:
            say_json({"event": "ready", "id": id, "port": port})
        else:
            print(f"ready as {id[:10]} on port {port}; Ctrl-C ends it", flush=True)

    return run_node(arguments.profile, arguments.port, tuple(arguments.interface), ready)


async def status(client: Client, arguments: Namespace) -> int:
    """`status`: how the node is doing."""
    now = await client.api.status()
    if arguments.json:
        say_json(now)
        return 0
    if now.locked:
        say("locked: `p2pdm unlock` opens it")
        return 0
    names = {person.id: person.name for person in await client.api.people()}
    for line in table(_rows(now, names), [DIM]):
        say(line)
    for sentence in now.trouble:
        say(paint(one_line(sentence), YELLOW))
    return 0


def _rows(now: Status, names: dict[str, str]) -> list[list[str]]:
    interfaces = ", ".join(f"{interface.name} {interface.address}" for interface in now.interfaces)
    online = ", ".join(one_line(names.get(peer, peer[:10])) for peer in now.online)
    waiting = [f"{held.count} for {one_line(held.name)}: {one_line(held.why)}" for held in now.waiting]
    return [
        ["name", f"{one_line(now.name)} ({now.id[:10]})"],
        ["profile", one_line(now.profile)],
        ["version", now.version],
        ["port", str(now.port)],
        ["interfaces", one_line(interfaces) or "none: is the network up?"],
        ["nearby", str(now.nearby)],
        ["online", online or "nobody"],
        *(["waiting", line] for line in waiting),
    ]


def log(arguments: Namespace) -> int:
    """`log`: what the node noted, for a bug report."""
    from p2pdm.api.endpoint import log_path

    path = log_path(arguments.profile)
    found = [file for file in (path.with_name(path.name + ".1"), path) if file.exists()]
    if not found:
        raise ApiError("no_log", f"there is no log in {arguments.profile}: no node has run there yet")
    for file in found:
        try:
            noted = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise ApiError("no_log", f"{file} can't be read: {error.strerror}") from None
        print(clean(noted), end="")
    return 0


def stop(arguments: Namespace) -> int:
    """`stop`: end the node, and wait until it has ended."""
    import asyncio

    from p2pdm.api.client import stop_node

    try:
        asyncio.run(stop_node(arguments.profile))
    except ApiError as error:
        if error.kind != "no_node":
            raise
        return complain(f"no node runs for the profile {arguments.profile}")  # and none is wanted
    return 0


async def call(client: Client, arguments: Namespace) -> int:
    """`call`: any API method raw."""
    result = await client.raw(arguments.method, msgspec.Raw(arguments.params.encode()))
    say_json(msgspec.Raw(result))
    return 0
