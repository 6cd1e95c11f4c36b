"""What is measured in a chat of a million messages: finding a word, and opening the chat."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from p2pdm.identity import encode_id
from tests.bench.long_chat import texts, write_long_chat
from tests.bench.nodes import p2pdm, running
from tests.bench.table import Row

MESSAGES = 1_000_000
ROUNDS = 20
SEARCH, OPEN = 0.025, 0.005
"""Seconds that are wanted at most."""
ASKED = {
    "a word of all": "message",
    "a word of 1 in 20,000": "sometimes",
    "a word of one": "needle",
    "a word of none": "nowhere",
    "a rare word beside one of all": "sometimes message",
}


async def finding(folder: Path) -> list[Row]:
    """The newest 50 with a word, the first page of the chat, and the memory that this takes; through the API."""
    await p2pdm(folder / "alice", "init", "--name", "Alice")
    friend = encode_id(await asyncio.to_thread(write_long_chat, folder / "alice", MESSAGES))
    bare = _bare(folder / "bare.db")
    rows = []
    async with running(folder / "alice") as alice:
        api = alice.client.api
        for name, words in ASKED.items():
            taken = await _median(lambda words=words: api.search(words))  # type: ignore[misc]
            rows.append(Row(f"find {name}", taken, SEARCH, "s", "at most 25 ms", 1.0))
            rows.append(Row("", taken, _bare_median(bare, words), "s", "the same asked of a bare FTS5", None))
        mine = await _median(lambda: api.search("message", person="me", until="2018-01-01"))
        rows.append(Row("find a word of all, of one author, by date", mine, SEARCH, "s", "at most 25 ms", 1.0))
        best = await _median(lambda: api.search("message", order="best"))
        rows.append(Row("find a word of all, the best first", best, SEARCH, "s", "(of the 1,000 newest)", None))
        page = await _median(lambda: api.history(friend))
        rows.append(Row("open the chat", page, OPEN, "s", "at most 5 ms", 1.0))
        chats = await _median(api.chats)
        rows.append(Row("list the chats", chats, OPEN, "s", "at most 5 ms", 1.0))
        resident = alice.resident() / 1024 / 1024
        rows.append(Row("memory with a million messages", resident, 80, "MiB", "at most 80 MB", 1.0))
    bare.close()
    return rows


async def _median(call: Callable[[], Awaitable[object]]) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def _bare(path: Path) -> sqlite3.Connection:
    """The same texts in a plain SQLite database with nothing but full-text search."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO words (text) VALUES (?)", ((text,) for text in texts(MESSAGES)))
    database.execute("COMMIT")
    return database


def _bare_median(database: sqlite3.Connection, words: str) -> float:
    query = " ".join(f"{word}*" for word in words.split())
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        database.execute("SELECT text FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT 50", (query,)).fetchall()
        taken.append(time.perf_counter() - begun)
    return median(taken)
