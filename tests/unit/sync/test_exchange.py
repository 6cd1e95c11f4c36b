"""Two devices come to hold the same, with no more said than that takes."""

from __future__ import annotations

import pytest

from p2pdm.conversation.encoding import decode
from p2pdm.sync import telling, wanting
from p2pdm.sync.events import AskWhole, Event, LaneDoubted, PushEntries, Reached, TellHave, WantBranch
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.hearing import MAX_BRANCHES, MAX_CHAINS
from p2pdm.sync.ledger import Head
from p2pdm.sync.pushing import MAX_UNDER_WAY, QUICK, QUICK_PATIENCE, WINDOW
from p2pdm.sync.wanting import MAX_ASKED, MAX_WANTED, WANTED_AGAIN
from tests.unit.cast import ALICE, BOB, Person, person, seed
from tests.unit.ledger import CHAT, MemoryLedger, Writer
from tests.unit.sync.desks import Desk, Wire, settle

PHONE = person("bob", "phone")


def talk(times: int) -> MemoryLedger:
    """A ledger in which alice and bob have said something in turn."""
    ledger = MemoryLedger()
    alice, bob = Writer(ALICE, ledger), Writer(BOB, ledger)
    for turn in range(times):
        alice.say(f"alice {turn}")
        bob.say(f"bob {turn}")
    return ledger


def texts_of(ledger: MemoryLedger, who: Person) -> int:
    return sum(entry.header.device == who.device.public and entry.header.seq > 0 for entry in ledger.entries.values())


def heads_of(ledger: MemoryLedger) -> list[Head]:
    return ledger.heads(CHAT)


def meet(alice: Desk, bob: Desk) -> Wire:
    """They meet, and exchange what one has and the other lacks."""
    wire = Wire(alice, bob)
    settle(wire)
    return wire


# --- delivery ---


def test_what_alice_says_is_there_and_she_knows_it() -> None:
    alice, bob = Desk(ALICE), Desk(BOB)
    wire = meet(alice, bob)
    said = alice.say("hello")
    settle(wire)
    assert bob.ledger.knows(said.id)
    reached = alice.exchanges[wire]
    assert reached.deadline is None
    assert wire.sent["entries"] == 2, "opening and words, each once"


def test_what_was_said_apart_is_exchanged_when_they_meet() -> None:
    alice, bob = Desk(ALICE), Desk(BOB)
    for turn in range(5):
        alice.say(f"alice {turn}")
        bob.say(f"bob {turn}")
    wire = meet(alice, bob)
    assert alice.ledger.entries == bob.ledger.entries
    assert wire.sent["entries"] == 12, "each once, in one direction"


def test_those_who_hold_the_same_say_only_that() -> None:
    ledger = talk(3)
    wire = meet(Desk(ALICE, ledger), Desk(BOB, MemoryLedger(entries=ledger.entries.values())))
    assert wire.sent == {"TellHave": 2, "Reached": 2}


def test_a_long_talk_reaches_a_new_device_once_and_in_an_order_that_it_can_keep() -> None:
    """Chain by chain, one side's entries would fill the window and all wait for the other side's."""
    ledger = talk(400)
    alice, phone = Desk(ALICE, ledger), Desk(PHONE)
    wire = meet(alice, phone)
    assert phone.ledger.entries == ledger.entries
    assert wire.sent["entries"] == len(ledger.entries)
    assert wire.sent["WantBranch"] == 0
    assert phone.most_orphans == 0


def test_carol_hands_on_what_alice_said_to_bob() -> None:
    """Any member can: bob's phone never meets alice."""
    alice, bob, phone = Desk(ALICE), Desk(BOB), Desk(PHONE)
    wires = Wire(alice, bob), Wire(bob, phone)
    settle(*wires)
    said = alice.say("hello")
    settle(*wires)
    assert phone.ledger.knows(said.id)


def test_nothing_is_sent_back_to_whom_it_came_from() -> None:
    alice, bob = Desk(ALICE, talk(20)), Desk(BOB)
    wire = Wire(alice, bob)
    settle(wire)
    assert wire.sent["entries"] == len(alice.ledger.entries)


