"""Where the key of Alice's profile is kept, and what she hears when it can't be had."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.store import desktop
from p2pdm.store.desktop import DesktopKeyring, MemoryKeyring, find_keyring
from p2pdm.store.errors import (
    CannotOpen,
    KeyDamaged,
    KeyUnavailable,
    NewerVersion,
    OutOfMemory,
    PassphraseNeeded,
    ProfileWiped,
    StoreError,
    WrongPassphrase,
)
from p2pdm.store.keys import KeyFile, KeyKeeper, MemoryKeys, StoreKey


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


def no_keyring() -> None:
    return None


def keeper(path: Path, keyring: MemoryKeyring | None = None) -> KeyFile:
    return KeyFile(path, os.urandom, lambda: keyring)


# The three places


def test_a_desktop_keeps_the_key_in_its_keyring(path: Path, keyring: MemoryKeyring) -> None:
    made = keeper(path, keyring).create()
    assert (made.place, made.warning) == ("keyring", "")
    assert list(keyring.secrets.values()) == [made.root.hex()]
    assert made.root.hex().encode() not in path.read_bytes()
    assert keeper(path, keyring).load() == made
    assert not keeper(path, keyring).needs_passphrase()


def test_two_profiles_share_one_keyring(tmp_path: Path, keyring: MemoryKeyring) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    at_work, at_home = keeper(work, keyring).create(), keeper(home, keyring).create()
    assert at_work.root != at_home.root
    assert (keeper(work, keyring).load(), keeper(home, keyring).load()) == (at_work, at_home)


def test_a_passphrase_wraps_the_key(path: Path, keyring: MemoryKeyring) -> None:
    made = keeper(path, keyring).create("correct horse")
    assert (made.place, made.warning, keyring.secrets) == ("passphrase", "", {})
    assert keeper(path).needs_passphrase()
    assert keeper(path).load("correct horse") == made
    content = path.read_bytes()
    for secret in (made.root, made.database, made.highwater):
        assert secret not in content
        assert msgspec.json.encode(secret).strip(b'"') not in content


@pytest.mark.parametrize("typed", ["correct horse ", "Correct horse", "x"])
def test_another_passphrase_is_refused(path: Path, typed: str) -> None:
    keeper(path).create("correct horse")
    with pytest.raises(WrongPassphrase, match="Try again"):
        keeper(path).load(typed)


def test_no_passphrase_is_no_way_in(path: Path) -> None:
    with pytest.raises(PassphraseNeeded, match="empty"):
        keeper(path).create("")
    keeper(path).create("correct horse")
    with pytest.raises(PassphraseNeeded, match="asks for it"):
        keeper(path).load()


def test_a_passphrase_typed_on_another_keyboard_is_the_same(path: Path) -> None:
    made = keeper(path).create("caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    assert keeper(path).load("cafe\N{COMBINING ACUTE ACCENT}") == made


def test_a_headless_machine_keeps_the_key_in_a_file_and_warns(path: Path) -> None:
    made = keeper(path).create()
    assert made.place == "file"
    assert "Whoever takes the disk can read them" in made.warning
    assert keeper(path).load() == made
    assert "root" not in repr(made)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_the_file_is_its_owners_only_and_made_so_again(path: Path) -> None:
    keeper(path).create()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert "Whoever takes the disk" in keeper(path).load().warning
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_a_file_system_without_modes_is_warned_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper(path).create()
    path.chmod(0o644)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    assert "other users of this machine can read" in keeper(path).load().warning


def test_every_purpose_has_its_own_key(path: Path) -> None:
    made = keeper(path).create()
    again = keeper(path).load()
    assert len({made.root, made.database, made.highwater}) == 3
    assert (made.database, made.highwater) == (again.database, again.highwater)
    assert StoreKey(bytes(32), "memory").database != StoreKey(bytes(31) + b"\1", "memory").database


# What can go wrong


def test_a_locked_keyring_at_creation_means_the_file(path: Path, keyring: MemoryKeyring) -> None:
    keyring.locked = True
    made = keeper(path, keyring).create()
    assert made.place == "file"
    assert made.warning


def test_a_locked_keyring_later_is_no_loss(path: Path, keyring: MemoryKeyring) -> None:
    made = keeper(path, keyring).create()
    keyring.locked = True
    with pytest.raises(KeyUnavailable, match="Unlock it"):
        keeper(path, keyring).load()
    keyring.locked = False
    assert keeper(path, keyring).load() == made


def test_a_start_without_the_desktop_says_where_the_key_is(path: Path, keyring: MemoryKeyring) -> None:
    keeper(path, keyring).create()
    with pytest.raises(KeyUnavailable, match="in the keyring of your desktop"):
        keeper(path).load()


def test_a_keyring_that_lost_or_changed_the_key_is_told(path: Path, keyring: MemoryKeyring) -> None:
    keeper(path, keyring).create()
    for nonsense in ("", "zz", "00" * 31, "ü" * 64):
        keyring.secrets = dict.fromkeys(keyring.secrets, nonsense)
        with pytest.raises(KeyDamaged, match="is no key"):
            keeper(path, keyring).load()
    keyring.secrets.clear()
    with pytest.raises(KeyUnavailable, match="no longer has the key"):
        keeper(path, keyring).load()


def test_a_keyring_that_forgets_at_once_is_not_trusted(path: Path, keyring: MemoryKeyring) -> None:
    keyring.put = lambda *_: None  # type: ignore[method-assign]
    assert keeper(path, keyring).create().place == "file"


def test_a_missing_or_damaged_file_is_told(path: Path) -> None:
    with pytest.raises(KeyDamaged, match="is missing"):
        keeper(path).load()
    path.write_bytes(b"")
    with pytest.raises(KeyDamaged, match="is damaged"):
        keeper(path).load()


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    path.write_text('{"kept": "smartcard", "version": 2, "slot": 9}')
    with pytest.raises(NewerVersion, match="Update p2pdm"):
        keeper(path).load()


@pytest.mark.parametrize(("name", "value"), [("memory", 2**40), ("memory", 1), ("passes", 10**9), ("salt", "AA==")])
def test_a_forged_file_can_not_make_the_start_swallow_the_machine(path: Path, name: str, value: object) -> None:
    keeper(path).create("correct horse")
    fields = msgspec.json.decode(path.read_bytes())
    path.write_bytes(msgspec.json.encode({**fields, name: value}))
    with pytest.raises(KeyDamaged):
        keeper(path).load("correct horse")


def test_too_little_memory_for_the_passphrase_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nacl.exceptions
    import nacl.pwhash.argon2id

    def fail(*_: object, **__: object) -> bytes:
        raise nacl.exceptions.RuntimeError

    monkeypatch.setattr(nacl.pwhash.argon2id, "kdf", fail)
    with pytest.raises(OutOfMemory, match="64 MiB"):
        keeper(path).create("correct horse")
    assert not path.exists()


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="no folder"):
        keeper(tmp_path / "nowhere" / "key").create()
    assert os.listdir(tmp_path) == []


@given(content=st.binary(max_size=200))
def test_whatever_the_file_holds_only_our_errors_come_out(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-key"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        keeper(path).load("x")


# Destroying it


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_a_destroyed_key_is_overwritten_where_it_lay(path: Path, passphrase: str | None) -> None:
    made = keeper(path).create(passphrase)
    inode, size = path.stat().st_ino, path.stat().st_size
    secret = path.read_bytes()[30:]
    assert keeper(path).destroy() == ""
    assert (path.stat().st_ino, path.stat().st_size) == (inode, size)
    assert secret[:20] not in path.read_bytes()
    assert made.root.hex().encode() not in path.read_bytes()
    for tried in (None, passphrase, "guess"):
        with pytest.raises(ProfileWiped, match="wiped"):
            keeper(path).load(tried)
    assert not keeper(path).needs_passphrase()
    assert keeper(path).is_destroyed()
    assert keeper(path).destroy() == ""


def test_the_keyring_forgets_a_destroyed_key(path: Path, keyring: MemoryKeyring) -> None:
    keeper(path, keyring).create()
    keyring.secrets["another profile"] = "another key"
    assert keeper(path, keyring).destroy() == ""
    assert keyring.secrets == {"another profile": "another key"}
    with pytest.raises(ProfileWiped):
        keeper(path, keyring).load()


def test_a_keyring_that_refuses_is_told_of_and_asked_again(path: Path, keyring: MemoryKeyring) -> None:
    keeper(path, keyring).create()
    (account,) = keyring.secrets
    keyring.locked = True
    assert account in keeper(path, keyring).destroy()
    assert account in keeper(path, None).destroy()
    with pytest.raises(ProfileWiped):
        keeper(path, keyring).load()
    keyring.locked = False
    assert keeper(path, keyring).destroy() == ""
    assert keyring.secrets == {}


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b'{"kept": "somewhere", "version": 2}'])
def test_whatever_stands_in_the_file_is_destroyed(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert keeper(path).destroy() == ""
    assert keeper(path).is_destroyed()
    path.unlink()
    assert keeper(path).destroy() == ""
    assert not path.exists()


# The memory twin


@pytest.mark.parametrize("make", [lambda path: MemoryKeys(os.urandom), keeper], ids=["memory", "file"])
def test_both_keepers_keep_the_same_promises(path: Path, make: Callable[[Path], KeyKeeper]) -> None:
    keys = make(path)
    with pytest.raises(KeyDamaged):
        keys.load()
    assert keys.create().root == keys.load().root
    made = keys.create("correct horse")
    assert keys.needs_passphrase()
    assert keys.load("correct horse") == made
    with pytest.raises(PassphraseNeeded):
        keys.load()
    with pytest.raises(WrongPassphrase):
        keys.load("wrong")


# The desktop's keyring

DESKTOP = {"DISPLAY": ":0", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"}


class Backend:
    """A keyring daemon: `silent`, it waits until it is `released`; `broken`, it fails in its own words."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.silent = self.broken = False
        self.released = threading.Event()

    def get_password(self, service: str, username: str, /) -> str | None:
        self._behave()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str, /) -> None:
        self._behave()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        self._behave()
        del self.kept[service, username]

    def _behave(self) -> None:
        if self.silent:
            self.released.wait()
        if self.broken:
            raise ZeroDivisionError("org.freedesktop.DBus.Error.ServiceUnknown")


