"""Finder over mDNS (RFC 6762) and DNS-SD (RFC 6763), by python-zeroconf.

Service `_p2pdm._tcp.local.`; instance and host names are random, never the machine's. A random name has no clash to
probe for, so the announcement goes out at once. What the TXT record says is in `adverts`, which addresses are worth
dialling in `hints`. Everything heard is hostile until a session proves it: anything malformed is ignored.

zeroconf does not notice by itself that an interface came, went, or came back with the same address (its issues 54,
296, 1132). On each change of the machine's interfaces those that were shaken are dropped and added again, everybody
is asked anew, and who does not answer is gone.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from zeroconf import Error as ZeroconfError
from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from p2pdm.identity import OPEN_SPACE
from p2pdm.net.discovery.adverts import from_txt, to_txt
from p2pdm.net.discovery.finder import MAX_ADDRESSES, MAX_SIGHTINGS, Advert, Sighting
from p2pdm.net.discovery.hints import best_addresses
from p2pdm.net.interfaces import Change, Interface, Watcher

SERVICE = "_p2pdm._tcp.local."
MAX_QUESTIONS = 32
"""Announcements asked about at once because they came incomplete: honest ones come whole."""
ANSWER_TIMEOUT = 3_000
"""Milliseconds to wait for the missing records of an announcement."""
STALE = 1.5
"""Seconds after which the addresses that an update replaced have left the cache (RFC 6762, section 10.2: one)."""
RECHECK = 6.0
"""Seconds that neighbours have to answer after the machine's interfaces changed: time for four questions."""
RENEW = 4 * 3_600.0
"""Seconds after which a closed space's announcement gets another name, so that nobody can follow it for days."""
RETRY = 15.0
"""Seconds until another try when the mDNS port could not be had."""

NO_INTERFACE = (
    "This computer is on no network, so only people on this same computer can be found: "
    "plug in a cable or join a Wi-Fi."
)
PORT_TAKEN = (
    "Another program keeps the port for finding neighbours (UDP 5353) to itself: end it, or, if it is Avahi, set "
    "disallow-other-stacks=no in /etc/avahi/avahi-daemon.conf and restart it."
)
NO_MULTICAST = (
    "No network of this computer takes multicast, so neighbours cannot be found: use another network, or invitations."
)

_INSTANCE = re.compile(r"[a-z0-9]{8,63}")
_Seen = Callable[[Sighting], None]
_Gone = Callable[[str], None]


