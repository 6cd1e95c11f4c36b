"""The UDP lane of a session: packets that authenticate themselves, each accepted once.

    packet = type 1 (=1) | index 4 | counter 8 | ChaCha20-Poly1305 of whole frames, the first 13 bytes as its data

The receiver chose index and key and told them inside the session. Verify first, then the replay window; nothing
that does not verify is answered or noticed.
"""

from __future__ import annotations

from p2pdm.wire.noise import TAG_BYTES, NoiseError, decrypt, encrypt, nonce
from p2pdm.wire.replay import REJECT_AFTER, ReplayWindow

MAX_PACKET = 1_232
"""Bytes: IPv6's smallest MTU less the IPv6 and UDP headers, so that no packet is ever fragmented."""
_HEADER = 13
ROOM = MAX_PACKET - _HEADER - TAG_BYTES
"""Bytes of frames in a packet."""
_TYPE = b"\1"


def index_of(packet: bytes) -> int | None:
    """Which lane a datagram claims to be for; None when it is none of ours."""
    if len(packet) < _HEADER + TAG_BYTES or len(packet) > MAX_PACKET or packet[:1] != _TYPE:
        return None
    return int.from_bytes(packet[1:5], "big")


class LaneSender:
    """Seals packets for the peer."""

    def __init__(self, index: int, key: bytes) -> None:
        self._head = _TYPE + index.to_bytes(4, "big")
        self._key = key
        self._counter = 0

    def seal(self, frames: bytes) -> bytes | None:
        """A packet of at most MAX_PACKET bytes; None when the key is used up."""
        if self._counter >= REJECT_AFTER:
            return None
        head = self._head + self._counter.to_bytes(8, "big")
        packet = head + encrypt(self._key, nonce(self._counter), head, frames)
        self._counter += 1
        return packet


class LaneReceiver:
    """Opens the peer's packets."""

    def __init__(self, index: int, key: bytes) -> None:
        self.index = index
        self.key = key
        self._window = ReplayWindow()

    def open(self, packet: bytes) -> bytes | None:
        """The frames; None for a packet that is forged, replayed, or for another lane."""
        if index_of(packet) != self.index:
            return None
        counter = int.from_bytes(packet[5:_HEADER], "big")
        try:
            frames = decrypt(self.key, nonce(counter), packet[:_HEADER], packet[_HEADER:])
        except NoiseError:
            return None
        return frames if self._window.check_and_accept(counter) else None
