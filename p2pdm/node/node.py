"""Node: the composition root. Wires one profile's rooms together; what the door's calls do stands in `door`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from p2pdm.identity import PeerId
from p2pdm.net.discovery.finder import Finder, Sighting
from p2pdm.net.links import Address, Datagrams, LinkError, Listener, Network
from p2pdm.node.age import Age
from p2pdm.node.applock import AppLock
from p2pdm.node.aside import Aside, in_a_thread
from p2pdm.node.backups import Backups
from p2pdm.node.board import Board
from p2pdm.node.browsing import Browsing
from p2pdm.node.chores import Chores
from p2pdm.node.circles import Circles
from p2pdm.node.commits import Commits
from p2pdm.node.dialer import Dialer
from p2pdm.node.dialing import Dialing
from p2pdm.node.diary import Diary
from p2pdm.node.door.chats import ChatDoor
from p2pdm.node.door.export import ExportDoor
from p2pdm.node.door.groups import GroupDoor
from p2pdm.node.door.keeping import KeepingDoor
from p2pdm.node.door.lock import LockDoor
from p2pdm.node.door.messages import MessageDoor
from p2pdm.node.door.oneself import OneselfDoor
from p2pdm.node.door.people import PeopleDoor
from p2pdm.node.door.privacy import PrivacyDoor
from p2pdm.node.door.profile import NetworkState
from p2pdm.node.door.rooms import RoomDoor
from p2pdm.node.door.safety import SafetyDoor
from p2pdm.node.door.search import SearchDoor
from p2pdm.node.erasing import Erasing
from p2pdm.node.expiry import Expiry
from p2pdm.node.export.chat import Exporter
from p2pdm.node.filing import Filing
from p2pdm.node.gaps import Gaps
from p2pdm.node.gate import Gate
from p2pdm.node.groups import Groups
from p2pdm.node.inbox import ASK_AGAIN, Inbox
from p2pdm.node.later import Later
from p2pdm.node.lookout import Lookout
from p2pdm.node.myself import Myself
from p2pdm.node.orphans import Orphans
from p2pdm.node.own_devices import OwnDevices
from p2pdm.node.peer import Peer
from p2pdm.node.pictures import Pictures
from p2pdm.node.presence import Presence
from p2pdm.node.privacy import PrivacySettings
from p2pdm.node.receipts import Receipts
from p2pdm.node.reception import Reception, Services
from p2pdm.node.requests import Requests
from p2pdm.node.retention import Retention
from p2pdm.node.rollback import RESTORED, Mark, Rollback
from p2pdm.node.room_bodies import RoomBodies
from p2pdm.node.room_keeping import RoomKeeping
from p2pdm.node.rooms import Rooms
from p2pdm.node.roster import Roster
from p2pdm.node.saying import Saying
from p2pdm.node.search import Search
from p2pdm.node.sessions import Sessions
from p2pdm.node.sharing import Sharing
from p2pdm.node.states import States
from p2pdm.node.talk import Talk
from p2pdm.node.titles import Titles
from p2pdm.node.view import View
from p2pdm.node.wiping import Wiping
from p2pdm.store.errors import StoreError
from p2pdm.store.people import CONTACT
from p2pdm.store.tables import Store
from p2pdm.wire import frames

PORT = 53530
STRANGERS_MET = 32
"""Sessions with strangers up to which new ones are dialled: half of what a node takes, so that none is turned away."""


_COPIED = "This profile also runs somewhere else. Both go on, each as a device of its own; nothing is lost."


class Node(
    OneselfDoor,
    PrivacyDoor,
    PeopleDoor,
    MessageDoor,
    ChatDoor,
    KeepingDoor,
    GroupDoor,
    RoomDoor,
    SearchDoor,
    ExportDoor,
    SafetyDoor,
    LockDoor,
):
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
        scratch: Path | None = None,
        aside: Aside = in_a_thread,
        destroy_key: Callable[[], str] | None = None,
        uptime: Callable[[], float] | None = None,
    ) -> None:
        self.store = store
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
        self.commits = Commits(store, aside)
        self.chores = Chores(store, self.commits, aside)
        self.board = Board(store, self.commits)
        self.commits.troubled = lambda why: self.board.pass_by("trouble", text=why)
        finder.troubled = self.commits.troubled
        self.sessions = Sessions(lambda: self.myself.device.public, self._is_no_stranger, own=lambda: self.myself.id)
        self.roster = Roster(store, self.board, self.sessions, self.myself)
        self._wire_oneself()
        self._wire_conversations(random, wall)
        self._wire_keeping(Age(store, wall, uptime or asyncio.get_running_loop().time))
        self.reception = Reception(
            store, self.commits, self.myself, self.roster, self.sessions, self._services(), self._cloned, random, wall
        )
        self.gate = Gate(lambda: self.myself.party, random, self.reception.admit)
        dialer = Dialer(self.myself.id)
        self.dialing = Dialing(
            dialer, network, self.gate, self.roster.addresses, self.sessions.connected, self._belongs
        )
        self._lookout = Lookout(self.myself.id, self.sessions, self.dialing, self._is_here)
        self._introduce_dialing()
        self.saying = Saying(self.talk, self.view, self.roster, self.circles, self.myself, self.commits, self.dialing)
        self.board.listeners += [self._note_state, self.expiry.noted]
        self._rollback = Rollback(store, self.myself, mark, machine) if mark is not None else None
        if self._rollback is not None:
            self.talk.said = self._rollback.said
        self._waiters: dict[str, set[asyncio.Event]] = {}
        self.diary = Diary(store, self.sessions, self.board, self.reception)
        self.wiping = Wiping(destroy_key, aside)
        self.app_lock = AppLock(store, self.commits, aside, random, self._age.uptime)
        self.exporter = Exporter(self.view, self.roster, aside, wall)
        self.backups = Backups(store, self.commits, scratch, aside, random, wall)

    def _wire_oneself(self) -> None:
        store, shows = self.store, self._is_no_stranger
        self.settings = PrivacySettings(store)
        self.presence = Presence(store, self.sessions, self.settings, shows)
        self.pictures = Pictures(store, self.commits, self.board, self.myself, self.roster, self.sessions, shows)

    def _wire_conversations(self, random: Callable[[int], bytes], wall: Callable[[], int]) -> None:
        store, commits, board, myself = self.store, self.commits, self.board, self.myself
        roster, sessions = self.roster, self.sessions
        self.circles = Circles(store, myself)
        commits.participants.append(self.circles)
        self.titles = Titles(myself, roster, self.circles)
        self.view = View(
            store,
            myself,
            roster,
            self.circles,
            States(store, myself, roster, sessions, self.circles, self.settings),
            self.titles,
        )
        self.browsing = Browsing(store, board, self.view)
        self.finding = Search(store, self.chores, self.view)
        self.receipts = Receipts(store, commits, board, myself, sessions, self.circles, self.settings, wall)
        gaps = Gaps(store, myself, self.circles, Orphans())
        self.sharing = Sharing(myself, sessions, self.circles, gaps, self.receipts)
        self.requests = Requests(store, commits, board, myself, roster, sessions, self.sharing, wall)
        self.requests.met = self._met
        self.talk = Talk(
            store, commits, myself, roster, sessions, self.circles, self.sharing, self.requests, random, wall
        )
        self._filing = self.talk.filing = Filing(store, board, myself, self.circles, gaps)
        self.inbox = Inbox(
            store, commits, self._filing, myself, self.circles, gaps, self.sharing.stored, self._rolled_back
        )
        self.requests.inbox = self.inbox
        self.groups = Groups(store, commits, board, myself, roster, self.circles, self.sharing, self.talk, random)
        self.inbox.arriving = self.sharing.arriving
        self.inbox.sharers = self.sharing.sharers
        self.inbox.look_for_lost = self.sharing.look_for_lost
        self._filing.membership_stored = self.groups.stored
        self.requests.heard_or_not = self.groups.heard_or_not
        self.groups.companions_changed = self._companions_changed
        self.own_devices = OwnDevices(store, commits, board, myself, self.requests, self.talk)
        self.requests.decided = self.own_devices.tell_person
        self.receipts.read = self.own_devices.tell_read
        self._filing.memo_stored = self.own_devices.heard
        self._filing.lines_stored = self._lines_stored
        self.rooms_here = Rooms(store, commits, board, myself, sessions, self.circles, self.sharing, self._wall)

    def _lines_stored(self, conversation: bytes) -> None:
        self.own_devices.advance(conversation)
        self._room_keeping.said(conversation)
        self.rooms_here.said(conversation)

    def _lacks(self, conversation: bytes) -> None:
        if self.circles.is_room(conversation):
            self._room_keeping.said(conversation)
            self._room_bodies.lacks(conversation)

    def _services(self) -> Services:
        return Services(
            self.circles,
            self.groups,
            self.inbox,
            self.own_devices,
            self.pictures,
            self.presence,
            self.settings,
            self.receipts,
            self.requests,
            self.rooms_here,
            self.sharing,
        )

    def _introduce_dialing(self) -> None:
        """To those who know of reachability, and want to know."""
        self.roster.vanished = self.dialing.forget
        self.roster.obstacle = self.dialing.failures.get
        self.dialing.failed = self.roster.changed
        self.reception.dialing = self.dialing
        self.dialing.rests = self.sessions.resting.__contains__
        self.sharing.needed = partial(self.dialing.want, urgent=True, needed=True)
        self.receipts.has_read = self.sharing.wake
        self.reception.said_again = self._room_bodies.said_again

    def _wire_keeping(self, age: Age) -> None:
        store, commits = self.store, self.commits
        self._age = age
        self._later = Later(commits)
        self.erasing = Erasing(store, commits, self.board, self.myself)
        self.expiry = Expiry(store, commits, self.erasing, self.myself, self.view, age, self._later)
        self._room_keeping = RoomKeeping(store, self.circles, self.erasing, self._later)
        self._room_bodies = RoomBodies(store, self.circles, self.sharing, self._later, self._wall)
        self.sharing.shared = self._room_bodies.shared
        self._filing.room_keeps = self._room_bodies.keeps
        self._filing.lacks = self._lacks
        self._filing.filled = self._room_bodies.filled
        self.retaining = Retention(store, commits, self.erasing, self.myself, self.view, age, self._later)
        self._filing.arrived = self.expiry.arrived
        self._filing.came = self.expiry.came
        self.own_devices.read = self.expiry.read
        self.groups.counts_after_all = self.expiry.counts_after_all

    # --- life ---

    async def start(self, port: int | None = None) -> int:
        """Listen (on `port`; None: PORT or any free one), announce, and dial everyone worth it. Returns the port."""
        self._tell_of_restoring()
        self.expiry.start()
        self.retaining.start()
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
        await self._finder.start(self.advert(), self._seen, self._gone)
        self.groups.forget_made_up()
        self.rooms_here.enter_lobby()
        for identity in self._wanted():
            self.dialing.want(identity)
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
        self._lookout.close()
        await self.dialing.close()
        self.gate.close()
        self.sessions.close()
        self.reception.close()
        self.roster.close()
        self.inbox.close()
        await self._finder.close()
        if self._retiring is not None:
            self._retiring.cancel()
        if self._listener is not None:
            await self._listener.close()
        if self._datagrams is not None:
            await self._datagrams.close()
        self.app_lock.close()
        self.diary.close()
        self.chores.close()
        self._later.close()
        self.expiry.close()
        self.commits.close()
        if self._rollback is not None:
            self._rollback.write()

    def network_changed(self, addresses: list[str]) -> None:
        """This machine has these addresses now: sessions over others are dead, and everybody may be reachable anew."""
        self.diary.network_changed(addresses)
        for peer in self.sessions:
            if peer.link.local.host in addresses:
                peer.session.ping(asyncio.get_running_loop().time())
                peer.turn()
            else:
                peer.link.abort()
                peer.link_closed("this machine has another address now")  # at once: they are dialled again below
        self._dial_everyone()

    def _dial_everyone(self) -> None:
        self.sessions.resting.clear()
        self.dialing.start_over([*self._wanted(), *self.roster.sighted()])

    def _companions_changed(self) -> None:
        for identity in self.circles.companions():
            self.dialing.want(identity)
        for peer in list(self.sessions):
            self._met(peer)

    def _met(self, peer: Peer) -> None:
        """Tell and ask a peer what concerns no conversation, as far as it is new."""
        self.presence.tell(peer)
        self.pictures.want(peer)

    def _wanted(self) -> list[PeerId]:
        """Those with whom to be connected wherever they are: contacts, and who is in a group with the user."""
        contacts = [known.identity for known in self.store.people.all() if known.relation == CONTACT]
        return list(dict.fromkeys((*contacts, *self.circles.companions())))

    def _is_no_stranger(self, identity: PeerId) -> bool:
        """Whether there is always room for somebody: not for whoever else is named in a group that one is not in."""
        own = identity == self.myself.id
        return own or self.roster.is_contact(identity) or self.circles.is_fellow(identity)

    def _belongs(self, identity: PeerId) -> bool:
        """Whether somebody is no stranger."""
        own = identity == self.myself.id
        return own or self.roster.is_contact(identity) or identity in self.circles.companions()

    def _seen(self, sighting: Sighting) -> None:
        self.roster.seen(sighting)
        if sighting.identity == self.myself.id:
            self._lookout.seen(sighting)
        elif self._worth_dialling(sighting.identity):
            self.dialing.want(sighting.identity, urgent=self.myself.id < sighting.identity)

    def _gone(self, instance: str) -> None:
        self.roster.gone(instance)
        for identity in [one for one in self.sessions.resting if not self.roster.is_sighted(one)]:
            del self.sessions.resting[identity]
        self._lookout.gone(instance)

    def _is_here(self, address: Address) -> bool:
        hosts = {host for _, host in self._state.named_addresses()}
        return address.port == self.dialing.port and address.host in hosts

    def _worth_dialling(self, identity: PeerId) -> bool:
        """Contacts always; strangers, to learn who they really are, while there are not many of them."""
        return self._belongs(identity) or self.sessions.strangers < STRANGERS_MET

    # --- one device, twice ---

    def _cloned(self) -> None:
        self._retire(_COPIED)

    def _rolled_back(self) -> None:
        self._retire(RESTORED)

    def _retire_if_suspicious(self, suspicion: str) -> None:
        if suspicion == "copied":
            self._become_new_device(_COPIED)
        elif suspicion == "restored":
            self._become_new_device(RESTORED)

    def _tell_of_restoring(self) -> None:
        """Once, at the first start from a backup: the profile is a new device since it was restored."""
        why = self.myself.restored()
        if why:
            self.commits.note(self.myself.has_told)
            self._trouble["device"] = why
            self.board.pass_by("trouble", text=why)

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
        self.diary.became_another_device()
        self.board.pass_by("trouble", text=why)
        for peer in list(self.sessions):
            peer.close(frames.REPLACED)
        self._dial_everyone()
