"""Verbs about oneself: the profile, the status, the picture, and what others get to know."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from p2pdm.api.types import ApiError, Availability, Privacy, Profile
from p2pdm.cli.output import BOLD, DIM, one_line, say, say_json, table

if TYPE_CHECKING:
    from p2pdm.api.client import Client

STATUS_WORDS: dict[str, Availability] = {
    "available": "available",
    "away": "away",
    "busy": "busy",
    "do-not-disturb": "do_not_disturb",
}
"""As they are typed; the window says them with spaces."""
SHORT_STATUS_WORDS = {"dnd": "do-not-disturb", "free": "available", "online": "available"}
"""What is typed as well."""
SWITCHES = {
    "receipts": "others see what you have read, and you see what they have",
    "typing": "others see when you type, and you see when they do",
    "presence": "others see whether you are here",
    "lobby": "you are in the lobby of your space",
}


async def profile(client: Client, arguments: Namespace) -> int:
    """`profile`: show it, or say something else."""
    if arguments.action != "set":
        show_profile(await client.api.profile(), arguments.json)
        return 0
    changed = await client.api.set_profile(
        kind=arguments.kind,
        department=arguments.department,
        role=arguments.role,
        picture="" if arguments.no_picture else arguments.picture,
    )
    show_profile(changed, arguments.json)
    return 0


def show_profile(profile: Profile, json: bool) -> None:
    """What this profile says of itself."""
    if json:
        say_json(profile)
        return
    status = said(profile.status, profile.status_text) + (", idle: others see “away”" if profile.idle else "")
    rows = [
        ["name", one_line(profile.name)],
        ["kind", profile.kind],
        ["department", one_line(profile.department)],
        ["role", one_line(profile.role)],
        ["status", status],
        ["picture", "yes" if profile.picture else "none"],
    ]
    for line in table(rows, [DIM]):
        say(line)


def said(status: Availability, text: str) -> str:
    """`busy: in a meeting`."""
    return f"{status.replace('_', ' ')}: {one_line(text)}" if text else status.replace("_", " ")


async def set_status(client: Client, arguments: Namespace) -> int:
    """`set-status`: how one is here."""
    changed = await client.api.set_status(arguments.status, " ".join(arguments.text))
    if arguments.json:
        say_json(changed)
    else:
        say(f"others see you as {said(changed.status, changed.status_text)}")
    return 0


async def idle(client: Client, arguments: Namespace) -> int:
    """`idle`: for a screen saver's hooks."""
    await client.api.idle(arguments.on == "on")
    return 0


async def picture(client: Client, arguments: Namespace) -> int:
    """`picture`: somebody's, into a file."""
    got = await client.api.picture(arguments.who)
    _write(got.data, arguments.file)
    return 0


def _write(data: bytes, name: str) -> None:
    if name == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise ApiError("file", f"{name} can't be written: {error.strerror}.") from error


async def privacy(client: Client, arguments: Namespace) -> int:
    """`privacy`: show the switches, or turn some."""
    if arguments.action != "set":
        show_privacy(await client.api.privacy(), arguments.json)
        return 0
    given = {name: getattr(arguments, name) for name in SWITCHES}
    turned = await client.api.set_privacy(**{name: on == "on" for name, on in given.items() if on is not None})
    show_privacy(turned, arguments.json)
    return 0


def show_privacy(privacy: Privacy, json: bool) -> None:
    """The switches."""
    if json:
        say_json(privacy)
        return
    rows = [[name, "on" if getattr(privacy, name) else "off", about] for name, about in SWITCHES.items()]
    for line in table(rows, ["", BOLD, DIM]):
        say(line)
