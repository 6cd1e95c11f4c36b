"""The people of the stories: alice, bob, carol and mallory, each with keys that are the same in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from p2pdm.identity import OPEN_SPACE, Certificate, SigningKey
from p2pdm.wire.handshake import Party
from p2pdm.wire.noise import KeyPair

CREATED = 1_700_000_000_000


def seed(words: str) -> bytes:
    """32 bytes that are the same for the same words."""
    return hashlib.sha256(words.encode()).digest()


@dataclass(frozen=True)
class Person:
    """Somebody with one device."""

    name: str
    identity: SigningKey
    device: SigningKey
    certificate: Certificate

    @property
    def id(self) -> bytes:
        return self.identity.public

    def party(self, space: bytes = OPEN_SPACE, instance: bytes = b"instance") -> Party:
        """What this person brings to handshakes."""
        return Party(self.certificate, self.device, instance, space)


def person(name: str, device: str = "laptop") -> Person:
    """Somebody, at one of their devices."""
    identity, key = SigningKey.from_seed(seed(name)), SigningKey.from_seed(seed(f"{name}'s {device}"))
    return Person(name, identity, key, Certificate.issue(identity, key, CREATED))


def keys(words: str) -> Callable[[], KeyPair]:
    """X25519 key pairs, a new one each time, that are the same for the same words."""
    count = 0

    def fresh() -> KeyPair:
        nonlocal count
        count += 1
        return KeyPair.from_private(seed(f"{words} {count}"))

    return fresh


ALICE, BOB, CAROL, MALLORY = person("alice"), person("bob"), person("carol"), person("mallory")