def test_the_next_session_goes_on_where_the_last_was_cut() -> None:
    alice, bob = Desk(ALICE, talk(100)), Desk(BOB)
    wire = Wire(alice, bob)
    for _ in range(4):
        wire.deliver(alice)
        wire.deliver(bob)
    had = len(bob.ledger.entries)
    assert had > 0
    wire.cut()
    again = Wire(alice, bob)
    settle(again)
    assert bob.ledger.entries == alice.ledger.entries
    assert again.sent["entries"] == len(alice.ledger.entries) - had


# --- the quick lane ---


def quiet_pair() -> tuple[Desk, Desk, Wire]:
    """Both have said something, and hold it."""
    alice, bob = Desk(ALICE, talk(1)), Desk(BOB)
    return alice, bob, meet(alice, bob)


def test_a_single_new_entry_goes_over_the_lane_and_so_does_the_answer() -> None:
    alice, bob, wire = quiet_pair()
    alice.say("quick")
    wire.post()
    assert len(wire.lanes[bob]) == 1
    wire.deliver_packet(bob)
    assert len(wire.lanes[alice]) == 1
    assert not wire.links[alice]
    assert not wire.links[bob]
    wire.deliver_packet(alice)
    assert alice.exchanges[wire].deadline is None


@pytest.mark.parametrize("lost", ["entry", "answer"])
def test_what_the_lane_loses_goes_over_the_link(lost: str) -> None:
    alice, bob, wire = quiet_pair()
    said = alice.say("lost")
    wire.post()
    if lost == "answer":
        wire.deliver_packet(bob)
    wire.lanes[bob].clear()
    wire.lanes[alice].clear()
    assert alice.exchanges[wire].deadline == QUICK_PATIENCE
    wire.wait(QUICK_PATIENCE)
    assert wire.sent["LaneDoubted"] == 1
    assert len(wire.links[bob]) == 1
    settle(wire)
    assert bob.ledger.knows(said.id)
    assert alice.exchanges[wire].deadline is None


def test_what_is_said_while_one_is_under_way_keeps_its_place() -> None:
    """The first is lost: the others, over the link, wait for it, and no more than it is asked for."""
    alice, bob, wire = quiet_pair()
    for number in range(10):
        alice.say(f"{number}")
    wire.post()
    assert len(wire.lanes[bob]) == 1
    wire.lanes[bob].clear()
    before = wire.sent["entries"]
    settle(wire)
    assert bob.ledger.entries == alice.ledger.entries
    assert wire.sent["WantBranch"] == 1
    assert wire.sent["entries"] - before <= 20


def test_a_word_on_something_else_is_no_answer_to_what_was_lost() -> None:
    alice, bob, phone = Desk(ALICE, talk(1)), Desk(BOB), Desk(PHONE)
    to_bob, to_phone = Wire(alice, bob), Wire(alice, phone)
    settle(to_bob, to_phone)
    lost = alice.say("lost")
    to_bob.post()
    to_phone.post()
    to_bob.lanes[bob].clear()
    to_phone.lanes[phone].clear()
    said = bob.say("what a fine day")
    settle(to_bob)
    to_phone.post()
    while to_phone.deliver(phone) or to_phone.deliver(alice):
        pass
    assert phone.ledger.knows(said.id)
    assert alice.exchanges[to_phone].deadline is not None
    settle(to_phone)
    assert phone.ledger.knows(lost.id)


def test_what_is_too_large_for_a_packet_goes_over_the_link() -> None:
    alice, bob, wire = quiet_pair()
    alice.say("x" * QUICK)
    wire.post()
    assert not wire.lanes[bob]
    assert len(wire.links[bob]) == 1
    assert alice.exchanges[wire].deadline is None


def test_an_older_word_that_comes_late_makes_nothing_be_sent_again() -> None:
    alice, bob, wire = quiet_pair()
    for number in range(3):
        alice.say(f"{number}")
        wire.post()
        wire.deliver_packet(bob)
        settle(wire) if number == 2 else None
    while wire.lanes[alice]:
        wire.deliver_packet(alice, len(wire.lanes[alice]) - 1)
    before = wire.sent["entries"]
    settle(wire)
    alice.say("next")
    settle(wire)
    assert wire.sent["entries"] == before + 1


