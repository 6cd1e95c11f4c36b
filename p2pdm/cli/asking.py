"""What a terminal chat asks before it begins: the newcomer's name, and whom to talk to."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from p2pdm.api.client import Client, make_profile
from p2pdm.api.types import ApiError, Person
from p2pdm.cli.output import BOLD, DIM, YELLOW, one_line, paint, say, table
from p2pdm.cli.people import person_row
from p2pdm.cli.screen import Lines

SETTLE = 0.3
"""Seconds from the first who comes until the list is shown: others come with them."""


async def _ask(lines: Lines, question: str) -> str | None:
    print(question, end="", file=sys.stderr, flush=True)
    return await lines.next()


async def introduce(profile: Path, lines: Lines) -> None:
    """The first start: a name, nothing else."""
    if not sys.stdin.isatty():
        raise ApiError("no_profile", f"there is no profile in {profile}: make one with `p2pdm init --name NAME`")
    suggestion = account_name()
    name = await _ask(lines, f"Welcome to p2pdm. How shall others see you? [{one_line(suggestion)}] ")
    if name is None:
        raise ApiError("no_name", "no name was given; no profile was made")
    await make_profile(profile, name.strip() or suggestion)


def account_name() -> str:
    """What this account is called: its person's name, else its own."""
    import pwd

    try:
        account = pwd.getpwuid(os.getuid())
    except KeyError:
        return "Me"
    return account.pw_gecos.partition(",")[0].strip() or account.pw_name


async def choose(client: Client, lines: Lines) -> Person | None:
    """Show who is there, anew when that changes, and ask whom to talk to; None at the end of input."""
    await client.api.subscribe()
    reading: asyncio.Task[str | None] | None = None
    try:
        while True:
            people = await _there(client)
            if not people and reading is None:
                await _somebody(client)
                continue
            await _show(client, people)
            print("Talk to whom? A number or a name: ", end="", file=sys.stderr, flush=True)
            reading = reading or asyncio.ensure_future(lines.next())
            if not await _answered(client, people, reading):
                print(file=sys.stderr)
                continue
            answer, reading = reading.result(), None
            if answer is None:
                return None
            try:
                if answer.strip():
                    return await _chosen(client, people, answer.strip())
            except ApiError as error:
                if error.kind == "gone":
                    raise
                say(paint(one_line(error.message), YELLOW))
    finally:
        if reading is not None:
            reading.cancel()


async def _there(client: Client) -> list[Person]:
    """Whom one may talk to: who wrote first, then contacts, then who is online."""
    people = [person for person in await client.api.people() if person.relation != "blocked"]
    unread = {chat.id: chat.unread for chat in await client.api.chats()}
    people.sort(key=lambda person: (not unread.get(person.chat), person.relation != "contact", not person.online))
    return people


async def _show(client: Client, people: list[Person]) -> None:
    unread = {chat.id: chat.unread for chat in await client.api.chats()}
    rows = []
    for number, person in enumerate(people, 1):
        new = unread.get(person.chat, 0)
        name, *about = person_row(person)
        rows.append([str(number), name, f"{new} new" if new else "", *about])
    for line in table(rows, [DIM, BOLD, YELLOW, "", DIM]):
        say(line)


async def _answered(client: Client, people: list[Person], reading: asyncio.Task[str | None]) -> bool:
    """Wait for the answer; False when others than `people` are there before it comes."""
    changing = asyncio.ensure_future(_changed(client, {person.id for person in people}))
    try:
        await asyncio.wait((reading, changing), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            changing.result()  # raises when the node has ended
        return reading.done()
    finally:
        changing.cancel()
        await asyncio.gather(changing, return_exceptions=True)


async def _changed(client: Client, before: set[str]) -> None:
    async for notice in client.notices():
        if notice.event in ("person", "request") and {person.id for person in await _there(client)} != before:
            await asyncio.sleep(SETTLE)
            return


async def _chosen(client: Client, people: list[Person], answer: str) -> Person:
    if answer.isdecimal() and 1 <= int(answer) <= len(people):
        return people[int(answer) - 1]
    return await client.api.person(answer)


async def _somebody(client: Client) -> None:
    """Wait until anybody is there."""
    say("Nobody is here yet. Start p2pdm on another machine of this network; Ctrl-C ends the waiting.")
    while not await _there(client):
        await _changed(client, set())
