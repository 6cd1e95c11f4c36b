"""What people do with groups and rooms."""

from __future__ import annotations

from p2pdm.conversation.membership import Group
from p2pdm.identity import PeerId, encode_id
from p2pdm.node.circles import Standing
from p2pdm.store.conversations import GROUP
from tests.simulation.life import Act, Life

ROOMS = ("Kitchen", "Garden")
MOST_GROUPS = 2
"""Groups that somebody makes: of few, all that happens meets."""


async def make_group(life: Life) -> None:
    """Make a group of some contacts, and perhaps admins of some of them at once."""
    machine = life.machine
    contacts = [who for who in life.story.world.identities.values() if machine.node.roster.is_contact(who)]
    made = [stored for stored in machine.circles() if stored.kind == GROUP and stored.other == machine.key]
    if not contacts or len(made) >= MOST_GROUPS:
        return
    asked = life.chance.sample(contacts, life.chance.randint(1, len(contacts)))
    chat = await machine.tries(machine.node.create_group(life.name(), [encode_id(who) for who in asked]))
    if chat is not None:
        for who in asked:
            if life.chance.random() < 0.4:
                await machine.tries(machine.node.promote(chat.id, encode_id(who), True))


async def invite(life: Life) -> None:
    """Ask somebody in."""
    chat = life.group(Standing.MEMBER)
    if chat is not None:
        await life.machine.tries(life.machine.node.invite(encode_id(chat), encode_id(life.somebody())))


async def join(life: Life) -> None:
    """Say yes to an invitation."""
    chat = life.group(Standing.CALLED)
    if chat is not None:
        await life.machine.tries(life.machine.node.join_group(encode_id(chat)))


async def decline(life: Life) -> None:
    """Say no to an invitation."""
    chat = life.group(Standing.CALLED)
    if chat is not None:
        await life.machine.tries(life.machine.node.leave(encode_id(chat)))


async def leave(life: Life) -> None:
    """Leave a group."""
    chat = life.group(Standing.MEMBER)
    if chat is not None:
        await life.machine.tries(life.machine.node.leave(encode_id(chat)))


async def remove(life: Life) -> None:
    """Put somebody out."""
    chat = life.group(Standing.MEMBER)
    if chat is not None:
        who = encode_id(_one_of(life, chat))
        await life.machine.tries(life.machine.node.remove(encode_id(chat), who))


async def promote(life: Life) -> None:
    """Make somebody an admin."""
    await _rank(life, on=True)


async def demote(life: Life) -> None:
    """Make an admin a member like others."""
    await _rank(life, on=False)


async def _rank(life: Life, on: bool) -> None:
    made = [stored.id for stored in life.machine.circles() if stored.nonce and stored.other == life.machine.key]
    if made:
        chat = life.chance.choice(made)
        who = encode_id(_one_of(life, chat))
        await life.machine.tries(life.machine.node.promote(encode_id(chat), who, on))


def _one_of(life: Life, chat: bytes) -> PeerId:
    group: Group = life.machine.group(chat)
    inside = sorted({*group.members, *group.invited} - {life.machine.key})
    return life.chance.choice(inside) if inside and life.chance.random() < 0.9 else life.somebody()


async def describe(life: Life) -> None:
    """Give a group another name or topic."""
    chat = life.group(Standing.MEMBER)
    if chat is not None:
        new = life.name()
        named = life.chance.random() < 0.7
        done = life.machine.node.describe(encode_id(chat), name=new if named else None, topic=None if named else new)
        await life.machine.tries(done)


async def open_room(life: Life) -> None:
    """Be in a room of some name, or open one where only its announcers write."""
    announcement = life.chance.random() < 0.2
    await life.machine.tries(life.machine.node.open_room(life.chance.choice(ROOMS), announcement))


async def enter_room(life: Life) -> None:
    """Go where others are."""
    rooms = await life.machine.node.rooms()
    room = life.chance.choice(rooms)
    await life.machine.tries(life.machine.node.enter_room(room.id))


async def leave_room(life: Life) -> None:
    """Be in a room no more."""
    entered = [stored.id for stored in life.machine.circles() if stored.entered]
    if entered:
        await life.machine.tries(life.machine.node.leave(encode_id(life.chance.choice(entered))))


GROUP_ACTS: dict[Act, float] = {
    make_group: 4,
    invite: 6,
    join: 22,
    decline: 0.7,
    leave: 1.2,
    remove: 3,
    promote: 3,
    demote: 1.5,
    describe: 3,
}
ROOM_ACTS: dict[Act, float] = {
    open_room: 3,
    enter_room: 4,
    leave_room: 1,
}
