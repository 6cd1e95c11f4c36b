"""What a MemoryNode says of itself and its user: profile, pictures, status and privacy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from p2pdm import __version__
from p2pdm.api.types import (
    ApiError,
    Availability,
    Interface,
    Me,
    Picture,
    Privacy,
    Profile,
    ProfileKind,
    Status,
    Waiting,
)
from p2pdm.wire.picture import picture_type
from tests.fakes.fake_ids import ME, fake_id
from tests.fakes.memory_groups import GroupsInMemory, picture_named


@dataclass
class OneselfInMemory(GroupsInMemory):
    """Part of MemoryNode."""

    folder: str = "/profile"
    switches: Privacy = field(default_factory=Privacy)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """By person."""
    own: Profile = field(init=False)

    def __post_init__(self) -> None:
        self.own = Profile(ME, self.name, "person", "", "", "available", "", False, "")

    # NodeApi.

    async def me(self) -> Me:
        digits = hashlib.sha256(b"me").hexdigest()
        fingerprint = " ".join(digits[at : at + 4] for at in range(0, 64, 4))
        return Me(ME, self.name, fingerprint, f"p2pdm:{ME}?a=192.168.7.5:53530")

    async def status(self) -> Status:
        return Status(
            id=ME,
            name=self.name,
            version=__version__,
            profile=self.folder,
            port=53530,
            interfaces=[Interface("eth0", "192.168.7.5")],
            online=[person.id for person in self.known.values() if person.online],
            nearby=sum(person.online for person in self.known.values()),
            waiting=self._waiting(),
            trouble=[],
            cursor=self.cursor(),
        )

    async def rename(self, name: str) -> Me:
        self._says(name=name)
        return await self.me()

    async def profile(self) -> Profile:
        return self.own

    async def set_profile(
        self,
        name: str | None = None,
        kind: ProfileKind | None = None,
        department: str | None = None,
        role: str | None = None,
        picture: str | None = None,
    ) -> Profile:
        picture = self._draw(picture)
        given = {"name": name, "kind": kind, "department": department, "role": role, "picture": picture}
        return self._says(**{field: value for field, value in given.items() if value is not None})

    async def set_status(self, status: Availability, text: str = "") -> Profile:
        return self._says(status=status, status_text=text)

    async def idle(self, on: bool) -> None:
        self._says(idle=on)

    async def picture(self, who: str) -> Picture:
        if who in self.gathered:
            data = self.gathered[who].picture
            return Picture(picture_named(data), picture_type(data) or "image/png", data)
        id = self.own.picture if who == ME else self._find(who).picture
        if not id:
            raise ApiError("no_picture", "there is none")
        data = self.pictures[who]
        return Picture(id, picture_type(data) or "image/png", data)

    async def privacy(self) -> Privacy:
        return self.switches

    async def set_privacy(
        self,
        receipts: bool | None = None,
        typing: bool | None = None,
        presence: bool | None = None,
        lobby: bool | None = None,
    ) -> Privacy:
        given = {"receipts": receipts, "typing": typing, "presence": presence, "lobby": lobby}
        self.switches = msgspec.structs.replace(self.switches, **{k: v for k, v in given.items() if v is not None})
        self._note("profile")
        return self.switches

    # Private.

    def _draw(self, picture: str | None) -> str | None:
        if picture:
            self.pictures[ME] = data = Path(picture).read_bytes()
            return fake_id(hashlib.sha256(data).hexdigest())
        return picture

    def _says(self, **fields: Any) -> Profile:
        self.own = msgspec.structs.replace(self.own, **fields)
        self.name = self.own.name
        self._note("profile")
        return self.own

    def _waiting(self) -> list[Waiting]:
        waiting = []
        for person in self.known.values():
            there = [m for m in self.said if m.chat == person.chat and m.mine and m.state in ("waiting", "sent")]
            if there:
                waiting.append(Waiting(person.chat, person.name, len(there), there[-1].why))
        return waiting
