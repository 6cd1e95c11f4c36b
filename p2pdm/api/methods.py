"""NodeApi: every call at the door of a node, typed and documented once.

Server, client, command line and documents are held to this class by a test. WHO is a person's id, a
unique prefix of it, or a unique name; CHAT is a chat's id or a WHO (their direct chat). Every call may
raise ApiError; its message is a sentence for the user.
"""

from __future__ import annotations

from typing import Protocol

from p2pdm.api.types import Chat, Me, Message, Person, SafetyNumber, Sent, Status


class NodeApi(Protocol):
    """A running node, as its window, command line and bots see it."""

    async def me(self) -> Me:
        """Who this profile is."""
        ...

    async def status(self) -> Status:
        """How the node is doing."""
        ...

    async def rename(self, name: str) -> Me:
        """Change one's own name; others see it at once."""
        ...

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

    async def send(self, to: str, text: str, reply_to: str | None = None) -> Sent:
        """Say something in CHAT `to`, perhaps in answer to a message; returns once it is durable on this disk."""
        ...

    async def edit(self, id: str, text: str) -> Message:
        """Say an own message in other words; what it said before stays visible."""
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

    async def chats(self) -> list[Chat]:
        """All conversations, latest first."""
        ...

    async def history(
        self, chat: str, limit: int = 50, before: str | None = None, search: str | None = None
    ) -> list[Message]:
        """The last `limit` (1 to 1,000) messages of CHAT before `before`, with the words `search`; oldest first."""
        ...

    async def message(self, id: str) -> Message:
        """One message."""
        ...

    async def read(self, chat: str) -> None:
        """Mark everything in CHAT as read."""
        ...

    async def typing(self, chat: str, on: bool) -> None:
        """Tell those in CHAT that the user is typing, or has stopped; forgotten by itself after 6 s."""
        ...

    async def subscribe(self, since: int | None = None) -> int:
        """Send this connection every notice from now on, first those after `since`; returns the cursor of now."""
        ...

    async def stop(self) -> None:
        """End the node cleanly."""
        ...
