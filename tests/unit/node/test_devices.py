"""One device, twice: copied profiles and restored ones go on as new devices, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from p2pdm.identity import ProfileRecord, encode_id
from p2pdm.wire import frames
from tests.fakes.world import Someone, World

COPIED = "This profile also runs somewhere else"
RESTORED = "This profile was restored from an older copy"


def device(someone: Someone) -> bytes:
    return someone.node.myself.device.public


async def troubles(someone: Someone) -> list[str]:
    return [text for text in (await someone.node.status()).trouble if text.startswith((COPIED, RESTORED))]


# Copies


@pytest.mark.parametrize("seed", range(4))
async def test_a_copied_profile_runs_twice_and_goes_on_as_two_devices(seed: int) -> None:
    async with World(seed) as world:
        alice, bob = await world.friends("Alice", "Bob")
        sent = await alice.says(bob, "before the copy")
        await world.until(lambda: alice.state(sent) == "delivered")
        twin = await world.copy(alice)
        await world.until(lambda: alice.online(bob) and twin.online(bob))
        a = await alice.says(bob, "from the one")
        await world.until(lambda: device(alice) != device(twin))
        t = await twin.says(bob, "from the other")
        await world.until(lambda: alice.state(a) == twin.state(t) == "delivered")
        await world.until(lambda: alice.texts(bob) == twin.texts(bob) == bob.texts(alice))
        assert sorted(bob.texts(alice)) == ["before the copy", "from the one", "from the other"]
        await world.passes(300)
        assert len(list(bob.node.sessions)) == 2
        assert [len(one.told("trouble")) for one in (alice, twin, bob)] == [1, 1, 0]
        assert len(await troubles(twin)) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_two_copies_that_speak_at_once_lose_nothing(seed: int) -> None:
    async with World(seed) as world:
        alice, bob = await world.friends("Alice", "Bob")
        await alice.says(bob, "0")
        twin = await world.copy(alice)
        await world.until(lambda: alice.online(bob) and twin.online(bob))
        for n in range(5):
            await asyncio.gather(alice.says(bob, f"a{n}"), twin.says(bob, f"t{n}"), bob.says(alice, f"b{n}"))
        await world.until(lambda: len(bob.texts(alice)) == len(alice.texts(bob)) == len(twin.texts(bob)) == 16)
        assert alice.texts(bob) == twin.texts(bob) == bob.texts(alice)
        assert device(alice) != device(twin)
        assert {len(one.told("trouble")) for one in (alice, twin)} <= {0, 1}


async def test_what_two_copies_said_before_they_were_found_out_is_all_kept(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "shared")
    await bob.leaves()
    await world.until(lambda: not alice.online(bob))
    twin = await world.copy(alice)
    for n in range(5):
        await alice.says(bob, f"alice {n}")
        await twin.says(bob, f"twin {n}")
    await alice.leaves()
    await bob.starts()
    await world.until(lambda: len(bob.texts(alice)) == 6)
    await twin.leaves()
    await alice.starts()
    await world.until(lambda: len(bob.texts(alice)) == 11)
    await world.until(lambda: len(alice.texts(bob)) == 11)
    await twin.starts()
    await world.until(lambda: len(twin.texts(bob)) == 11, within=60)
    assert alice.texts(bob) == bob.texts(alice) == twin.texts(bob)
    sent = [await someone.says(bob, "and on it goes") for someone in (alice, twin)]
    await world.until(lambda: alice.state(sent[0]) == twin.state(sent[1]) == "delivered", within=60)
    await world.until(lambda: alice.texts(bob) == bob.texts(alice) == twin.texts(bob))
    assert device(alice) != device(twin)
    assert len(alice.told("trouble")) == 1


async def test_everybody_hears_both_copies(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    twin = await world.copy(alice)
    await world.until(lambda: twin.online(bob) and twin.online(carol))
    for someone in (alice, twin):
        for friend in (bob, carol):
            await someone.says(friend, f"to {friend.name}")
    for friend in (bob, carol):
        await world.until(lambda: len(friend.texts(alice)) == 2, within=60)  # noqa: B023 -- awaited here
        await world.until(lambda: friend.online(alice))  # noqa: B023
    assert device(alice) != device(twin)
    await world.until(lambda: all(m.state == "delivered" for friend in (bob, carol) for m in alice.history(friend)))


async def test_a_request_under_way_survives_becoming_a_new_device(world: World) -> None:
    alice, bob = await world.people("Alice", "Bob")
    await bob.leaves()
    sent = await alice.says(bob, "Hello Bob")
    alice.node._cloned()
    await world.until(lambda: alice.told("trouble") != [])
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "sent")
    await bob.node.accept(alice.id)
    await world.until(lambda: alice.state(sent) == "delivered")
    more = await alice.says(bob, "Thanks")
    await world.until(lambda: alice.state(more) == "delivered")
    assert bob.texts(alice) == ["Hello Bob", "Thanks"]


async def test_a_profile_that_moved_to_another_machine_goes_on_as_a_new_device_at_once(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    sent = await alice.says(bob, "from the old machine")
    await world.until(lambda: alice.state(sent) == "delivered")
    was = device(alice)
    await alice.leaves()
    alice.mark = alice.mark.copy(b"the new machine")
    await alice.starts()
    assert device(alice) != was
    (why,) = await troubles(alice)
    assert why.startswith(COPIED)
    now = device(alice)
    await alice.says(bob, "from the new machine")
    await alice.leaves()
    await alice.starts()
    assert device(alice) == now
    assert await troubles(alice) == []
    await world.until(lambda: bob.texts(alice) == ["from the old machine", "from the new machine"])


# Older copies


async def test_a_restored_profile_gets_back_what_it_forgot_and_is_a_new_device(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "before the backup")
    await bob.says(alice, "yes")
    await world.until(lambda: len(alice.texts(bob)) == 2)
    alice.node.commits.settle()
    backup = alice.disk.copy()
    for n in range(120):
        await alice.says(bob, f"after the backup {n}")
    await bob.says(alice, "still there?")
    await world.until(lambda: len(alice.texts(bob)) == len(bob.texts(alice)) == 123)
    before = alice.texts(bob)

    was = device(alice)
    await alice.leaves()
    alice.disk, alice.mark = backup, type(alice.mark)(b"no file")
    await alice.starts()
    assert alice.texts(bob) == ["before the backup", "yes"]
    await world.until(lambda: device(alice) != was)
    await world.until(lambda: alice.texts(bob) == before)
    assert [n.text[: len(RESTORED)] for n in alice.told("trouble")] == [RESTORED]
    sent = await alice.says(bob, "I was restored")
    await world.until(lambda: alice.state(sent) == "delivered")
    assert bob.texts(alice) == alice.texts(bob) == [*before, "I was restored"]
    await world.passes(120)
    assert len(alice.told("trouble")) == 1


async def test_who_writes_before_noticing_the_restore_loses_nothing(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await alice.says(bob, "forgotten by the backup")
    await world.until(lambda: bob.texts(alice) == ["forgotten by the backup"])
    await bob.leaves()
    await alice.leaves()
    alice.disk, alice.mark = backup, type(alice.mark)(b"no file")
    await alice.starts()
    sent = await alice.says(bob, "written without knowing")
    await bob.starts()
    await world.until(lambda: alice.state(sent) == "delivered", within=60)
    await world.until(lambda: len(alice.texts(bob)) == 2, within=60)
    assert alice.texts(bob) == bob.texts(alice)
    assert len(alice.told("trouble")) == 1
    more = await alice.says(bob, "more")
    await world.until(lambda: alice.state(more) == "delivered")
    assert alice.texts(bob) == bob.texts(alice)


async def test_what_was_written_beside_a_forgotten_message_is_not_delivered_with_it(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await alice.says(bob, "forgotten by the backup")
    await world.until(lambda: bob.texts(alice) == ["forgotten by the backup"])
    await alice.leaves()
    alice.disk, alice.mark = backup, type(alice.mark)(b"no file")
    world.cut(alice, bob)
    await alice.starts()
    sent = [await alice.says(bob, f"written without knowing {n}") for n in range(2)]
    bob.disk.full = True
    world.lan.mend()
    await world.until(lambda: len(alice.texts(bob)) == 3, within=90)
    await world.passes(10)
    assert [alice.state(s) for s in sent] == ["waiting", "waiting"]
    bob.disk.full = False
    await world.until(lambda: {m.state for m in alice.history(bob)} == {"delivered"})
    assert alice.texts(bob) == bob.texts(alice)
    await bob.node.read(alice.id)
    await world.until(lambda: {m.state for m in alice.history(bob)} == {"read"})


async def test_the_high_water_file_tells_before_anybody_else_does(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    sent = await alice.says(bob, "forgotten by the backup")
    await world.until(lambda: alice.state(sent) == "delivered")
    was = device(alice)
    await alice.leaves()
    alice.disk = backup
    await alice.starts()
    assert device(alice) != was
    (why,) = await troubles(alice)
    assert why.startswith(RESTORED)
    await world.until(lambda: alice.texts(bob) == ["forgotten by the backup"])
    assert len(await troubles(alice)) == 1


async def test_a_backup_from_before_the_device_became_a_new_one_is_noticed(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.says(bob, "as the first device")
    alice.node.commits.settle()
    backup, first = alice.disk.copy(), device(alice)
    alice.node._cloned()
    await world.until(lambda: alice.told("trouble") != [])
    sent = await alice.says(bob, "as the second device")
    await world.until(lambda: alice.state(sent) == "delivered", within=60)
    second = device(alice)
    await alice.leaves()
    alice.disk = backup
    await alice.starts()
    assert device(alice) not in (first, second)
    await world.until(lambda: alice.texts(bob) == bob.texts(alice))


async def test_an_ordinary_restart_is_no_restore(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    was = device(alice)
    for end in (alice.leaves, alice.dies, alice.loses_power):
        sent = await alice.says(bob, "hello")
        await world.until(lambda: alice.state(sent) == "delivered")  # noqa: B023 -- awaited here
        await end()
        await alice.starts()
        assert device(alice) == was
    await world.passes(60)
    assert not alice.told("trouble")


# What a node knows of its identity's devices


async def test_a_new_profile_is_one_device(world: World) -> None:
    alice = await world.person("Alice")
    (this,) = await alice.node.devices()
    assert this.this
    assert (this.created, this.retired, this.retired_at, this.last_seen) == ("2026-01-01T00:00:00.000Z", "", None, None)


async def test_a_copied_profile_names_what_it_was_and_what_the_other_became(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    twin = await world.copy(alice)
    await world.until(lambda: alice.online(bob) and twin.online(bob))
    await alice.says(bob, "from the one")
    await world.until(lambda: device(alice) != device(twin))
    for one in (alice, twin):
        await one.says(bob, "and on it goes")
    await world.until(lambda: alice.texts(bob) == twin.texts(bob) == bob.texts(alice))
    retired = alice if alice.told("trouble") else twin
    other = twin if retired is alice else alice
    first, now, *more = await retired.node.devices()
    assert (first.this, first.retired.startswith(COPIED), first.retired_at is not None) == (False, True, True)
    assert (now.this, now.retired) == (True, "")
    assert not [d for d in more if d.this or d.retired]
    known = {d.id: d for d in await other.node.devices()}
    assert not known[now.id].this
    assert known[now.id].retired == ""


async def test_another_device_that_was_met_was_seen(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    twin = await world.copy(alice)
    await twin.says(bob, "hello")
    await world.until(lambda: device(alice) != device(twin))
    await twin.leaves()
    await world.passes(3_600)
    await twin.starts()
    await world.passes(60)
    seen = [d.last_seen for one in (alice, twin) for d in await one.node.devices() if not d.this and d.last_seen]
    assert any(time > "2026-01-01T01:00:00" for time in seen)


async def test_a_restored_profile_is_told_what_it_has_said_of_itself_since(world: World) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    carol_was = carol.disk.copy()
    await alice.node.set_profile(role="Gardener")
    await world.until(lambda: bob.person(alice).role == "Gardener")
    await alice.leaves()
    await carol.leaves()
    alice.disk, carol.disk = backup, carol_was  # so that only Bob knows
    await carol.starts()
    await world.until(lambda: carol.online(bob))
    await alice.starts()
    await world.until(lambda: alice.node.myself.record.role == carol.person(alice).role == "Gardener")
    assert (await alice.node.profile()).role == "Gardener"


async def test_nobody_can_say_of_somebody_what_they_never_said(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    (to_alice,) = bob.node.sessions
    to_alice.say(frames.Yours(ProfileRecord.issue(bob.node.myself.identity, 2**50, "Alison").encoded))
    await world.until(lambda: to_alice.session.closed)
    assert alice.node.myself.name == "Alice"


async def test_a_restored_profile_says_which_device_it_was(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    alice.node.commits.settle()
    backup = alice.disk.copy()
    await alice.says(bob, "forgotten by the backup")
    await world.until(lambda: bob.texts(alice) == ["forgotten by the backup"])
    was = device(alice)
    await alice.leaves()
    alice.disk = backup
    await alice.starts()
    old, this = await alice.node.devices()
    assert (old.id, this.id) == (encode_id(was), encode_id(device(alice)))
    assert old.retired.startswith(RESTORED)
    assert this.this
