"""`export`: taking out what was said."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from p2pdm.api.endpoint import socket_path
from p2pdm.api.types import ApiError, ExportFormat
from p2pdm.cli.output import clean, escaped, one_line, say, say_json

if TYPE_CHECKING:
    from p2pdm.api.client import Client

ENDINGS: dict[str, ExportFormat] = {".json": "json", ".html": "html", ".htm": "html"}


STDOUT = "-"


async def export(client: Client, arguments: Namespace) -> int:
    """`export`: the file, and how many messages it holds; or, of `-`, what would be in it."""
    if arguments.file == STDOUT:
        await _print(client, arguments)
        return 0
    path = _absolute(arguments.file)
    format = arguments.format or ENDINGS[path.suffix.lower()]
    try:
        exported = await client.api.export(arguments.chat, str(path), format, arguments.force)
    except ApiError as error:
        if error.kind != "exists":
            raise
        raise ApiError("exists", f"There is already a file {path}. Choose another name, or say --force.") from None
    if arguments.json:
        say_json(exported)
    else:
        count = "1 message" if exported.messages == 1 else f"{exported.messages:,} messages"
        say(f"{count} in {one_line(exported.path)}")
    return 0


async def _print(client: Client, arguments: Namespace) -> None:
    """By way of a file that nobody else can read, beside the door (mostly in memory), and gone before it is shown."""
    with TemporaryDirectory(prefix="export-", dir=socket_path(arguments.profile).parent) as folder:
        path = Path(folder) / "chat"
        await client.api.export(arguments.chat, str(path), arguments.format)
        file = path.open("rb")
    with file:
        if not sys.stdout.isatty():
            copyfileobj(file, sys.stdout.buffer)
            return
        for line in file:  # on a terminal, where words could command it
            shown = line.decode().removesuffix("\n")
            say(escaped(shown) if arguments.format == "json" else clean(shown))


def senseless(arguments: Namespace) -> str | None:
    """That no format was given, or too much, as a sentence; None if it makes sense."""
    if arguments.file == STDOUT:
        if arguments.json:
            return "with - stdout is what is exported, and --json has no place there: did you mean --format json?"
        return None if arguments.format else "say which format goes to stdout: --format json or --format html"
    path = _absolute(arguments.file)
    if arguments.format or path.suffix.lower() in ENDINGS:
        return None
    return f"{path.name} ends neither in .json nor in .html: say which with --format"


def _absolute(file: str) -> Path:
    return Path(file).expanduser().absolute()
