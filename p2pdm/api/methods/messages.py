"""Saying something, and what can be done with one message."""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Message, Sent


class MessageCalls(Protocol):
    """Part of NodeApi."""

    async def send(
        self,
        to: str,
        text: str,
        reply_to: str | None = None,
        mentions: list[str] | None = None,
        automated: bool = False,
        bulk: bool = False,
    ) -> Sent:
        """Say something in CHAT `to`, perhaps in answer to a message; returns once it is durable on this disk.

        The text goes as it is. `mentions`: WHO is named in it, each as `@` and a name of theirs. `automated`: a program
        wrote it, so no program may answer it, nor may this answer one's. `bulk`: it goes to many alike, so it is never
        a request to somebody new.
        """
        ...

    async def edit(self, id: str, text: str, mentions: list[str] | None = None) -> Message:
        """Say an own message in other words; what it said before stays visible. Without `mentions`, those that still
        stand in it stay."""
        ...

    async def delete(self, id: str) -> None:
        """Erase a message on this disk only; others keep it, and nothing brings it back here."""
        ...

    async def unsend(self, id: str) -> Message:
        """Take an own message back: its text is erased here and wherever this arrives."""
        ...

    async def react(self, id: str, value: str) -> Message:
        """React to a message with an emoji; an empty one takes the reaction back."""
        ...

    async def pin(self, id: str, on: bool) -> Message:
        """Pin a message for everybody in the chat, or take the pin off."""
        ...

    async def wait(self, id: str, seconds: float) -> Message:
        """Return message `id` once it is delivered, read or failed, or as it stands after `seconds`."""
        ...

    async def message(self, id: str) -> Message:
        """One message."""
        ...
