"""Roster: everyone known or seen, by what name, in which relation, and whether they are there."""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, islice, zip_longest

from p2pdm.api.types import ApiError, Notice, Person, Relation
from p2pdm.conversation.entries import direct_conversation
from p2pdm.identity import IdentityError, PeerId, ProfileRecord, decode_id, encode_id
from p2pdm.net.discovery.finder import MAX_ADDRESSES, Sighting
from p2pdm.net.links import Address
from p2pdm.node.board import Board
from p2pdm.node.guessing import guess
from p2pdm.node.myself import Myself
from p2pdm.node.presence import AVAILABILITIES, combined
from p2pdm.node.sessions import Sessions
from p2pdm.store.people import BLOCKED, CONTACT, HeldRequest, KnownPerson
from p2pdm.store.tables import Store
from p2pdm.wire.frames import Presence

TYPING_LASTS = 6.0
"""Seconds after which typing that was not repeated is over."""
PIECE = 100
"""People looked up in one turn of the loop: some 2 ms."""
NAMED = 10
"""People named of those who could be meant."""
MIN_PREFIX = 4
"""Characters of an id's prefix: fewer are a name."""


class Roster:
    """Reads people from the store, the sightings and the sessions; writes nothing but what it has heard of them."""

    def __init__(self, store: Store, board: Board, sessions: Sessions, myself: Myself) -> None:
        self._store = store
        self._board = board
        self._sessions = sessions
        self._myself = myself
        self._sightings: dict[str, Sighting] = {}
        self._instances: dict[PeerId, list[str]] = {}
        self._announced: dict[PeerId, float] = {}
        """When somebody who is announced was so last, by the loop's clock."""
        self._records: dict[PeerId, ProfileRecord] = {}
        self._typing: dict[tuple[PeerId, bytes], asyncio.TimerHandle] = {}
        """By person and conversation."""
        self._closed = False
        self.vanished: Callable[[PeerId], None] = lambda _: None
        """Told when nothing is known any more of someone who was only seen."""
        self.obstacle: Callable[[PeerId], str | None] = lambda _: None
        """What keeps this node from someone who is there."""

    # --- what was heard ---

    def seen(self, sighting: Sighting) -> None:
        """Somebody announces themselves."""
        if sighting.identity == self._myself.id:
            return
        before = self._drop(sighting.instance)
        if before is not None and before.identity != sighting.identity:
            self._let_go(before.identity)
        self._sightings[sighting.instance] = sighting
        self._instances.setdefault(sighting.identity, []).append(sighting.instance)
        self._announced[sighting.identity] = asyncio.get_running_loop().time()
        self.changed(sighting.identity)

    def gone(self, instance: str) -> None:
        """An announcement was taken back."""
        sighting = self._drop(instance)
        if sighting is not None:
            self._let_go(sighting.identity)
            self.changed(sighting.identity)

    def announced_since(self, identity: PeerId, when: float) -> bool:
        """Whether somebody has announced themselves again after `when`, by the loop's clock."""
        return self._announced.get(identity, 0.0) > when

    def _drop(self, instance: str) -> Sighting | None:
        sighting = self._sightings.pop(instance, None)
        if sighting is not None:
            instances = self._instances[sighting.identity]
            instances.remove(instance)
            if not instances:
                del self._instances[sighting.identity]
                self._announced.pop(sighting.identity, None)
        return sighting

    def met(self, identity: PeerId, record: ProfileRecord) -> None:
        """Their own, signed record; the caller holds a transaction.

        It is kept in memory, too: who is forgotten while they are here is still here.
        """
        if self.is_news(record) or identity not in self._records:
            self._records[identity] = self._newest(record)
        known = self._store.people.get(identity)
        is_later = self._store.people.set_record(identity, record.name, record.number, record.encoded)
        if is_later and known is not None and known.relation == CONTACT and known.record:
            self._board.post("person", person=identity)

    def _newest(self, record: ProfileRecord) -> ProfileRecord:
        before = self.record(record.identity)
        return before if before is not None and before.replaces(record) else record

    def is_news(self, record: ProfileRecord) -> bool:
        """Whether this is the newest of its identity."""
        before = self.record(record.identity)
        return before is None or record.replaces(before)

    def keep(self, identity: PeerId) -> None:
        """Write someone down who was only seen; the caller holds a transaction."""
        self._store.people.ensure(identity, self.own_name(identity))
        record = self._records.get(identity)
        if record is not None:
            self._store.people.set_record(identity, record.name, record.number, record.encoded)

    def left(self, identity: PeerId) -> None:
        """No session with them is left: what only a session held goes."""
        for who, conversation in [key for key in self._typing if key[0] == identity]:
            self.set_typing(who, conversation, False)
        self._let_go(identity)

    def _let_go(self, identity: PeerId) -> None:
        """Keep nothing of a stranger who is neither connected nor announced any more."""
        if not self._closed and not self.is_known(identity):
            self._records.pop(identity, None)
            self.vanished(identity)

    def set_typing(self, identity: PeerId, conversation: bytes, on: bool) -> None:
        """They type in a conversation, or have stopped."""
        timer = self._typing.pop((identity, conversation), None)
        if timer is not None:
            timer.cancel()
        if on:
            loop = asyncio.get_running_loop()
            later = loop.call_later(TYPING_LASTS, self.set_typing, identity, conversation, False)
            self._typing[identity, conversation] = later
        if on or timer is not None:
            self._board.pass_by("typing", chat=conversation, person=identity, on=on)

    def close(self) -> None:
        """Forget all timers; what is heard from now on changes nothing."""
        self._closed = True
        for timer in self._typing.values():
            timer.cancel()

    def changed(self, identity: PeerId) -> None:
        """Tell clients to look at someone again."""
        if identity == self._myself.id:
            return
        self._board.pass_by("person", person=identity)

    # --- what is known ---

    def known(self, identity: PeerId) -> KnownPerson | None:
        """What is stored of someone."""
        return self._store.people.get(identity)

    def is_contact(self, identity: PeerId) -> bool:
        """Whether the user has accepted them."""
        known = self._store.people.get(identity)
        return known is not None and known.relation == CONTACT

    def is_known(self, identity: PeerId) -> bool:
        """Whether this is somebody known or seen."""
        return identity in self._instances or self._sessions.connected(identity) or self.known(identity) is not None

    def is_blocked(self, identity: PeerId) -> bool:
        """Whether the user has blocked them."""
        known = self._store.people.get(identity)
        return known is not None and known.relation == BLOCKED

    def accepts_us(self, identity: PeerId) -> bool:
        """Their own latest word on whether they have accepted us."""
        known = self._store.people.get(identity)
        return known is not None and known.accepts_us

    def record(self, identity: PeerId) -> ProfileRecord | None:
        """What they say of themselves: heard since the start of this node, or stored."""
        known = self._store.people.get(identity)
        stored = known.record if known is not None else b""
        return self._records.get(identity) or (_stored_record(identity, stored) if stored else None)

    def own_name(self, identity: PeerId) -> str:
        """The name that they gave themselves: signed if there was ever a session, else as announced."""
        if identity == self._myself.id:
            return self._myself.name
        record = self._records.get(identity)
        known = self._store.people.get(identity)
        if record is not None:
            return record.name
        if known is not None and known.name:
            return known.name
        instances = self._instances.get(identity)
        return self._sightings[instances[-1]].name if instances else self._store.entries.name_of(identity)

    def name(self, identity: PeerId) -> str:
        """The name in lists and sentences."""
        known = self._store.people.get(identity)
        return (known.nickname if known else "") or self.own_name(identity) or encode_id(identity)[:8]

    def addresses(self, identity: PeerId) -> list[Address]:
        """Where they may be: announced now (by anybody: so only a few) and where they were reached, by turns."""
        latest = (self._sightings[instance] for instance in reversed(self._instances.get(identity, [])))
        announced = islice(chain.from_iterable(sighting.addresses for sighting in latest), MAX_ADDRESSES)
        reached = (Address(host, port) for host, port in self._store.people.addresses(identity))
        return list(dict.fromkeys(a for pair in zip_longest(announced, reached) for a in pair if a is not None))

    def sighted(self) -> list[PeerId]:
        """Everyone who announces themselves now."""
        return list(self._instances)

    def is_sighted(self, identity: PeerId) -> bool:
        """Whether they announce themselves now."""
        return identity in self._instances

    def is_here(self, identity: PeerId) -> bool:
        """Whether they are online, and let it be seen."""
        return self._sessions.online(identity) and not self._word(identity).hidden

    def chat_with(self, identity: PeerId) -> bytes:
        """The id of the direct conversation with someone."""
        return direct_conversation(self._myself.id, identity)

    # --- for the door ---

    async def everyone(self) -> list[Person]:
        """All people, by name; looked up in pieces, between which others have their turn.

        Of whom clients are told meanwhile, it is looked up again: the answer is no older than what they were told.
        """
        told: set[str] = set()

        def hear(notice: Notice) -> None:
            told.add(notice.person)

        people: dict[PeerId, Person] = {}
        self._board.listeners.append(hear)
        try:
            while identities := self._to_look_up(people, told):
                told.clear()
                names, requests = self._names(self.identities()), self._store.people.requests()
                for number, identity in enumerate(identities):
                    if number and number % PIECE == 0:
                        await asyncio.sleep(0)
                    people[identity] = self._person(identity, names, requests.get(identity))
        finally:
            self._board.listeners.remove(hear)
        return sorted(people.values(), key=lambda person: (person.name.casefold(), person.id))

    def _to_look_up(self, people: dict[PeerId, Person], told: set[str]) -> list[PeerId]:
        """Who is not among `people` as they are now; who is gone is not either after this."""
        identities = self.identities()
        for identity in people.keys() - identities:
            del people[identity]
        return [one for one in identities if one not in people or people[one].id in told]

    def person(self, identity: PeerId) -> Person:
        """One person."""
        names = self._names(self.identities())
        return self._person(identity, names, self._store.people.requests().get(identity))

    def _names(self, identities: Iterable[PeerId]) -> Counter[str]:
        return Counter(_alike(self.name(identity)) for identity in identities)

    def _person(self, identity: PeerId, names: Counter[str], request: HeldRequest | None) -> Person:
        known = self._store.people.get(identity)
        last_seen = known.last_seen if known else 0
        record, name, chat = self.record(identity), self.name(identity), self.chat_with(identity)
        word = self._word(identity)
        online = self._sessions.online(identity) and not word.hidden
        return Person(
            id=encode_id(identity),
            name=name,
            relation=_relation(known, request is not None),
            online=online,
            verified=known is not None and known.verified,
            accepted_by_them=known is not None and known.accepts_us,
            addresses=[str(address) for address in self.addresses(identity)],
            own_name=self.own_name(identity),
            last_seen=timestamp(last_seen) if last_seen else None,
            request=request.text if request is not None else None,
            chat=encode_id(chat),
            typing=(identity, chat) in self._typing,
            same_name=names[_alike(name)] > 1,
            kind=record.kind if record else "person",
            department=record.department if record else "",
            role=record.role if record else "",
            status=AVAILABILITIES.get(word.status, "available") if online else None,
            status_text=word.text if online else "",
            picture=self._picture(identity, record),
        )

    def _word(self, identity: PeerId) -> Presence:
        return combined(peer.presence for peer in self._sessions.of(identity))

    def _picture(self, identity: PeerId, record: ProfileRecord | None) -> str:
        """The picture that is here, also while the next one is under way."""
        kept = self._store.pictures.id_of(identity)
        return encode_id(kept) if kept and record is not None and record.picture else ""

    def find(self, who: str) -> PeerId:
        """Whom the user means; ApiError `unknown_person`, `ambiguous` or, of the user, `oneself` otherwise."""
        who = who.strip()
        found = self._candidates(who)
        if self.is_oneself(who):
            raise ApiError("oneself", f"“{who[:80]}” is you. Name somebody else; for notes to yourself: self")
        with contextlib.suppress(IdentityError):
            if self.is_known(identity := decode_id(who.lower())):
                return identity
        if not found:
            meant = guess(who, map(self.name, self.identities()))
            sentence = f"Nobody here goes by “{who[:80]}”.{meant} See who is there with: p2pdm people"
            raise ApiError("unknown_person", sentence)
        if len(found) > 1:
            people = sorted((self.person(identity) for identity in found[:NAMED]), key=lambda person: person.name)
            candidates = ", ".join(f"{p.name} ({p.id[:12]}…, {p.relation})" for p in people)
            raise ApiError("ambiguous", f"“{who[:80]}” could be {candidates}. Say whom by the first letters of the id.")
        return found[0]

    def anyone(self, who: str) -> PeerId:
        """As `find`, or the user."""
        return self._myself.id if self.is_oneself(who) else self.find(who)

    def is_oneself(self, who: str) -> bool:
        """Whether the user is meant, and nobody else."""
        who, id = who.strip(), encode_id(self._myself.id)
        if who.lower() == id:
            return True
        begun = len(who) >= MIN_PREFIX and id.startswith(who.lower())
        return (begun or who.casefold() == self._myself.name.casefold()) and not self.is_name(who)

    def is_name(self, who: str) -> bool:
        """Whether anybody could be meant by this."""
        return bool(self._candidates(who.strip()))

    def whose_chat(self, conversation: bytes) -> PeerId | None:
        """With whom this is the direct conversation."""
        return next((one for one in self.identities() if self.chat_with(one) == conversation), None)

    def _candidates(self, who: str) -> list[PeerId]:
        lower, folded = who.lower(), who.casefold()
        everyone = self.identities()
        ids = {encode_id(identity): identity for identity in everyone} if len(who) >= MIN_PREFIX else {}
        if lower in ids:
            return [ids[lower]]
        named = [] if _is_id(who) else [one for one in everyone if self.name(one).casefold() == folded]
        prefixed = [identity for id, identity in ids.items() if id.startswith(lower)]
        if all(self.is_contact(one) or self.is_blocked(one) for one in named):
            prefixed = [] if named else prefixed
        # A stranger may take any name, also the beginning of somebody's id.
        return list(dict.fromkeys((*named, *prefixed)))

    def identities(self) -> set[PeerId]:
        """Everybody known, seen or connected."""
        identities = set(self._store.people.identities())
        identities.update(self._instances, self._store.people.requests())
        identities.update(peer.identity for peer in self._sessions if peer.greeted)
        identities.discard(self._myself.id)
        return identities


