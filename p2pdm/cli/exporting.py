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
    format = arguments.format or ENDINGS.get(path.suffix.lower())
    if format is None:
        raise ApiError("format", f"{path.name} ends neither in .json nor in .html: say which with --format")
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


def _absolute(file: str) -> Path:
    return Path(file).expanduser().absolute()
