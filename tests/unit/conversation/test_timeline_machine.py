"""Three people answer, edit, take back, react and pin at once, each knowing a part: the fold is what readers expect."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from p2pdm.conversation.encoding import encode_body, seal
from p2pdm.conversation.entries import CONTENT, NO_ENTRY, PIN, REACTION, Edit, Header, Mark, Said, Text, Unsend
from p2pdm.conversation.timeline import Authored, Line, fold, target_of
from tests.unit.cast import ALICE, BOB, MALLORY, Person, seed
from tests.unit.ledger import CHAT

PEOPLE = (ALICE, BOB, MALLORY)
people = st.sampled_from(PEOPLE)
picks = st.integers(0, 99)
clocks = st.integers(0, 5)


@dataclass(frozen=True)
class Word:
    """What somebody said, beside its entry."""

    said: Authored
    body: Said

    @property
    def id(self) -> bytes:
        return self.said.entry.id


class Chat(RuleBasedStateMachine):
    """Everybody's own view grows by what they say and by what they are handed."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[Word] = []
        self.known: dict[bytes, list[Word]] = {person.id: [] for person in PEOPLE}

    def say(self, who: Person, body: Said, clock: int) -> None:
        lamport = 1 + max((word.said.entry.header.lamport for word in self.known[who.id]), default=0)
        kind, encoded = encode_body(body)
        header = Header(0, CONTENT, kind, CHAT, who.device.public, lamport, NO_ENTRY, lamport, clock, 0, 0, b"")
        entry = seal(header, encoded, seed(f"salt {len(self.words)}")[:16], who.device)
        word = Word(Authored(entry, who.id), body)
        self.words.append(word)
        self.known[who.id].append(word)

    def pick(self, who: Person, pick: int) -> bytes:
        """A message that somebody knows."""
        texts = [word for word in self.known[who.id] if isinstance(word.body, Text)]
        return texts[pick % len(texts)].id

    @initialize()
    def begins(self) -> None:
        for person in PEOPLE:
            self.say(person, Text("hello"), 0)

    @rule(who=people, clock=clocks)
    def writes(self, who: Person, clock: int) -> None:
        self.say(who, Text(f"message {len(self.words)}"), clock)

    @rule(who=people, pick=picks, clock=clocks)
    def edits(self, who: Person, pick: int, clock: int) -> None:
        self.say(who, Edit(self.pick(who, pick), f"words {len(self.words)}"), clock)

    @rule(who=people, pick=picks, clock=clocks)
    def takes_back(self, who: Person, pick: int, clock: int) -> None:
        self.say(who, Unsend(self.pick(who, pick)), clock)

    @rule(who=people, pick=picks, clock=clocks, value=st.sampled_from(("👍", "❤️", "")))
    def reacts(self, who: Person, pick: int, clock: int, value: str) -> None:
        self.say(who, Mark(self.pick(who, pick), REACTION, value), clock)

    @rule(who=people, pick=picks, clock=clocks, value=st.sampled_from(("1", "")))
    def pins(self, who: Person, pick: int, clock: int, value: str) -> None:
        self.say(who, Mark(self.pick(who, pick), PIN, value), clock)

    @rule(to=people, by=people, order=st.randoms(use_true_random=False))
    def hands_on(self, to: Person, by: Person, order: random.Random) -> None:
        lacked = [word for word in self.known[by.id] if word not in self.known[to.id]]
        order.shuffle(lacked)
        self.known[to.id] += lacked

    @invariant()
    def each_reads_what_their_words_say(self) -> None:
        for view in self.known.values():
            for word in view:
                if isinstance(word.body, Text):
                    assert shown(word, view) == shown(word, view[::-1]) == expected(word, view)

    def teardown(self) -> None:
        views = [{word.id: shown(word, self.words) for word in self.words} for _ in range(2)]
        assert views[0] == views[1]


def shown(message: Word, view: list[Word]) -> Line | None:
    """What a reader sees, who has got all this in this order."""
    return fold(message.said, [word.said for word in view if target_of(word.body) == message.id])


def expected(message: Word, view: list[Word]) -> Line | None:
    """The same by going through everything in order, as one would by hand."""
    text, earlier, unsent, pin = "", [], False, ""
    reactions: list[tuple[bytes, str]] = []
    for word in sorted(view, key=lambda word: word.said.order):
        own = word.said.author == message.said.author
        match word.body:
            case Edit(target, _) if target == message.id and own:
                earlier.append(word)
            case Unsend(target) if target == message.id and own:
                unsent = True
            case Mark(target, name, value) if target == message.id and name == REACTION:
                reactions = [(who, old) for who, old in reactions if who != word.said.author]
                reactions += [(word.said.author, value)] if value else []
            case Mark(target, name, value) if target == message.id and name == PIN:
                pin = value
            case _:
                pass
    line = shown(message, [])
    assert line is not None
    if unsent:
        return Line(line.id, line.device, line.lamport, line.time, "", unsent=True)
    edits = [word.body.text for word in earlier if isinstance(word.body, Edit)]
    text = edits[-1] if edits else line.text
    times = [line.time, *(word.said.entry.header.time for word in earlier)]
    versions = list(zip(times, [line.text, *edits], strict=True))[:-1]
    seen = fold(message.said, [word.said for word in view if target_of(word.body) == message.id])
    assert seen is not None
    assert [(version.time, version.text) for version in seen.earlier] == versions
    return Line(line.id, line.device, line.lamport, line.time, text, None, seen.earlier, tuple(reactions), bool(pin))


TestChat = Chat.TestCase
TestChat.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