# --- forks ---


def forked() -> tuple[Desk, Desk]:
    """Alice's profile was copied: after some talk each copy said something else."""
    ledger = talk(3)
    original, copied = Desk(ALICE, ledger), Desk(ALICE, MemoryLedger(entries=ledger.entries.values()))
    for number in range(4):
        original.say(f"original {number}")
    for number in range(9):
        copied.say(f"copy {number}")
    return original, copied


@pytest.mark.parametrize("first", [0, 1])
def test_bob_gets_both_branches_whichever_he_meets_first(first: int) -> None:
    copies, bob = forked(), Desk(BOB)
    meet(copies[first], bob).cut()
    wire = meet(copies[1 - first], bob)
    together = {**copies[0].ledger.entries, **copies[1].ledger.entries}
    assert len(together) == 8 + 4 + 9
    assert bob.ledger.entries == copies[1 - first].ledger.entries == together
    assert wire.sent["entries"] < 3 * len(together)


def test_a_branch_that_forked_long_ago_is_fetched_span_by_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanting, "WANT_SPAN", 4)
    ledger = talk(1)
    one, other = Desk(ALICE, ledger), Desk(ALICE, MemoryLedger(entries=ledger.entries.values()))
    for number in range(50):
        one.say(f"one {number}")
        other.say(f"other {number}")
    wire = meet(one, other)
    assert one.ledger.entries == other.ledger.entries
    assert wire.sent["entries"] <= 5 * 100


def test_who_was_away_since_before_the_fork_gets_what_came_before_it_first() -> None:
    original, copied = forked()
    bob = Desk(BOB, talk(1))
    wire = meet(original, copied)
    wire.cut()
    wire = meet(original, bob)
    assert bob.ledger.entries == original.ledger.entries
    assert wire.sent["WantBranch"] == 0
    assert bob.most_orphans == 0


def test_a_fork_is_no_reason_to_send_what_came_before_it() -> None:
    original, copied = forked()
    bob = Desk(BOB)
    meet(original, bob).cut()
    meet(copied, bob).cut()
    bob.say("what?")
    wire = meet(original, bob)
    assert original.ledger.entries == bob.ledger.entries
    assert wire.sent["entries"] < 4 + 9 + 2 + 4 + 9


def test_copies_that_both_go_on_send_only_what_is_new() -> None:
    original, copied = forked()
    bob = Desk(BOB)
    wires = Wire(original, bob), Wire(copied, bob)
    settle(*wires)
    before = sum(wire.sent["entries"] for wire in wires)
    for number in range(10):
        for desk in (original, copied):
            desk.say(f"{number}")
            settle(*wires)
    assert original.ledger.entries == copied.ledger.entries == bob.ledger.entries
    assert sum(wire.sent["entries"] for wire in wires) - before <= 4 * 20


# --- what a peer may not do ---


def listening(ledger: MemoryLedger) -> Exchange:
    """Alice's exchange with a peer of which the story plays the part."""
    one = Exchange(ledger)
    one.share(CHAT)
    one.events()
    return one


def test_who_has_it_already_hears_that_somebody_else_has_brought_it() -> None:
    one = Exchange(talk(3))
    one.share(CHAT, many=True)
    one.have_received(CHAT, heads_of(talk(3)), True, 0.0)
    one.events()
    one.stored(CHAT, heads_of(talk(3)), 0.0, relayed=True)
    assert [event.heads for event in one.events() if isinstance(event, TellHave)] == [tuple(sorted(heads_of(talk(3))))]


def test_a_word_on_what_is_not_here_yet_counts_when_it_comes() -> None:
    full, ledger = talk(3), MemoryLedger()
    one = Exchange(ledger)
    one.share(CHAT, many=True)
    one.have_received(CHAT, heads_of(full), True, 0.0)
    assert not [event for event in one.events() if isinstance(event, Reached)]
    for entry in full.entries.values():
        ledger.accept(entry)
    one.stored(CHAT, heads_of(full), 0.0, relayed=True)
    (reached,) = [event for event in one.events() if isinstance(event, Reached)]
    assert sorted(reached.heads) == sorted(heads_of(full))


