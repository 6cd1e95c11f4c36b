"""What people do with pictures of themselves and of their groups, and what must hold of those. Each as in `life` and
`invariants`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from p2pdm.identity import encode_id
from p2pdm.node.circles import Standing
from p2pdm.store.conversations import GROUP
from p2pdm.wire.picture import picture_id
from tests.simulation.circles import circles
from tests.simulation.life import Act, Life
from tests.simulation.people import Character, StormyWorld

BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBP")
"""What no node looks behind."""
SIZES = (100, 100, 2_000, 16_000, 24_000, 24 * 1024 + 1)
"""The last is too large for anybody, the last two for a group."""
MAX_FACE = 24 * 1024
MAX_GROUP_PICTURE = 16 * 1024
"""As the calls promise them; not the product's own names, which a mistake might change."""


# --- what people do ---


async def show_face(life: Life) -> None:
    """Give oneself another picture."""
    await life.machine.tries(life.machine.node.set_profile(picture=_drawn(life)))


async def hide_face(life: Life) -> None:
    """Have no picture any more."""
    await life.machine.tries(life.machine.node.set_profile(picture=""))


async def give_group_a_picture(life: Life) -> None:
    """Give a group another picture, or none."""
    chat = life.group(Standing.MEMBER)
    if chat is not None:
        picture = _drawn(life) if life.chance.random() < 0.75 else ""
        await life.machine.tries(life.machine.node.describe(encode_id(chat), picture=picture))


def _drawn(life: Life) -> str:
    """A picture that nobody has seen before, in a file."""
    path = life.world.folder / "picture"
    beginning = life.chance.choice(BEGINNINGS)
    path.write_bytes(beginning + life.chance.randbytes(life.chance.choice(SIZES) - len(beginning)))
    return str(path)


FACE_ACTS: dict[Act, float] = {show_face: 6, hide_face: 2}
FACE_ACTS_IN_GROUPS: dict[Act, float] = {give_group_a_picture: 4}


# --- what must hold ---


def everybody_is_shown_with_their_face(world: StormyWorld) -> Iterator[str]:
    """Whoever may see somebody has the picture that they gave themselves last, or none, on all of their machines."""
    for one, other in permutations(world.present, 2):
        if world.apart(one, other) or not _may_see(one, other):
            continue
        shown = one.node.store.pictures.id_of(other.key)
        if shown != other.node.myself.record.picture and not _is_lost(other):
            yield f"{_where(one)} has {encode_id(shown)[:8] if shown else 'no picture'} of {_where(other)}"


def _is_lost(owner: Character) -> bool:
    """Whether only a machine had somebody's picture that was restored, or is gone, since."""
    record, present = owner.node.myself.record, owner.stormy.present
    held = any(machine.node.store.pictures.id_of(owner.key) == record.picture for machine in present)
    return owner.key in owner.stormy.record.went_back and not held


def _may_see(one: Character, other: Character) -> bool:
    return one.key == other.key or one.is_friend_of(other)


def members_see_the_same_picture(world: StormyWorld) -> Iterator[str]:
    """All who belong to a group are shown the picture that its admins gave it last."""
    for circle in circles(world):
        several = circle.kind == GROUP and len({m.node.circles.picture(circle.id) for m in circle.inside}) > 1
        for one, other in circle.pairs() if several else ():
            if circle.standing(other) == Standing.MEMBER:
                mine, theirs = (machine.node.circles.picture(circle.id) for machine in (one, other))
                if mine != theirs:
                    yield f"{_where(one)} and {_where(other)} see pictures of {len(mine)} and {len(theirs)} bytes"


def pictures_are_few_and_small(world: StormyWorld) -> Iterator[str]:
    """On a disk is at most one picture of each person, which is what it is called; none is larger than was promised."""
    for machine in world.machines:
        kept = machine.disk.ask("SELECT id, data FROM pictures")
        if len(kept) > len(world.identities):
            yield f"{_where(machine)} keeps {len(kept)} pictures"
        for id, data in kept:
            if len(data) > MAX_FACE or picture_id(data) != id:
                yield f"{_where(machine)} keeps a picture of {len(data)} bytes, called {encode_id(id)[:8]}"
    for circle in circles(world):
        for machine in circle.held:
            size = len(machine.node.circles.picture(circle.id))
            if size > MAX_GROUP_PICTURE:
                yield f"{_where(machine)} has a picture of a group, of {size} bytes"


def _where(machine: Character) -> str:
    return f"{machine.name} at {machine.host}"
