"""Starting a node on a real profile, real sockets and a real door; and making profiles."""

from __future__ import annotations

import asyncio
import gc
import getpass
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from p2pdm.api.endpoint import socket_path
from p2pdm.api.server import ApiServer
from p2pdm.api.trace import where
from p2pdm.api.types import ApiError
from p2pdm.identity import encode_id
from p2pdm.net.discovery.mdns import MdnsFinder
from p2pdm.net.interfaces import Change, Watcher, check_chosen
from p2pdm.net.links import LinkError
from p2pdm.net.sockets import SocketNetwork
from p2pdm.node.door.names import given_name
from p2pdm.node.logbook import open_logbook
from p2pdm.node.myself import Myself
from p2pdm.node.node import Node
from p2pdm.node.restoring import restore_profile
from p2pdm.node.wiping import finish_wiping, wipe_profile
from p2pdm.store.database import Database
from p2pdm.store.desktop import find_keyring
from p2pdm.store.errors import ProfileExists, ProfileWiped, StoreError
from p2pdm.store.highwater import HighWater, machine_id
from p2pdm.store.keys import WIPED, KeyFile, StoreKey
from p2pdm.store.profile import ProfileFolder
from p2pdm.store.tables import Store

logger = logging.getLogger(__name__)

PASSPHRASE = "P2PDM_PASSPHRASE"  # noqa: S105 -- a name, not a secret
"""The environment variable that a headless start takes the passphrase from; it is removed at once."""

SETTLED = 2.0
"""Seconds until the log is begun, which takes some milliseconds that whoever starts the node waits for otherwise."""


def make_profile(profile: Path, name: str, passphrase: str | None) -> None:
    """Make a profile with a new identity; ApiError `exists` if there is one already."""
    name = given_name("name", name)
    try:
        finish_wiping(profile, keeper_of)
        with ProfileFolder.create(profile) as folder:
            key = keeper_of(folder).create(passphrase)
            store = Store(Database.open(folder.database, key.database))
            store.begin()
            Myself.create(store, name, os.urandom, _wall())
            store.close()
            folder.finish()
    except ProfileExists as error:
        raise ApiError("exists", str(error)) from error
    except StoreError as error:
        raise ApiError("profile", str(error)) from error


def restore(file: Path, profile: Path, backup_passphrase: str, passphrase: str | None) -> str:
    """Make a profile from a backup; whose it is. ApiError says why it can't be."""
    return restore_profile(file, profile, backup_passphrase, passphrase, keeper_of, _wall())


def wipe(profile: Path) -> str:
    """Erase a profile that no node runs on, without its passphrase; a sentence on what could not be erased."""
    return wipe_profile(profile, keeper_of)


def run_node(profile: Path, port: int | None, interfaces: tuple[str, ...], ready: Callable[[str, int], None]) -> int:
    """Run the profile's node until SIGINT, SIGTERM or `stop`; ApiError says why it can't start."""
    try:
        check_chosen(interfaces)
        if finish_wiping(profile, keeper_of):
            raise ProfileWiped(WIPED)
        with ProfileFolder.open(profile) as folder:
            key = _load_key(folder)
            open_logbook(folder.log)
            store = Store(Database.open(folder.database, key.database))
            try:
                wiped = asyncio.run(_serve(folder, key, store, port, interfaces, ready))
            finally:
                store.close()
            if wiped:
                folder.wipe()
    except (StoreError, LinkError) as error:
        raise ApiError("node", _sentence(str(error))) from error
    return 0


async def _serve(
    folder: ProfileFolder,
    key: StoreKey,
    store: Store,
    port: int | None,
    interfaces: tuple[str, ...],
    ready: Callable[[str, int], None],
) -> bool:
    """Run the node until it is told to end; whether it was told to wipe the profile."""
    watcher = Watcher(interfaces)
    await watcher.start()
    warnings = tuple(warning for warning in (folder.warning, key.warning) if warning)
    machine = machine_id()
    node = Node(
        store,
        SocketNetwork(interfaces),
        MdnsFinder(watcher),
        _Addresses(watcher),
        os.urandom,
        _wall,
        mark=HighWater(folder.highwater, key.highwater, machine, os.urandom),
        machine=machine,
        profile=str(folder.path),
        warnings=warnings,
        scratch=folder.scratch,
        destroy_key=keeper_of(folder).destroy,
        uptime=_uptime,
    )
    server = ApiServer(node, socket_path(folder.path), node.board, folder.log, node.app_lock)
    node.board.listeners.append(server.notify)
    node.app_lock.changed = server.lock_changed
    asyncio.get_running_loop().set_exception_handler(_log_mistake)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, node.stopped.set)
    try:
        bound = await node.start(port)
        await server.start()
        watcher.subscribe(lambda change: node.network_changed(_hosts(change)))
        # What start-up made stays until the end: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        ready(encode_id(node.myself.id), bound)
        asyncio.get_running_loop().call_later(SETTLED, node.diary.begin, key.place, len(watcher.interfaces))
        await node.stopped.wait()
    finally:
        await server.close()
        await node.close()
        await watcher.close()
    return node.wiping.done


class _Addresses:
    """NetworkState over the watcher."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def named_addresses(self) -> list[tuple[str, str]]:
        """See NetworkState."""
        return [(interface.name, interface.address) for interface in self._watcher.interfaces]


def _hosts(change: Change) -> list[str]:
    return [interface.address for interface in change.now]


def needs_passphrase(profile: Path) -> bool:
    """Whether a passphrase protects this profile. If that can't be known, no: the node will say what is wrong."""
    try:
        return KeyFile(profile / "key", os.urandom, lambda: None).needs_passphrase()
    except StoreError:
        return False


def keeper_of(folder: ProfileFolder) -> KeyFile:
    """Who keeps a profile's key on this machine."""
    return KeyFile(folder.key, os.urandom, lambda: find_keyring(os.environ))


def _load_key(folder: ProfileFolder) -> StoreKey:
    keeper = keeper_of(folder)
    passphrase = os.environ.pop(PASSPHRASE, None)
    if keeper.needs_passphrase() and passphrase is None and sys.stdin is not None and sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase: ")
    return keeper.load(passphrase)


def _log_mistake(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A callback of ours failed: note the place, never what was being handled."""
    error = context.get("exception")
    logger.error("a mistake in p2pdm: %s", where(error) if isinstance(error, BaseException) else context["message"])


def _uptime() -> float:
    """Seconds that only grow, and do so while the machine sleeps, where the system tells."""
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def _wall() -> int:
    return time.time_ns() // 1_000_000


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] if text else text
