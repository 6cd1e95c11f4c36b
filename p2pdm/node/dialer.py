"""Whom to dial, and when. Pure: `now` (seconds, any monotonic clock) is given.

Everyone who announces themselves is worth a dial (a name is only proven by a session), and every contact whose
address is remembered. The smaller identity dials at once; the larger gives it a moment, so that seldom both do, yet
either can where only one of them gets through its firewall. What fails is tried again, ever more seldom, up to
SLOWEST; a new announcement, a change of the network, or something to say starts over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from p2pdm.identity import PeerId

COURTESY = 0.4
"""Seconds that the larger identity waits for the smaller one's dial."""
FIRST_RETRY = 1.0
SLOWEST = 60.0
"""Seconds between tries at the most: somebody who comes back unannounced is reached within a minute."""
AT_ONCE = 16
"""Dials in progress: enough for a room that wakes up, too few to look like a scan."""


@dataclass(slots=True)
class _Wish:
    due: float
    failures: int = 0
    dialling: bool = False


class Dialer:
    """The wishes to be connected, one an identity."""

    def __init__(self, own: PeerId) -> None:
        self._own = own
        self._wishes: dict[PeerId, _Wish] = {}
        self._running = 0

    def want(self, identity: PeerId, now: float, *, urgent: bool = False) -> None:
        """Wish to be connected; `urgent`: there is something to say, or news of where they are: try now."""
        due = now if urgent or self._own < identity else now + COURTESY
        wish = self._wishes.get(identity)
        if wish is None:
            self._wishes[identity] = _Wish(due)
        elif not wish.dialling and due < wish.due:
            wish.due = due
            wish.failures = 0

    def drop(self, identity: PeerId) -> None:
        """No wish any more: connected, or not wanted."""
        wish = self._wishes.get(identity)
        if wish is not None and not wish.dialling:
            del self._wishes[identity]

    def start_over(self, identities: Iterable[PeerId], now: float) -> None:
        """The network changed: try all of these again soon."""
        for identity in identities:
            self.want(identity, now, urgent=True)

    def due(self, now: float) -> list[PeerId]:
        """Whom to dial now; each is in progress until `ended`."""
        ready = sorted((w.due, i) for i, w in self._wishes.items() if not w.dialling and w.due <= now)
        chosen = [identity for _, identity in ready[: max(AT_ONCE - self._running, 0)]]
        for identity in chosen:
            self._wishes[identity].dialling = True
        self._running += len(chosen)
        return chosen

    def ended(self, identity: PeerId, now: float, *, connected: bool) -> None:
        """A dial ended."""
        self._running -= 1
        wish = self._wishes[identity]
        wish.dialling = False
        if connected:
            del self._wishes[identity]
            return
        wish.due = now + min(FIRST_RETRY * 2**wish.failures, SLOWEST)
        wish.failures = min(wish.failures + 1, 10)

    @property
    def deadline(self) -> float | None:
        """When to ask `due` again."""
        if self._running >= AT_ONCE:
            return None
        return min((w.due for w in self._wishes.values() if not w.dialling), default=None)
