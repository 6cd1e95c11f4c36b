"""People: who they are and where one stands with them."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Person, SafetyNumber


class PeopleCalls(Protocol):
    """Part of NodeApi."""

    async def people(self) -> list[Person]:
        """Everyone known or seen: contacts, requests, nearby, blocked; by name."""
        ...

    async def person(self, who: str) -> Person:
        """One person."""
        ...

    async def accept(self, who: str) -> Person:
        """Make someone a contact: their held request moves into the chat."""
        ...

    async def decline(self, who: str) -> Person:
        """Put a request away; they are not told."""
        ...

    async def block(self, who: str) -> Person:
        """Hear nothing more from someone; they are not told."""
        ...

    async def unblock(self, who: str) -> Person:
        """Take a block back."""
        ...

    async def forget(self, who: str) -> None:
        """Remove someone and the whole chat with them from this profile."""
        ...

    async def nickname(self, who: str, name: str) -> Person:
        """Name someone for oneself; an empty name takes it back."""
        ...

    async def safety_number(self, who: str) -> SafetyNumber:
        """The sixty digits to compare with them."""
        ...

    async def verify(self, who: str, number: str) -> Person:
        """Compare the number that they read out; equal: verified, and it stays so. Else ApiError `mismatch`."""
        ...

    async def join(self, link: str) -> Person:
        """Take a `p2pdm:` invitation: dial its addresses, make a verified contact."""
        ...
