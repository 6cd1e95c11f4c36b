"""What Mallory does in a group that somebody has asked her into."""

from __future__ import annotations

import random
from collections.abc import Iterable

from p2pdm.conversation.encoding import decode_body, encode_body, without_body
from p2pdm.conversation.entries import (
    CONTENT,
    MEMBERSHIP,
    Describe,
    Entry,
    Invite,
    Join,
    Kind,
    Leave,
    Open,
    Rank,
    Remove,
    Said,
    Text,
)
from p2pdm.conversation.log import compose, place_of
from tests.fakes.puppet import Puppet


class Membership:
    """Mallory's part in one group: her two chains, of which she shows each victim another branch."""

    def __init__(self, puppet: Puppet, chance: random.Random, invite: Entry) -> None:
        self._puppet = puppet
        self._chance = chance
        self._conversation = invite.header.conversation
        opening = self._write(self._open(), None, MEMBERSHIP)
        self._join = self._write(Join(invite.id), opening, MEMBERSHIP, invite)
        self._decided = [opening, self._join]
        self._said = [self._write(self._open(), None, CONTENT)]

    def misbehaves(self, heard: Iterable[Entry]) -> None:
        """One thing or another."""
        self._puppet.hands_over(self._conversation, *self._decided, *self._said)
        others = [entry for entry in heard if entry.header.conversation == self._conversation]
        acts = (self._says_another_thing_to_each, self._oversteps, self._withholds)
        self._chance.choice(acts)(others)

    def _says_another_thing_to_each(self, others: list[Entry]) -> None:
        """Two chains of words, one for this victim and one for the next."""
        after = self._chance.choice(self._said)
        entry = self._write(Text(f"only for you {self._chance.randrange(3)}"), after, CONTENT)
        if self._chance.random() < 0.5:
            self._said.append(entry)
        self._puppet.hands_over(self._conversation, entry)

    def _oversteps(self, others: list[Entry]) -> None:
        """Decide what she may not, perhaps in a branch that only this victim sees."""
        people = [who for entry in others if (who := self._named(entry)) is not None] or [self._puppet.key]
        who = self._chance.choice(people)
        body = self._chance.choice(
            (Remove(who, ()), Rank(self._puppet.key, True), Invite(who, ()), Describe("name", b"Mallory's"), Leave(()))
        )
        entry = self._write(body, self._chance.choice(self._decided[1:]), MEMBERSHIP)
        if self._chance.random() < 0.5:
            self._decided.append(entry)
        self._puppet.hands_over(self._conversation, entry)

    def _withholds(self, others: list[Entry]) -> None:
        """Hand on what others have said, without their words."""
        said = [entry for entry in others if entry.header.kind == Kind.TEXT]
        self._puppet.hands_over(self._conversation, *(without_body(entry) for entry in said[:20]))

    @staticmethod
    def _named(entry: Entry) -> bytes | None:
        body = decode_body(entry.header.kind, entry.body) if entry.body is not None else None
        return body.who if isinstance(body, Invite) else None

    def _open(self) -> Open:
        return Open(self._puppet.certificate.encode())

    def _write(self, body: Said, after: Entry | None, chain: int, *known: Entry) -> Entry:
        kind, encoded = encode_body(body)
        return compose(
            self._puppet.device,
            self._conversation,
            kind,
            encoded,
            after=place_of(after) if after is not None else None,
            dependencies=tuple(map(place_of, known)),
            time=0,
            salt=self._chance.randbytes(16),
            chain=chain,
            membership=(self._join.id,) if chain == CONTENT else (),
        )


def invitation(heard: Iterable[Entry], who: bytes, conversation: bytes) -> Entry | None:
    """How somebody is asked into a group, among what was heard."""
    for entry in heard:
        if entry.header.conversation == conversation and entry.header.kind == Kind.INVITE and entry.body is not None:
            body = decode_body(entry.header.kind, entry.body)
            if isinstance(body, Invite) and body.who == who:
                return entry
    return None