_LOOKALIKES = str.maketrans("авекмнорстухіјѕԁԛԝαβεικμνορτυχ", "abekmhopctyxijsdqwabeikmvoptux")
"""Letters of other alphabets that pass for Latin ones (the commonest of Unicode's confusables, as folded)."""


@lru_cache(maxsize=4_096)
def _alike(name: str) -> str:
    """What names that a reader may take for each other have in common."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKALIKES)
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(str.maketrans("il0", "11o"))


@lru_cache(maxsize=4_096)
def _stored_record(identity: PeerId, encoded: bytes) -> ProfileRecord:
    return ProfileRecord.stored(identity, encoded)


def _is_id(text: str) -> bool:
    try:
        decode_id(text.lower())
    except IdentityError:
        return False
    return True


def _relation(known: KnownPerson | None, request_waits: bool) -> Relation:
    if known is not None and known.relation == BLOCKED:
        return "blocked"
    if known is not None and known.relation == CONTACT:
        return "contact"
    return "request" if request_waits else "nearby"


def timestamp(milliseconds: int) -> str:
    """Milliseconds since 1970 as ISO 8601 in UTC; what no calendar holds becomes its nearest end."""
    clipped = min(max(milliseconds, 0), 253_402_300_799_999)
    moment = datetime.fromtimestamp(clipped / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
