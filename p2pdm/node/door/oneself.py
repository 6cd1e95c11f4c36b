"""What one says of oneself."""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.api.types import ApiError, Availability, Me, Picture, Profile, ProfileKind
from p2pdm.identity import MAX_DETAIL, IdentityError, decode_id, encode_id
from p2pdm.node.circles import Circles
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.door.names import check_length, given_name
from p2pdm.node.door.pictures import read_picture
from p2pdm.node.door.profile import ProfileDoor
from p2pdm.node.presence import Presence
from p2pdm.node.reception import Reception
from p2pdm.store.errors import StoreError
from p2pdm.store.tables import Store
from p2pdm.wire import frames
from p2pdm.wire.frames import MAX_STATUS_TEXT
from p2pdm.wire.picture import MAX_PICTURE, picture_id, picture_type


class OneselfDoor(ProfileDoor):
    """Part of NodeApi."""

    circles: Circles
    presence: Presence
    reception: Reception
    store: Store
    _wall: Callable[[], int]

    @tells_of_the_disk
    async def rename(self, name: str) -> Me:
        """See NodeApi."""
        await self._say(name=name)
        return await self.me()

    async def profile(self) -> Profile:
        """See NodeApi."""
        record, chosen = self.myself.record, self.presence.chosen
        kept = self.store.pictures.id_of(self.myself.id)  # of another device's, it may be under way
        return Profile(
            id=encode_id(record.identity),
            name=record.name,
            kind=record.kind,
            department=record.department,
            role=record.role,
            status=chosen.status,
            status_text=chosen.text,
            idle=self.presence.idle,
            picture=encode_id(kept) if record.picture and kept else "",
        )

    @tells_of_the_disk
    async def set_profile(
        self,
        name: str | None = None,
        kind: ProfileKind | None = None,
        department: str | None = None,
        role: str | None = None,
        picture: str | None = None,
    ) -> Profile:
        """See NodeApi."""
        check_length("department", department, MAX_DETAIL)
        check_length("role", role, MAX_DETAIL)
        data = read_picture(picture, MAX_PICTURE) if picture else None if picture is None else b""
        await self._say(name=name, kind=kind, department=department, role=role, picture=data)
        return await self.profile()

    async def _say(
        self,
        *,
        name: str | None = None,
        kind: ProfileKind | None = None,
        department: str | None = None,
        role: str | None = None,
        picture: bytes | None = None,
    ) -> None:
        """Write a new profile record, and hand it to everyone in session."""
        if name is not None:
            name = given_name("name", name)
        try:
            with self.commits.writing():
                self._keep_picture(picture)
                id = picture_id(picture) if picture else picture
                self.myself.say(self._wall(), name, kind, department, role, id)
                self.board.post("profile")
            await self.commits.durable()
        except StoreError:
            self.commits.flush()
            self.myself.reload()
            raise
        for peer in list(self.sessions):
            peer.say(frames.Profile(self.myself.record.encoded))
        self.reception.tell_resting()
        if name is not None:
            await self._finder.update(self.advert())

    def _keep_picture(self, picture: bytes | None) -> None:
        if picture:
            self.store.pictures.set(self.myself.id, picture_id(picture), picture)
        elif picture is not None:
            self.store.pictures.remove(self.myself.id)

    @tells_of_the_disk
    async def set_status(self, status: Availability, text: str = "") -> Profile:
        """See NodeApi."""
        check_length("status", text, MAX_STATUS_TEXT)
        try:
            with self.commits.writing():
                self.presence.choose(status, text)
                self.board.post("profile")
            await self.commits.durable()
        except StoreError:
            self.commits.flush()
            self.presence.reload()
            raise
        self.presence.tell_everyone()
        return await self.profile()

    async def idle(self, on: bool) -> None:
        """See NodeApi."""
        if on != self.presence.idle:
            self.presence.idle = on
            self.presence.tell_everyone()
            self.board.pass_by("profile")

    async def picture(self, who: str) -> Picture:
        """See NodeApi."""
        group = self._picture_of_group(who)
        if group is not None:
            return group
        identity = self.roster.anyone(who)
        data = self.store.pictures.data_of(identity)
        kind = picture_type(data)
        if kind is None or not (identity == self.myself.id or self.roster.person(identity).picture):
            raise ApiError("no_picture", f"There is no picture of {self.roster.name(identity)} here.")
        return Picture(encode_id(picture_id(data)), kind, data)

    def _picture_of_group(self, chat: str) -> Picture | None:
        try:
            conversation = decode_id(chat.strip().lower())
        except IdentityError:
            return None
        data = self.circles.picture(conversation)
        kind = picture_type(data)
        return Picture(encode_id(picture_id(data)), kind, data) if kind is not None else None
