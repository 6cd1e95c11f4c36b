"""Diary: what the node notes for a bug report: versions, counts, who comes and goes under an alias of this start."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import platform
import secrets
import sys
from collections import Counter
from typing import Final

from p2pdm import __version__
from p2pdm.api.types import Notice
from p2pdm.node.board import Board
from p2pdm.node.peer import Peer
from p2pdm.node.reception import Reception
from p2pdm.node.sessions import Sessions
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store
from p2pdm.wire.session import Closed

logger = logging.getLogger(__name__)

PERIOD: Final = 3_600.0
"""Seconds between two lines of counts."""
LIBRARIES: Final = ("apsw-sqlite3mc", "asyncio-dgram", "keyring", "msgspec", "pynacl", "zeroconf")
_REASONS: Final = {None: "none", 0: "leaving", 1: "replaced", 2: "cloned", 3: "busy", 4: "violation", 5: "resting"}


class Diary:
    """Listens to the node. Nothing that it writes is a name, a text, an id or an address."""

    def __init__(self, store: Store, sessions: Sessions, board: Board, reception: Reception) -> None:
        self._store = store
        self._sessions = sessions
        self._salt = secrets.token_bytes(16)
        self._told: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._begun = 0.0
        board.listeners.append(self.noted)
        reception.met, reception.parted = self.met, self.parted

    def begin(self, key_place: str, interfaces: int) -> None:
        """The node is up: note what runs here, and from now on the counts."""
        self._begun = asyncio.get_running_loop().time()
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        logger.info("p2pdm %s on Python %s, %s", __version__, ".".join(map(str, sys.version_info[:3])), system)
        logger.info("with %s", ", ".join(f"{name} {_version(name)}" for name in LIBRARIES))
        logger.info("key: %s; interfaces: %d", key_place, interfaces)
        self._count()

    def close(self) -> None:
        """The node ends: note the counts for the last time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._note_counts()
            logger.info("the node ends after %.0f s", asyncio.get_running_loop().time() - self._begun)

    def alias(self, id: bytes) -> str:
        """Six digits that stand for somebody, in the log of this start only."""
        return hashlib.blake2b(id, key=self._salt, digest_size=3).hexdigest()

    # --- what happens ---

    def met(self, peer: Peer, dialled: bool) -> None:
        """A session begins."""
        family = "IPv6" if ":" in peer.link.remote.host else "IPv4"
        how = "dialled" if dialled else "accepted"
        logger.info("session with %s begins: %s over %s", self._who(peer), how, family)

    def parted(self, peer: Peer, closed: Closed) -> None:
        """A session is over."""
        lived = asyncio.get_running_loop().time() - peer.session.started
        how = "in order" if closed.orderly else "broken"
        reason = _REASONS.get(closed.reason, "unknown")
        logger.info("session with %s ends after %.0f s: %s, reason: %s", self._who(peer), lived, how, reason)

    def noted(self, notice: Notice) -> None:
        """Clients were told something: counted, never quoted."""
        self._told[notice.event] += 1
        if notice.event == "trouble":
            logger.info("the user is told of trouble" if notice.text else "the trouble is over")

    def network_changed(self, addresses: list[str]) -> None:
        """This machine has other addresses."""
        six = sum(":" in address for address in addresses)
        logger.info("the network changed: %d IPv4 and %d IPv6 addresses", len(addresses) - six, six)

    def became_another_device(self) -> None:
        """The profile was restored, or runs twice."""
        logger.info("this node goes on as a new device")

    # --- private ---

    def _who(self, peer: Peer) -> str:
        return f"{self.alias(peer.identity)} (device {self.alias(peer.device)})"

    def _count(self) -> None:
        self._note_counts()
        self._timer = asyncio.get_running_loop().call_later(PERIOD, self._count)

    def _note_counts(self) -> None:
        try:
            stored = ", ".join(f"{count} {name}" for name, count in self._store.counts().items())
        except StoreError as error:
            stored = type(error).__name__
        told = ", ".join(f"{count} {event}" for event, count in sorted(self._told.items()))
        logger.info("stored: %s; sessions: %d; told so far: %s", stored, len(list(self._sessions)), told or "nothing")


def _version(library: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # here: no start waits for it

    try:
        return version(library)
    except PackageNotFoundError:
        return "(none)"