def test_what_was_forgotten_of_a_conversation_is_asked_for_when_it_is_shared_again() -> None:
    one = Exchange(talk(1))
    one.share(CHAT, many=True)
    one.have_received(CHAT, heads_of(talk(1)), True, 0.0)
    one.unshare(CHAT)
    one.events()
    one.share(CHAT, many=True)
    assert AskWhole(CHAT) in one.events()


def test_who_brings_only_what_others_entries_waited_for_hears_of_those_too() -> None:
    one = Exchange(talk(3))
    one.share(CHAT, many=True)
    one.events()
    one.stored(CHAT, heads_of(talk(3)), 0.0, received=[])
    assert [event.heads for event in one.events() if isinstance(event, TellHave)] == [tuple(sorted(heads_of(talk(3))))]


def test_a_word_of_what_is_not_shared_is_not_heard() -> None:
    one = Exchange(talk(1))
    one.have_received(CHAT, heads_of(talk(1)), True, 0.0)
    one.want_received(CHAT, heads_of(talk(1))[0].id, -1)
    one.stored(CHAT, heads_of(talk(1)), 0.0, received=heads_of(talk(1)))
    one.lacking(CHAT, seed("parent"), 3)
    one.tell_whole(CHAT)
    assert one.events() == []


def test_before_the_whole_word_nothing_is_pushed() -> None:
    ledger = talk(1)
    one = listening(ledger)
    one.have_received(CHAT, [], False, 0.0)
    one.stored(CHAT, heads_of(ledger), 0.0)
    assert one.events() == []
    one.have_received(CHAT, [], True, 0.0)
    assert [type(event) for event in one.events()] == [PushEntries]


def test_a_word_that_contradicts_what_is_stored_here_is_not_believed() -> None:
    """A peer that says it holds alice's 10,000th entry, and means her first."""
    ledger = talk(2)
    head = next(head for head in heads_of(ledger) if head.device == ALICE.device.public)
    for lie in (
        head._replace(seq=10_000),
        head._replace(device=BOB.device.public),
        head._replace(chain=1),
        head._replace(seq=0),
    ):
        one = listening(ledger)
        one.have_received(CHAT, [lie], True, 0.0)
        assert not [event for event in one.events() if isinstance(event, Reached)]


def test_an_entry_of_another_conversation_proves_nothing_in_this_one() -> None:
    elsewhere = seed("elsewhere")
    ledger = MemoryLedger()
    Writer(ALICE, ledger, elsewhere).say("hello")
    one = listening(ledger)
    one.have_received(CHAT, ledger.heads(elsewhere), True, 0.0)
    one.want_received(CHAT, ledger.heads(elsewhere)[0].id, -1)
    assert one.events() == []


def large_talk() -> MemoryLedger:
    """More than two windows of it."""
    ledger = MemoryLedger()
    alice = Writer(ALICE, ledger)
    for number in range(45):
        alice.say(f"{number}" + "x" * 30_000)
    return ledger


def clog(one: Exchange) -> None:
    """Ask for everything until the link has taken what it will."""
    while not one.waits:
        one.have_received(CHAT, [], True, 0.0)
    one.events()


def pushed(events: list[Event]) -> int:
    return sum(len(entry) for event in events if isinstance(event, PushEntries) for entry in event.entries)


def test_who_asks_over_and_over_gets_no_more_than_the_link_takes() -> None:
    """A want is a hundred bytes, its answer may be a window: they would fill this machine's memory."""
    ledger = large_talk()
    one = listening(ledger)
    head = heads_of(ledger)[0]
    most = MAX_UNDER_WAY + WINDOW + 40_000
    for number in range(3 * MAX_ASKED):
        one.want_received(CHAT, head.id, -1)
        one.have_received(CHAT, [], True, float(number))
    assert pushed(one.events()) <= most
    rounds = 0
    while one.waits:
        one.link_clear(0.0)
        assert pushed(one.events()) <= most
        rounds += 1
    assert 0 < rounds <= MAX_ASKED


def test_an_honest_want_that_has_to_wait_is_answered() -> None:
    ledger = large_talk()
    one = listening(ledger)
    head = heads_of(ledger)[0]
    clog(one)
    one.want_received(CHAT, head.id, head.seq - 1)
    assert one.events() == []
    one.link_clear(0.0)
    pushes = [event.entries for event in one.events() if isinstance(event, PushEntries)]
    assert ledger.entries[head.id].encode() in pushes[0]


