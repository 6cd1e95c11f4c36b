"""What others on the network, and whoever takes the disk, get to see: nothing that was said."""

from __future__ import annotations

import pytest

from tests.lan.capture import frames, is_mdns
from tests.lan.conftest import People
from tests.lan.people import Someone, befriend

SECRETS = "Meet me behind the cathedral", "Nobody must know about the lighthouse", "A trebuchet on the balcony"
NICKNAME = "Bobbin the Boatman"
OF_ONESELF = "Ministry of Silly Walks", "Counting the silver spoons", "a face like a harvest moon"
"""A department, what stands beside a status, and what is in a picture."""
DELIVERED = ("delivered", "")


def test_a_capture_holds_nothing_that_was_said_and_no_name_beyond_discovery(people: People) -> None:
    alice, bob, carol = people("Alice Appleyard", "Bob Bramwell", "Carol Cartwright", start=False)
    with alice.host.capture() as at_alice, carol.host.capture() as at_carol:
        for someone in (alice, bob, carol):
            someone.start()
        tell_each_other(alice, bob)
        carol.until(lambda: carol.sees_online(alice.name))
        names = [someone.name.encode() for someone in (alice, bob, carol)]
    on_alices_cable, on_carols_cable = list(frames(at_alice)), list(frames(at_carol))
    everything = b"\n".join(on_alices_cable + on_carols_cable)
    for secret in (*SECRETS, NICKNAME, *OF_ONESELF):
        assert secret.encode() not in everything
        assert secret.encode("utf-16-le") not in everything
    # The capture works: who is there is announced, and the two did talk.
    discovery = [frame for frame in on_alices_cable if is_mdns(frame)]
    other = [frame for frame in on_alices_cable if not is_mdns(frame)]
    assert all(any(name in frame for frame in discovery) for name in names)
    assert sum(map(len, other)) > 2_000
    assert not any(name.split()[0] in frame for frame in other for name in names)
    # Carol's cable carries none of what is between the two: the switch knows where they are.
    assert not any(name.split()[0] in frame for frame in on_carols_cable if not is_mdns(frame) for name in names)


def tell_each_other(alice: Someone, bob: Someone) -> None:
    """A request, an acceptance, messages, a nickname, typing, reading, and what one says of oneself."""
    alice.until(lambda: alice.sees_online(bob.name))
    alice.do("send", bob.name, SECRETS[0])
    bob.until(lambda: bob.person(alice.name).get("request"))
    bob.do("accept", alice.name)
    bob.do("send", alice.name, SECRETS[1])
    alice.do("nickname", bob.name, NICKNAME)
    alice.do("call", "typing", f'{{"chat": "{NICKNAME}", "on": true}}')
    alice.do("send", NICKNAME, SECRETS[2])
    bob.do("read", alice.name)
    alice.until(lambda: [state for state, _ in alice.states(NICKNAME)] == ["read", "read"])
    bob.until(lambda: bob.states(alice.name) == [DELIVERED])
    describe_oneself(alice)
    bob.until(lambda: bob.person(alice.name).get("picture"))
    seen = bob.person(alice.name)
    assert (seen["department"], seen["status_text"]) == OF_ONESELF[:2]


def describe_oneself(someone: Someone) -> None:
    """A department, a status, a picture."""
    face = someone.host.home / "face.png"
    face.write_bytes(b"\x89PNG\r\n\x1a\n" + OF_ONESELF[2].encode())
    someone.do("set-status", "busy", OF_ONESELF[1])
    someone.do("profile", "set", "--department", OF_ONESELF[0], "--picture", str(face))
    face.unlink()


def test_a_third_neither_gets_nor_sees_what_is_between_two(people: People) -> None:
    alice, bob, carol = people("Alice", "Bob", "Carol")
    befriend(alice, bob)
    befriend(carol, alice)
    befriend(carol, bob)
    cursor = carol.status["cursor"]
    alice.do("send", "Bob", SECRETS[0])
    bob.do("send", "Alice", SECRETS[1])
    alice.until(lambda: alice.states("Bob") == [DELIVERED])
    bob.until(lambda: bob.states("Alice") == [DELIVERED])
    # What comes later to Carol has come; what was never for her has not.
    alice.do("send", "Carol", "Hello Carol", "--wait", "5")
    bob.do("send", "Carol", "Hello from Bob", "--wait", "5")
    assert (carol.texts("Alice"), carol.texts("Bob")) == (["Hello Carol"], ["Hello from Bob"])
    assert sorted(chat["name"] for chat in carol.ask("chats")) == ["Alice", "Bob"]
    # Nor does anybody ask her by the name of their chat.
    between = alice.person("Bob")["chat"]
    assert carol.person("Bob")["chat"] != between
    carol.refused("history", between)
    told = carol.door.call("subscribe", since=cursor)
    assert told > cursor
    assert between not in {notice.get("chat") for notice in carol.door.notices}


@pytest.mark.parametrize("end", ["running", "stopped", "killed"])
def test_the_disk_holds_nothing_that_can_be_read(people: People, end: str) -> None:
    alice, bob = people("Alice Appleyard", "Bob Bramwell")
    alice.until(lambda: alice.sees_online("Bob Bramwell"))
    alice.do("send", "Bob Bramwell", SECRETS[0])
    bob.until(lambda: bob.person("Alice Appleyard").get("request"))
    assert unreadable(bob, SECRETS[0])  # a request that is held apart
    bob.do("accept", "Alice Appleyard")
    bob.do("send", "Alice Appleyard", SECRETS[1])
    alice.until(lambda: len(alice.history("Bob Bramwell")) == 2)
    assert len(alice.ask("history", "Bob Bramwell", "--search", "lighthouse")) == 1
    describe_oneself(alice)
    bob.until(lambda: bob.person("Alice Appleyard").get("picture"))
    for someone in (alice, bob):
        if end == "stopped":
            someone.stop()
        elif end == "killed":
            someone.kill()
    for someone in (alice, bob):
        assert unreadable(someone, *SECRETS, *OF_ONESELF, "lighthouse", "cathedral", "Appleyard", "Bramwell")
        assert not unreadable(someone, "version")
        for path in (someone.profile, *someone.profile.iterdir()):
            assert path.stat().st_mode & 0o077 == 0, f"others may look into {path}"


def unreadable(someone: Someone, *words: str) -> bool:
    """Whether none of these words stands in any file of this person's machine, in the profile or elsewhere."""
    kept = [path.read_bytes().lower() for path in someone.host.home.rglob("*") if path.is_file()]
    forms = [word.lower().encode(form) for word in words for form in ("utf-8", "utf-16-le")]
    return not any(form in content for content in kept for form in forms)
