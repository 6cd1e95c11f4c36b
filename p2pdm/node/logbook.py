"""Logbook: the file that goes into a bug report. It names nobody and quotes nothing, whoever writes into it.

Our own lines are made for it: places and kinds of errors, counts, changes of state, and aliases instead of ids. Of what
other libraries log, only the place is kept: their words may hold an address or a path.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path
from typing import Any, Final

from p2pdm.api.trace import where
from p2pdm.store.files import OWNER_ONLY

LOG_BYTES: Final = 512 * 1024
"""Of the file, and of the one before it: weeks of an ordinary node."""
OURS: Final = "p2pdm"


def open_logbook(path: Path) -> logging.Handler:
    """Write what this process logs into the file at `path`, until the handler is removed from the root logger."""
    handler = _Handler(path)
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    return handler


class _Handler(logging.Handler):
    """Two files of bounded size, readable by their owner only; a full disk loses lines, and nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._descriptor = self._open()

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record).encode("utf-8", "replace") + b"\n"
        with contextlib.suppress(OSError):
            if os.fstat(self._descriptor).st_size + len(line) > LOG_BYTES:
                self._begin_anew()
            os.write(self._descriptor, line)

    def close(self) -> None:
        os.close(self._descriptor)
        super().close()

    def _begin_anew(self) -> None:
        os.replace(self._path, self._path.with_name(self._path.name + ".1"))
        old, self._descriptor = self._descriptor, self._open()
        os.close(old)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY)


class _Formatter(logging.Formatter):
    """Keeps what is ours, and of the rest the place."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        place = f"{Path(record.pathname).name}:{record.lineno}"
        message = record.getMessage() if ours else f"(something that {record.name} said at {place})"
        error: Any = record.exc_info[1] if record.exc_info else None
        record.message = message + (f": {where(error)}" if error is not None else "")
        record.asctime = self.formatTime(record)
        return self.formatMessage(record)
