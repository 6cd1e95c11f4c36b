"""The people of a MemoryNode."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from p2pdm.api.types import ApiError, Notice, Person, SafetyNumber
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_core import MemoryCore


def fake_number(who: str) -> str:
    """A safety number."""
    digits = str(int.from_bytes(hashlib.sha512(who.encode()).digest(), "big"))
    return " ".join(digits[at : at + 5] for at in range(0, 60, 5))


@dataclass
class PeopleInMemory(MemoryCore):
    """Part of MemoryNode."""

    # What a test does.

    def meet(self, name: str, **fields: Any) -> Person:
        """Somebody called `name` is known from now on."""
        peer = fields.pop("id", fake_id(name + str(len(self.known)) if self._named(name) else name))
        person = Person(
            id=peer,
            name=name,
            relation=fields.pop("relation", "nearby"),
            online=fields.pop("online", False),
            verified=fields.pop("verified", False),
            accepted_by_them=fields.pop("accepted_by_them", False),
            addresses=[f"192.168.7.{20 + len(self.known)}:53530"],
            own_name=name,
            chat=fake_id("chat" + peer),
            **fields,
        )
        self._keep(person)
        if len(self._named(name)) > 1:
            for other in self._named(name):
                self.known[other.id] = msgspec.structs.replace(other, same_name=True)
        return self.known[peer]

    def says_of_themselves(self, who: str, **fields: Any) -> Person:
        """Somebody has another department, picture, status or the like."""
        return self._change(who, **fields)

    def come(self, who: str, online: bool = True) -> None:
        """Somebody comes or goes: a notice that passes by."""
        status = "available" if online else None
        person = msgspec.structs.replace(self._find(who), online=online, status=status, status_text="")
        self.known[person.id] = person
        self.tell(Notice(cursor=self.cursor(), event="person", person=person.id))

    # NodeApi.

    async def people(self) -> list[Person]:
        return sorted(self.known.values(), key=lambda person: person.name.casefold())

    async def person(self, who: str) -> Person:
        return self._find(who)

    async def accept(self, who: str) -> Person:
        person = self._find(who)
        held, text = person.relation == "request", person.request or ""
        person = self._change(who, relation="contact", request=None)
        if held:
            self.arrive(who, text)
        return person

    async def decline(self, who: str) -> Person:
        return self._change(who, relation="nearby", request=None)

    async def block(self, who: str) -> Person:
        return self._change(who, relation="blocked", request=None)

    async def unblock(self, who: str) -> Person:
        return self._change(who, relation="nearby")

    async def forget(self, who: str) -> None:
        person = self._find(who)
        del self.known[person.id]
        self.said = [message for message in self.said if message.chat != person.chat]
        self._note("person", person=person.id)

    async def nickname(self, who: str, name: str) -> Person:
        return self._change(who, name=name or self._find(who).own_name)

    async def safety_number(self, who: str) -> SafetyNumber:
        person = self._find(who)
        return SafetyNumber(fake_number(person.id), person.verified)

    async def verify(self, who: str, number: str) -> Person:
        if "".join(number.split()) != fake_number(self._find(who).id).replace(" ", ""):
            raise ApiError("mismatch", "the numbers differ: somebody may be in between")
        return self._change(who, verified=True)

    async def join(self, link: str) -> Person:
        if not link.startswith("p2pdm:"):
            raise ApiError("bad_link", "that is not a p2pdm: invitation")
        return self.meet(
            "Newcomer", id=link.removeprefix("p2pdm:").partition("?")[0], relation="contact", verified=True
        )
