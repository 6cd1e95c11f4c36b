"""This profile and its node."""

from __future__ import annotations

import asyncio
from typing import Protocol

from p2pdm import __version__
from p2pdm.api.types import Interface, Me, Status
from p2pdm.identity import encode_id, fingerprint
from p2pdm.net.discovery.finder import Advert, Finder
from p2pdm.net.links import Address
from p2pdm.node.board import Board
from p2pdm.node.commits import Commits
from p2pdm.node.dialing import Dialing
from p2pdm.node.invitation import Invitation
from p2pdm.node.myself import Myself
from p2pdm.node.roster import Roster
from p2pdm.node.sessions import Sessions
from p2pdm.node.view import View


class NetworkState(Protocol):
    """What the node knows of this machine's addresses; `net.interfaces.Watcher` is one."""

    def named_addresses(self) -> list[tuple[str, str]]:
        """(interface, address) of all that can be met."""
        ...


class ProfileDoor:
    """Part of NodeApi."""

    board: Board
    commits: Commits
    dialing: Dialing
    myself: Myself
    roster: Roster
    sessions: Sessions
    stopped: asyncio.Event
    view: View
    _finder: Finder
    _profile: str
    _state: NetworkState
    _trouble: dict[str, str]
    _warnings: tuple[str, ...]

    def advert(self) -> Advert:
        """What this node announces of itself."""
        return Advert(self.myself.id, self.myself.name, self.dialing.port, self.myself.space)

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
        here = {peer.identity for peer in self.sessions if self.roster.is_here(peer.identity)}
        online = sorted(here - {self.myself.id})
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

    async def stop(self) -> None:
        """See NodeApi."""
        asyncio.get_running_loop().call_soon(self.stopped.set)

    async def subscribe(self, since: int | None = None) -> int:
        """See NodeApi; the server, which knows the connection, answers it."""
        return self.board.cursor()
