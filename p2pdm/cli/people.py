"""Verbs about people: oneself, everyone known or seen, and what one thinks of them."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from p2pdm.api.types import Person
from p2pdm.cli.output import BOLD, CYAN, DIM, as_argument, one_line, paint, say, say_json, shortened, table, when

if TYPE_CHECKING:  # asyncio, which the client needs, is imported when a verb runs
    from p2pdm.api.client import Client

OUTCOMES = {
    "accept": "{} is a contact now",
    "decline": "the request of {} is put away",
    "block": "{} is blocked: nothing of theirs gets here, and they are not told",
    "unblock": "{} is no longer blocked",
    "nickname": "shown here as {}",
}


async def identity(client: Client, arguments: Namespace) -> int:
    """`id`: who this profile is."""
    me = await client.api.me()
    if arguments.json:
        say_json(me)
        return 0
    rows = [["name", one_line(me.name)], ["id", me.id], ["fingerprint", me.fingerprint], ["invite", me.invite]]
    for line in table(rows, [DIM]):
        say(line)
    return 0


async def people(client: Client, arguments: Namespace) -> int:
    """`people`: everyone known or seen."""
    everyone = await client.api.people()
    if arguments.json:
        for person in everyone:
            say_json(person)
        return 0
    if not everyone:
        say("Nobody is known or near yet.")
    for line in table([person_row(person) for person in everyone], [BOLD, "", DIM]):
        say(line)
    return 0


def person_row(person: Person) -> list[str]:
    """Name, what is true of them, the id's beginning, what they ask or say of themselves."""
    own = f" ({one_line(person.own_name)})" if person.own_name not in ("", person.name) else ""
    says = ", ".join(words for words in (person.role, person.department, person.status_text) if words)
    if person.request is not None:
        says = f"asks: {person.request}"
    return [one_line(person.name) + own, standing(person), person.id[:10], shortened(says, 60)]


def standing(person: Person) -> str:
    """`contact, verified, online`."""
    words: list[str] = [person.relation] if person.kind == "person" else [person.relation, person.kind]
    if person.verified:
        words.append("verified")
    if person.relation == "contact" and not person.accepted_by_them:
        words.append("has not accepted you yet")
    if person.same_name and not person.verified:  # whose key was compared is who they are
        words.append("NOT the only one of this name")
    if person.typing:
        words.append("typing")
    elif person.online:
        words.append(presence(person))
    elif person.last_seen:
        words.append(f"last seen {when(person.last_seen)}")
    return ", ".join(words)


def presence(person: Person) -> str:
    """`online`, `busy` or `not here`."""
    if not person.online:
        return "not here"
    return "online" if person.status in (None, "available") else person.status.replace("_", " ")


async def change(client: Client, arguments: Namespace) -> int:
    """`accept`, `decline`, `block`, `unblock`, `nickname`: the verb is the method."""
    given = [arguments.who, arguments.name] if arguments.verb == "nickname" else [arguments.who]
    person: Person = await client.call(arguments.verb, *given)
    show(person, OUTCOMES[arguments.verb].format(one_line(person.name)), arguments.json)
    return 0


def show(person: Person, sentence: str, json: bool) -> None:
    """What became of somebody."""
    if json:
        say_json(person)
    else:
        say(sentence)


async def forget(client: Client, arguments: Namespace) -> int:
    """`forget`: remove somebody and the chat with them."""
    await client.api.forget(arguments.who)
    if not arguments.json:
        say(f"{one_line(arguments.who)} and the chat with them are gone from this profile")
    return 0


async def verify(client: Client, arguments: Namespace) -> int:
    """`verify`: show the number to compare, or compare it."""
    if arguments.number is not None:
        person = await client.api.verify(arguments.who, arguments.number)
        show(person, f"the numbers are equal: {one_line(person.name)} is verified", arguments.json)
        return 0
    number = await client.api.safety_number(arguments.who)
    if arguments.json:
        say_json(number)
        return 0
    groups = number.number.split()
    for at in range(0, len(groups), 4):
        say(paint("  ".join(groups[at : at + 4]), CYAN))
    if number.verified:
        say("Already verified.")
    else:
        say("Ask them in person or on the phone to read theirs out. If it is the same:")
        say(f"  p2pdm verify {as_argument(arguments.who)} --number '{number.number}'")
    return 0


async def name(client: Client, arguments: Namespace) -> int:
    """`name`: change one's own."""
    me = await client.api.rename(arguments.new)
    if arguments.json:
        say_json(me)
    else:
        say(f"others see you as {one_line(me.name)} now")
    return 0


async def join(client: Client, arguments: Namespace) -> int:
    """`join`: take an invitation."""
    person = await client.api.join(arguments.link)
    show(person, f"{one_line(person.name)} is a verified contact now", arguments.json)
    return 0