class Trusted(Backend):
    __module__ = "keyring.backends.SecretService"


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch) -> list[Backend]:
    """What `keyring` finds on this desktop."""
    found: list[Backend] = []
    library = ModuleType("keyring")
    chain = ModuleType("chain")
    chain.backends = found  # type: ignore[attr-defined]
    library.get_keyring = lambda: chain  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", library)
    return found


def test_the_desktops_own_keyring_is_found_behind_others(backends: list[Backend]) -> None:
    plain, trusted = Backend(), Trusted()
    backends += [plain, trusted]
    found = find_keyring(DESKTOP, "linux")
    assert found is not None
    found.put("alice", "secret")
    assert found.get("alice") == "secret"
    assert found.get("bob") is None
    found.put("carol", "another")
    found.remove("carol")
    found.remove("carol")
    assert found.get("carol") is None
    assert (plain.kept, trusted.kept) == ({}, {("p2pdm", "alice"): "secret"})


def test_a_keyring_that_is_a_plain_file_is_not_used(backends: list[Backend]) -> None:
    backends.append(Backend())
    assert find_keyring(DESKTOP, "linux") is None


def test_without_a_desktop_nothing_is_even_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # importing it fails
    assert find_keyring({}, "linux") is None
    assert find_keyring({"SSH_TTY": "/dev/pts/3"}, "linux") is None


