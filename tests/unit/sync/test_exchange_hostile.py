"""A peer who lies, asks over and over or makes chains up costs little, and is believed nothing that is known better."""

from __future__ import annotations

from p2pdm.conversation.encoding import decode
from p2pdm.sync.events import Event, PushEntries, Reached, WantBranch
from p2pdm.sync.exchange import Exchange
from p2pdm.sync.hearing import MAX_BRANCHES, MAX_CHAINS
from p2pdm.sync.ledger import Head
from p2pdm.sync.pushing import MAX_UNDER_WAY, WINDOW
from p2pdm.sync.wanting import MAX_ASKED, MAX_WANTED, WANTED_AGAIN
from tests.unit.cast import ALICE, BOB, person, seed
from tests.unit.ledger import CHAT, MemoryLedger, Writer
from tests.unit.sync.desks import heads_of, large_talk, listening, talk


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
