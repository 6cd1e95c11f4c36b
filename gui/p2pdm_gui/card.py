"""One person looked at closely: who they are, and whether they are who they seem to be."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Person, SafetyNumber
from p2pdm_gui.connection import Connection
from p2pdm_gui.presence import presence, status, work
from p2pdm_gui.roster import Roster

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

NOBODY = Person(id="", name="", relation="nearby", online=False, verified=False, accepted_by_them=False, addresses=[])


@QmlElement
class Card(QObject):
    """The person panel's content; follows the roster."""

    changed = Signal()

    def __init__(self, connection: Connection, roster: Roster, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._roster = roster
        self._person = NOBODY
        self._picture = ""
        self._number = ""
        self._mismatch = ""
        roster.changed.connect(self._follow)

    @Property(str, notify=changed)
    def id(self) -> str:
        """Their id."""
        return self._person.id

    @Property(str, notify=changed)
    def name(self) -> str:
        """Their name as shown here."""
        return self._person.name

    @Property(str, notify=changed)
    def own_name(self) -> str:
        """The name they gave themselves."""
        return self._person.own_name or self._person.name

    @Property(str, notify=changed)
    def nickname(self) -> str:
        """The user's name for them, if there is one."""
        person = self._person
        return person.name if person.own_name and person.name != person.own_name else ""

    @Property(str, notify=changed)
    def relation(self) -> str:
        """nearby, contact, request or blocked."""
        return self._person.relation

    @Property(str, notify=changed)
    def picture(self) -> str:
        """Where QML finds their picture."""
        return self._picture

    @Property(str, notify=changed)
    def work(self) -> str:
        """Where they work, as what; or that it is a bot or an organisation."""
        return work(self._person)

    @Property(str, notify=changed)
    def status(self) -> str:
        """How they are here; empty while they are not."""
        return status(self._person)

    @Property(str, notify=changed)
    def presence(self) -> str:
        """The same in words, and what they say to it."""
        return presence(self._person)

    @Property(bool, notify=changed)
    def verified(self) -> bool:
        """Whether the safety number was compared."""
        return self._person.verified

    @Property(bool, notify=changed)
    def same_name(self) -> bool:
        """Whether somebody else goes by this name."""
        return self._person.same_name

    @Property(str, notify=changed)
    def address(self) -> str:
        """Where they were last reached."""
        return self._person.addresses[0] if self._person.addresses else ""

    @Property(str, notify=changed)
    def number(self) -> str:
        """The safety number, twelve groups of five digits; empty until the node has said it."""
        return self._number

    @Property(str, notify=changed)
    def mismatch(self) -> str:
        """Why verifying did not work, else empty."""
        return self._mismatch

    @Slot(str)
    def show(self, who: str) -> None:
        """Look at `who`."""
        if who != self._person.id:
            self._number = self._mismatch = ""
        self._person = self._roster.people.get(who, NOBODY)
        self._picture = self._roster.picture(self._person)
        self.changed.emit()
        if who:
            self._connection.call("safety_number", lambda number: self._took_number(who, number), _ignore, who=who)

    @Slot()
    def verify(self) -> None:
        """The user has compared the number, and it is the same."""
        self._connection.call("verify", self._verified, self._not_verified, who=self._person.id, number=self._number)

    def _took_number(self, who: str, number: SafetyNumber) -> None:
        if who == self._person.id:
            self._number = number.number
            self.changed.emit()

    def _verified(self, person: Person) -> None:
        self._roster.people[person.id] = person
        self._mismatch = ""
        self._roster.show()

    def _not_verified(self, error: ApiError) -> None:
        self._mismatch = error.message
        self.changed.emit()

    def _follow(self) -> None:
        fresh = self._roster.people.get(self._person.id)
        if fresh is None:
            return
        picture = self._roster.picture(fresh)
        if (fresh, picture) != (self._person, self._picture):
            self._person, self._picture = fresh, picture
            self.changed.emit()


def _ignore(_error: ApiError) -> None:
    """A safety number that can't be had is just not shown."""
