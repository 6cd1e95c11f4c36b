"""What the user says of themselves, and what others get to know of them."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QUrl, Signal, Slot
from PySide6.QtQml import QmlElement

from p2pdm.api.types import ApiError, Notice, Privacy, Profile
from p2pdm_gui.connection import Connection
from p2pdm_gui.faces import Faces
from p2pdm_gui.handing import NO_PICTURE, Handing
from p2pdm_gui.portrait import MAX_BYTES
from p2pdm_gui.refresh import Refresh

QML_IMPORT_NAME = "P2pdm"
QML_IMPORT_MAJOR_VERSION = 1

NOTHING = Profile("", "", "person", "", "", "available", "", False, "")


@QmlElement
class Oneself(QObject):
    """The own profile and the privacy switches, as the node has them."""

    changed = Signal()
    refused = Signal(str, arguments=["sentence"])
    """What was chosen is no picture."""

    def __init__(self, connection: Connection, faces: Faces, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        self._faces = faces
        self._profile = NOTHING
        self._privacy = Privacy()
        self._shown: object = None
        self._handing = Handing(self, MAX_BYTES)
        self._refresh = Refresh(self._ask, self)
        connection.ready.connect(self._refresh.ask)
        connection.noticed.connect(self._noticed)
        faces.changed.connect(self._show)

    @Property(str, notify=changed)
    def department(self) -> str:
        """Where the user works."""
        return self._profile.department

    @Property(str, notify=changed)
    def role(self) -> str:
        """As what."""
        return self._profile.role

    @Property(str, notify=changed)
    def status(self) -> str:
        """As the user chose it."""
        return self._profile.status

    @Property(str, notify=changed)
    def shown_status(self) -> str:
        """As others see it; empty while they see none."""
        if not self._privacy.presence or not self._profile.id:
            return ""
        return "away" if self._profile.idle and self._profile.status == "available" else self._profile.status

    @Property(str, notify=changed)
    def status_text(self) -> str:
        """What stands beside it."""
        return self._profile.status_text

    @Property(str, notify=changed)
    def picture(self) -> str:
        """Where QML finds the own picture."""
        return self._faces.source(self._profile.id, self._profile.picture)

    @Property(bool, notify=changed)
    def receipts(self) -> bool:
        """See Privacy."""
        return self._privacy.receipts

    @Property(bool, notify=changed)
    def typing(self) -> bool:
        """See Privacy."""
        return self._privacy.typing

    @Property(bool, notify=changed)
    def presence(self) -> bool:
        """See Privacy."""
        return self._privacy.presence

    @Property(bool, notify=changed)
    def lobby(self) -> bool:
        """See Privacy."""
        return self._privacy.lobby

    @Slot(str, str)
    def work(self, department: str, role: str) -> None:
        """Say where one works, and as what."""
        department, role = " ".join(department.split()), " ".join(role.split())
        if (department, role) != (self._profile.department, self._profile.role):
            self._connection.call("set_profile", self._took, department=department, role=role)

    @Slot(str, str)
    def be(self, status: str, text: str) -> None:
        """Say how one is here."""
        text = " ".join(text.split())
        if (status, text) != (self._profile.status, self._profile.status_text):
            self._connection.call("set_status", self._took, status=status, text=text)

    @Slot(QUrl)
    def show_picture(self, file: QUrl) -> None:
        """Show others a picture: made small first."""
        path = self._handing.begin(file)
        if path:
            self._connection.call("set_profile", self._took, self._not_taken, picture=path)
        else:
            self.refused.emit(NO_PICTURE)

    @Slot()
    def hide_picture(self) -> None:
        """Take the picture away."""
        self._connection.call("set_profile", self._took, picture="")

    @Slot(str, bool)
    def turn(self, switch: str, on: bool) -> None:
        """Turn one of the privacy switches."""
        self._connection.call("set_privacy", self._turned, None, **{switch: on})

    # Answers.

    def _noticed(self, notice: Notice) -> None:
        if notice.event == "profile":
            self._refresh.ask()

    def _ask(self) -> None:
        self._connection.call("profile", self._took_then_privacy, self._ended)

    def _took_then_privacy(self, profile: Profile) -> None:
        self._profile = profile
        self._connection.call("privacy", self._took_privacy, self._ended)

    def _took_privacy(self, privacy: Privacy) -> None:
        self._refresh.done()
        self._turned(privacy)

    def _turned(self, privacy: Privacy) -> None:
        self._privacy = privacy
        self._show()

    def _took(self, profile: Profile) -> None:
        self._handing.end()
        self._profile = profile
        self._show()

    def _show(self) -> None:
        """Only what is really different: whoever is just typing in a field would lose it."""
        now = (self._profile, self._privacy, self.picture)
        if now != self._shown:
            self._shown = now
            self.changed.emit()

    def _not_taken(self, error: ApiError) -> None:
        self._handing.end()
        self.refused.emit(error.message)

    def _ended(self, _error: ApiError) -> None:
        self._refresh.done()
