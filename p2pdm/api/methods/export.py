"""Taking out what was said."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Exported, ExportFormat


class ExportCalls(Protocol):
    """Part of NodeApi."""

    async def export(self, chat: str, path: str, format: ExportFormat, replace: bool = False) -> Exported:
        """Write all of CHAT into a file that only its owner can read: `json` for programs, `html` for people.

        `path` is absolute. A file that is there already is replaced only if `replace` says so, else ApiError `exists`.
        What can't be written to the end leaves nothing.
        """
        ...
