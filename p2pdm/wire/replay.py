"""The window that accepts each datagram of a session once (RFC 6479, with the dimensions of WireGuard)."""

BLOCK_BITS = 64
BLOCKS = 128
WINDOW = (BLOCKS - 1) * BLOCK_BITS
"""How far below the highest number a datagram may still come: one block less than the ring holds, so that
the block that is being filled never shares its place with the oldest one that counts."""

REJECT_AFTER = 2**64 - 2**13 - 1
"""Numbers from here on are refused: no nonce comes near to wrapping around."""


class ReplayWindow:
    """Which datagram numbers of one direction of one key were seen."""

    __slots__ = ("_highest", "_ring")

    def __init__(self) -> None:
        self._highest = 0
        self._ring = [0] * BLOCKS

    def check_and_accept(self, counter: int) -> bool:
        """Accept a number that is new and not too old, once. Ask only about a datagram that was verified."""
        if not 0 <= counter < REJECT_AFTER or self._highest - counter > WINDOW:
            return False
        if counter > self._highest:
            self._advance(counter)
        block, bit = counter // BLOCK_BITS % BLOCKS, 1 << counter % BLOCK_BITS
        if self._ring[block] & bit:
            return False
        self._ring[block] |= bit
        return True

    def _advance(self, counter: int) -> None:
        """Make `counter` the highest; the blocks between it and the old highest are clean."""
        old, new = self._highest // BLOCK_BITS, counter // BLOCK_BITS
        for block in range(old + 1, min(new, old + BLOCKS) + 1):
            self._ring[block % BLOCKS] = 0
        self._highest = counter
