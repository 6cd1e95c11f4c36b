"""Restoring: a new profile from a backup, which goes on as a new device of the same identity."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from p2pdm.api.types import ApiError
from p2pdm.node.myself import Myself
from p2pdm.node.rollback import RESTORED
from p2pdm.node.wiping import Keeper, finish_wiping
from p2pdm.store.backup import BackupFile
from p2pdm.store.database import Database
from p2pdm.store.errors import ProfileExists, StoreError
from p2pdm.store.keys import StoreKey
from p2pdm.store.profile import ProfileFolder
from p2pdm.store.tables import Store

PAGES = 4096
"""Copied at a time; nobody waits meanwhile."""


def restore_profile(
    file: Path,
    profile: Path,
    backup_passphrase: str,
    passphrase: str | None,
    keeper: Keeper,
    now: int,
) -> str:
    """Make the profile that is in `file`, under a new key (of `passphrase`, if given); whose it is.

    All or nothing: ApiError `exists` if there is a profile already, `backup` if the file is not whole or not ours.
    """
    try:
        backup = BackupFile.open(file, backup_passphrase)
        backup.check()
        finish_wiping(profile, keeper)
        with ProfileFolder.create(profile) as folder:
            try:
                name = _fill(folder, keeper(folder).create(passphrase), backup, now)
                folder.finish()
            except BaseException:
                with contextlib.suppress(StoreError):
                    keeper(folder).destroy()
                folder.discard()
                raise
    except ProfileExists as error:
        raise ApiError("exists", str(error)) from error
    except StoreError as error:
        raise ApiError("backup", str(error)) from error
    return name


def _fill(folder: ProfileFolder, key: StoreKey, backup: BackupFile, now: int) -> str:
    """What was in the backup becomes the database of `folder`; whose it is."""
    manifest = backup.extract(folder.scratch)
    target = Database.open(folder.database, key.database)
    try:
        copied = Database.open(folder.scratch, manifest.key)
        try:
            for _ in copied.copy_into(target, PAGES):
                pass
        finally:
            copied.close()
        folder.scratch.unlink(missing_ok=True)
        store = Store(target)
        store.begin()
        myself = Myself(store, os.urandom)
        myself.restore(RESTORED, now)
        store.commit()
    finally:
        target.close()
    return myself.name
