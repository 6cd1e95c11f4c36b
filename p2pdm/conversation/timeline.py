"""What a reader sees: the fold of stored entries into lines, the same on every machine that holds the same set."""

from __future__ import annotations

from dataclasses import dataclass

from p2pdm.conversation.encoding import decode_body
from p2pdm.conversation.entries import Entry, EntryError, Open, Text, Unknown


@dataclass(frozen=True, slots=True)
class Line:
    """One message as shown."""

    id: bytes
    device: bytes
    lamport: int
    time: int
    text: str

    @property
    def order(self) -> tuple[int, int, bytes]:
        """Where it is shown: by (lamport, time, id), so that no clock can push a message before what it answers."""
        return self.lamport, self.time, self.id


def line_of(entry: Entry) -> Line | None:
    """The line that an entry adds, or None for what is not shown (openings, purged bodies)."""
    if entry.body is None:
        return None
    try:
        body = decode_body(entry.header.kind, entry.body)
    except EntryError:
        # Signed and committed, so it must be kept for the chain; there is just nothing to show.
        return None
    match body:
        case Text(text) | Unknown(text) if text:
            return Line(entry.id, entry.header.device, entry.header.lamport, entry.header.time, text)
        case Open() | _:
            return None
