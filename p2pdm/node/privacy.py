"""PrivacySettings: what the user lets others know."""

from __future__ import annotations

import msgspec

from p2pdm.api.types import Privacy
from p2pdm.store.tables import Store

_SETTING = "privacy"


class PrivacySettings:
    """Read from and written to the store's settings; the caller holds a transaction when something changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.now = Privacy()
        self.reload()

    def reload(self) -> None:
        """Be again as stored, after a change that could not be."""
        stored = self._store.settings.get(_SETTING)
        self.now = msgspec.json.decode(stored, type=Privacy) if stored is not None else Privacy()

    def change(self, **switches: bool) -> None:
        """Turn some of the switches."""
        self.now = msgspec.structs.replace(self.now, **switches)
        self._store.settings.set(_SETTING, msgspec.json.encode(self.now))
