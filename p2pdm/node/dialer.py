"""Whom to dial, and when. Pure: `now` (seconds, any monotonic clock) is given.

Everyone who announces themselves is worth a dial (a name is only proven by a session), and every contact whose
address is remembered. The smaller identity dials at once; the larger gives it a moment, so that seldom both do, yet
either can where only one of them gets through its firewall. What fails is tried again, ever more seldom, up to
SLOWEST; a new announcement, a change of the network, or something to say starts over.
"""

from __future__ import annotations

from dataclasses import dataclass

from p2pdm.identity import PeerId

COURTESY = 0.4
"""Seconds that the larger identity waits for the smaller one's dial."""
FIRST_RETRY = 1.0
SLOWEST = 60.0
"""Seconds between tries at the most: somebody who comes back unannounced is reached within a minute."""
SLOWEST_STRANGER = 600.0
"""For strangers, of whom there is nothing but an announcement: anybody can make up thousands, of anybody's address."""
AT_ONCE = 16
"""Dials in progress: enough for a room that wakes up, too few to look like a scan."""
STRANGERS_AT_ONCE = 12
"""Of these, for strangers: whatever is announced, contacts need not wait for it."""


@dataclass(slots=True)
class _Wish:
    due: float
    contact: bool
    failures: int = 0
    dialling: bool = False
    again: float | None = None
    """When to try again at the latest: wished while the dial was under way, which may know less by now."""

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Contacts first, then those who were not tried in vain yet."""
        return not self.contact, self.failures > 0, self.due


class Dialer:
    """The wishes to be connected, one an identity."""

    def __init__(self, own: PeerId) -> None:
        self._own = own
        self._wishes: dict[PeerId, _Wish] = {}
        self._running = 0

    def want(self, identity: PeerId, now: float, *, urgent: bool = False, contact: bool = True) -> None:
        """Wish to be connected; `urgent`: there is something to say, or news of where they are: try now."""
        due = now if urgent or self._own < identity else now + COURTESY
        wish = self._wishes.get(identity)
        if wish is None:
            wish = self._wishes[identity] = _Wish(due, contact)
        elif wish.dialling:
            wish.again = due if wish.again is None else min(due, wish.again)
        elif due < wish.due:
            wish.due = due
            wish.failures = 0
        wish.contact = contact

    def drop(self, identity: PeerId) -> None:
        """No wish any more: connected, or not wanted."""
        wish = self._wishes.get(identity)
        if wish is not None and wish.dialling:
            wish.again = None
        elif wish is not None:
            del self._wishes[identity]

    def due(self, now: float) -> list[PeerId]:
        """Whom to dial now; each is in progress until `ended`."""
        ready = sorted((w.rank, i) for i, w in self._wishes.items() if not w.dialling and w.due <= now)
        chosen = []
        for _, identity in ready:
            if self._running < self._room(self._wishes[identity]):
                self._running += 1
                self._wishes[identity].dialling = True
                chosen.append(identity)
        return chosen

    def _room(self, wish: _Wish) -> int:
        return AT_ONCE if wish.contact else STRANGERS_AT_ONCE

    def ended(self, identity: PeerId, now: float, *, connected: bool) -> None:
        """A dial ended; `connected`: and they are still there."""
        self._running -= 1
        wish = self._wishes[identity]
        wish.dialling = False
        if connected:
            del self._wishes[identity]
            return
        wish.due = now + min(FIRST_RETRY * 2**wish.failures, SLOWEST if wish.contact else SLOWEST_STRANGER)
        wish.failures = min(wish.failures + 1, 10)
        if wish.again is not None and wish.again < wish.due:
            wish.due, wish.failures = wish.again, 0
        wish.again = None

    @property
    def deadline(self) -> float | None:
        """When to ask `due` again."""
        free = (w.due for w in self._wishes.values() if not w.dialling and self._running < self._room(w))
        return min(free, default=None)
