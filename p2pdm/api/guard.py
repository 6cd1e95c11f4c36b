"""What a locked door still does. The server asks here for every call, so a new call is locked without a word about it.

While it is locked, messages still arrive, and clients that subscribe are told that something changed, not what; what
they missed they are told when it is unlocked, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

from p2pdm.api.types import ApiError, Status

OPEN: Final = frozenset({"unlock", "lock", "lock_state", "status", "stop", "subscribe", "idle"})
"""Calls that a locked door answers; `status` without names, `subscribe` without content. `idle` answers nothing: who
comes back to a locked window is back."""
OF_A_USER: Final = frozenset(
    {
        *("send", "edit", "unsend", "react", "pin", "read", "typing"),
        *("accept", "decline", "block", "unblock", "forget", "nickname", "safety_number", "verify", "join", "rename"),
        *("create_group", "invite", "join_group", "leave", "remove", "promote", "describe", "open_room", "enter_room"),
        *("set_profile", "set_status", "set_privacy"),
        *("unlock", "set_lock", "backup", "search", "export"),
    }
)
"""Calls that somebody at the keyboard makes. A window asks for lists and pages by itself whenever something changes, so
those show nothing; a call that is not named here does not keep the door open."""
_IDLE: Final = "idle"
LASTING: Final = frozenset({"wait"})
"""Calls that last until something happens: begun before the door was locked, they answer nothing after it."""


def shows_a_user(method: str, arguments: Mapping[str, object]) -> bool:
    """Whether somebody sits there: they do something, or the window says that they have not fallen idle."""
    return method in OF_A_USER or (method == _IDLE and arguments.get("on") is False)


class Guard(Protocol):
    """Knows whether the door is locked; the node's lock is one."""

    @property
    def locked(self) -> bool:
        """Whether it is now."""
        ...

    def used(self) -> None:
        """A user did something just now."""
        ...


def locked_error() -> ApiError:
    """What every other call is answered."""
    return ApiError("locked", "p2pdm is locked: unlock it with your passphrase (`p2pdm unlock`).")


def reduced(status: Status) -> Status:
    """How the node is doing, without saying whose it is and whom it knows."""
    return msgspec.structs.replace(status, id="", name="", online=[], nearby=0, waiting=[], locked=True)