def test_a_keyring_library_that_fails_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert find_keyring(DESKTOP, "linux") is None
    assert find_keyring({}, "darwin") is None


def test_without_a_screen_the_keyring_gets_less_time(backends: list[Backend]) -> None:
    backends.append(Trusted())
    over_ssh = find_keyring({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"}, "linux")
    at_the_desk = find_keyring(DESKTOP, "linux")
    assert isinstance(over_ssh, DesktopKeyring)
    assert isinstance(at_the_desk, DesktopKeyring)
    assert (over_ssh._seconds, at_the_desk._seconds) == (desktop.ANSWER_SECONDS, desktop.ASK_SECONDS)


def test_a_keyring_that_never_answers_does_not_hold_up_the_start(path: Path) -> None:
    backend = Backend()
    backend.silent = True
    made = KeyFile(path, os.urandom, lambda: DesktopKeyring(backend, 0.02)).create()
    assert made.place == "file"
    with pytest.raises(KeyUnavailable, match="did not answer"):
        DesktopKeyring(backend, 0.02).get("alice")
    backend.released.set()


def test_a_keyring_that_fails_in_its_own_words_is_told_in_ours() -> None:
    backend = Backend()
    backend.broken = True
    with pytest.raises(KeyUnavailable, match="refused"):
        DesktopKeyring(backend, 5).get("alice")


def test_the_real_library_finds_none_here_and_says_so_quietly() -> None:
    assert find_keyring({**os.environ, **DESKTOP}, "linux") is None
