"""Keyring: where a desktop keeps its user's secrets, and its in-memory twin.

The library `keyring` is imported only when a desktop may be there, and every call into it is bounded in time: a
keyring daemon without a screen can wait for ever for somebody to unlock it.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar

from p2pdm.store.errors import KeyUnavailable

SERVICE: Final = "p2pdm"
"""The name under which a desktop's password manager lists our keys."""
ANSWER_SECONDS: Final = 3.0
"""An unlocked keyring answers within a few milliseconds; this also covers the start of its daemon."""
ASK_SECONDS: Final = 30.0
"""With a screen, the keyring may be asking the user for its password meanwhile."""
TRUSTED_BACKENDS: Final = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)
"""The desktops' own. Others that `keyring` may find (plain-text files, null) are no better than our own file."""

T = TypeVar("T")


class Keyring(Protocol):
    """Secrets by name; its calls raise KeyUnavailable when the keyring refuses, fails or stays silent."""

    def get(self, account: str) -> str | None:
        """The secret under this name, or None if there is none."""
        ...

    def put(self, account: str, secret: str) -> None:
        """Keep a secret under this name."""
        ...

    def remove(self, account: str) -> None:
        """Forget the secret under this name, if there is one."""
        ...


class MemoryKeyring:
    """The twin for tests: `locked` makes it refuse as a keyring does whose user has cancelled the dialogue."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.locked = False

    def get(self, account: str) -> str | None:
        """See Keyring."""
        self._check()
        return self.secrets.get(account)

    def put(self, account: str, secret: str) -> None:
        """See Keyring."""
        self._check()
        self.secrets[account] = secret

    def remove(self, account: str) -> None:
        """See Keyring."""
        self._check()
        self.secrets.pop(account, None)

    def _check(self) -> None:
        if self.locked:
            raise KeyUnavailable("The desktop's keyring is locked. Unlock it and try again.")


class Backend(Protocol):
    """What we use of a `keyring` backend."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep the secret."""
        ...

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget the secret; raises when there is none."""
        ...


class DesktopKeyring:
    """The keyring of the desktop session, each call answered within `seconds`."""

    def __init__(self, backend: Backend, seconds: float) -> None:
        self._backend = backend
        self._seconds = seconds

    def get(self, account: str) -> str | None:
        """See Keyring."""
        return within(self._seconds, lambda: self._backend.get_password(SERVICE, account))

    def put(self, account: str, secret: str) -> None:
        """See Keyring."""
        within(self._seconds, lambda: self._backend.set_password(SERVICE, account, secret))

    def remove(self, account: str) -> None:
        """See Keyring."""
        if self.get(account) is not None:
            within(self._seconds, lambda: self._backend.delete_password(SERVICE, account))


def find_keyring(environ: Mapping[str, str], platform: str = sys.platform) -> Keyring | None:
    """The keyring of the session that `environ` describes; None where there is no desktop, or no trusted backend.

    On Linux a session bus must exist. Without a screen nobody can unlock, so that it only gets ANSWER_SECONDS.
    """
    screen = platform in ("darwin", "win32") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    if not screen and not environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return None
    try:
        backend = within(ANSWER_SECONDS, _trusted_backend)
    except KeyUnavailable:
        return None
    return None if backend is None else DesktopKeyring(backend, ASK_SECONDS if screen else ANSWER_SECONDS)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns; KeyUnavailable if it raises or isn't done in time (its thread is then left behind)."""
    outcome: queue.SimpleQueue[tuple[T] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((work(),))
        except Exception as error:  # noqa: BLE001 - backends raise whatever their bus, desktop or system library does
            outcome.put(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        got = outcome.get(timeout=seconds)
    except queue.Empty:
        raise KeyUnavailable(f"The desktop's keyring did not answer within {seconds:g} seconds. Unlock it.") from None
    if isinstance(got, Exception):
        raise KeyUnavailable("The desktop's keyring refused. Unlock it and try again.") from got
    return got[0]


def _trusted_backend() -> Backend | None:
    """The preferred backend of `keyring`, looked for inside its chain too, if it is a desktop's own."""
    import keyring  # here, as it costs some 100 ms, and nothing where there is no desktop

    preferred = keyring.get_keyring()
    for backend in getattr(preferred, "backends", [preferred]):
        if type(backend).__module__ in TRUSTED_BACKENDS:
            found: Backend = backend
            return found
    return None
