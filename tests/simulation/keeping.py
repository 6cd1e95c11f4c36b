"""What people do with what is on their own disk: messages that disappear, messages deleted there, drafts, profiles; and
what must hold of it. Each as in `life` and `invariants`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator

from p2pdm.api.types import ApiError
from p2pdm.identity import encode_id
from tests.simulation.life import Act, Life
from tests.simulation.pages import TEXT, words_on
from tests.simulation.people import Character, StormyWorld

SECONDS = (5, 20, 60, 0)
"""For how long what is said stays; 0: for good."""
LATE = 5.0
"""Virtual seconds that a message may outstay its time."""


async def _does(machine: Character, call: Awaitable[object]) -> bool:
    """Do something at the door that answers nothing; whether it was done, and somebody is there to know it."""
    node = machine.node
    try:
        await call
    except ApiError:
        return False
    return not machine.dead and node is machine.node


# --- what people do ---


async def let_disappear(life: Life) -> None:
    """Set for how long what is said in a chat stays."""
    chat = life.machine.name_of_chat(life.chat())
    await life.machine.tries(life.machine.node.expire(chat, life.chance.choice(SECONDS)))


async def read_what_disappears(life: Life) -> None:
    """Read a chat: from now on its messages have their time."""
    machine, chat = life.machine, life.chat()
    lines = [line for line in machine.lines(chat) if line.identity != machine.key and line.line.text]
    there = [line for line in lines if line.entry.header.expiry]
    if await _does(machine, machine.node.read(machine.name_of_chat(chat))):
        for line in there:
            machine.due.setdefault(line.entry.id, machine.now + line.entry.header.expiry)


async def delete_for_oneself(life: Life) -> None:
    """Erase a message on this disk."""
    message, machine = life.line(mine=False), life.machine
    if message is not None:
        life.world.record.erased.add(message.entry.id)  # perhaps: the answer may get lost
        life.world.record.words.setdefault(message.entry.id, [message.line.text])
        if await _does(machine, machine.node.delete(encode_id(message.entry.id))):
            machine.deleted.add(message.entry.id)


async def draft(life: Life) -> None:
    """Type something, and leave it there; or empty it."""
    machine, chat = life.machine, life.chat()
    text = life.story.words(machine.name)[:40] if life.chance.random() < 0.8 else ""
    maybe = machine.drafts.setdefault(chat, {machine.node.store.keeping.draft(chat)})  # in a copy, one may be there
    maybe.add(text)
    if await _does(machine, machine.node.set_draft(machine.name_of_chat(chat), text)):
        machine.drafts[chat] = {text}


async def introduce(life: Life) -> None:
    """Say something else of oneself."""
    role = f"role {life.chance.randrange(1000)}"
    await life.machine.tries(life.machine.node.set_profile(role=role))


KEEPING_ACTS: dict[Act, float] = {
    let_disappear: 5,
    read_what_disappears: 14,
    delete_for_oneself: 5,
    draft: 5,
    introduce: 2,
}


# --- what must hold ---


def what_has_expired_is_nowhere(world: StormyWorld) -> Iterator[str]:
    """What was read, and whose time is over, is neither shown nor on any page of that disk."""
    for machine in world.present:
        if not machine.dead:
            over = [id for id, due in machine.due.items() if machine.now > due + LATE]
            for text in _still_there(world, machine, over):
                yield f"{machine.name} at {machine.host} still has {text}, whose time is over"


def what_was_deleted_is_not_there(world: StormyWorld) -> Iterator[str]:
    """What somebody deleted for themselves is neither shown on their machine nor on any page of its disk."""
    for machine in world.present:
        if not machine.dead:
            for text in _still_there(world, machine, machine.deleted):
                yield f"{machine.name} at {machine.host} still has {text}, which was deleted there"


def _still_there(world: StormyWorld, machine: Character, ids: Iterable[bytes]) -> Iterator[str]:
    words = {found[0] for id in ids for text in world.record.words.get(id, ()) if (found := TEXT.match(text))}
    yield from sorted(word for word in words_on(machine.disk.pages(), words))
    for id in ids:
        line = machine.node.store.lines.line(id)
        if line is not None and not (line.line.unsent and id in world.record.forgotten):  # it came again, bare
            yield f"the place of {line.line.text[:20]}"


def drafts_stay(world: StormyWorld) -> Iterator[str]:
    """What was typed is there until something else is."""
    for machine in world.present:
        for chat, texts in machine.drafts.items() if not machine.dead else ():
            kept = machine.node.store.keeping.draft(chat)
            if kept not in texts:
                yield f"{machine.name} at {machine.host} finds {kept!r} where {sorted(texts)} was typed"


def friends_know_each_other_as_they_are(world: StormyWorld) -> Iterator[str]:
    """What somebody says of themselves, their friends know; and all their machines say the same."""
    for one in world.present:
        for other in world.present:
            if one is other or world.apart(one, other):
                continue
            if one.key == other.key:
                if one.node.myself.record != other.node.myself.record:
                    yield f"{one.name} at {one.host} and at {other.host} are {one.node.myself.record.role} and other"
            elif one.is_friend_of(other):
                known, said = one.node.roster.record(other.key), other.node.myself.record
                if known is None or known.encoded != said.encoded:
                    yield f"{one.name} takes {other.name} at {other.host} for {known}, not {said}"
