"""How a call fails."""

from __future__ import annotations


class ApiError(Exception):
    """A call that did not work: `kind` is for programs, the message is one sentence for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
