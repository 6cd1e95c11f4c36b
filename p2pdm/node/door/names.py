"""Names and lines as a user gives them: taken whole, or refused in a sentence. Nobody's words are cut off unasked."""

from __future__ import annotations

from p2pdm.api.types import ApiError
from p2pdm.identity import MAX_NAME, clean_line, clean_name


def given_name(what: str, name: str) -> str:
    """A name as it will be shown; ApiError `name` if nothing of it can be, `length` if it is too long."""
    if not clean_name(name):
        raise ApiError("name", f"A {what} has at least one letter or sign that can be shown.")
    check_length(what, name, MAX_NAME)
    return clean_name(name)


def check_length(what: str, text: str | None, most: int) -> None:
    """Refuse what would be cut off."""
    length = len(clean_line(text or "", len(text or "")))
    if length > most:
        raise ApiError("length", f"A {what} has at most {most} characters; this one has {length}.")
