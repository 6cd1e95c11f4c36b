"""Groups, rooms and own devices at real hosts: who hands on what when machines come, go and lose packets."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Any

from tests.lan.conftest import People
from tests.lan.people import Someone

LUNCH = "Lunch"


def all_see(everybody: list[Someone], texts: list[str], chat: str = LUNCH) -> None:
    """Wait until everybody reads exactly this, in some order."""
    for one in everybody:
        one.until(lambda o=one: sorted(texts_in(o, chat)) == sorted(texts))  # type: ignore[misc]  # as below


# What is looked at again and again is asked at the door: a command takes a machine that others use longer than a story.


def known(one: Someone, chat: str = LUNCH) -> dict[str, Any]:
    """A chat as somebody sees it; an empty dict while it is not there."""
    return next((found for found in one.door.call("chats") if found["name"] == chat), {})


def texts_in(one: Someone, chat: str = LUNCH) -> list[str]:
    """What somebody reads in a chat, which need not be there yet."""
    found = known(one, chat)
    return [message["text"] for message in one.door.call("history", chat=found["id"], limit=1_000)] if found else []


def standing(one: Someone) -> str:
    """Where somebody stands in the group."""
    return str(known(one).get("standing", "not there"))


def members(one: Someone, chat: str = LUNCH) -> dict[str, str]:
    """Who belongs and with what rights, as somebody sees it."""
    return {member["name"]: member["rights"] for member in one.door.call("group", chat=chat)["members"]}


def lunch(maker: Someone, *others: Someone) -> None:
    """A group that everybody has joined. Only its maker knows them all."""
    for other in others:
        acquaint(maker, other)
    maker.do("group", "create", LUNCH, *(other.name for other in others))
    for other in others:
        join(other)
    everybody = {one.name: "member" for one in others} | {maker.name: "creator"}
    for one in (maker, *others):
        one.until(lambda o=one: members(o) == everybody)  # type: ignore[misc]  # mypy does not infer defaults


def acquaint(one: Someone, other: Someone) -> None:
    """Make contacts of two people, as soon as each has been found by the other."""
    for person, friend in ((one, other), (other, one)):
        person.until(partial(accept, person, friend.name))
    for person, friend in ((one, other), (other, one)):
        person.until(lambda p=person, f=friend: seen(p, f.name).get("accepted_by_them"))  # type: ignore[misc]


def accept(one: Someone, name: str) -> bool:
    """Accept somebody, if they are there."""
    found = seen(one, name)
    if found.get("online"):
        one.door.call("accept", who=found["id"])
    return bool(found.get("online"))


def seen(one: Someone, name: str) -> dict[str, Any]:
    """A person as somebody sees them; an empty dict when they don't."""
    return next((person for person in one.door.call("people") if person["name"] == name), {})


def join(one: Someone) -> None:
    """Say yes to the invitation, when it comes."""
    one.until(lambda: standing(one) == "invited")
    one.do("group", "join", LUNCH)


# --- members hand on ---


def test_what_one_member_got_before_its_author_disappeared_reaches_all_others(people: People) -> None:
    alice, bob, *rest = people("Alice", "Bob", "Carol", "Dave", "Erin")
    lunch(alice, bob, *rest)
    for one in rest:
        one.host.pull_cable()
    alice.do("send", LUNCH, "I must go, tell the others")
    all_see([bob], ["I must go, tell the others"])
    alice.host.pull_cable()
    for one in rest:
        one.host.plug_cable()
    all_see(rest, ["I must go, tell the others"])
    alice.host.plug_cable()
    alice.until(lambda: [m["state"] for m in alice.door.call("history", chat=LUNCH)] == ["delivered"])


def test_what_a_group_says_through_heavy_loss_is_with_everybody_once(people: People) -> None:
    everybody = people("Alice", "Bob", "Carol", "Dave", "Erin")
    lunch(*everybody)
    for one in everybody:
        one.host.drop(20)
    said = [(one, f"{one.name} {n}") for n in range(10) for one in everybody]
    for one, text in said:
        one.door.call("send", to=LUNCH, text=text)
    all_see(everybody, [text for _, text in said])
    assert len({tuple(texts_in(one)) for one in everybody}) == 1


def test_who_comes_late_is_found_and_invited_and_reads_from_then_on(people: People) -> None:
    alice, bob, carol = people("Alice", "Bob", "Carol", start=False)
    alice.start()
    bob.start()
    lunch(alice, bob)
    bob.do("send", LUNCH, "Without Carol")
    all_see([alice], ["Without Carol"])
    carol.start()
    acquaint(alice, carol)
    alice.do("group", "invite", LUNCH, "Carol")
    bob.do("send", LUNCH, "Is she coming?")
    join(carol)
    bob.until(lambda: "member" in members(bob).get("Carol", ""))
    bob.do("send", LUNCH, "Welcome")
    carol.do("send", LUNCH, "Thank you")
    all_see([alice, bob], ["Without Carol", "Is she coming?", "Welcome", "Thank you"])
    all_see([carol], ["Is she coming?", "Welcome", "Thank you"])


def test_whose_host_was_off_gets_everything_from_whoever_is_there(people: People) -> None:
    alice, bob, carol = people("Alice", "Bob", "Carol")
    lunch(alice, bob, carol)
    carol.kill()
    alice.do("send", LUNCH, "Where is Carol?")
    all_see([bob], ["Where is Carol?"])
    bob.do("send", LUNCH, "Her machine is off")
    all_see([alice], ["Where is Carol?", "Her machine is off"])
    alice.kill()
    carol.start()
    all_see([carol], ["Where is Carol?", "Her machine is off"])


