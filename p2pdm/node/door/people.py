"""People: who they are and where one stands with them."""

from __future__ import annotations

from collections.abc import Callable

from p2pdm.api.types import ApiError, Person, SafetyNumber
from p2pdm.identity import MAX_NAME, PeerId, clean_name, safety_number
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.dialing import Dialing
from p2pdm.node.door.disk import tells_of_the_disk
from p2pdm.node.door.names import check_length
from p2pdm.node.invitation import InvitationError, read_invitation
from p2pdm.node.myself import Myself
from p2pdm.node.own_devices import OwnDevices
from p2pdm.node.requests import Requests
from p2pdm.node.roster import Roster
from p2pdm.store.tables import Store


class PeopleDoor:
    """Part of NodeApi."""

    board: Board
    commits: Commits
    dialing: Dialing
    myself: Myself
    own_devices: OwnDevices
    roster: Roster
    requests: Requests
    store: Store

    async def people(self) -> list[Person]:
        """See NodeApi."""
        return await self.roster.everyone()

    async def person(self, who: str) -> Person:
        """See NodeApi."""
        return self.roster.person(self.roster.find(who))

    async def accept(self, who: str) -> Person:
        """See NodeApi."""
        return await self._decide(who, self.requests.accept)

    async def decline(self, who: str) -> Person:
        """See NodeApi."""
        identity = self.roster.find(who)
        if self.store.people.request(identity) is None:
            raise ApiError("no_request", f"There is no request of {self.roster.name(identity)}.")
        return await self._decide(who, self.requests.decline)

    async def block(self, who: str) -> Person:
        """See NodeApi."""
        return await self._decide(who, self.requests.block)

    async def unblock(self, who: str) -> Person:
        """See NodeApi."""
        return await self._decide(who, self.requests.unblock)

    @tells_of_the_disk
    async def forget(self, who: str) -> None:
        """See NodeApi."""
        for _ in self.requests.forget(self.roster.find(who)):
            await self.commits.durable()
        self.commits.settle()  # what others said meanwhile: the log can't be emptied within a transaction
        self.store.database.erase_traces()

    async def nickname(self, who: str, name: str) -> Person:
        """See NodeApi."""

        def note(identity: PeerId) -> None:
            with self.commits.writing():
                self.roster.keep(identity)
                self.store.people.set_nickname(identity, name)
                self.board.post("person", person=identity)
                self.own_devices.tell_person(identity)
            self.own_devices.tell_person(identity)

        check_length("name", name, MAX_NAME)
        name = clean_name(name)
        return await self._decide(who, note)

    async def safety_number(self, who: str) -> SafetyNumber:
        """See NodeApi."""
        identity = self.roster.find(who)
        known = self.roster.known(identity)
        return SafetyNumber(safety_number(self.myself.id, identity), known is not None and known.verified)

    async def verify(self, who: str, number: str) -> Person:
        """See NodeApi."""
        identity = self.roster.find(who)
        digits = "".join(character for character in number if character.isdigit())
        if digits != safety_number(self.myself.id, identity).replace(" ", ""):
            raise ApiError(
                "mismatch",
                "The numbers differ. Compare again, digit by digit; if they still differ, this is not "
                f"{self.roster.name(identity)}.",
            )
        return await self._decide(who, self._mark_verified)

    def _mark_verified(self, identity: PeerId) -> None:
        with self.commits.writing():
            self.roster.keep(identity)
            self.store.people.set_verified(identity)
            self.board.post("person", person=identity)
            self.own_devices.tell_person(identity)

    @tells_of_the_disk
    async def join(self, link: str) -> Person:
        """See NodeApi."""
        try:
            invitation = read_invitation(link)
        except InvitationError as error:
            raise ApiError("invitation", f"{str(error).capitalize()}.") from error
        if invitation.identity == self.myself.id:
            raise ApiError("invitation", "This invitation is your own: give it to somebody else.")
        with self.commits.writing():
            self.store.people.ensure(invitation.identity, invitation.name)
            for address in invitation.addresses:
                self.store.people.reached_at(invitation.identity, address.host, address.port, 0)
            self.requests.accept(invitation.identity)
            self.store.people.set_verified(invitation.identity)
            self.own_devices.tell_person(invitation.identity)
        await self.commits.durable()
        self.dialing.want(invitation.identity, urgent=True, needed=True)
        return self.roster.person(invitation.identity)

    @tells_of_the_disk
    async def _decide(self, who: str, decision: Callable[[PeerId], None]) -> Person:
        identity = self.roster.find(who)
        decision(identity)
        await self.commits.durable()
        if self.roster.is_contact(identity):
            # Who was none may be there without having been dialled.
            self.dialing.want(identity, urgent=True, needed=True)
        return self.roster.person(identity)
