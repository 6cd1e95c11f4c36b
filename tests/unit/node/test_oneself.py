"""What people say of themselves: where they work, how they look, how they are; who gets to see it, and when."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from p2pdm.api.types import ApiError
from p2pdm.identity import MAX_DETAIL, ProfileRecord, encode_id
from p2pdm.wire import frames
from p2pdm.wire.frames import MAX_STATUS_TEXT
from p2pdm.wire.picture import MAX_PICTURE, picture_id
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of

FACE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 80
"""What no node looks into: the first bytes are a PNG's."""
OTHER_FACE = b"\xff\xd8\xff\xe0 another"


def drawn(tmp_path: Path, data: bytes = FACE) -> str:
    """A picture in a file."""
    path = tmp_path / "face"
    path.write_bytes(data)
    return str(path)


async def face(here: Someone, of: Someone | Puppet) -> bytes:
    """Somebody's picture as it is here; empty when there is none."""
    with contextlib.suppress(ApiError):
        return (await here.node.picture(of.id)).data
    return b""


# Departments and roles


async def test_bob_sees_alices_new_department_at_once_and_his_clients_are_told_for_good(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    cursor = bob.node.board.cursor()
    said = await alice.node.set_profile(department=" Human  Resources ", role="Head", kind="organisation")
    assert (said.department, said.role, said.kind, said.name) == ("Human Resources", "Head", "organisation", "Alice")
    await world.until(lambda: bob.person(alice).department == "Human Resources", within=0.5)
    seen = bob.person(alice)
    assert (seen.role, seen.kind, seen.name) == ("Head", "organisation", "Alice")
    await world.until(lambda: bob.node.board.cursor() > cursor)
    assert [(n.event, n.person) for n in bob.node.board.since(cursor, 9)] == [("person", alice.id)]
    await alice.node.set_profile(role="")
    await world.until(lambda: (bob.person(alice).role, bob.person(alice).department) == ("", "Human Resources"))


async def test_what_alice_changed_while_bob_was_away_he_sees_when_he_is_back_and_it_stays_when_she_is_gone(
    world: World,
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await bob.leaves()
    await alice.node.set_profile(department="Sales", kind="bot")
    await bob.starts()
    await world.until(lambda: bob.person(alice).department == "Sales")
    await alice.leaves()
    await bob.leaves()
    await bob.starts()
    assert (bob.person(alice).department, bob.person(alice).kind) == ("Sales", "bot")
    await alice.starts()
    await world.until(lambda: bob.online(alice))
    assert (await alice.node.profile()).department == "Sales"


async def test_what_is_too_long_is_refused_and_not_cut_off(world: World) -> None:
    alice = await world.person("Alice")
    too_long = pytest.raises(ApiError, match=r"has at most \d+ characters; this one has \d+")
    with too_long:
        await alice.node.set_profile(department="x" * (MAX_DETAIL + 1))
    with too_long:
        await alice.node.set_profile(role="x" * (MAX_DETAIL + 1))
    with too_long:
        await alice.node.set_status("busy", "x" * (MAX_STATUS_TEXT + 1))
    with pytest.raises(ApiError):
        await alice.node.set_profile(name="\u202e", department="Sales")
    profile = await alice.node.profile()
    assert (profile.name, profile.department, profile.role, profile.status) == ("Alice", "", "", "available")


async def test_a_profile_that_was_restored_is_listened_to_again(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    backup = alice.disk.copy()
    for department in ("Sales", "Buying", "Law"):
        await alice.node.set_profile(department=department)
    await world.until(lambda: bob.person(alice).department == "Law")
    await alice.leaves()
    restored = await world.person("Alice", disk=backup)
    await world.until(lambda: bob.online(restored))
    assert bob.person(restored).department == "Law", "his word on it is the newest"
    await restored.node.set_profile(department="Press")
    await world.until(lambda: bob.person(restored).department == "Press", within=1)


async def test_an_older_word_of_somebody_is_not_believed_after_a_restart_either(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    await alice.node.accept(mallory.id)
    newer = ProfileRecord.issue(mallory.identity, 7, "Mallory", department="Sales")
    mallory.says(frames.Profile(newer.encoded))
    await world.until(lambda: alice.node.roster.person(mallory.key).department == "Sales")
    await alice.leaves()
    await world.passes(1)
    await alice.starts()
    await mallory.dials(alice)  # says what it said first
    await world.passes(1)
    assert alice.node.roster.person(mallory.key).department == "Sales"


# Pictures


async def test_contacts_get_the_picture_and_a_stranger_does_not(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    carol = await world.person("Carol")
    await world.until(lambda: carol.online(alice))
    own = await alice.node.set_profile(picture=drawn(tmp_path))
    assert await face(alice, alice) == FACE
    await world.until(lambda: bob.person(alice).picture == own.picture)
    assert await face(bob, alice) == FACE
    got = await bob.node.picture("Alice")
    assert (got.id, got.type) == (own.picture, "image/png")
    await world.passes(5)
    assert (carol.person(alice).picture, await face(carol, alice)) == ("", b"")
    stranger = await Puppet(world, "Mallory").dials(alice)
    stranger.says(frames.AskPicture(picture_id(FACE)))
    await world.passes(5)
    assert stranger.heard_of(frames.Picture) == []
    # Once they have accepted each other, she gets it in the session that there is.
    await carol.node.accept(alice.id)
    await world.passes(5)
    assert await face(carol, alice) == b""
    await alice.node.accept(carol.id)
    await world.until(lambda: carol.person(alice).picture == own.picture, within=1)


async def test_a_picture_stays_is_replaced_and_goes(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_profile(picture=drawn(tmp_path))
    await world.until(lambda: bob.person(alice).picture != "")
    await alice.leaves()
    await bob.leaves()
    await bob.starts()
    assert await face(bob, alice) == FACE
    await alice.starts()
    await world.until(lambda: bob.online(alice))
    await alice.node.set_profile(picture=drawn(tmp_path, OTHER_FACE))
    await world.until(lambda: bob.person(alice).picture == encode_id(picture_id(OTHER_FACE)), within=1)
    assert await face(bob, alice) == OTHER_FACE
    await alice.node.set_profile(picture="")
    await world.until(lambda: bob.person(alice).picture == "", within=1)
    assert (await face(bob, alice), await face(alice, alice)) == (b"", b"")
    await world.passes(1)
    assert bob.node.store.pictures.data_of(alice.key) == b""


async def test_a_picture_is_asked_for_once_and_not_again_when_it_is_here(world: World, tmp_path: Path) -> None:
    alice = await world.person("Alice")
    mallory = Puppet(world, "Mallory")
    await mallory.dials(alice)
    await alice.node.accept(mallory.id)
    number = 2
    for _ in range(3):
        mallory.says(frames.Profile(record(mallory, FACE, number := number + 1)))
        await world.passes(1)
    assert mallory.heard_of(frames.AskPicture) == [frames.AskPicture(picture_id(FACE))]
    mallory.says(frames.Picture(FACE))
    await world.until(lambda: alice.node.store.pictures.data_of(mallory.key) == FACE)
    mallory.hangs_up()
    await world.passes(1)
    mallory.heard.clear()
    await mallory.dials(alice)
    mallory.says(frames.Profile(record(mallory, FACE, number := number + 1)))
    await world.passes(1)
    assert mallory.heard_of(frames.AskPicture) == []
    # Nor does she give hers twice to somebody who asks on and on.
    await alice.node.set_profile(picture=drawn(tmp_path))
    for _ in range(5):
        mallory.says(frames.AskPicture(picture_id(FACE)), frames.AskPicture(bytes(32)))
    await world.passes(1)
    assert mallory.heard_of(frames.Picture) == [frames.Picture(FACE)]


def record(puppet: Puppet, picture: bytes, number: int) -> bytes:
    """A record that names a picture."""
    return ProfileRecord.issue(puppet.identity, number, puppet.name, picture=picture_id(picture)).encoded


@pytest.mark.parametrize("forgery", ["another", "changed", "no picture", "unasked"])
async def test_a_forged_picture_is_refused_and_the_talk_goes_on(world: World, forgery: str) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    await alice.node.accept(mallory.id)
    named = b"no picture at all" if forgery == "no picture" else FACE
    if forgery != "unasked":
        mallory.says(frames.Profile(record(mallory, named, 2)))
        await world.until(lambda: mallory.heard_of(frames.AskPicture))
    sent = {"another": OTHER_FACE, "changed": FACE[:-1] + b"!", "no picture": named, "unasked": FACE}[forgery]
    mallory.says(frames.Picture(sent))
    await world.passes(2)
    assert await face(alice, mallory) == b""
    assert alice.node.store.pictures.data_of(mallory.key) == b""
    assert mallory.closed is None


async def test_who_is_forgotten_leaves_no_picture(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_profile(picture=drawn(tmp_path))
    await world.until(lambda: bob.person(alice).picture != "")
    assert FACE[-600:] in bob.disk.pages()
    await bob.node.forget(alice.id)
    assert await face(bob, alice) == b""
    await world.passes(5)
    assert FACE[-600:] not in bob.disk.pages()


@pytest.mark.parametrize("amiss", ["relative", "missing", "folder", "too large", "no picture", "empty"])
async def test_what_can_not_be_a_picture_is_refused_in_a_sentence(world: World, tmp_path: Path, amiss: str) -> None:
    alice = await world.person("Alice")
    data = {"too large": FACE.ljust(MAX_PICTURE + 1), "no picture": b"GIF89a", "empty": b""}.get(amiss, FACE)
    path = drawn(tmp_path, data)
    path = {"relative": "face", "missing": path + ".png", "folder": str(tmp_path)}.get(amiss, path)
    with pytest.raises(ApiError) as caught:
        await alice.node.set_profile(picture=path, department="Sales")
    assert str(caught.value).endswith(".")
    assert (await alice.node.profile()).department == ""
    assert await face(alice, alice) == b""


async def test_alices_other_computer_shows_the_picture_that_she_chose_at_this_one(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    laptop = await world.copy(alice)
    await world.until(lambda: len(bob.node.sessions.of(alice.key)) == 2)
    await world.passes(5)
    await alice.node.set_profile(picture=drawn(tmp_path), role="Head")
    await world.until(lambda: laptop.node.store.pictures.data_of(alice.key) == FACE)
    there = await laptop.node.profile()
    assert (there.role, there.picture) == ("Head", encode_id(picture_id(FACE)))
    assert laptop.told("profile") != []
    await world.until(lambda: bob.person(alice).picture == there.picture)
    await laptop.node.set_status("busy", "at the laptop")
    await world.until(lambda: bob.person(alice).status == "busy", within=1)


# Statuses


async def test_bob_sees_how_alice_is_at_once_and_only_while_she_is_there(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    assert (bob.person(alice).status, bob.person(alice).status_text) == ("available", "")
    said = await alice.node.set_status("busy", " In a\nmeeting ")
    assert (said.status, said.status_text) == ("busy", "In a meeting")
    await world.until(lambda: bob.person(alice).status == "busy", within=0.5)
    assert bob.person(alice).status_text == "In a meeting"
    await alice.leaves()
    await world.until(lambda: not bob.online(alice))
    assert (bob.person(alice).status, bob.person(alice).status_text) == (None, "")
    await alice.starts()
    await world.until(lambda: bob.online(alice))
    await world.until(lambda: bob.person(alice).status_text == "In a meeting", within=0.1)
    await alice.node.set_status("do_not_disturb")
    await world.until(lambda: bob.person(alice).status == "do_not_disturb", within=0.5)
    assert bob.person(alice).status_text == ""


async def test_alice_is_away_by_herself_when_idle_and_back_at_once(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    await alice.node.set_status("available", "Room 7")
    await alice.node.idle(True)
    await world.until(lambda: bob.person(alice).status == "away", within=0.5)
    assert bob.person(alice).status_text == "Room 7"
    own = await alice.node.profile()
    assert (own.status, own.idle) == ("available", True), "what she chose is not changed"
    await alice.node.idle(False)
    await world.until(lambda: bob.person(alice).status == "available", within=0.5)
    await alice.node.set_status("busy")
    await alice.node.idle(True)
    await world.passes(5)
    assert bob.person(alice).status == "busy", "she said more than a clock can"


async def test_strangers_and_who_is_no_contact_any_more_learn_nothing_of_a_status(world: World) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    stranger = await Puppet(world, "Mallory").dials(alice)
    carol = await world.person("Carol")
    await world.until(lambda: carol.online(alice))
    await alice.node.set_status("busy", "writing my notice")
    await alice.node.idle(True)
    await world.until(lambda: bob.person(alice).status == "busy")
    await world.passes(5)
    assert (carol.person(alice).status, carol.person(alice).status_text) == ("available", "")
    assert stranger.heard_of(frames.Presence) == []
    await alice.node.block(bob.id)
    await world.until(lambda: bob.person(alice).status_text == "", within=1)
    await alice.node.set_status("away", "again")
    await world.passes(5)
    assert (bob.person(alice).status, bob.person(alice).status_text) == ("available", "")


async def test_who_is_in_a_group_with_alice_sees_her_face_and_how_she_is_without_being_a_contact(
    world: World, tmp_path: Path
) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    carol = await world.person("Carol")
    await world.until(lambda: carol.online(bob) and bob.online(carol))
    await carol.node.accept(bob.id)
    await bob.node.accept(carol.id)
    await world.until(lambda: carol.online(alice) and carol.person(bob).accepted_by_them)
    await alice.node.set_profile(picture=drawn(tmp_path))
    await alice.node.set_status("busy", "cooking")
    await world.passes(5)
    assert (carol.person(alice).status, carol.person(alice).picture) == ("available", "")
    chat = await group_of(world, bob, alice, carol)
    await world.until(lambda: carol.person(alice).status_text == "cooking", within=5)
    assert carol.relation(alice) == "nearby"
    await world.until(lambda: carol.person(alice).picture != "", within=5)
    assert await face(carol, alice) == FACE
    await carol.node.leave(chat)
    await world.until(lambda: carol.person(alice).status_text == "", within=5)


async def test_a_status_of_a_later_version_and_a_text_full_of_tricks_are_shown_tame(world: World) -> None:
    alice = await world.person("Alice")
    mallory = await Puppet(world, "Mallory").dials(alice)
    mallory.says(frames.Presence(False, "on the moon", "all\u202e\x1b[31m\nquiet"))
    await world.until(lambda: alice.node.roster.person(mallory.key).status_text != "")
    seen = alice.node.roster.person(mallory.key)
    assert (seen.status, seen.status_text) == ("available", "all[31m quiet")