class MdnsFinder:
    """See Finder. `watcher` says which interfaces to use; its owner starts and closes it."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._air: _OnAir | None = None
        self._hearing: _Hearing | None = None
        self._advert: Advert | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._changing = asyncio.Lock()
        self._failure = ""
        self.troubled: Callable[[str], None] = lambda trouble: None
        self._told = ""

    async def start(self, advert: Advert, seen: _Seen, gone: _Gone) -> None:
        # Its warnings are about sockets of interfaces that come and go; `trouble` says what a person can mend.
        logging.getLogger("zeroconf").setLevel(logging.CRITICAL)
        self._advert = advert
        self._hearing = _Hearing(advert.space, self._watcher, seen, gone)
        self._unsubscribe = self._watcher.subscribe(lambda change: self._spawn(self._follow(change)))
        await self._open()
        self._tell()

    async def update(self, advert: Advert) -> None:
        self._advert = advert
        async with self._changing:
            if self._air is not None:
                self._track(await self._air.describe(advert, self._watcher.interfaces))

    @property
    def trouble(self) -> str:
        if self._failure:
            return self._failure
        alone = all(i.network.is_loopback for i in self._watcher.interfaces)
        return NO_INTERFACE if alone and not self._watcher.only else ""

    async def close(self) -> None:
        if self._advert is None:
            return
        self._advert = None
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._hearing is not None:
            await self._hearing.close()
        if self._air is not None:
            await self._air.zeroconf.async_close()
        self._air = self._hearing = None

    async def _open(self) -> None:
        hosts = multicast_hosts(self._watcher.interfaces)
        if not hosts or self._advert is None or self._hearing is None:
            return
        try:
            zeroconf = AsyncZeroconf(interfaces=list(hosts), ip_version=_ip_version(hosts))
            await zeroconf.zeroconf.async_wait_for_start()
        except (OSError, ZeroconfError, RuntimeError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            self._failure = PORT_TAKEN if taken else NO_MULTICAST
            self._tell()
            self._later(RETRY, self._open)
            return
        self._air = _OnAir(zeroconf)
        self._hearing.listen_to(zeroconf.zeroconf)
        self._track(await self._air.announce(self._advert, self._watcher.interfaces))
        self._failure = "" if zeroconf.zeroconf.engine.senders else NO_MULTICAST
        self._tell()
        self._later(RENEW, self._renew)

    async def _renew(self) -> None:
        self._later(RENEW, self._renew)
        async with self._changing:
            if self._air is not None and self._advert is not None and self._advert.space != OPEN_SPACE:
                self._track(await self._air.rename(self._advert, self._watcher.interfaces))

    async def _follow(self, change: Change) -> None:
        async with self._changing:
            if self._air is None or self._advert is None or self._hearing is None:
                await self._open()
                return
            self._track(await self._air.describe(self._advert, change.now))
            await self._air.move(change)
            self._failure = "" if self._air.zeroconf.zeroconf.engine.senders else NO_MULTICAST
            self._tell()
            await self._hearing.ask_again()

    def _tell(self) -> None:
        if self.trouble != self._told:
            self._told = self.trouble
            self.troubled(self._told)

    def _later(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, lambda: self._spawn(work()))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._track(asyncio.create_task(work))

    def _track(self, work: Awaitable[Any]) -> None:
        future = asyncio.ensure_future(work)
        self._tasks.add(future)
        future.add_done_callback(self._tasks.discard)


class _OnAir:
    """What we announce."""

    def __init__(self, zeroconf: AsyncZeroconf) -> None:
        self.zeroconf = zeroconf
        self._instance = self._host = ""

    async def announce(self, advert: Advert, interfaces: tuple[Interface, ...]) -> Awaitable[Any]:
        """Under new random names; the answer can be awaited until it is said thrice, as all the answers here."""
        self._instance, self._host = secrets.token_hex(8), f"{secrets.token_hex(8)}.local."
        service = self._service(advert, interfaces)
        return await self.zeroconf.async_register_service(service, cooperating_responders=True)

    async def describe(self, advert: Advert, interfaces: tuple[Interface, ...]) -> Awaitable[Any]:
        """Say something else under the same names."""
        return await self.zeroconf.async_update_service(self._service(advert, interfaces))

    async def rename(self, advert: Advert, interfaces: tuple[Interface, ...]) -> Awaitable[Any]:
        """Go on under new random names."""
        before = self._service(advert, interfaces)
        announced = await self.announce(advert, interfaces)
        return asyncio.gather(announced, await self.zeroconf.async_unregister_service(before))

    async def move(self, change: Change) -> None:
        """Use the interfaces of now, those that were shaken afresh."""
        hosts = multicast_hosts(change.now)
        lasting = multicast_hosts(tuple(i for i in change.now if i.index not in change.shaken))
        try:
            if lasting != hosts:
                await self.zeroconf.async_update_interfaces(list(lasting), _ip_version(lasting))
            await self.zeroconf.async_update_interfaces(list(hosts), _ip_version(hosts))
        except (OSError, ZeroconfError):
            pass  # an interface went again meanwhile: that is the next change

    def _service(self, advert: Advert, interfaces: tuple[Interface, ...]) -> AsyncServiceInfo:
        addresses = [i.address.partition("%")[0] for i in interfaces]
        return AsyncServiceInfo(
            SERVICE,
            f"{self._instance}.{SERVICE}",
            port=advert.port,
            properties=to_txt(advert, self._instance),
            server=self._host,
            parsed_addresses=addresses[:MAX_ADDRESSES],
        )


class _Hearing:
    """What others announce."""

    def __init__(self, space: bytes, watcher: Watcher, seen: _Seen, gone: _Gone) -> None:
        self._space = space
        self._watcher = watcher
        self._seen = seen
        self._gone = gone
        self._zeroconf: Zeroconf | None = None
        self._browser: AsyncServiceBrowser | None = None
        self._sightings: dict[str, Sighting] = {}
        self._unconfirmed: set[str] = set()
        self._questions: dict[str, asyncio.Task[None]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._closed = False

    def listen_to(self, zeroconf: Zeroconf) -> None:
        """Ask for everybody and hear who comes."""
        self._zeroconf = zeroconf
        self._browser = AsyncServiceBrowser(zeroconf, SERVICE, handlers=[self._heard])

    async def ask_again(self) -> None:
        """Forget whoever does not answer within RECHECK: on another network there are others."""
        if self._zeroconf is None or self._browser is None:
            return
        await self._browser.async_cancel()
        # What is in the cache would be named in the question as known, and nobody would answer.
        self._zeroconf.cache.async_remove_records(self._zeroconf.cache.async_entries_with_name(SERVICE))
        self._unconfirmed = set(self._sightings)
        self._at("recheck", RECHECK, self._forget_the_silent)
        self.listen_to(self._zeroconf)

    async def close(self) -> None:
        """Hear nothing more."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        for question in self._questions.values():
            question.cancel()
        await asyncio.gather(*self._questions.values(), return_exceptions=True)
        if self._browser is not None:
            await self._browser.async_cancel()

    def _heard(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        instance = name.removesuffix(f".{SERVICE}")
        own = zeroconf.registry.async_get_info_name(name) is not None
        if own or self._closed or not _INSTANCE.fullmatch(instance):
            return
        if state_change is ServiceStateChange.Removed:
            self._forget(instance)
            return
        self._unconfirmed.discard(instance)
        self._look(zeroconf, name, instance)
        if state_change is ServiceStateChange.Updated and instance in self._sightings:
            self._at(instance, STALE, self._look, zeroconf, name, instance)

    def _look(self, zeroconf: Zeroconf, name: str, instance: str) -> None:
        service = AsyncServiceInfo(SERVICE, name)
        if service.load_from_cache(zeroconf):
            self._note(service, instance)
        elif instance not in self._questions and len(self._questions) < MAX_QUESTIONS:
            self._questions[instance] = asyncio.create_task(self._ask(zeroconf, service, instance))

    async def _ask(self, zeroconf: Zeroconf, service: AsyncServiceInfo, instance: str) -> None:
        try:
            if await service.async_request(zeroconf, ANSWER_TIMEOUT):
                self._note(service, instance)
        except ZeroconfError:
            pass  # closed meanwhile
        finally:
            self._questions.pop(instance, None)

    def _note(self, service: AsyncServiceInfo, instance: str) -> None:
        told = from_txt(service.properties, instance, self._space)
        addresses = best_addresses(service.parsed_scoped_addresses(), service.port or 0, self._watcher.interfaces)
        if self._closed or told is None or not addresses:
            return
        sighting = Sighting(instance, *told, addresses)
        if self._sightings.get(instance) == sighting:
            return
        if instance not in self._sightings and len(self._sightings) >= MAX_SIGHTINGS:
            # The oldest goes: so a newcomer has a chance to be dialled even while somebody floods.
            self._forget(next(iter(self._sightings)))
        self._sightings[instance] = sighting
        self._seen(sighting)

    def _forget(self, instance: str) -> None:
        if instance in self._timers:
            self._timers.pop(instance).cancel()
        if self._sightings.pop(instance, None) is not None:
            self._gone(instance)

    def _forget_the_silent(self) -> None:
        silent, self._unconfirmed = self._unconfirmed, set()
        for instance in silent:
            self._forget(instance)

    def _at(self, key: str, seconds: float, call: Callable[..., None], *args: object) -> None:
        if key in self._timers:
            self._timers[key].cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(seconds, call, *args)


def multicast_hosts(interfaces: tuple[Interface, ...]) -> tuple[str, ...]:
    """One IPv4 and one IPv6 address of each interface: the group is joined once for each."""
    chosen: dict[tuple[int, bool], Interface] = {}
    for interface in interfaces:
        family = interface.index, ":" in interface.address
        if family not in chosen or (interface.link_local and not chosen[family].link_local):
            chosen[family] = interface
    return tuple(interface.address.partition("%")[0] for interface in chosen.values())


def _ip_version(hosts: tuple[str, ...]) -> IPVersion:
    families = {":" in host for host in hosts}
    if families == {True, False}:
        return IPVersion.All
    return IPVersion.V6Only if families == {True} else IPVersion.V4Only
