"""Node: the composition root. Wires one profile's rooms together and implements NodeApi by handing each call on."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import ParamSpec, Protocol, TypeVar

from p2pdm import __version__
from p2pdm.api.types import (
    ApiError,
    Chat,
    Interface,
    Me,
    Message,
    Notice,
    Person,
    SafetyNumber,
    Sent,
    Status,
)
from p2pdm.identity import PeerId, clean_name, encode_id, fingerprint, safety_number
from p2pdm.net.discovery.finder import Advert, Finder, Sighting
from p2pdm.net.links import Address, Datagrams, LinkError, Listener, Network
from p2pdm.node.board import Board
from p2pdm.node.chores import Chores
from p2pdm.node.commits import Commits
from p2pdm.node.dialer import Dialer
from p2pdm.node.dialing import Dialing
from p2pdm.node.gate import Gate
from p2pdm.node.inbox import ASK_AGAIN, Inbox
from p2pdm.node.invitation import Invitation, InvitationError, read_invitation
from p2pdm.node.myself import Myself
from p2pdm.node.reception import Reception
from p2pdm.node.rollback import Mark, Rollback
from p2pdm.node.roster import Roster
from p2pdm.node.saying import Saying
from p2pdm.node.sessions import Sessions
from p2pdm.node.talk import Talk
from p2pdm.node.view import View
from p2pdm.store.errors import StoreError
from p2pdm.store.people import CONTACT
from p2pdm.store.tables import Store
from p2pdm.wire import frames

PORT = 53530
STRANGERS_MET = 32
"""Sessions with strangers up to which new ones are dialled: half of what a node takes, so that none is turned away."""


_COPIED = "This profile also runs somewhere else. Both go on, each as a device of its own; nothing is lost."
_RESTORED = "This profile was restored from an older copy. It goes on as a new device; nothing is lost."


P = ParamSpec("P")
T = TypeVar("T")


def _tells_of_the_disk(call: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[None, None, T]]:
    """A call that writes: whoever makes it is told in a sentence when the disk fails."""

    @functools.wraps(call)
    async def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(*args, **kwargs)
        except StoreError as error:
            raise ApiError("disk", str(error)) from error

    return told


class NetworkState(Protocol):
    """What the node knows of this machine's addresses; `net.interfaces.Watcher` is one."""

    def named_addresses(self) -> list[tuple[str, str]]:
        """(interface, address) of all that can be met."""
        ...


