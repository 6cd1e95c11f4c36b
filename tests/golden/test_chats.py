"""Stories, each told to the end, and all that everybody sees of it."""

from __future__ import annotations

from tests.fakes.world import Someone, World
from tests.golden.conftest import CHATS, Golden
from tests.golden.render import page

MINUTE, HOUR = 60.0, 3_600.0


def sees(who: Someone, chat: str, everyone: list[Someone], title: str) -> str:
    """A chat as somebody sees it now."""
    names = {other.id: who.name if other is who else who.person(other).name for other in everyone}
    return page(title, who.node.view.history(chat, 1_000, None, happenings=True), names)


def both(world: World, one: Someone, other: Someone) -> str:
    """A direct chat from both ends."""
    people = [one, other]
    return "\n".join(
        sees(who, with_whom.id, people, f"{who.name} sees") for who, with_whom in ((one, other), (other, one))
    )


async def said(world: World, by: Someone, to: Someone, text: str, reply_to: str | None = None) -> str:
    """A message that arrives at once, and a minute of thought; its id."""
    sent = await by.node.send(to.id, text, reply_to)
    await world.until(lambda: by.state(sent) in {"delivered", "read"})
    await world.passes(MINUTE)
    return sent.id


async def test_an_evening_between_two(world: World, golden: Golden) -> None:
    """Answers, edits, reactions, a pin, something taken back, and midnight."""
    alice, bob = await world.friends("Alice", "Bob")
    await world.passes(22 * HOUR + 50 * MINUTE)
    question = await said(world, alice, bob, "Tea or cofee?")
    await alice.node.edit(question, "Tea or coffee?")
    await said(world, bob, alice, "Tea", question)
    await bob.node.react(question, "☕")
    await bob.node.react(question, "🍵")
    plan = await said(world, alice, bob, "Tomorrow:\n- bring *cups*\n- open the window")
    await alice.node.edit(plan, "Tomorrow:\n- bring *cups*")
    await world.passes(MINUTE)
    await alice.node.edit(plan, "Tomorrow:\n- bring *cups*\n- and the pot")
    await bob.node.pin(plan, True)
    oops = await said(world, bob, alice, "My password is rosebud")
    await said(world, alice, bob, "You should not tell me that", oops)
    await bob.node.react(plan, "👍")
    await alice.node.react(plan, "🎉")
    await bob.node.unsend(oops)
    await alice.node.read(bob.id)
    await world.passes(2 * HOUR)
    await said(world, bob, alice, "Good morning! This answers something long ago, in a line that is not short", plan)
    await said(world, bob, alice, "And this something longer still: does it end, or does it go on for ever and a day?")
    await said(world, alice, bob, "It ends", bob.history(alice)[-1].id)
    await bob.node.read(alice.id)
    await said(world, alice, bob, "Hm")
    golden(both(world, alice, bob))


async def test_a_stranger_asks(world: World, golden: Golden) -> None:
    """One message goes before the yes, all others after it; then one has enough of the other."""
    carol, dan = await world.people("Carol", "Dan")
    first = await dan.says(carol, "Hello Carol, this is Dan from the third floor")
    await world.until(lambda: carol.relation(dan) == "request")
    await world.passes(MINUTE)
    await dan.says(carol, "Are you there?")
    await world.passes(MINUTE)
    before = both(world, dan, carol) + f"(asked: {carol.person(dan).request})\n"
    await carol.node.accept(dan.id)
    await world.until(lambda: dan.state(first) == "delivered" and len(carol.texts(dan)) == 2)
    await carol.node.read(dan.id)
    await said(world, carol, dan, "Hello Dan!")
    await carol.node.block(dan.id)
    await dan.says(carol, "Lunch?")
    await world.passes(MINUTE)
    golden("\n".join([before, "## Carol says yes, and later blocks Dan", "", both(world, dan, carol)]))


async def test_bob_was_away(world: World, golden: Golden) -> None:
    """What was said, changed and taken back meanwhile is there as it ended, below the line of what is new."""
    alice, bob = await world.friends("Alice", "Bob")
    await said(world, alice, bob, "See you tomorrow")
    await bob.node.read(alice.id)
    await world.passes(MINUTE)
    await bob.leaves()
    await world.passes(MINUTE)
    door = await alice.says(bob, "The code of the door is 1234")
    oops = await alice.says(bob, "Who took my cup")
    await alice.says(bob, "The meeting is at ten")
    await world.passes(MINUTE)
    await alice.node.edit(door.id, "The code of the door is 4321")
    await alice.node.pin(door.id, True)
    await alice.node.unsend(oops.id)
    away = sees(alice, bob.id, [alice, bob], "Alice sees, while Bob is away")
    await bob.starts()
    await world.until(lambda: len(bob.history(alice)) == 4 and bob.history(alice)[1].pinned)
    await world.passes(MINUTE)
    golden("\n".join([away, both(world, alice, bob)]))


async def test_words_are_carried_on(world: World, golden: Golden) -> None:
    """Forwarding says the same to somebody else: whose words they were is not told."""
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    rumour = await said(world, alice, bob, "The canteen has cake")
    await bob.node.send(carol.id, (await bob.node.message(rumour)).text)
    await world.passes(MINUTE)
    await alice.node.unsend(rumour)
    await world.passes(MINUTE)
    golden("\n".join([both(world, alice, bob), both(world, bob, carol)]))


async def test_a_group_with_somebody_away(world: World, golden: Golden) -> None:
    """Each one's state is their own word; a newcomer reads from the invitation on, who was removed no further."""
    alice, bob, carol, dan = everyone = await world.friends("Alice", "Bob", "Carol", "Dan")
    chat = (await alice.node.create_group("Lunch", [bob.id, carol.id])).id
    for who in (bob, carol):
        await joins(world, who, chat)
    noon = await alice.node.send(chat, "Lunch at noon?")
    await world.passes(MINUTE)
    await bob.node.react(noon.id, "👍")
    await bob.node.read(chat)
    await carol.leaves()
    await world.passes(MINUTE)
    await alice.node.send(chat, "Carol?")
    await world.passes(MINUTE)
    away = sees(alice, chat, everyone, "Alice sees, while Carol is away")
    await alice.node.invite(chat, dan.id)
    await joins(world, dan, chat)
    await dan.node.send(chat, "I am new here")
    await carol.starts()
    await world.passes(MINUTE)
    await alice.node.remove(chat, bob.id)
    await world.passes(MINUTE)
    await carol.node.send(chat, "I'll be there", noon.id)
    await world.passes(MINUTE)
    golden("\n".join([away, *(sees(who, chat, everyone, f"{who.name} sees") for who in everyone)]))


async def joins(world: World, who: Someone, chat: str) -> None:
    """Somebody says yes as soon as they are asked."""
    await world.until(lambda: any(one.id == chat and one.standing == "invited" for one in who.node.view.chats()))
    await who.node.join_group(chat)
    await world.passes(1)


def test_every_golden_text_has_its_story() -> None:
    stories = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {path.stem for path in CHATS.iterdir()} <= stories