def test_a_removed_members_host_gets_nothing_later(people: People) -> None:
    alice, bob, carol = people("Alice", "Bob", "Carol")
    acquaint(bob, carol)
    lunch(alice, bob, carol)
    carol.do("send", LUNCH, "Hello all")
    all_see([alice, bob, carol], ["Hello all"])
    alice.do("group", "remove", LUNCH, "Carol")
    carol.until(lambda: standing(carol) == "removed")
    bob.until(lambda: members(bob) == {"Alice": "creator", "Bob": "member"})
    alice.do("send", LUNCH, "Between us")
    all_see([bob], ["Hello all", "Between us"])
    # She comes back, and whatever they would tell her goes before this.
    carol.stop()
    carol.start()
    for one in (alice, bob):
        one.until(lambda o=one: seen(o, "Carol").get("online"))  # type: ignore[misc]
        one.do("send", "Carol", "No hard feelings", "--wait", "10")
    assert carol.texts("Alice") == carol.texts("Bob") == ["No hard feelings"]
    assert carol.texts(LUNCH) == ["Hello all"]
    assert "do not belong" in carol.refused("send", LUNCH, "I am still here")


# --- rooms ---


def test_strangers_talk_in_the_lobby_without_being_invited(people: People) -> None:
    alice, bob, carol = everybody = people("Alice", "Bob", "Carol")
    alice.until(lambda: all(seen(alice, name).get("online") for name in ("Bob", "Carol")))
    alice.do("send", "Lobby", "Anybody from the workshop?")
    all_see(everybody, ["Anybody from the workshop?"], "Lobby")
    bob.do("send", "Lobby", "Here")
    carol.do("send", "Lobby", "Me too")
    all_see(everybody, ["Anybody from the workshop?", "Here", "Me too"], "Lobby")
    assert {person["relation"] for one in everybody for person in one.door.call("people")} == {"nearby"}


def test_only_announcers_are_heard_in_an_announcement(people: People) -> None:
    alice, bob, carol = everybody = people("Alice", "Bob", "Carol")
    alice.do("room", "open", "Programme", "--announcement")
    alice.do("send", "Programme", "Doors open at nine")
    for one in (bob, carol):
        one.until(lambda o=one: any(room["name"] == "Programme" for room in o.door.call("rooms")))  # type: ignore[misc]
        one.do("room", "enter", "Programme")
    all_see(everybody, ["Doors open at nine"], "Programme")
    assert "Only its announcers" in bob.refused("send", "Programme", "I have something to say")
    alice.do("group", "promote", "Programme", "Bob")
    bob.until(lambda: members(bob, "Programme").get("Bob") == "admin")
    bob.do("send", "Programme", "Lunch at twelve")
    all_see(everybody, ["Doors open at nine", "Lunch at twelve"], "Programme")


# --- one person, two machines ---


def test_a_copied_profile_goes_on_as_a_device_of_its_own(people: People) -> None:
    alice, second, bob = people("Alice", "Second", "Bob", start=False)
    alice.start()
    bob.start()
    acquaint(alice, bob)
    alice.do("send", "Bob", "Before the copy", "--wait", "10")
    alice.stop()
    shutil.rmtree(second.profile)
    shutil.copytree(alice.profile, second.profile)
    alice.start()
    second.start()
    for one in (alice, second):
        one.until(lambda o=one: any("also runs somewhere" in line for line in o.door.call("status")["trouble"]))  # type: ignore[misc]
    alice.do("send", "self", "Buy milk")
    second.do("send", "self", "And bread")
    all_see([alice, second], ["Buy milk", "And bread"], "Notes to self")
    second.do("send", "Bob", "From the other machine")
    all_see([bob], ["Before the copy", "From the other machine"], "Alice")
    all_see([alice, second], ["Before the copy", "From the other machine"], "Bob")
    assert alice.id == second.id


def told(one: Someone) -> list[str]:
    """What somebody's node has to say of itself."""
    return list(one.door.call("status")["trouble"])


def test_a_backup_restored_on_another_host_goes_on_beside_the_first(people: People) -> None:
    alice, second, bob = people("Alice", "Second", "Bob", start=False)
    alice.start()
    bob.start()
    acquaint(alice, bob)
    alice.do("send", "Bob", "Before the backup", "--wait", "10")
    file = str(alice.host.home / "alice.backup")
    alice.do("backup", file, given="geheim\n")
    alice.do("send", "Bob", "After the backup", "--wait", "10")
    shutil.rmtree(second.profile)
    second.do("restore", file, given="geheim\n")
    second.start()
    (notice,) = [line for line in told(second) if "restored" in line]
    alice.do("send", "Bob", "From the first")
    second.do("send", "Bob", "From the second")
    everything = ["After the backup", "Before the backup", "From the first", "From the second"]
    all_see([bob], everything, "Alice")
    all_see([alice, second], everything, "Bob")
    assert bob.texts("Alice") == alice.texts("Bob") == second.texts("Bob")
    for one in (alice, second):
        one.until(lambda o=one: [m["state"] for m in o.door.call("history", chat="Bob")] == ["delivered"] * 4)  # type: ignore[misc]
    # The notice is the only one: neither the first computer nor the second is told of anything else.
    assert set(told(second)) - set(told(alice)) == {notice}
    # Who comes back is greeted as one who knows: nothing is told twice.
    second.stop()
    second.start()
    alice.do("send", "self", "Buy milk")
    second.do("send", "self", "And bread")
    all_see([alice, second], ["Buy milk", "And bread"], "Notes to self")
    assert told(second) == told(alice)
    assert [person["name"] for person in bob.ask("people")] == ["Alice"]
    first, this = second.do("devices").splitlines()
    assert "this one" in this
    assert "goes on elsewhere, last seen" in first
