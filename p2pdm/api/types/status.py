"""How the node is doing, and what it pushes."""

from __future__ import annotations

from typing import Literal

import msgspec

NoticeEvent = Literal["message", "change", "state", "request", "person", "chat", "typing", "profile", "trouble", "lock"]


class Interface(msgspec.Struct, frozen=True):
    """A network interface that the node uses."""

    name: str
    address: str


class Waiting(msgspec.Struct, frozen=True):
    """Messages that have not reached someone, and what is in the way."""

    chat: str
    name: str
    count: int
    why: str


class Status(msgspec.Struct, frozen=True):
    """How the node is doing."""

    id: str
    name: str
    version: str
    profile: str
    port: int
    interfaces: list[Interface]
    online: list[str]
    """Ids of the people online."""
    nearby: int
    """How many people announce themselves on this network now."""
    waiting: list[Waiting]
    trouble: list[str]
    """Each a sentence: what is in the way, and what to do."""
    cursor: int
    locked: bool = False
    """The door is locked; id, name, online, nearby and waiting are left out."""


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something changed: look again.

    `message`, `change` (a message was edited, taken back, pinned, reacted to or deleted), `state`, `request`, `person`,
    `chat` and `profile` are durable: a client that was away asks for all since its cursor. `typing` and `trouble` pass
    by, and so does a person's coming and going (`person` with the cursor of the durable notice before it). While the
    door is locked, `lock` stands for everything: something changed. What it was is told once the door is unlocked. Of
    an open door, `lock` says that it was unlocked, or that its lock was set or taken off.
    """

    cursor: int
    event: NoticeEvent
    chat: str = ""
    person: str = ""
    id: str = ""
    """The message, for `message` and `state`."""
    state: str = ""
    """For `state`: how far it came. `deleted`: the message (`change`), or many of the chat (`chat`), are gone here."""
    on: bool | None = None
    """For `typing`: whether they are typing; for `lock`: whether the door is locked."""
    text: str = ""
    """For `trouble`: the sentence; empty when one is over."""
