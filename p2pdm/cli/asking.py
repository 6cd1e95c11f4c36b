"""What a terminal chat asks before it begins: the newcomer's name, and whom to talk to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from p2pdm.api.client import Client, make_profile
from p2pdm.api.types import ApiError, Person
from p2pdm.cli.output import BOLD, DIM, YELLOW, one_line, paint, say, table
from p2pdm.cli.people import person_row
from p2pdm.cli.screen import Lines


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
    """Show who is there, and ask whom to talk to; None at the end of input."""
    while True:
        people = [person for person in await client.api.people() if person.relation != "blocked"]
        if not people:
            await _somebody(client)
            continue
        unread = {chat.id: chat.unread for chat in await client.api.chats()}
        people.sort(key=lambda person: (not unread.get(person.chat), person.relation != "contact", not person.online))
        rows = []
        for number, person in enumerate(people, 1):
            new = unread.get(person.chat, 0)
            name, *about = person_row(person)
            rows.append([str(number), name, f"{new} new" if new else "", *about])
        for line in table(rows, [DIM, BOLD, YELLOW, "", DIM]):
            say(line)
        answer = await _ask(lines, "Talk to whom? A number or a name; Enter looks again: ")
        if answer is None:
            return None
        try:
            if answer.strip():
                return await _chosen(client, people, answer.strip())
        except ApiError as error:
            if error.kind == "gone":
                raise
            say(paint(one_line(error.message), YELLOW))


async def _chosen(client: Client, people: list[Person], answer: str) -> Person:
    if answer.isdecimal() and 1 <= int(answer) <= len(people):
        return people[int(answer) - 1]
    return await client.api.person(answer)


async def _somebody(client: Client) -> None:
    """Wait until anybody is there."""
    await client.api.subscribe()
    if await client.api.people():
        return
    say("Nobody is here yet. Start p2pdm on another machine of this network; Ctrl-C ends the waiting.")
    async for notice in client.notices():
        if notice.event in ("person", "request"):
            return
