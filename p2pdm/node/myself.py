"""Myself: this profile's identity, the device that it is now, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.identity import OPEN_SPACE, Certificate, PeerId, ProfileRecord, SigningKey, clean_name
from p2pdm.store.tables import Store
from p2pdm.wire.handshake import INSTANCE_SIZE, Party

Random = Callable[[int], bytes]
_IDENTITY, _DEVICE, _CERTIFICATE = "identity seed", "device seed", "certificate"
_RECORD, _SPACE = "profile record", "space"
_RESTORED = "restored from a backup, and not said yet"
_FLOOR = "number of the next profile record, at least"


class Myself:
    """Read from and written to the store's settings; the caller holds a transaction when something changes."""

    def __init__(self, store: Store, random: Random) -> None:
        self._store = store
        self._random = random
        self.identity = SigningKey.from_seed(self._setting(_IDENTITY))
        self.space = self._setting(_SPACE)
        self.instance = random(INSTANCE_SIZE)
        self.reload()

    def reload(self) -> None:
        """Be again who the store says, after a change that could not be stored."""
        self.device = SigningKey.from_seed(self._setting(_DEVICE))
        self.certificate = Certificate.decode(self._setting(_CERTIFICATE))
        self.record = ProfileRecord.decode(self.identity.public, self._setting(_RECORD))

    @classmethod
    def create(cls, store: Store, name: str, random: Random, now: int) -> Myself:
        """Make a new identity with its first device; `now` in milliseconds since 1970."""
        identity = SigningKey.from_seed(seed := random(32))
        store.settings.set(_IDENTITY, seed)
        store.settings.set(_SPACE, OPEN_SPACE)
        store.settings.set(_RECORD, ProfileRecord.issue(identity, 1, name).encoded)
        cls._make_device(store, identity, random, now)
        return cls(store, random)

    @staticmethod
    def _make_device(store: Store, identity: SigningKey, random: Random, now: int) -> None:
        device = SigningKey.from_seed(seed := random(32))
        certificate = Certificate.issue(identity, device, now)
        store.settings.set(_DEVICE, seed)
        store.settings.set(_CERTIFICATE, certificate.encode())
        store.entries.add_device(certificate)

    @property
    def id(self) -> PeerId:
        """The identity's public key."""
        return self.identity.public

    @property
    def name(self) -> str:
        """What others see."""
        return self.record.name

    @property
    def party(self) -> Party:
        """What goes into handshakes."""
        return Party(self.certificate, self.device, self.instance, self.space)

    def say(
        self,
        now: int,
        name: str | None = None,
        kind: str | None = None,
        department: str | None = None,
        role: str | None = None,
        picture: bytes | None = None,
    ) -> None:
        """Say something else of oneself; what is None stays. ValueError when nothing of the name can be shown.

        Numbered by the clock, so that a profile that was restored from an older copy is listened to again at once.
        """
        before = self.record
        if name is not None and not clean_name(name):
            raise ValueError("a name has at least one letter")
        floor = int.from_bytes(self._store.settings.get(_FLOOR) or b"", "big")
        self.record = ProfileRecord.issue(
            self.identity,
            max(before.number + 1, now, floor),
            before.name if name is None else name,
            before.kind if kind is None else kind,
            before.department if department is None else department,
            before.role if role is None else role,
            before.picture if picture is None else picture,
        )
        self._store.settings.set(_RECORD, self.record.encoded)

    def adopt(self, record: ProfileRecord) -> None:
        """Say what another device of this identity has said since."""
        self._store.settings.set(_RECORD, record.encoded)
        if not record.picture:
            self._store.pictures.remove(self.id)
        self.record = record

    def retire_device(self, why: str, now: int) -> None:
        """Go on as a new device of the same identity: the old one's chains can't be trusted to be whole."""
        self._store.devices.retire(self.device.public, why, now)
        self._make_device(self._store, self.identity, self._random, now)
        self.device = SigningKey.from_seed(self._setting(_DEVICE))
        self.certificate = Certificate.decode(self._setting(_CERTIFICATE))
        self.instance = self._random(INSTANCE_SIZE)

    def restore(self, why: str, now: int) -> None:
        """This profile comes from a backup: be another device, and give no record a number that was given before."""
        self.retire_device(why, now)
        self._store.settings.set(_FLOOR, now.to_bytes(8, "big"))  # also if this clock goes back
        self._store.settings.set(_RESTORED, why.encode())

    def restored(self) -> str:
        """What the user is still to be told of this profile having been restored; empty if nothing."""
        return (self._store.settings.get(_RESTORED) or b"").decode()

    def has_told(self) -> None:
        """The user is told that this profile was restored."""
        self._store.settings.remove(_RESTORED)

    def _setting(self, name: str) -> bytes:
        value = self._store.settings.get(name)
        if value is None:
            raise LookupError(f"the profile lacks its {name}")
        return value
