"""The bodies of a membership chain <-> their parts. Formats: the package's docstring."""

from __future__ import annotations

from typing import Any

from p2pdm.conversation.entries import (
    ID_SIZE,
    MAX_DESCRIPTION,
    MAX_FLOORS,
    MAX_MARK,
    MAX_NUMBER,
    Change,
    Create,
    Describe,
    Floor,
    Invite,
    Join,
    Kind,
    Leave,
    Rank,
    Remove,
)
from p2pdm.identity import KEY_SIZE, MAX_NAME


def parts_of_change(body: Change) -> tuple[Kind, list[Any]]:
    """The kind and parts of a change, whatever its bounds."""
    match body:
        case Create(nonce, kind, name):
            return Kind.CREATE, ["", nonce, kind, name]
        case Invite(who, after):
            return Kind.INVITE, ["", who, _parts_of_floors(after)]
        case Join(invite):
            return Kind.JOIN, ["", invite]
        case Leave(last):
            return Kind.LEAVE, ["", _parts_of_floors(last)]
        case Remove(who, last):
            return Kind.REMOVE, ["", who, _parts_of_floors(last)]
        case Rank(who, admin, last):
            return Kind.RANK, ["", who, admin, *([_parts_of_floors(last)] if last else [])]
        case Describe(name, value):
            return Kind.DESCRIBE, ["", name, value]


def _parts_of_floors(floors: tuple[Floor, ...]) -> list[list[Any]]:
    return [[floor.device, floor.seq, floor.id, floor.lamport] for floor in floors]


def read_change(kind: int, parts: list[Any]) -> Change | None:
    """The change that parts hold; None if something lacks or is beyond its bounds."""
    match kind, parts:
        case Kind.CREATE, [_, bytes() as nonce, int() as what, str() as name, *_] if _is_id(nonce):
            return Create(nonce, what, name) if _is_number(what, 255) and len(name) <= MAX_NAME else None
        case Kind.INVITE, [_, bytes() as who, list() as after, *_] if len(who) == KEY_SIZE:
            floors = _read_floors(after)
            return Invite(who, floors) if floors is not None else None
        case Kind.JOIN, [_, bytes() as invite, *_] if _is_id(invite):
            return Join(invite)
        case Kind.LEAVE, [_, list() as last, *_]:
            floors = _read_floors(last)
            return Leave(floors) if floors is not None else None
        case Kind.REMOVE, [_, bytes() as who, list() as last, *_] if len(who) == KEY_SIZE:
            floors = _read_floors(last)
            return Remove(who, floors) if floors is not None else None
        case Kind.RANK, [_, bytes() as who, bool() as admin, list() as last, *_] if len(who) == KEY_SIZE:
            floors = _read_floors(last)
            return Rank(who, admin, floors) if floors is not None else None
        case Kind.RANK, [_, bytes() as who, bool() as admin, *_] if len(who) == KEY_SIZE:
            return Rank(who, admin)
        case Kind.DESCRIBE, [_, str() as name, bytes() as value, *_] if len(name) <= MAX_MARK:
            return Describe(name, value) if len(value) <= MAX_DESCRIPTION else None
        case _:
            return None


def _read_floors(parts: list[Any]) -> tuple[Floor, ...] | None:
    if len(parts) > MAX_FLOORS:
        return None
    floors = [_read_floor(part) for part in parts]
    return tuple(floor for floor in floors if floor) if all(floors) else None


def _read_floor(part: Any) -> Floor | None:
    match part:
        case [bytes() as device, seq, bytes() as id, lamport, *_] if len(device) == KEY_SIZE and _is_id(id):
            return Floor(device, seq, id, lamport) if _is_number(seq) and _is_number(lamport) else None
        case _:
            return None


def _is_id(value: bytes) -> bool:
    return len(value) == ID_SIZE


def _is_number(value: Any, most: int = MAX_NUMBER) -> bool:
    return type(value) is int and 0 <= value <= most
