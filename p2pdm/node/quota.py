"""Quota: in a room, where anybody may write, no device gets more than its share of what others take in."""

from __future__ import annotations

from collections import OrderedDict

BURST = 500
"""Entries of one device taken at once: as many as a room keeps of one author, so that its history comes in one go."""
RATE = 1.0
"""Entries a second after that: faster than anybody writes for long."""
BARE = 0.1
"""What an entry without its body counts: a row on the disk. Of an old room many may come that were taken back."""
MAX_DEVICES = 4_096
"""Devices remembered: the least recent begin anew."""
ROOM_BODY = 8 * 1024
"""Bytes that one entry in a room may say: a page of text; a room's history stays small on everybody's disk."""


class Quota:
    """A bucket of tokens a device, filled at RATE."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def takes(self, device: bytes, now: float, cost: float = 1.0) -> bool:
        """Whether one more entry of a device is to be taken now; it counts if so, `cost`."""
        tokens, at = self._buckets.pop(device, (float(BURST), now))
        tokens = min(tokens + (now - at) * RATE, BURST)
        taken = tokens >= cost
        self._buckets[device] = (tokens - cost if taken else tokens, now)
        if len(self._buckets) > MAX_DEVICES:
            self._buckets.popitem(last=False)
        return taken
