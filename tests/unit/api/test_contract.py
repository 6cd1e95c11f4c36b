"""NodeApi is the one place where a call is written down; everything else is held to it here."""

import argparse
import inspect
import re
from typing import get_type_hints

import msgspec
import pytest

import p2pdm.cli
from p2pdm.api import types
from p2pdm.api.calls import METHODS, call
from p2pdm.api.client import _Remote
from p2pdm.api.methods import NodeApi
from p2pdm.cli.parser import parser
from p2pdm.node.node import Node
from tests.fakes.memory_node import MemoryNode


def table() -> dict[str, tuple[str, str]]:
    """The verbs in the command line's docstring: what each calls, and prints."""
    lines = [line for line in (p2pdm.cli.__doc__ or "").splitlines() if line.startswith("    ")]
    rows = [[*re.split(r"\s{2,}", line.strip()), ""] for line in lines[1:]]
    return {row[0]: (row[1], row[2]) for row in rows}


def verbs() -> dict[str, set[str]]:
    """The verbs of the parser, with their options and arguments."""
    (subparsers,) = (action for action in parser()._actions if hasattr(action, "choices") and action.choices)
    choices = subparsers.choices
    assert isinstance(choices, dict)
    return {name: _words(verb) for name, verb in choices.items()}


def _words(verb: argparse.ArgumentParser) -> set[str]:
    """The options and arguments of a verb, and of those that may follow it."""
    words = {word for action in verb._actions for word in (*action.option_strings, str(action.metavar or "")) if word}
    for action in verb._actions:
        for after in (action.choices or {}).values() if isinstance(action.choices, dict) else ():
            words |= _words(after)
    return words


@pytest.mark.parametrize("name", METHODS)
def test_every_call_is_typed_and_documented(name: str) -> None:
    method = getattr(NodeApi, name)
    assert method.__doc__
    assert set(get_type_hints(method)) == {*list(inspect.signature(method).parameters)[1:], "return"}
    call(name)


@pytest.mark.parametrize("name", METHODS)
def test_a_node_takes_the_same_arguments(name: str) -> None:
    assert inspect.signature(getattr(Node, name)) == inspect.signature(getattr(NodeApi, name))


@pytest.mark.parametrize("name", [name for name in METHODS if hasattr(MemoryNode, name)])
def test_the_node_in_memory_takes_the_same_arguments(name: str) -> None:
    assert inspect.signature(getattr(MemoryNode, name)) == inspect.signature(getattr(NodeApi, name))


def test_the_client_has_every_call_and_no_other() -> None:
    assert {name for name in vars(_Remote) if not name.startswith("_")} == set(METHODS)


def test_every_verb_stands_in_the_table_and_calls_what_there_is() -> None:
    assert set(table()) == set(verbs())
    for verb, (calls, _) in table().items():
        for name in [] if calls.startswith("(") or calls == "any" else calls.replace(" and more", "").split(", "):
            assert name in METHODS, verb


def test_every_verb_that_prints_fields_takes_json_and_the_fields_exist() -> None:
    for verb, (_, prints) in table().items():
        if prints.startswith(("{", "(", "what")):
            continue
        assert not prints or "--json" in verbs()[verb], verb
        for name in re.findall(r"[A-Z]\w+", prints):
            assert issubclass(getattr(types, name), msgspec.Struct)


def test_every_call_can_be_made_from_a_terminal() -> None:
    called = {name.removesuffix(" and more") for calls, _ in table().values() for name in calls.split(", ")}
    assert set(METHODS) - called == set()


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("init", {"--name"}),
        ("node", {"--port", "--interface", "--json"}),
        ("id", {"--json"}),
        ("people", {"--json"}),
        ("verify", {"WHO", "--number"}),
        ("nickname", {"WHO", "NAME"}),
        ("name", {"NEW"}),
        ("join", {"LINK"}),
        ("profile", {"set", "--json"}),
        ("set-status", {"STATUS", "TEXT", "--json"}),
        ("privacy", {"set", "--json"}),
        ("send", {"WHO", "TEXT", "--wait", "--automated", "--bulk", "--json"}),
        ("chats", {"--json"}),
        ("history", {"CHAT", "--limit", "--before", "--search", "--json"}),
        ("read", {"CHAT"}),
        ("unread", {"CHAT", "--from"}),
        ("draft", {"CHAT", "TEXT", "--clear", "--json"}),
        ("delete", {"MESSAGE"}),
        ("delete-chat", {"CHAT"}),
        ("expire", {"CHAT", "TIME", "--json"}),
        ("retention", {"CHAT DAYS", "--json"}),
        ("listen", {"--since", "--json"}),
        ("chat", {"WHO"}),
        ("status", {"--json"}),
        ("backup", {"FILE", "--json"}),
        ("restore", {"FILE", "--passphrase", "--json"}),
        ("devices", {"--json"}),
        ("lock", {"--set", "--off", "--idle", "--json"}),
        ("unlock", {"--json"}),
        ("wipe", {"--yes-really"}),
        ("log", set()),
        ("call", {"METHOD", "JSON"}),
        *((verb, {"WHO"}) for verb in ("accept", "decline", "block", "unblock", "forget")),
    ],
)
def test_the_public_contract_of_the_command_line(verb: str, words: set[str]) -> None:
    assert words <= verbs()[verb]
    assert {"--profile", "--no-start"} <= verbs()[verb]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (types.Me, "id name fingerprint invite"),
        (types.Person, "id name relation online verified accepted_by_them addresses kind department role status"),
        (types.Profile, "name kind department role status status_text picture"),
        (types.Privacy, "receipts typing presence lobby"),
        (types.Sent, "id chat state"),
        (types.Chat, "id kind name members unread last"),
        (types.Message, "id chat from name time text state why mine"),
        (types.Notice, "cursor event"),
        (types.Status, "port interfaces online waiting"),
    ],
)
def test_the_public_fields(kind: type[msgspec.Struct], fields: str) -> None:
    assert set(fields.split()) <= {field.encode_name for field in msgspec.structs.fields(kind)}
