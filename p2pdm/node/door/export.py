"""Taking out what was said."""

from __future__ import annotations

from pathlib import Path

from p2pdm.api.types import ApiError, Exported, ExportFormat
from p2pdm.node.door.disk import check_outside
from p2pdm.node.export.chat import Exporter
from p2pdm.node.view import View
from p2pdm.store.errors import FileThere, StoreError


class ExportDoor:
    """Part of NodeApi."""

    exporter: Exporter
    view: View
    _profile: str

    async def export(self, chat: str, path: str, format: ExportFormat, replace: bool = False) -> Exported:
        """See NodeApi."""
        place = Path(path)
        if not place.is_absolute():
            raise ApiError("path", "The file's path is to be absolute.")
        check_outside(place, self._profile)
        try:
            conversation = self.view.find(chat).conversation
            return await self.exporter.export(conversation, place, format, replace=replace)
        except FileThere as error:
            raise ApiError("exists", str(error)) from error
        except StoreError as error:
            raise ApiError("disk", str(error)) from error
