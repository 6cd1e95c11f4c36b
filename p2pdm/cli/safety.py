"""Verbs about the safety of the profile: backups, and what makes a profile of one."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from p2pdm.api.types import ApiError, Device, LockState
from p2pdm.cli.output import BOLD, one_line, say, say_json, table, when
from p2pdm.cli.passphrases import BACKUP, LOCK, OLD_LOCK, asked, chosen

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client

LETS_GO = 2.0
"""Seconds that an ending node may still hold its profile."""


async def devices(client: Client, arguments: Namespace) -> int:
    """`devices`: those of this identity."""
    known = await client.api.devices()
    if arguments.json:
        for device in known:
            say_json(device)
        return 0
    for line in table(
        [[device.id[:10], f"since {when(device.created)}", _standing(device)] for device in known], [BOLD]
    ):
        say(line)
    return 0


def _standing(device: Device) -> str:
    """`this one`; `retired Mon 09:03: This profile was restored ...`; `goes on elsewhere, ...`."""
    if device.this:
        return "this one"
    if device.retired and (device.last_seen or "") > (device.retired_at or ""):
        until = when(device.retired_at or "")
        return f"goes on elsewhere, last seen {when(device.last_seen or '')}; this profile was it until {until}"
    if device.retired:
        return f"retired {when(device.retired_at or '')}: {one_line(device.retired)}"
    return f"another one, last seen {when(device.last_seen)}" if device.last_seen else "another one, never met"


async def backup(client: Client, arguments: Namespace) -> int:
    """`backup`: all of the profile in one file."""
    passphrase = chosen("Passphrase for the backup", "no backup was made", BACKUP)
    made = await client.api.backup(str(arguments.file.absolute()), passphrase)
    if arguments.json:
        say_json(made)
    else:
        say(f"{one_line(made.path)} is a whole backup of {made.bytes:,} bytes; it opens with that passphrase alone")
    return 0


async def lock(client: Client, arguments: Namespace) -> int:
    """`lock`: lock the door now; or set the lock, or take it off, or say when it locks by itself."""
    if arguments.off:
        old = asked("Passphrase of the lock", LOCK) if await _is_set(client) else ""
        state = await client.api.set_lock("", arguments.idle, old)
    elif arguments.set:
        old = asked("Passphrase of the lock until now", OLD_LOCK) if await _is_set(client) else ""
        passphrase = chosen("Passphrase for the lock", "the lock is as it was" if old else "no lock was set", LOCK)
        state = await client.api.set_lock(passphrase, arguments.idle, old)
    elif arguments.idle is not None:
        state = await client.api.set_lock(None, arguments.idle)
    elif arguments.show:
        state = await client.api.lock_state()
    else:
        state = await client.api.lock()
    return _tell_of_lock(state, arguments.json)


async def _is_set(client: Client) -> bool:
    """Whether there is a lock that can be set anew; ApiError if it is locked."""
    state = await client.api.lock_state()
    if state.locked:
        raise ApiError("locked", "p2pdm is locked: unlock it first (`p2pdm unlock`).")
    return state.set


async def unlock(client: Client, arguments: Namespace) -> int:
    """`unlock`: open the door again."""
    state = await client.api.lock_state()
    if state.locked:
        state = await client.api.unlock(asked("Passphrase of the lock", LOCK))
    return _tell_of_lock(state, arguments.json)


def _tell_of_lock(state: LockState, json: bool) -> int:
    if json:
        say_json(state)
    elif not state.set:
        say("there is no lock")
    elif state.locked:
        say("locked: messages still arrive; `p2pdm unlock` opens it")
    else:
        say("unlocked" + (f"; locks by itself after {state.idle_minutes} idle minutes" if state.idle_minutes else ""))
    return 0


def restore(arguments: Namespace) -> int:
    """`restore`: make a profile from a backup."""
    from p2pdm.api.endpoint import has_profile
    from p2pdm.node.run import PASSPHRASE, restore

    if has_profile(arguments.profile):  # said before anything is asked
        raise ApiError(
            "profile_exists",
            f"There is already a profile in {arguments.profile}. It is left as it is; choose another folder.",
        )
    backup_passphrase = asked("Passphrase of the backup", BACKUP)
    wanted = arguments.passphrase
    passphrase = chosen("New passphrase of the profile", "no profile was made", PASSPHRASE) if wanted else None
    name = restore(arguments.file, arguments.profile, backup_passphrase, passphrase)
    if arguments.json:
        say_json({"name": name, "profile": str(arguments.profile)})
    else:
        say(f"{one_line(name)}'s profile is in {one_line(str(arguments.profile))}, and goes on as a new device")
    return 0


def wipe(arguments: Namespace) -> int:
    """`wipe`: the profile's end. Where no node runs, or its door is locked, it takes no passphrase."""
    import asyncio

    from p2pdm.api.client import stop_node
    from p2pdm.api.endpoint import has_profile, node_process

    profile, sure = arguments.profile, arguments.yes_really
    if not has_profile(profile):
        raise ApiError("no_profile", f"there is no profile in {profile}")
    left = None
    if node_process(profile) is not None:
        left = asyncio.run(_wipe_running(profile, sure))
    if left is None:
        _ask_whether(profile, profile.absolute().name, sure)
        if node_process(profile) is not None:
            asyncio.run(stop_node(profile))
        left = _wipe_ended(profile)
    say(one_line(left) or "the profile is wiped; backups of it, if there are any, are not")
    return 0


async def _wipe_running(profile: Path, sure: bool) -> str | None:
    """Have the running node do it; what could not be erased, or None if its door is locked."""
    import asyncio

    from p2pdm.api.client import DOOR_INTERVAL, connect
    from p2pdm.api.endpoint import node_process

    client = await connect(profile, start=False)
    try:
        if (await client.api.status()).locked:
            return None
        name = (await client.api.me()).name
        _ask_whether(profile, name, sure)
        left = await client.api.wipe(name)
        await client.ended()
        while node_process(profile) is not None:  # noqa: ASYNC110 - not our child
            await asyncio.sleep(DOOR_INTERVAL)
        return left
    finally:
        await client.close()


def _wipe_ended(profile: Path) -> str:
    """Wipe a profile that no node runs on; one that is just ending lets go of it within moments."""
    from p2pdm.node.run import wipe

    patience = time.monotonic() + LETS_GO
    while True:
        try:
            return wipe(profile)
        except ApiError as error:
            if error.kind != "in_use" or time.monotonic() > patience:
                raise
            time.sleep(LETS_GO / 100)


def _ask_whether(profile: Path, name: str, sure: bool) -> None:
    """Twice, and the second answer is not one that fingers give by themselves."""
    if sure:
        return
    if not sys.stdin.isatty():
        raise ApiError("not_sure", "wiping a profile is asked twice at a terminal; a script says --yes-really")
    print(f"This erases the profile in {one_line(str(profile))} for good: who you are, and all that was said.")
    if input("Go on? Type yes: ") != "yes" or input(f"Type {one_line(name)} to erase it: ") != name:
        raise ApiError("not_sure", "nothing was erased")
