"""`export`: taking out what was said."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from p2pdm.api.types import ApiError, ExportFormat
from p2pdm.cli.output import one_line, say, say_json

if TYPE_CHECKING:
    from p2pdm.api.client import Client

ENDINGS: dict[str, ExportFormat] = {".json": "json", ".html": "html", ".htm": "html"}


async def export(client: Client, arguments: Namespace) -> int:
    """`export`: the file, and how many messages it holds."""
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


def without_format(arguments: Namespace) -> str | None:
    """That no format was given, as a sentence; None if one was."""
    path = _absolute(arguments.file)
    if arguments.format or path.suffix.lower() in ENDINGS:
        return None
    return f"{path.name} ends neither in .json nor in .html: say which with --format"


def _absolute(file: str) -> Path:
    return Path(file).expanduser().absolute()