def test_what_is_no_longer_shared_is_no_longer_pushed() -> None:
    one = listening(large_talk())
    clog(one)
    one.want_received(CHAT, heads_of(large_talk())[0].id, -1)
    one.unshare(CHAT)
    one.link_clear(0.0)
    assert one.events() == []
    assert not one.waits


def test_bytes_ahead_of_their_word_are_bounded() -> None:
    one = listening(large_talk())
    one.have_received(CHAT, [], True, 0.0)
    assert WINDOW <= pushed(one.events()) < WINDOW + 40_000
    one.have_received(CHAT, [], False, 0.0)
    assert one.events() == [], "their word did not advance"


def test_made_up_chains_and_branches_are_forgotten() -> None:
    ledger = talk(1)
    one = listening(ledger)
    one.have_received(CHAT, heads_of(ledger), True, 0.0)
    for number in range(3 * MAX_CHAINS):
        one.have_received(CHAT, [Head(seed(f"device {number}"), 0, 1, seed("head"))], False, 0.0)
    one.have_received(CHAT, [Head(seed("device 1"), 0, 1, seed(f"{n}")) for n in range(500)], False, 0.0)
    shared = one._shared[CHAT]
    assert shared.theirs is not None
    assert sum(map(len, shared.theirs.values())) <= MAX_CHAINS + MAX_BRANCHES
    assert len(one.events()) == 1


def test_made_up_branches_are_wanted_in_vain_but_not_for_ever() -> None:
    ledger = talk(1)
    one = listening(ledger)
    one.have_received(CHAT, heads_of(ledger), True, 0.0)
    one.events()
    wants = 0
    for number in range(2 * MAX_WANTED):
        one.have_received(CHAT, [Head(ALICE.device.public, 0, 1, seed(f"{number}"))], False, 0.0)
        wants += sum(isinstance(event, WantBranch) for event in one.events())
    assert wants == MAX_WANTED
    one.tell_whole(CHAT)
    one.events()
    one.lacking(CHAT, seed("parent"), 3)
    assert one.events() == [WantBranch(CHAT, seed("parent"), -1)], "whoever asks for all asks anew"


class CountingLedger(MemoryLedger):
    """Counts how often it is asked whether an entry is here."""

    asked = 0

    def knows(self, id: bytes) -> bool:
        self.asked += 1
        return super().knows(id)


def test_each_branch_made_up_costs_a_few_look_ups_however_many_there_are() -> None:
    ledger = CountingLedger()
    one = listening(ledger)
    for number in range(MAX_WANTED):
        one.lacking(CHAT, seed(f"{number}"), 3)
    before = ledger.asked
    for number in range(MAX_WANTED, MAX_WANTED + 100):
        one.lacking(CHAT, seed(f"{number}"), 3)
    assert ledger.asked - before <= 100 * WANTED_AGAIN