class Node:
    """One running node. `start`, then serve; `close` leaves everyone in order."""

    def __init__(
        self,
        store: Store,
        network: Network,
        finder: Finder,
        state: NetworkState,
        random: Callable[[int], bytes],
        wall: Callable[[], int],
        *,
        mark: Mark | None = None,
        machine: bytes = b"",
        profile: str = "",
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._store = store
        self._network = network
        self._finder = finder
        self._state = state
        self._wall = wall
        self._profile = profile
        self._warnings = warnings
        self._trouble: dict[str, str] = {}
        self._listener: Listener | None = None
        self._datagrams: Datagrams | None = None
        self._retiring: asyncio.Handle | None = None
        self.stopped = asyncio.Event()

        self.myself = Myself(store, random)
        self.commits = Commits(store)
        self.chores = Chores(store, self.commits)
        self.board = Board(store, self.commits)
        self.commits.troubled = lambda why: self.board.pass_by("trouble", text=why)
        finder.troubled = self.commits.troubled
        self.sessions = Sessions(lambda: self.myself.device.public, self._is_contact)
        self.roster = Roster(store, self.board, self.sessions, self.myself)
        self.view = View(store, self.myself, self.roster, self.sessions)
        self.talk = Talk(store, self.commits, self.board, self.myself, self.roster, self.sessions, random, wall)
        self.talk.inbox = Inbox(
            store, self.commits, self.board, self.myself, self.talk.authors, self.talk.stored, self._rolled_back
        )
        self.reception = Reception(
            store, self.commits, self.myself, self.roster, self.sessions, self.talk, self._cloned, random, wall
        )
        self.gate = Gate(lambda: self.myself.party, random, self.reception.admit)
        dialer = Dialer(self.myself.id)
        self.dialing = Dialing(
            dialer, network, self.gate, self.roster.addresses, self.sessions.connected, self._is_contact
        )
        self.roster.vanished = self.dialing.forget
        self.roster.obstacle = self.dialing.failures.get
        self.dialing.failed = self.roster.changed
        self.reception.dialing = self.dialing
        self.saying = Saying(self.talk, self.view, self.roster, self.myself, self.commits, self.dialing)
        self.board.listeners.append(self._note_state)
        self._rollback = Rollback(store, self.myself, mark, machine) if mark is not None else None
        if self._rollback is not None:
            self.talk.said = self._rollback.said
        self._waiters: dict[str, set[asyncio.Event]] = {}

    # --- life ---

    async def start(self, port: int | None = None) -> int:
        """Listen (on `port`; None: PORT or any free one), announce, and dial everyone worth it. Returns the port."""
        if self._rollback is not None:
            self._retire_if_suspicious(self._rollback.suspicion())
        self._listener = await self._listen(port)
        self.dialing.port = self._listener.port
        try:
            self._datagrams = await self._network.datagrams(self._listener.port, self.reception.datagram)
        except LinkError:
            # Somebody else's UDP port: any other will do, it is told inside the session.
            self._datagrams = await self._network.datagrams(0, self.reception.datagram)
        self.reception.datagrams = self._datagrams
        await self._finder.start(self._advert(), self._seen, self.roster.gone)
        for known in self._store.people.all():
            if known.relation == CONTACT:
                self.dialing.want(known.identity)
        return self._listener.port

    async def _listen(self, port: int | None) -> Listener:
        try:
            return await self._network.listen(PORT if port is None else port, self.gate.accepted)
        except LinkError:
            if port is not None:
                raise
            return await self._network.listen(0, self.gate.accepted)

    async def close(self) -> None:
        """Tell everyone goodbye, make everything durable, release the network."""
        await self.dialing.close()
        self.gate.close()
        self.sessions.close()
        self.reception.close()
        self.roster.close()
        self.talk.inbox.close()
        await self._finder.close()
        if self._retiring is not None:
            self._retiring.cancel()
        if self._listener is not None:
            await self._listener.close()
        if self._datagrams is not None:
            await self._datagrams.close()
        self.chores.close()
        self.commits.close()
        if self._rollback is not None:
            self._rollback.write()

    def network_changed(self, addresses: list[str]) -> None:
        """This machine has these addresses now: sessions over others are dead, and everybody may be reachable anew."""
        for peer in self.sessions:
            if peer.link.local.host in addresses:
                peer.session.ping(asyncio.get_running_loop().time())
                peer.turn()
            else:
                peer.link.abort()
                peer.link_closed("this machine has another address now")  # at once: they are dialled again below
        self._dial_everyone()

    def _dial_everyone(self) -> None:
        contacts = [known.identity for known in self._store.people.all() if known.relation == CONTACT]
        self.dialing.start_over([*contacts, *self.roster.sighted()])

    def _is_contact(self, identity: PeerId) -> bool:
        return self.roster.is_contact(identity)

    def _seen(self, sighting: Sighting) -> None:
        self.roster.seen(sighting)
        if sighting.identity == self.myself.id:
            self.dialing.look(sighting.identity, list(sighting.addresses))  # a copy of this profile, perhaps
        elif self._worth_dialling(sighting.identity):
            self.dialing.want(sighting.identity, urgent=self.myself.id < sighting.identity)

    def _worth_dialling(self, identity: PeerId) -> bool:
        """Contacts always; strangers, to learn who they really are, while there are not many of them."""
        return self.roster.is_contact(identity) or self.sessions.strangers < STRANGERS_MET

    def _advert(self) -> Advert:
        return Advert(self.myself.id, self.myself.name, self.dialing.port, self.myself.space)

    # --- one device, twice ---

    def _cloned(self) -> None:
        self._retire(_COPIED)

    def _rolled_back(self) -> None:
        self._retire(_RESTORED)

    def _retire_if_suspicious(self, suspicion: str) -> None:
        if suspicion == "copied":
            self._become_new_device(_COPIED)
        elif suspicion == "restored":
            self._become_new_device(_RESTORED)

    def _retire(self, why: str) -> None:
        """Become a new device, once, after what is under way."""
        if self._retiring is None:
            self._retiring = asyncio.get_running_loop().call_soon(self._become_new_device, why)

    def _become_new_device(self, why: str) -> None:
        def done(error: StoreError | None) -> None:
            if error is None:
                self._is_new_device(why)
            else:  # a full disk: the old device must not go on, but it can't be left yet
                self._be_as_stored()
                self._retiring = asyncio.get_running_loop().call_later(ASK_AGAIN, self._become_new_device, why)

        self._retiring = None
        try:
            with self.commits.writing(done):
                self.myself.retire_device(why, self._wall())
                self.board.post("profile")
        except StoreError as error:
            done(error)
        self.commits.flush()

    def _be_as_stored(self) -> None:
        self.commits.flush()
        self.myself.reload()

    def _is_new_device(self, why: str) -> None:
        self._trouble["device"] = why
        self.board.pass_by("trouble", text=why)
        for peer in list(self.sessions):
            peer.close(frames.REPLACED)
        self._dial_everyone()

    # --- NodeApi: this profile ---

    async def me(self) -> Me:
        """See NodeApi."""
        id = self.myself.id
        addresses = tuple(
            Address(host, self.dialing.port) for _, host in self._state.named_addresses() if "%" not in host
        )
        invitation = Invitation(id, self.myself.name, addresses[:4])
        return Me(encode_id(id), self.myself.name, fingerprint(id), str(invitation))

    async def status(self) -> Status:
        """See NodeApi."""
        online = sorted({peer.identity for peer in self.sessions if peer.online})
        return Status(
            id=encode_id(self.myself.id),
            name=self.myself.name,
            version=__version__,
            profile=self._profile,
            port=self.dialing.port,
            interfaces=[Interface(name, address) for name, address in self._state.named_addresses()],
            online=[encode_id(identity) for identity in online],
            nearby=len(self.roster.sighted()),
            waiting=self.view.waiting(),
            trouble=[sentence for sentence in self._troubles() if sentence],
            cursor=self.board.cursor(),
        )

    def _troubles(self) -> list[str]:
        return [*self._warnings, self._finder.trouble, self.commits.trouble, *self._trouble.values()]

    @_tells_of_the_disk
    async def rename(self, name: str) -> Me:
        """See NodeApi."""
        if not clean_name(name):
            raise ApiError("name", "A name has at least one letter or sign that can be shown.")
        try:
            with self.commits.writing():
                self.myself.rename(name)
                self.board.post("profile")
            await self.commits.durable()
        except StoreError:
            self._be_as_stored()
            raise
        for peer in list(self.sessions):
            peer.say(frames.Profile(self.myself.record.encoded))
        await self._finder.update(self._advert())
        return await self.me()

    async def stop(self) -> None:
        """See NodeApi."""
        asyncio.get_running_loop().call_soon(self.stopped.set)

    # --- NodeApi: people ---

    async def people(self) -> list[Person]:
        """See NodeApi."""
        return self.roster.everyone()

    async def person(self, who: str) -> Person:
        """See NodeApi."""
        return self.roster.person(self.roster.find(who))

    async def accept(self, who: str) -> Person:
        """See NodeApi."""
        return await self._decide(who, self.talk.accept)

    async def decline(self, who: str) -> Person:
        """See NodeApi."""
        identity = self.roster.find(who)
        if self._store.people.request(identity) is None:
            raise ApiError("no_request", f"There is no request of {self.roster.name(identity)}.")
        return await self._decide(who, self.talk.decline)

    async def block(self, who: str) -> Person:
        """See NodeApi."""
        return await self._decide(who, self.talk.block)

    async def unblock(self, who: str) -> Person:
        """See NodeApi."""
        return await self._decide(who, self.talk.unblock)

    @_tells_of_the_disk
    async def forget(self, who: str) -> None:
        """See NodeApi."""
        for _ in self.talk.forget(self.roster.find(who)):
            await self.commits.durable()
        self.commits.settle()  # what others said meanwhile: the log can't be emptied within a transaction
        self._store.database.erase_traces()

    async def nickname(self, who: str, name: str) -> Person:
        """See NodeApi."""

        def note(identity: PeerId) -> None:
            with self.commits.writing():
                self.roster.keep(identity)
                self._store.people.set_nickname(identity, name)
                self.board.post("person", person=identity)

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
            self._store.people.set_verified(identity)
            self.board.post("person", person=identity)

    @_tells_of_the_disk
    async def join(self, link: str) -> Person:
        """See NodeApi."""
        try:
            invitation = read_invitation(link)
        except InvitationError as error:
            raise ApiError("invitation", f"{str(error).capitalize()}.") from error
        if invitation.identity == self.myself.id:
            raise ApiError("invitation", "This invitation is your own: give it to somebody else.")
        with self.commits.writing():
            self._store.people.ensure(invitation.identity, invitation.name)
            for address in invitation.addresses:
                self._store.people.reached_at(invitation.identity, address.host, address.port, 0)
            self.talk.accept(invitation.identity)
            self._store.people.set_verified(invitation.identity)
        await self.commits.durable()
        self.dialing.want(invitation.identity, urgent=True)
        return self.roster.person(invitation.identity)

    @_tells_of_the_disk
    async def _decide(self, who: str, decision: Callable[[PeerId], None]) -> Person:
        identity = self.roster.find(who)
        decision(identity)
        await self.commits.durable()
        if self.roster.is_contact(identity):
            self.dialing.want(identity, urgent=True)  # who was none may be there without having been dialled
        return self.roster.person(identity)

    # --- NodeApi: talking ---

    @_tells_of_the_disk
    async def send(self, to: str, text: str, reply_to: str | None = None) -> Sent:
        """See NodeApi."""
        return await self.saying.text(to, text, reply_to)

    @_tells_of_the_disk
    async def edit(self, id: str, text: str) -> Message:
        """See NodeApi."""
        return await self.saying.edit(id, text)

    @_tells_of_the_disk
    async def unsend(self, id: str) -> Message:
        """See NodeApi."""
        return await self.saying.unsend(id)

    @_tells_of_the_disk
    async def react(self, id: str, value: str) -> Message:
        """See NodeApi."""
        return await self.saying.react(id, value)

    @_tells_of_the_disk
    async def pin(self, id: str, on: bool) -> Message:
        """See NodeApi."""
        return await self.saying.pin(id, on)

    async def wait(self, id: str, seconds: float) -> Message:
        """See NodeApi."""
        id = id.strip().lower()
        ending = ("delivered", "read", "failed")
        changed = asyncio.Event()
        self._waiters.setdefault(id, set()).add(changed)
        try:
            async with asyncio.timeout(max(seconds, 0)):
                while (message := self.view.message(self.view.line(id))).state not in ending:
                    changed.clear()
                    await changed.wait()
            return message
        except TimeoutError:
            return self.view.message(self.view.line(id))
        finally:
            self._waiters[id].discard(changed)
            if not self._waiters[id]:
                del self._waiters[id]

    def _note_state(self, notice: Notice) -> None:
        if notice.event == "state":
            for id in [notice.id] if notice.id else list(self._waiters):
                for changed in self._waiters.get(id, ()):
                    changed.set()

    async def chats(self) -> list[Chat]:
        """See NodeApi."""
        return self.view.chats()

    async def history(
        self, chat: str, limit: int = 50, before: str | None = None, search: str | None = None
    ) -> list[Message]:
        """See NodeApi."""
        if search:
            self.chores.before_search()
        return self.view.history(chat, limit, before, search)

    async def message(self, id: str) -> Message:
        """See NodeApi."""
        return self.view.message(self.view.line(id))

    @_tells_of_the_disk
    async def read(self, chat: str) -> None:
        """See NodeApi."""
        self.talk.mark_read(self.roster.chat_with(self.view.other_in(chat)))
        await self.commits.durable()

    async def typing(self, chat: str, on: bool) -> None:
        """See NodeApi."""
        other = self.view.other_in(chat)
        conversation = self.roster.chat_with(other)
        for peer in self.sessions.of(other):
            if conversation in peer.exchange.conversations:
                peer.say_quick(frames.Typing(conversation, on))

    async def subscribe(self, since: int | None = None) -> int:
        """See NodeApi; the server, which knows the connection, answers it."""
        return self.board.cursor()
