"""Write every frame that crosses this host's cable to a file: `python -m tests.lan.capture FILE`, until SIGTERM."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
from pathlib import Path

EVERY_PROTOCOL = 0x0003
ROOMY = 8 * 1024 * 1024
QUIET = 0.2  # seconds without a frame after which nothing more is on its way


def main(path: Path) -> None:
    signal.signal(signal.SIGTERM, _stop)
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL)) as wire,
        path.open("wb") as file,
    ):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOMY)
        wire.bind(("eth0", 0))
        print("capturing", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                file.write(wire.recv(65_536))
        wire.settimeout(QUIET)
        with contextlib.suppress(TimeoutError):
            while True:
                file.write(wire.recv(65_536))


def _stop(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(Path(sys.argv[1]))
