"""Passing a message on: which chats it can go to, narrowed by a search, which are chosen, and sending it there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Chat, Message, Person
from p2pdm_gui.connection import Connection
from p2pdm_gui.narrowing import matching
from p2pdm_gui.presence import status
from p2pdm_gui.quotes import shortened
from p2pdm_gui.roster import Roster
from p2pdm_gui.rows import RowModel
from p2pdm_gui.sidebar import other

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1


class Target(msgspec.Struct, frozen=True):
    """One chat that something can be passed on to."""

    key: str
    person: str
    """The other one's id; empty for a chat of several."""
    name: str
    status: str = ""
    picture: str = ""
    kind: str = "direct"
    picked: bool = False


Answer = tuple[Target, ApiError | None]
"""What the node said to sending it there."""
NAMED = 3
"""So many chats are named; of more, all but one of these."""


def together(names: Sequence[str]) -> str:
    """Names in a sentence."""
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} others"]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def outcome(answers: Sequence[Answer]) -> str:
    """Where it went, and where it did not and why."""
    refused: dict[str, list[str]] = {}
    for target, error in answers:
        if error is not None:
            refused.setdefault(error.message, []).append(target.name)
    done = [target.name for target, error in answers if error is None]
    sentences = [f"Not forwarded to {together(names)}: {why}" for why, names in refused.items()]
    if done:
        sentences.insert(0, f"Forwarded to {together(done)}{'.' if refused else ''}")
    return " ".join(sentences)


class TargetModel(RowModel[Target]):
    """Those that the search leaves."""

    fields = Target.__struct_fields__


@QmlElement
class Forwarder(QObject):
    """One message on its way into other chats; it goes as plain words, and names nobody there."""

    changed = Signal()
    finished = Signal()
    """It is on this disk, in all chats that were chosen."""
    said = Signal(str, arguments=["sentence"])
    """What became of it, when that can't be seen."""

    def __init__(self, connection: Connection, roster: Roster, parent: QObject) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._model = TargetModel(self)
        self._message: Message | None = None
        self._search = ""
        self._picked: dict[str, Target] = {}
        self._sending: list[Target] = []
        self._trouble = ""
        roster.changed.connect(self._follow)

    @Property(QObject, constant=True)
    def rows(self) -> QObject:
        """The chats that it can go to."""
        return self._model

    @Property(str, notify=changed)
    def quote(self) -> str:
        """What is passed on, shortened."""
        return shortened(self._message) if self._message is not None else ""

    @Property(int, notify=changed)
    def count(self) -> int:
        """How many chats are chosen."""
        return len(self._picked)

    @Property(str, notify=changed)
    def chosen(self) -> str:
        """Their names."""
        return together([target.name for target in self._picked.values()])

    @Property(bool, notify=changed)
    def working(self) -> bool:
        """Whether it is being sent."""
        return bool(self._sending)

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """Where it did not go, and why; those chats are still chosen."""
        return self._trouble

    def begin(self, message: Message) -> None:
        """Pass `message` on; no chat is chosen yet."""
        self._message, self._search, self._trouble, self._sending = message, "", "", []
        self._picked.clear()
        self._follow()

    @Slot()
    def end(self) -> None:
        """Nothing is passed on any more; what is being sent still goes."""
        self._message, self._sending = None, []
        self.changed.emit()

    @Slot(str)
    def narrow(self, search: str) -> None:
        """Show only those whose name holds all words of `search`."""
        self._search = search
        self._follow()

    @Slot(int)
    def toggle(self, row: int) -> None:
        """Choose one of those that are shown, or not after all."""
        if 0 <= row < len(self._model.rows) and not self._sending:
            target = self._model.rows[row]
            if self._picked.pop(target.key, None) is None:
                self._picked[target.key] = target
            self._trouble = ""
            self._follow()

    @Slot()
    def send(self) -> None:
        """Pass it on to all that are chosen."""
        if self._message is None or self._sending or not self._picked:
            return
        self._sending, self._trouble = list(self._picked.values()), ""
        self.changed.emit()
        answers: list[Answer] = []
        for target in self._sending:
            self._send(target, self._message.text, answers, self._sending)

    def _send(self, target: Target, text: str, answers: list[Answer], whole: list[Target]) -> None:
        def answered(error: ApiError | None) -> None:
            answers.append((target, error))
            if len(answers) == len(whole):
                self._sent(answers, here=self._sending is whole)

        self._connection.call("send", lambda _sent: answered(None), answered, to=target.key, text=text)

    def _sent(self, answers: list[Answer], here: bool) -> None:
        """All have answered; `here`: the user has waited for it."""
        failed = any(error is not None for _, error in answers)
        if here:
            self._sending = []
            self._trouble = outcome(answers) if failed else ""
            for target in (target for target, error in answers if error is None):
                self._picked.pop(target.key, None)
            self._follow()
        if not failed or not here:
            self.said.emit(outcome(answers))
        if here and not failed:
            self.finished.emit()

    def _follow(self) -> None:
        if self._message is None:
            return
        there = {row.key: row for row in self._targets() if row.key != self._message.chat}
        self._picked = {key: there[key] for key in self._picked if key in there}
        matches = matching(self._search)
        found = [row for row in there.values() if matches(row.name)]
        self._model.apply([msgspec.structs.replace(row, picked=row.key in self._picked) for row in found])
        self.changed.emit()

    def _targets(self) -> Iterator[Target]:
        """As in the list: chats, the latest first, then contacts to whom nothing was said yet."""
        people = self._roster.people
        shown: set[str] = set()
        for chat in self._roster.chats:
            person = other(chat, people)
            if chat.kind == "direct" and person is not None:
                shown.add(person.id)
                yield from [self._of_person(person)] if person.relation == "contact" else []
            elif self._may_write(chat):
                yield Target(chat.id, "", chat.name, picture=self._roster.chat_picture(chat), kind=chat.kind)
        silent = [person for person in people.values() if person.relation == "contact" and person.id not in shown]
        yield from (self._of_person(p) for p in sorted(silent, key=lambda p: (p.name.casefold(), p.id)))

    def _may_write(self, chat: Chat) -> bool:
        return chat.standing == "member" and not self._roster.company.announces(chat.id)

    def _of_person(self, person: Person) -> Target:
        return Target(person.chat, person.id, person.name, status(person), self._roster.picture(person))
