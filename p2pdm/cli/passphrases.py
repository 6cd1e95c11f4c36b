"""Passphrases: asked for at a terminal, where they are not shown; else from the environment or a line of stdin."""

from __future__ import annotations

import getpass
import os
import sys

from p2pdm.api.types import ApiError

BACKUP = "P2PDM_BACKUP_PASSPHRASE"
"""The environment variable that a script gives a backup's passphrase in."""

LOCK = "P2PDM_LOCK_PASSPHRASE"
"""The one that it gives the lock's passphrase in."""

OLD_LOCK = "P2PDM_OLD_LOCK_PASSPHRASE"
"""The one for the lock's passphrase before it gets another."""


def asked(what: str, variable: str = "") -> str:
    """One that exists already."""
    if variable and variable in os.environ:
        return os.environ[variable]
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass(f"{what}: ")


def chosen(what: str, otherwise: str, variable: str = "") -> str:
    """A new one, asked for twice at a terminal; `otherwise` says what follows of none."""
    passphrase = asked(what, variable)
    if sys.stdin.isatty() and variable not in os.environ and getpass.getpass("The same again: ") != passphrase:
        raise ApiError("passphrase", f"the two passphrases differ; {otherwise}")
    if not passphrase:
        raise ApiError("passphrase", f"an empty passphrase protects nothing; {otherwise}")
    return passphrase
