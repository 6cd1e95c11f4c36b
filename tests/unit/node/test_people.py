"""Who is who: names, nicknames, safety numbers, invitations, and who goes by the same name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from p2pdm.api.types import ApiError, Person
from p2pdm.identity import MAX_NAME, SigningKey, encode_id, safety_number
from p2pdm.net.discovery.finder import Sighting
from p2pdm.net.links import Address
from p2pdm.node.node import PORT
from p2pdm.node.roster import PIECE
from p2pdm.node.run import make_profile
from tests.fakes.world import World


async def test_strangers_see_each_other_within_three_seconds(world: World) -> None:
    alice = await world.person("Alice")
    bob = await world.person("Bob")
    await world.until(lambda: alice.online(bob) and bob.online(alice), within=3)
    assert (alice.relation(bob), alice.person(bob).name) == ("nearby", "Bob")
    assert alice.person(bob).addresses == [f"{bob.host}:53530"]


async def test_who_is_accepted_is_dialled_if_there_is_no_session_yet(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("p2pdm.node.node.STRANGERS_MET", 0)  # in a crowd, where not everybody meets everybody
    alice, bob = await world.person("Alice"), await world.person("Bob")
    await world.passes(10)
    assert not alice.online(bob)
    await alice.node.accept(bob.id)
    await world.until(lambda: alice.online(bob), within=3)


class Deaf:
    """Takes a link and never says anything."""

    def data_received(self, data: bytes) -> None: ...
    def writable(self) -> None: ...
    def link_closed(self, why: str) -> None: ...


async def test_a_dial_that_another_overtook_leaves_no_link_behind(world: World) -> None:
    alice, bob = await world.person("Alice"), await world.person("Bob")
    await world.lan.host("10.0.0.99").listen(PORT, lambda link: link.start(Deaf()))
    world.lan.cut(alice.host, bob.host)
    world.lan.reset(alice.host, bob.host)
    dialling = asyncio.create_task(
        alice.node.dialing.dial_any(bob.key, [Address("10.0.0.99", PORT), Address(bob.host, PORT)])
    )
    await world.passes(0.1)
    world.lan.mend()
    assert await dialling
    assert not alice.node.gate._dialling
    assert not [link for link in world.lan.links if "10.0.0.99" in (link.local.host, link.remote.host)]


async def test_somebody_is_found_by_name_by_id_and_by_its_first_letters(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    for who in ("Bob", "bob", " BOB ", bob.id, bob.id.upper(), bob.id[:4], bob.id[:20]):
        assert (await alice.node.person(who)).id == bob.id
    for who in (bob.id[:3], "Bo", "", "Zoe", "\ud800"):
        with pytest.raises(ApiError) as caught:
            await alice.node.person(who)
        assert caught.value.kind == "unknown_person"


@pytest.mark.parametrize("how", ["name", "id", "prefix"])
async def test_who_names_herself_is_not_taken_for_somebody_else(world: World, how: str) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    me = {"name": "alice ", "id": alice.id.upper(), "prefix": alice.id[:8]}[how]
    group = await alice.node.create_group("Lunch", ["Bob", me])
    assert [one.name for one in (await alice.node.group(group.id)).members] == ["Alice", "Bob"]
    node = alice.node
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: node.person(me),
        lambda: node.accept(me),
        lambda: node.decline(me),
        lambda: node.block(me),
        lambda: node.unblock(me),
        lambda: node.forget(me),
        lambda: node.nickname(me, "Ego"),
        lambda: node.safety_number(me),
        lambda: node.invite(group.id, me),
        lambda: node.remove(group.id, me),
        lambda: node.promote(group.id, me, True),
    ]
    for attempt in attempts:
        with pytest.raises(ApiError) as caught:
            await attempt()
        assert caught.value.kind == "oneself"
    sent = await node.send(me, "buy milk")
    assert [message.text for message in await node.history("self")] == ["buy milk"]
    assert [hit.message.id for hit in await node.search("milk", person=me)] == [sent.id]
    assert [one.name for one in await node.people()] == ["Bob"]
    await bob.node.rename("Alice")
    await world.until(lambda: alice.person(bob).name == "Alice")
    assert (await node.person("Alice")).id == bob.id, "who has a name that is hers, too, can still be named"


async def test_who_names_herself_while_she_is_there_twice_blocks_nobody(world: World) -> None:
    alice = await world.person("Alice")
    copy = await world.copy(alice)
    await world.until(lambda: bool(alice.node.sessions.of(alice.key) and copy.node.sessions.of(alice.key)), within=120)
    for attempt in (alice.node.block, alice.node.forget, alice.node.accept):
        with pytest.raises(ApiError) as caught:
            await attempt(alice.id)
        assert caught.value.kind == "oneself"


async def test_who_gives_half_a_name_is_told_whom_they_may_mean(world: World) -> None:
    alice, _, _ = await world.friends("Alice", "Bob Ng", "Zoë")
    await alice.node.create_group("Lunch at noon", [])
    for given, meant in (("bob", "Bob Ng"), ("Ng", "Bob Ng"), ("Zoe", "Zoë"), ("Bob Mg", "Bob Ng")):
        with pytest.raises(ApiError, match=rf"“{given}”\. Did you mean {meant}\? See who"):
            await alice.node.person(given)
    for given, meant in (("bob", "Bob Ng"), ("noon", "Lunch at noon")):
        with pytest.raises(ApiError, match=rf"“{given}” here\. Did you mean {meant}\? See"):
            await alice.node.send(given, "hi")
    for given in ("Xaver", "", " "):
        with pytest.raises(ApiError, match=r"”\. See who"):
            await alice.node.person(given)


async def test_of_two_groups_of_one_name_both_are_listed_and_a_person_only_if_there_is_one(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    one, other = await alice.node.create_group("Club", []), await alice.node.create_group("Club", [])
    both = {f"Club ({group.id[:12]}…)" for group in (one, other)}
    with pytest.raises(ApiError) as caught:
        await alice.node.send("club", "which?")
    assert all(group in caught.value.message for group in both)
    assert "person" not in caught.value.message
    await alice.node.nickname(bob.id, "Club")
    with pytest.raises(ApiError, match="or a person"):
        await alice.node.send("club", "which?")


async def test_two_of_one_name_are_told_apart(world: World) -> None:
    alice, bob, impostor = await world.people("Alice", "Bob", "bob")
    with pytest.raises(ApiError) as caught:
        await alice.node.person("Bob")
    assert caught.value.kind == "ambiguous"
    assert bob.id[:12] in str(caught.value)
    assert impostor.id[:12] in str(caught.value)
    assert [p.same_name for p in await alice.node.people()] == [True, True]
    await alice.node.nickname(impostor.id, "Not Bob")
    assert (await alice.node.person("Bob")).id == bob.id
    assert [p.same_name for p in await alice.node.people()] == [False, False]


async def test_a_nickname_is_ones_own_and_can_be_taken_back(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    person = await alice.node.nickname("Bob", "  Bobby\u202e ")
    assert (person.name, person.own_name) == ("Bobby", "Bob")
    await bob.says(alice, "hi")
    await world.until(lambda: alice.shows(bob) == "Bobby: hi (delivered)")
    assert (await bob.node.me()).name == "Bob"
    await alice.leaves()
    await alice.starts()
    assert alice.person(bob).name == "Bobby"
    assert (await alice.node.nickname("Bobby", "")).name == "Bob"


async def test_a_name_that_is_too_long_is_refused_and_nothing_is_cut_off(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    fits, too_long = "A" * MAX_NAME, "A" * MAX_NAME + "B"
    group = await alice.node.create_group("Lunch", [])
    attempts: list[Callable[[str], Awaitable[object]]] = [
        lambda name: alice.node.rename(name),
        lambda name: alice.node.set_profile(name=name, role="Head"),
        lambda name: alice.node.nickname(bob.id, name),
        lambda name: alice.node.create_group(name, []),
        lambda name: alice.node.describe(group.id, name, "at noon"),
        lambda name: alice.node.describe(group.id, topic=name),
        lambda name: alice.node.open_room(name),
        lambda name: alice.node.open_room(name, announcement=True),
    ]
    for attempt in attempts:
        chats = len(await alice.node.chats())
        with pytest.raises(ApiError, match="at most 64 characters; this one has 65"):
            await attempt(too_long)
        after = await alice.node.profile(), await alice.node.group(group.id)
        assert (after[0].name, after[0].role, after[1].name, after[1].topic) == ("Alice", "", "Lunch", "")
        assert alice.person(bob).name == "Bob"
        assert len(await alice.node.chats()) == chats
    for attempt in attempts:
        await attempt(f"  {fits} ")
    with pytest.raises(ApiError, match="at most 64 characters"):
        make_profile(tmp_path / "new", too_long, None)
    assert not (tmp_path / "new").exists()


async def test_a_new_name_is_seen_at_once_and_later(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    await carol.leaves()
    assert (await bob.node.rename(" Robert  Smith ")).name == "Robert Smith"
    await world.until(lambda: alice.person(bob).name == "Robert Smith", within=1)
    await bob.leaves()
    assert alice.person(bob).name == "Robert Smith"
    await bob.starts()
    await carol.starts()
    await world.until(lambda: carol.person(bob).name == "Robert Smith")
    assert (await bob.node.me()).name == "Robert Smith"
    with pytest.raises(ApiError) as caught:
        await bob.node.rename(" \u202e ")
    assert caught.value.kind == "name"


async def test_safety_numbers_are_compared_once_and_for_good(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    shown = await alice.node.safety_number("Bob")
    assert shown.number == (await bob.node.safety_number("Alice")).number == safety_number(alice.key, bob.key)
    assert not shown.verified
    wrong = shown.number[:-1] + str((int(shown.number[-1]) + 1) % 10)
    for number in (wrong, "", shown.number[:-1], shown.number + "0"):
        with pytest.raises(ApiError) as caught:
            await alice.node.verify("Bob", number)
        assert caught.value.kind == "mismatch"
    assert not alice.person(bob).verified
    assert (await alice.node.verify("Bob", shown.number.replace(" ", "\n"))).verified
    await alice.leaves()
    await alice.starts()
    assert (await alice.node.safety_number(bob.id)).verified
    assert not bob.person(alice).verified


async def test_an_invitation_makes_a_verified_contact_without_being_seen(world: World) -> None:
    bob = await world.person("Bob")
    invite = (await bob.node.me()).invite
    world.air.finders.clear()  # from here on, nobody hears announcements
    alice = await world.person("Alice")
    assert await alice.node.people() == []
    person = await alice.node.join(invite)
    assert (person.name, person.relation, person.verified) == ("Bob", "contact", True)
    await world.until(lambda: alice.online(bob))
    sent = await alice.says(bob, "Your link works")
    await world.until(lambda: alice.state(sent) == "sent")
    assert (bob.relation(alice), bob.person(alice).verified) == ("request", False)


async def test_an_invitation_to_someone_away_is_kept(world: World) -> None:
    bob = await world.person("Bob")
    invite = (await bob.node.me()).invite
    await bob.leaves()
    alice = await world.person("Alice")
    await alice.node.join(invite)
    sent = await alice.says(bob, "Hello")
    assert alice.why(sent) == "Bob is offline"
    await alice.leaves()
    await alice.starts()
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "sent")


@pytest.mark.parametrize("link", ["", "p2pdm:", "https://example.org", "p2pdm:zzzz", "\ud800"])
async def test_a_link_that_is_no_invitation_says_so(world: World, link: str) -> None:
    alice = await world.person("Alice")
    with pytest.raises(ApiError) as caught:
        await alice.node.join(link)
    assert caught.value.kind == "invitation"
    with pytest.raises(ApiError, match="your own"):
        await alice.node.join((await alice.node.me()).invite)


async def test_who_left_unaccepted_is_gone_and_who_was_accepted_stays(world: World) -> None:
    alice, bob, carol = await world.people("Alice", "Bob", "Carol")
    await alice.node.accept(bob.id)
    await bob.leaves()
    await carol.leaves()
    await world.until(lambda: alice.node.roster.identities() == {bob.key})
    assert alice.person(bob).last_seen is not None


async def test_people_are_listed_by_name_without_oneself(world: World) -> None:
    people = await world.people("bea", "Alice", "Zoe", "carol")
    assert [p.name for p in await people[0].node.people()] == ["Alice", "carol", "Zoe"]


async def test_a_crowd_is_listed_in_pieces_and_as_it_is_in_the_end(world: World) -> None:
    alice = await world.person("Alice")
    here = (Address("10.8.8.250", 9),)
    strangers = [SigningKey.from_seed(number.to_bytes(32, "big")).public for number in range(10 * PIECE)]
    for number, identity in enumerate(strangers):
        alice.node.roster.seen(Sighting(f"instance {number}", identity, f"Stranger {number}", here))
    listing = asyncio.ensure_future(alice.node.people())
    turns, renaming = 0, list[asyncio.Future[Person]]()
    while not listing.done():
        await asyncio.sleep(0)  # one turn of the loop, in which a call could have its turn
        turns += 1
        if turns == 4:
            names = (alice.node.nickname(encode_id(who), f"Renamed {n}") for n, who in enumerate(strangers[:20]))
            renaming = [asyncio.ensure_future(name) for name in names]
            alice.node.roster.gone("instance 20")
            alice.node.roster.seen(Sighting("late", SigningKey.from_seed(b"l" * 32).public, "Latecomer", here))
    await asyncio.gather(*renaming)
    assert turns >= 10
    assert [person.name for person in await listing] == sorted(
        [
            *(f"Stranger {number}" for number in range(21, len(strangers))),
            *(f"Renamed {number}" for number in range(20)),
            "Latecomer",
        ],
        key=str.casefold,
    )
