"""The least that a program in this language does between the same two ends: a message's way without any messenger.

Two processes. One takes a call over a Unix socket, signs an entry, commits it with its notice, and sends it, encrypted,
as one datagram; the other opens it, checks the signature, commits the same, and tells its client. No conversation, no
chain, no session, no acknowledgement: what p2pdm takes beyond it is p2pdm's own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.references import ROUNDS

_COMMON = """
import asyncio, sys
import apsw, msgspec
from nacl import bindings
KEY, NONCE, CIPHER = bytes(32), bytes(12), "chacha20"
public, secret = bindings.crypto_sign_seed_keypair(bytes(32))
database = apsw.Connection(sys.argv[2])
for name, value in (("cipher", CIPHER), ("key", "raw:" + KEY.hex()), ("page_size", 2048), ("locking_mode", "EXCLUSIVE"),
                    ("journal_mode", "WAL"), ("synchronous", "FULL")):
    database.pragma(name, value)
database.execute("CREATE TABLE entries (arrival INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, signed BLOB, body BLOB)")
database.execute("CREATE TABLE notices (cursor INTEGER PRIMARY KEY, event TEXT, id BLOB)")
cursor = database.cursor()
clients = []
def keep(entry, body):
    id = bindings.crypto_hash_sha256(entry)
    cursor.execute("BEGIN IMMEDIATE")
    cursor.execute("INSERT INTO entries (id, signed, body) VALUES (?, ?, ?)", (id, entry, body))
    cursor.execute("INSERT INTO notices (event, id) VALUES (?, ?)", ("message", id))
    cursor.execute("COMMIT")
    return id.hex()
class Client(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        clients.append(self)
    def data_received(self, data):
        asyncio.get_running_loop().create_task(called(self, data))
"""

_SENDER = (
    _COMMON
    + """
async def called(client, data):
    body = msgspec.json.decode(data)["params"]["text"].encode()
    signed = bindings.crypto_sign(bytes(150) + bindings.crypto_hash_sha256(body), secret)
    id = keep(signed, body)
    port.sendto(bindings.crypto_aead_chacha20poly1305_ietf_encrypt(signed + body, b"", NONCE, KEY))
    client.transport.write(msgspec.json.encode({"result": {"id": id}}))
async def main():
    global port
    loop = asyncio.get_running_loop()
    port, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", int(sys.argv[3])))
    await loop.create_unix_server(Client, sys.argv[1])
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
)

_RECEIVER = (
    _COMMON
    + """
class Port(asyncio.DatagramProtocol):
    def datagram_received(self, data, source):
        entry = bindings.crypto_aead_chacha20poly1305_ietf_decrypt(data, b"", NONCE, KEY)
        signed, body = entry[:246], entry[246:]
        bindings.crypto_sign_open(signed, public)
        id = keep(signed, body)
        for client in clients:
            client.transport.write(msgspec.json.encode({"event": "message", "id": id}))
async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Port, local_addr=("127.0.0.1", 0))
    await loop.create_unix_server(Client, sys.argv[1])
    print(transport.get_extra_info("sockname")[1], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
)


class _Told(asyncio.Protocol):
    def __init__(self) -> None:
        self.told: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if not self.told.done():
            self.told.set_result(None)


async def bare_ways(folder: Path) -> list[float]:
    """Seconds of ROUNDS messages from the call at one process to the notice at the other, on both disks."""
    loop = asyncio.get_running_loop()
    taken = []
    async with _process(_RECEIVER, folder / "receiver") as port, _process(_SENDER, folder / "sender", port):
        _, told = await loop.create_unix_connection(_Told, str(folder / "receiver"))
        calls, _ = await loop.create_unix_connection(asyncio.Protocol, str(folder / "sender"))
        for number in range(ROUNDS):
            told.told = loop.create_future()
            begun = time.perf_counter()
            calls.write(b'{"id": %d, "method": "send", "params": {"text": "message %d"}}' % (number, number))
            await told.told
            taken.append(time.perf_counter() - begun)
    return taken


@asynccontextmanager
async def _process(program: str, path: Path, *arguments: str) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(path), f"{path}.db", *arguments), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()
