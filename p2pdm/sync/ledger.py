"""What an exchange reads of the entries on this disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Head(NamedTuple):
    """The last entry of one branch of a chain."""

    device: bytes
    chain: int
    seq: int
    id: bytes


class LedgerHead(Protocol):
    """A head as the ledger knows it."""

    @property
    def device(self) -> bytes: ...
    @property
    def chain(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def id(self) -> bytes: ...


class Stored(Protocol):
    """An entry as the ledger hands it on."""

    @property
    def seq(self) -> int: ...
    @property
    def lamport(self) -> int: ...
    @property
    def id(self) -> bytes: ...
    @property
    def encoded(self) -> bytes: ...


class Ledger(Protocol):
    """What an exchange reads of the durable entries."""

    def heads(self, conversation: bytes) -> Sequence[LedgerHead]:
        """All heads of all chains."""
        ...

    def knows(self, id: bytes) -> bool:
        """Whether this entry is stored."""
        ...

    def chain_of(self, id: bytes) -> tuple[bytes, bytes, int, int] | None:
        """(conversation, device, chain, seq) of a stored entry."""
        ...

    def after(self, conversation: bytes, device: bytes, chain: int, seq: int, limit: int) -> Sequence[Stored]:
        """Entries of a chain above sequence number `seq`, in their order, about `limit` bytes.

        Of every branch, and all of a sequence number or none of it.
        """
        ...

    def lacking(self, conversation: bytes) -> Sequence[bytes]:
        """Entries whose body everybody is to be asked for, the first MAX_LACKING of them."""
        ...

    def whole(self, conversation: bytes, id: bytes) -> Stored | None:
        """An entry of a conversation with its body, if that is here and the peer may have it."""
        ...

    def bare(self, id: bytes) -> Sequence[Stored]:
        """An entry that the peer gets as a parent only: without its body, after what says whose it is; else nothing."""
        ...

    def fork_base(self, conversation: bytes, device: bytes, chain: int) -> int:
        """The sequence number below the lowest fork of a chain that has several heads."""
        ...
