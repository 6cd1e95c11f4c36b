"""Pictures of people who have several devices, or have gone back to an older copy: everybody sees the same face."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of
from tests.unit.node.test_oneself import FACE, OTHER_FACE, drawn, face


async def older_alice(world: World, alice: Someone) -> Someone:
    """Alice's machine is gone; what she has is a copy from before."""
    early = alice.disk.copy()
    await world.passes(1)
    return world._somebody("Alice", early)


async def test_who_went_back_to_an_older_copy_gets_her_own_face_from_a_friend(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_profile(picture=drawn(tmp_path, OTHER_FACE))
    again = await older_alice(world, alice)
    own = await alice.node.set_profile(picture=drawn(tmp_path))
    await world.until(lambda: bob.person(alice).picture == own.picture)
    await alice.leaves()
    await again.starts()
    await world.until(lambda: bob.online(again))
    await world.passes(2)
    assert await face(again, again) == FACE
    assert (await again.node.profile()).picture == own.picture
    assert len(again.told("profile")) > 0


async def test_and_those_who_missed_it_get_it_from_her(world: World, tmp_path: Path) -> None:
    alice, bob, carol = await world.friends("Alice", "Bob", "Carol")
    again = await older_alice(world, alice)
    await carol.leaves()
    own = await alice.node.set_profile(picture=drawn(tmp_path))
    await world.until(lambda: bob.person(alice).picture == own.picture)
    await alice.leaves()
    await bob.leaves()
    await carol.starts()
    await again.starts()
    await world.until(lambda: carol.online(again))
    await bob.starts()
    await world.until(lambda: bob.online(again))
    await world.passes(2)
    assert await face(again, again) == FACE
    assert await face(carol, again) == FACE


async def test_who_went_back_to_a_face_that_she_has_taken_off_has_none(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_profile(picture=drawn(tmp_path))
    again = await older_alice(world, alice)
    await alice.node.set_profile(picture="")
    await world.until(lambda: bob.person(alice).picture == "")
    await alice.leaves()
    await again.starts()
    await world.until(lambda: bob.online(again))
    await world.passes(2)
    assert (await again.node.profile()).picture == ""
    assert again.node.store.pictures.data_of(again.key) == b""


async def test_a_friend_who_reaches_one_device_only_sees_what_was_said_at_the_other(
    world: World, tmp_path: Path
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    twin = await world.copy(alice)
    await world.until(lambda: bob.online(twin) and twin.online(bob))
    await world.passes(30)
    world.cut(alice, bob)
    await world.passes(100)
    own = await alice.node.set_profile(name="Alison", picture=drawn(tmp_path))
    await world.passes(5)
    assert (await twin.node.profile()).picture == own.picture
    assert (bob.person(alice).name, bob.person(alice).picture) == ("Alison", own.picture)
    assert await face(bob, alice) == FACE
    await alice.node.set_profile(picture="")
    await world.passes(5)
    assert (await face(twin, twin), await face(bob, alice)) == (b"", b"")


async def test_what_was_said_at_another_device_while_the_disk_was_full_is_written_once_it_is_not(world: World) -> None:
    alice, _ = await world.friends("Alice", "Bob")
    twin = await world.copy(alice)
    await world.passes(30)
    twin.disk.full = True
    await alice.node.rename("Alison")
    await world.passes(2)
    twin.disk.full = False
    await world.passes(60)
    await alice.leaves()
    await twin.leaves()
    await twin.starts()
    assert twin.node.myself.name == "Alison"


async def test_who_forgot_somebody_and_accepts_them_again_sees_their_face_again(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    own = await alice.node.set_profile(picture=drawn(tmp_path))
    await world.until(lambda: bob.person(alice).picture == own.picture)
    await bob.node.forget(alice.id)
    await world.passes(2)
    assert bob.node.store.pictures.data_of(alice.key) == b""
    await bob.node.accept(alice.id)
    await world.passes(2)
    assert await face(bob, alice) == FACE


async def test_so_does_who_forgot_somebody_they_knew_from_a_group_alone(world: World, tmp_path: Path) -> None:
    alice, bob, carol = await world.people("Alice", "Bob", "Carol")
    for one in (bob, carol):
        await alice.node.accept(one.id)
        await one.node.accept(alice.id)
    await world.passes(5)
    await group_of(world, alice, bob, carol)
    own = await bob.node.set_profile(picture=drawn(tmp_path))
    await world.until(lambda: carol.person(bob).picture == own.picture)
    await carol.node.forget(bob.id)
    await world.passes(2)
    await carol.node.accept(bob.id)
    await world.passes(2)
    assert await face(carol, bob) == FACE


async def test_a_device_is_told_of_what_comes_late_from_another_that_is_gone(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    again = await older_alice(world, alice)
    await again.starts()
    await world.until(lambda: bob.online(again) and again.online(bob))
    world.cut(alice, again)
    await world.passes(100)
    await alice.node.rename("Alison")
    await world.until(lambda: bob.person(alice).name == "Alison")
    await alice.leaves()
    await world.until(lambda: again.node.myself.name == "Alison")
