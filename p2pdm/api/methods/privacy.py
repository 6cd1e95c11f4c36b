"""What others get to know of the user."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Privacy


class PrivacyCalls(Protocol):
    """Part of NodeApi."""

    async def privacy(self) -> Privacy:
        """The switches as they are."""
        ...

    async def set_privacy(
        self,
        receipts: bool | None = None,
        typing: bool | None = None,
        presence: bool | None = None,
        lobby: bool | None = None,
    ) -> Privacy:
        """Turn some of the switches; what is not given stays. It holds from now on, for everyone.

        What was read while `receipts` was off is told with the first thing that is read after it was turned on again:
        a read mark counts for all before it.
        """
        ...
