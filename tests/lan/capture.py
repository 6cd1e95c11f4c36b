"""Write every frame that crosses this host's cable to a file, as pcap: `python -m tests.lan.capture FILE`."""

from __future__ import annotations

import contextlib
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

EVERY_PROTOCOL = 0x0003
ROOMY = 8 * 1024 * 1024
QUIET = 0.2  # seconds without a frame after which nothing more is on its way
HEADER = struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_536, 1)
RECORD = struct.Struct("=IIII")
MDNS = struct.pack("!H", 5353)


def main(path: Path) -> None:
    signal.signal(signal.SIGTERM, _stop)
    with (
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL)) as wire,
        path.open("wb") as file,
    ):
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOMY)
        wire.bind(("eth0", 0))
        file.write(HEADER)
        print("capturing", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                _write(file, wire.recv(65_536))
        wire.settimeout(QUIET)
        with contextlib.suppress(TimeoutError):
            while True:
                _write(file, wire.recv(65_536))


def frames(path: Path) -> Iterator[bytes]:
    """The frames in a file."""
    data = path.read_bytes()
    at = len(HEADER)
    while at < len(data):
        size = RECORD.unpack_from(data, at)[2]
        at += RECORD.size
        yield data[at : at + size]
        at += size


def is_mdns(frame: bytes) -> bool:
    """Whether a frame is discovery's: UDP, IPv4 without options or IPv6 without extension headers, port 5353."""
    kind = frame[12:14]
    if kind == b"\x08\x00":
        return frame[23] == socket.IPPROTO_UDP and MDNS in (frame[34:36], frame[36:38])
    return kind == b"\x86\xdd" and frame[20] == socket.IPPROTO_UDP and MDNS in (frame[54:56], frame[56:58])


def _write(file: BinaryIO, frame: bytes) -> None:
    file.write(RECORD.pack(0, 0, len(frame), len(frame)) + frame)


def _stop(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main(Path(sys.argv[1]))
