"""What others get to know of the user."""

from __future__ import annotations

import msgspec


class Privacy(msgspec.Struct, frozen=True):
    """The switches; each is on unless the user turned it off."""

    receipts: bool = True
    """Others see what was read here. Off: nobody does, and one's own messages stay `delivered`, read or not."""
    typing: bool = True
    """Others see when the user types. Off: nobody does, and nobody's typing is shown here."""
    presence: bool = True
    """Others see whether the user is here, and since when not. Off: they see nothing of it; messages still arrive."""
    lobby: bool = True
    """This node takes part in the lobby of its space."""
