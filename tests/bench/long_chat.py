"""A profile with a very long chat, written straight through the store: what takes years, in a minute or two.

Texts are made of words as common and as rare as those of a language, with "message" in each, "sometimes" in one of
20,000, and "needle" in one. Their signatures are blank: the store trusts what it holds.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from p2pdm.conversation.encoding import encode_body, seal
from p2pdm.conversation.entries import CONTENT, NO_ENTRY, Entry, Header, Open, Said, Text, direct_conversation
from p2pdm.identity import Certificate, PeerId, SigningKey
from p2pdm.node.myself import Myself
from p2pdm.store import lines
from p2pdm.store.database import Database
from p2pdm.store.desktop import find_keyring
from p2pdm.store.keys import KeyFile
from p2pdm.store.profile import ProfileFolder
from p2pdm.store.tables import Store

AT_ONCE = 20_000
"""Messages in a transaction."""
BEGUN = 1_500_000_000_000
BETWEEN = 60_000
"""Milliseconds between two messages."""
VOCABULARY = 50_000


class _Chain:
    """What one device writes in a conversation."""

    def __init__(self, identity: SigningKey, conversation: bytes) -> None:
        self.device = _Stamp.from_seed(os.urandom(32))
        self.certificate = Certificate.issue(identity, self.device, BEGUN)
        self._conversation = conversation
        self._last: Entry | None = None

    def says(self, body: Said, number: int) -> Entry:
        """Its next entry, the one of this number in the chat."""
        kind, encoded = encode_body(body)
        header = Header(
            flags=0,
            chain=CONTENT,
            kind=kind,
            conversation=self._conversation,
            device=self.device.public,
            seq=self._last.header.seq + 1 if self._last else 0,
            prev=self._last.id if self._last else NO_ENTRY,
            lamport=number + 1,
            time=BEGUN + number * BETWEEN,
            expiry=0,
            body_length=0,
            commitment=b"",
        )
        self._last = seal(header, encoded, bytes(16), self.device)
        return self._last


class _Stamp(SigningKey):
    """Signs nothing, quickly."""

    def sign(self, message: bytes) -> bytes:
        return bytes(64)


def write_long_chat(profile: Path, count: int) -> PeerId:
    """Put a chat of `count` messages into a profile whose node does not run; returns whom it is with."""
    friend = SigningKey.from_seed(os.urandom(32))
    with ProfileFolder.open(profile) as folder:
        key = KeyFile(folder.key, os.urandom, lambda: find_keyring(os.environ)).load(None)
        store = Store(Database.open(folder.database, key.database))
        store.database.execute("PRAGMA synchronous = OFF")
        _write(store, Myself(store, os.urandom), friend, count)
        store.close()
    return friend.public


def _write(store: Store, myself: Myself, friend: SigningKey, count: int) -> None:
    conversation = direct_conversation(myself.id, friend.public)
    chains = [_Chain(friend, conversation), _Chain(myself.identity, conversation)]
    store.begin()
    store.people.ensure(friend.public, "Bob")
    store.conversations.ensure_direct(conversation, friend.public)
    for number, chain in enumerate(chains):
        store.entries.add_device(chain.certificate)
        store.entries.add(chain.says(Open(chain.certificate.encode()), number), shown=False)
    arrival = 0
    for number, text in enumerate(texts(count), len(chains)):
        entry = chains[number % 2].says(Text(text), number)
        arrival = store.entries.add(entry, shown=True)
        store.words.add(arrival, conversation, entry.header.device, entry.header.time, text)
        if number % AT_ONCE == 0:
            store.commit()
            store.begin()
    store.settings.set(lines._INDEXED, arrival.to_bytes(8, "big"))
    store.conversations.lines_added(conversation, arrival, count // 2)
    store.commit()


def texts(count: int) -> Iterator[str]:
    """What is said, the same in every run."""
    dice = random.Random(1)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(dice.choices(letters, range(26, 0, -1), k=dice.randint(2, 11))) for _ in range(VOCABULARY)]
    shares = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    for number in range(count):
        said = dice.choices(words, cum_weights=shares, k=dice.choice((1, 3, 5, 8, 12, 20)))
        said.append("message")
        if number % 20_000 == 7:
            said.append("sometimes")
        if number == count // 3:
            said.append("needle")
        yield " ".join(said)