def test_what_has_come_makes_room_for_other_branches() -> None:
    ledger = talk(3)
    one = listening(ledger)
    for number in range(MAX_WANTED - 1):
        one.lacking(CHAT, seed(f"{number}"), 3)
    one.lacking(CHAT, ledger.heads(CHAT)[0].id, 2)  # and it comes
    one.events()
    for number in range(MAX_WANTED // WANTED_AGAIN + 1):
        one.lacking(CHAT, seed(f"another {number}"), 3)
    assert len(one.events()) == 1


def test_who_tells_all_over_and_over_is_soon_heard_now_and_then_and_the_last_word_counts() -> None:
    """A lobby of five hundred: what leads to a look at all of it takes as long as many messages."""
    ledger = talk(3)
    one = listening(ledger)
    made_up = [Head(seed(f"device {n}"), 0, 1, seed(f"{n}")) for n in range(500)]
    pushes = 0
    for turn in range(1_000):
        one.have_received(CHAT, made_up[turn % 3 :], True, turn / 1_000)
        pushes += sum(isinstance(event, PushEntries) for event in one.events())
    assert 1 <= pushes <= 5
    one.have_received(CHAT, made_up, True, 1.0)
    alice, bob = heads_of(ledger)
    one.have_received(CHAT, [alice], True, 1.0)
    one.have_received(CHAT, [bob], False, 1.0)
    assert one.events() == []
    due = one.deadline
    assert due is not None
    assert 1.0 < due < 30.0
    one.tick(due)
    assert one.events() == [Reached(CHAT, (alice, bob))]
    one.have_received(CHAT, [alice], False, due)
    assert one.events() == [Reached(CHAT, (alice,))], "and then it is heard at once again"


def test_a_short_word_among_many_chains_costs_no_look_at_all_of_them() -> None:
    ledger = CountingLedger([person("alice", f"device {n}").id for n in range(100)])
    writers = [Writer(person("alice", f"device {n}"), ledger) for n in range(100)]
    for writer in writers:
        writer.say("hello")
    one = listening(ledger)
    heads = heads_of(ledger)
    one.have_received(CHAT, [head._replace(seq=head.seq + 1, id=seed(f"{head.id!r}")) for head in heads], True, 0.0)
    one.events()
    before = ledger.asked
    for _ in range(10):
        one.have_received(CHAT, heads[:1], False, 0.0)
    assert ledger.asked - before <= 10


def test_what_there_was_no_room_for_follows_a_short_word_about_something_else() -> None:
    ledger = MemoryLedger()
    alice, bob = Writer(ALICE, ledger), Writer(BOB, ledger)
    for number in range(20):
        alice.say(f"{number}" + "x" * 30_000)
        if number % 2:
            bob.say(f"{number}" + "x" * 30_000)
    one = listening(ledger)
    one.have_received(CHAT, [], True, 0.0)
    handed: set[bytes] = set()
    for _ in range(10):
        events = [event for event in one.events() if isinstance(event, PushEntries)]
        handed |= {decode(entry).id for event in events for entry in event.entries}
        held = [ledger.entries[id].header for id in handed]
        top = max((header for header in held if header.device == alice.who.device.public), key=lambda one: one.seq)
        id = next(id for id in handed if ledger.entries[id].header == top)
        one.have_received(CHAT, [Head(top.device, 0, top.seq, id)], False, 0.0)
        one.link_clear(0.0)
    assert handed == set(ledger.entries), "also what Bob said, of which they say nothing"


# --- telling ---


def test_more_heads_than_fit_a_frame_are_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "HEADS_TOLD", 3)
    ledger = MemoryLedger()
    for number in range(7):
        Writer(person("bob", f"device {number}"), ledger).say("hello")
    one = Exchange(ledger)
    one.share(CHAT)
    told = [event for event in one.events() if isinstance(event, TellHave)]
    assert [(len(event.heads), event.whole) for event in told] == [(3, True), (3, False), (1, False)]
    bob = Desk(BOB)
    meet(Desk(ALICE, ledger), bob)
    assert bob.ledger.entries == ledger.entries


def test_the_branches_of_a_chain_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that named one branch only would mean that there is no other."""
    monkeypatch.setattr(telling, "HEADS_TOLD", 1)
    original, copied = forked()
    meet(original, copied).cut()
    one = Exchange(original.ledger)
    one.share(CHAT)
    told = [event.heads for event in one.events() if isinstance(event, TellHave)]
    assert sorted(map(len, told)) == [1, 2]


def test_who_could_not_keep_something_asks_by_telling_all() -> None:
    alice, bob, wire = quiet_pair()
    said = [alice.say(f"{number}") for number in range(3)]
    wire.post()
    wire.links[bob].clear()  # bob's disk was full
    wire.lanes[bob].clear()
    bob.exchanges[wire].tell_whole(CHAT)
    settle(wire)
    assert all(bob.ledger.knows(entry.id) for entry in said)


def test_a_doubted_lane_is_said_for_each_loss() -> None:
    alice, bob, wire = quiet_pair()
    for _ in range(3):
        alice.say("lost")
        wire.post()
        wire.lanes[bob].clear()
        wire.wait(QUICK_PATIENCE)
        settle(wire)
    assert wire.sent[LaneDoubted.__name__] == 3
    assert texts_of(bob.ledger, ALICE) == 4
