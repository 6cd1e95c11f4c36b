"""The stretch of a chat's history that is loaded: always a gapless tail, grown upwards page by page."""

from __future__ import annotations

from collections.abc import Iterable

from p2pdm.api.types import Message

PAGE = 50
MOST = 1000
"""The longest page that the API gives."""


class Timeline:
    """Messages, oldest first, merged from pages; the API's order is the truth."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.complete = False
        """Whether the first message of all is among them."""

    def prepend(self, page: list[Message], asked: int) -> None:
        """Take the page before the first message."""
        known = {message.id for message in self.messages}
        self.messages[:0] = [message for message in page if message.id not in known]
        self.complete = len(page) < asked

    def begin(self, tail: list[Message], asked: int) -> None:
        """Take the last messages in place of all that is loaded."""
        self.messages, self.complete = list(tail), len(tail) < asked

    def drop(self, id: str) -> None:
        """A message is gone."""
        self.messages = [message for message in self.messages if message.id != id]

    def merge(self, tail: list[Message], asked: int) -> None:
        """Take the last messages as they are now.

        What is loaded before the first one that both know stays; if they have none in common, the tail is all there is
        now, and what lies before it can be loaded again.
        """
        fresh = {message.id: i for i, message in enumerate(tail)}
        keep = next((i for i, message in enumerate(self.messages) if message.id in fresh), None)
        if len(tail) < asked or keep is None:
            self.messages, self.complete = list(tail), len(tail) < asked
            return
        self.messages[keep:] = tail

    def replace(self, message: Message) -> bool:
        """Put `message` where the one of its id is; whether there is one."""
        for i, known in enumerate(self.messages):
            if known.id == message.id:
                self.messages[i] = message
                return True
        return False

    def find(self, id: str) -> Message | None:
        """A loaded message."""
        return next((message for message in self.messages if message.id == id), None)

    def reach(self, ids: Iterable[str]) -> int:
        """How long a tail must be to hold all of `ids` that are loaded."""
        wanted = set(ids)
        first = next((i for i, message in enumerate(self.messages) if message.id in wanted), len(self.messages))
        return min(MOST, max(PAGE, len(self.messages) - first))

    def lacks(self, ids: Iterable[str]) -> bool:
        """Whether any of `ids` is not loaded."""
        return not set(ids) <= {message.id for message in self.messages}
