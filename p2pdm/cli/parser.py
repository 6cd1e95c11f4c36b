"""Every verb with its arguments, and the function that does it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from p2pdm import __version__
from p2pdm.api.endpoint import default_profile
from p2pdm.cli import exporting, groups, keeping, kinds, messages, oneself, people, running, safety, searching, talking
from p2pdm.cli.session import run_chat, run_verb

if TYPE_CHECKING:
    from p2pdm.api.client import Client

Verb = Callable[["Client", argparse.Namespace], Coroutine[Any, Any, int]]
DESCRIPTION = "A messenger for one local network, with no server and no internet."
WHO = "an id, its first letters (four or more), or a unique name"
CHAT = "a person's id, its first letters or name; or a group's or a room's, or self for your own notes"
NO_COMMAND = re.compile(r"argument COMMAND: invalid choice: '(.*)' \(choose from (.*)\)", re.DOTALL)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, with `run` doing the verb; wrong usage exits with 2."""
    arguments = parser().parse_args(argv)
    if arguments.profile is None:
        arguments.profile = default_profile()
    if (senseless := getattr(arguments, "senseless", None)) and (sentence := senseless(arguments)):
        arguments.wrong(sentence)
    return arguments


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser("p2pdm", description=DESCRIPTION, allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"p2pdm {__version__}")
    top.add_argument("--profile", type=Path, metavar="DIR", help="default: P2PDM_PROFILE, else the platform's folder")
    top.add_argument("--no-start", action="store_true", help="don't start a node if none runs")
    verbs = _Verbs(top)
    _add_running(verbs)
    _add_people(verbs)
    _add_oneself(verbs)
    _add_talking(verbs)
    _add_messages(verbs)
    _add_groups(verbs.family("group", "groups: those who were invited and said yes"))
    _add_rooms(verbs.family("room", "rooms: open to everybody on the network"))
    _add_searching(verbs)
    _add_keeping(verbs)
    _add_safety(verbs)
    return top


class _Parser(argparse.ArgumentParser):
    """One that answers a mistyped command with what is like it, and not with all that there are."""

    def error(self, message: str) -> NoReturn:
        """See ArgumentParser."""
        found = NO_COMMAND.fullmatch(message)
        if found is None:
            super().error(message)
        import difflib  # only here: it takes a while

        alike = difflib.get_close_matches(found[1], re.findall(r"[a-z-]+", found[2]), 1)
        guess = f" Did you mean {alike[0]}?" if alike else ""
        self.exit(2, f"{self.prog}: there is no command {found[1]!r}.{guess} All of them: {self.prog} --help\n")


class _Verbs:
    """Adds verbs; each also takes the global options behind its name."""

    def __init__(self, top: argparse.ArgumentParser, dest: str = "verb") -> None:
        self._verbs = top.add_subparsers(dest=dest, metavar="COMMAND", required=True)
        self._globals = argparse.ArgumentParser(add_help=False)
        keep = argparse.SUPPRESS  # a default here would overwrite what stood before the verb
        self._globals.add_argument("--profile", type=Path, metavar="DIR", default=keep, help=keep)
        self._globals.add_argument("--no-start", action="store_true", default=keep, help=keep)

    def setting(self, verb: argparse.ArgumentParser) -> argparse.ArgumentParser:
        """What stands behind `set` after a verb that else shows how things are set."""
        verb.set_defaults(action="")
        actions = verb.add_subparsers(dest="action", metavar="set", required=False)
        about = "say something else; what is not named stays"
        setting: argparse.ArgumentParser = actions.add_parser(
            "set", help=about, description=about, parents=[self._globals], allow_abbrev=False
        )
        verb.usage = f"{verb.prog} [-h] [--json] [set ...]"  # argparse takes `set` for required
        return setting

    def local(self, name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        """A verb that needs no client."""
        verb: argparse.ArgumentParser = self._verbs.add_parser(
            name, help=about, description=about, parents=[self._globals], allow_abbrev=False
        )
        verb.set_defaults(run=run)
        return verb

    def family(self, name: str, about: str) -> _Verbs:
        """A verb that is followed by another, which says what it does."""
        verb: argparse.ArgumentParser = self._verbs.add_parser(
            name, help=about, description=about, parents=[self._globals], allow_abbrev=False
        )
        return _Verbs(verb, dest="does")

    def add(self, name: str, do: Verb, about: str) -> argparse.ArgumentParser:
        """A verb that calls the node."""
        return self.local(name, lambda arguments: run_verb(do, arguments), about)


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print one JSON object a line")


def _json_after(verb: argparse.ArgumentParser) -> None:
    """The same behind a second word: it must not take back what stood before it."""
    verb.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object a line")


def _refuse(verb: argparse.ArgumentParser, senseless: Callable[[argparse.Namespace], str | None]) -> None:
    """Let what makes no sense together be wrong usage: `senseless` says so in a sentence."""
    verb.set_defaults(senseless=senseless, wrong=verb.error)


def _need_one(verb: argparse.ArgumentParser, *names: str) -> None:
    """Let a change that changes nothing be wrong usage."""

    def senseless(arguments: argparse.Namespace) -> str | None:
        given = any(getattr(arguments, name) not in (None, False) for name in names)
        return None if given else "say what to change"

    _refuse(verb, senseless)


def _add_running(verbs: _Verbs) -> None:
    verb = verbs.local("init", running.init, "make a profile")
    verb.add_argument("--name", required=True, type=kinds.text, help="how others see you")
    verb.add_argument("--passphrase", action="store_true", help="protect it with one, asked for or read from stdin")
    _json(verb)
    verb = verbs.local("node", running.node, "run the node in the foreground")
    verb.add_argument(
        "--port", type=kinds.port, metavar="N", help="TCP and UDP; default: 53530, or any if that is taken"
    )
    verb.add_argument(
        "--interface", nargs="+", action="extend", default=[], metavar="ADDR", help="only these addresses"
    )
    _json(verb)
    _json(verbs.add("status", running.status, "how the node is doing"))
    verbs.local("stop", running.stop, "end the node")
    verbs.local("log", running.log, "what the node noted, for a bug report: it names nobody and quotes nothing")
    verb = verbs.add("call", running.call, "call any API method")
    verb.add_argument("method", metavar="METHOD")
    verb.add_argument("params", metavar="JSON", nargs="?", default="{}", type=kinds.params, help="its parameters")


def _add_people(verbs: _Verbs) -> None:
    _json(verbs.add("id", people.identity, "who you are, and a link that invites others"))
    _json(verbs.add("people", people.people, "everyone known or seen"))
    for name, about in (
        ("accept", "make somebody a contact"),
        ("decline", "put a request away"),
        ("block", "hear nothing more from somebody"),
        ("unblock", "take a block back"),
        ("nickname", "name somebody for yourself"),
    ):
        verb = verbs.add(name, people.change, about)
        verb.add_argument("who", metavar="WHO", type=kinds.text, help=WHO)
        if name == "nickname":
            verb.add_argument("name", metavar="NAME", type=kinds.text, help="empty takes it back")
        _json(verb)
    verb = verbs.add("forget", people.forget, "remove somebody and the chat with them")
    verb.add_argument("who", metavar="WHO", type=kinds.text, help=WHO)
    _json(verb)
    verb = verbs.add("verify", people.verify, "compare the safety number")
    verb.add_argument("who", metavar="WHO", type=kinds.text, help=WHO)
    verb.add_argument("--number", metavar="N", type=kinds.text, help="the one that they read out")
    _json(verb)
    verb = verbs.add("name", people.name, "change your name")
    verb.add_argument("new", metavar="NEW", type=kinds.text)
    _json(verb)
    verb = verbs.add("join", people.join, "take an invitation")
    verb.add_argument("link", metavar="LINK", type=kinds.text, help="p2pdm:...")
    _json(verb)


def _add_oneself(verbs: _Verbs) -> None:
    verb = verbs.add("profile", oneself.profile, "what you say of yourself")
    _json(verb)
    verb = verbs.setting(verb)
    verb.add_argument("--department", type=kinds.text, metavar="TEXT", help="empty takes it back")
    verb.add_argument("--role", type=kinds.text, metavar="TEXT", help="empty takes it back")
    verb.add_argument("--kind", choices=["person", "bot", "organisation"])
    _picture(verb, 24)
    _need_one(verb, "department", "role", "kind", "picture", "no_picture")
    _json_after(verb)
    verb = verbs.add("set-status", oneself.set_status, "say how you are here")
    verb.add_argument("status", metavar="STATUS", type=kinds.status, help=", ".join(oneself.STATUS_WORDS))
    verb.add_argument("text", metavar="TEXT", nargs="*", default=[], type=kinds.text, help="what others see beside it")
    _json(verb)
    verb = verbs.add("idle", oneself.idle, "tell whether nobody sits here: others see you away")
    verb.add_argument("on", metavar="ON", choices=["on", "off"], help="on or off")
    verb = verbs.add("picture", oneself.picture, "save somebody's picture")
    verb.add_argument("who", metavar="WHO", type=kinds.text, help=f"{WHO}; your own id for yours")
    verb.add_argument("file", metavar="FILE", type=kinds.text, help="- writes it to stdout")
    verb = verbs.add("privacy", oneself.privacy, "what others get to know of you")
    _json(verb)
    verb = verbs.setting(verb)
    for name, about in oneself.SWITCHES.items():
        verb.add_argument(f"--{name}", choices=["on", "off"], help=about)
    _need_one(verb, *oneself.SWITCHES)
    _json_after(verb)


def _add_talking(verbs: _Verbs) -> None:
    verb = verbs.add("send", talking.send, "send a message")
    verb.add_argument("who", metavar="WHO", type=kinds.text, help=CHAT)
    verb.add_argument("text", metavar="TEXT", nargs="+", type=kinds.text, help="- reads it from stdin")
    verb.add_argument("--wait", type=kinds.seconds, metavar="SECONDS", help="until it is delivered")
    verb.add_argument("--automated", action="store_true", help="a program wrote it: no program answers it")
    verb.add_argument("--bulk", action="store_true", help="it goes to many: never as a first message to somebody")
    _json(verb)
    _json(verbs.add("chats", talking.chats, "all conversations"))
    verb = verbs.add("history", talking.history, "what was said, oldest first")
    verb.add_argument("chat", metavar="CHAT", type=kinds.text, help=CHAT)
    verb.add_argument("--limit", type=kinds.limit, default=50, metavar="N", help="the last N, 1 to 1000; default: 50")
    verb.add_argument("--before", type=kinds.text, metavar="ID", help="only what stands before this message")
    verb.add_argument("--search", type=kinds.text, metavar="TEXT", help="only what has these words")
    _json(verb)
    verb.add_argument("--ids", action="store_true", help="also the beginning of each message's id")
    verb = verbs.add("read", talking.read, "mark a chat as read")
    verb.add_argument("chat", metavar="CHAT", type=kinds.text, help=CHAT)
    verb = verbs.add("listen", talking.listen, "what happens, as it happens")
    verb.add_argument("--since", type=kinds.cursor, metavar="CURSOR", help="first all after this one")
    _json(verb)
    verb = verbs.local("chat", run_chat, "a conversation in the terminal")
    verb.add_argument("who", metavar="WHO", type=kinds.text, nargs="?", help=f"{CHAT}; without it you are asked")


def _add_messages(verbs: _Verbs) -> None:
    for name, do, about in (
        ("reply", messages.reply, "answer a message"),
        ("edit", messages.edit, "say an own message in other words"),
        ("unsend", messages.unsend, "take an own message back, for everybody"),
        ("react", messages.react, "react to a message"),
        ("pin", messages.pin, "pin a message for everybody in the chat"),
        ("forward", messages.forward, "send a message on to somebody else"),
    ):
        verb = verbs.add(name, do, about)
        verb.add_argument("message", metavar="MESSAGE", type=kinds.text, help="a message's id, or the beginning of one")
        if name in ("reply", "edit"):
            verb.add_argument("text", metavar="TEXT", nargs="+", type=kinds.text, help="- reads it from stdin")
        if name == "react":
            verb.add_argument(
                "emoji", metavar="EMOJI", nargs="?", default="", type=kinds.text, help="none takes it back"
            )
        if name == "pin":
            verb.add_argument("--off", action="store_true", help="take the pin off")
        if name == "forward":
            verb.add_argument("who", metavar="WHO", type=kinds.text, help=CHAT)
        if name in ("reply", "forward"):
            verb.add_argument("--wait", type=kinds.seconds, metavar="SECONDS", help="until it is delivered")
        _json(verb)


def _picture(verb: argparse.ArgumentParser, most: int) -> None:
    pictures = verb.add_mutually_exclusive_group()
    pictures.add_argument("--picture", type=kinds.file, metavar="FILE", help=f"PNG, JPEG or WebP of at most {most} KiB")
    pictures.add_argument("--no-picture", action="store_true", help="take it back")


def _add_groups(family: _Verbs) -> None:
    verb = family.add("create", groups.create, "make a group")
    verb.add_argument("name", metavar="NAME", type=kinds.text)
    verb.add_argument("who", metavar="WHO", nargs="*", default=[], type=kinds.text, help=f"whom to invite: {WHO}")
    _json(verb)
    for name, do, about in (
        ("show", groups.show, "who belongs to it"),
        ("invite", groups.invite, "call contacts into it"),
        ("join", groups.join, "say yes to an invitation"),
        ("leave", groups.leave, "leave it, or say no to an invitation"),
        ("remove", groups.remove, "put somebody out of it"),
        ("promote", groups.rank, "make somebody an admin, of announcements an announcer"),
        ("demote", groups.rank, "make somebody a plain member again"),
        ("rename", groups.rename, "give it another name, a topic or a picture"),
    ):
        verb = family.add(name, do, about)
        verb.add_argument("chat", metavar="GROUP", type=kinds.text, help="its id, the beginning of it, or its name")
        if name in ("remove", "promote", "demote"):
            verb.add_argument("who", metavar="WHO", type=kinds.text, help=WHO)
        if name == "invite":
            verb.add_argument("who", metavar="WHO", nargs="+", type=kinds.text, help=WHO)
        if name == "rename":
            verb.add_argument("name", metavar="NAME", nargs="?", type=kinds.text)
            verb.add_argument("--topic", type=kinds.text, metavar="TEXT", help="what it is about; empty takes it back")
            _picture(verb, 16)
            _need_one(verb, "name", "topic", "picture", "no_picture")
        _json(verb)


def _add_rooms(family: _Verbs) -> None:
    _json(family.add("list", groups.rooms, "which rooms there are"))
    verb = family.add("open", groups.open_room, "open a room, or enter the one of that name")
    verb.add_argument("name", metavar="NAME", type=kinds.text)
    verb.add_argument("--announcement", action="store_true", help="only you write in it, and whom you promote")
    _json(verb)
    for name, do, about in (("enter", groups.enter, "enter a room"), ("leave", groups.leave, "leave a room")):
        verb = family.add(name, do, about)
        verb.add_argument("chat", metavar="ROOM", type=kinds.text, help="its id or its name")
        _json(verb)


def _add_keeping(verbs: _Verbs) -> None:
    verb = verbs.add("delete", keeping.delete, "erase a message on this computer only")
    verb.add_argument("message", metavar="MESSAGE", type=kinds.text, help="a message's id, or the beginning of one")
    verb = _chat_verb(verbs, "delete-chat", keeping.delete_chat, "erase a whole chat on this computer only")
    verb = _chat_verb(verbs, "unread", keeping.unread, "mark a chat as unread")
    verb.add_argument(
        "--from", type=kinds.text, metavar="MESSAGE", dest="since", help="from this one on; default: the last"
    )
    verb = _chat_verb(verbs, "draft", keeping.draft, "what is typed in a chat and not sent")
    about = "keep this; - reads it from stdin"
    verb.add_argument("text", metavar="TEXT", nargs="*", default=[], type=kinds.text, help=about)
    verb.add_argument("--clear", action="store_true", help="keep nothing")
    _refuse(verb, lambda given: "--clear keeps no text" if given.text and given.clear else None)
    _json(verb)
    verb = _chat_verb(verbs, "expire", keeping.expire, "let messages disappear, for everybody, after they were read")
    about = "seconds, or 5m, 12h, 1d, 4w; off: they stay; without it, say how it is"
    verb.add_argument("seconds", metavar="TIME", type=kinds.expiry, nargs="?", help=about)
    _json(verb)
    verb = verbs.add("retention", keeping.retention, "for how long chats are kept on this computer")
    about = "CHAT: one alone, else all others; DAYS: a number, or off: for good; without it, say how it is"
    verb.usage = f"{verb.prog} [-h] [--json] [CHAT] [DAYS]"
    verb.set_defaults(chat=None, days=None)
    verb.add_argument("given", metavar="CHAT DAYS", nargs="*", type=kinds.text, action=_Retention, help=about)
    _json(verb)


def _chat_verb(verbs: _Verbs, name: str, do: Verb, about: str) -> argparse.ArgumentParser:
    verb = verbs.add(name, do, about)
    verb.add_argument("chat", metavar="CHAT", type=kinds.text, help=CHAT)
    return verb


def _add_safety(verbs: _Verbs) -> None:
    verb = verbs.add("backup", safety.backup, "write all of the profile into one encrypted file")
    verb.add_argument("file", metavar="FILE", type=Path, help="an older backup of this name is replaced")
    _json(verb)
    verb = verbs.add("lock", safety.lock, "lock the door of the running node, or set its lock")
    how = verb.add_mutually_exclusive_group()
    about = "set a passphrase, asked for or read from stdin, after a line with the one until now if there is a lock"
    how.add_argument("--set", action="store_true", help=about)
    how.add_argument("--off", action="store_true", help="have no lock any more; it asks for the passphrase")
    how.add_argument("--show", action="store_true", help="only say how it is")
    verb.add_argument("--idle", type=kinds.minutes, metavar="MINUTES", help="lock by itself after so long; 0: never")
    _json(verb)
    _json(verbs.add("unlock", safety.unlock, "open it again"))
    verb = verbs.local("wipe", safety.wipe, "erase the profile for good; you are asked twice")
    verb.add_argument("--yes-really", action="store_true", help="don't ask")
    _json(verbs.add("devices", safety.devices, "the devices that are you"))
    verb = verbs.local("restore", safety.restore, "make a profile from a backup")
    verb.add_argument("file", metavar="FILE", type=Path)
    verb.add_argument("--passphrase", action="store_true", help="protect the profile with a new one")
    _json(verb)


def _add_searching(verbs: _Verbs) -> None:
    verb = verbs.add("search", searching.search, "find messages in all chats, the newest first")
    about = 'each may go on; "a phrase" may not; without any, all that is within the options'
    verb.add_argument("words", metavar="WORDS", nargs="*", default=[], type=kinds.text, help=about)
    verb.add_argument("--chat", type=kinds.text, metavar="CHAT", help="only in this one")
    verb.add_argument("--person", type=kinds.text, metavar="WHO", help=f"only what they wrote: {WHO}, or me")
    verb.add_argument("--since", type=searching.begin, metavar="DATE", help="2026-03-31, or with a time: T17:30")
    verb.add_argument("--until", type=searching.end, metavar="DATE", help="a day is meant to its end")
    verb.add_argument("--best", action="store_true", help="what is most about the words first")
    verb.add_argument("--limit", type=kinds.limit, default=50, metavar="N", help="1 to 1000; default: 50")
    verb.add_argument(
        "--before", type=kinds.text, metavar="ID", help="go on after this message, the last that was shown"
    )
    _refuse(verb, searching.without_aim)
    _json(verb)
    verb = verbs.add("export", exporting.export, "write a chat into a file")
    verb.add_argument("chat", metavar="CHAT", type=kinds.text, help=CHAT)
    verb.add_argument(
        "file", metavar="FILE", type=kinds.text, help="what it ends in says the format: .json or .html; - is stdout"
    )
    verb.add_argument("--format", choices=("json", "html"), help="json: for programs; html: for people")
    verb.add_argument("--force", action="store_true", help="replace the file if there is one")
    _refuse(verb, exporting.senseless)
    _json(verb)


class _Retention(argparse.Action):
    """`[CHAT] [DAYS]`: a lone word is the days if it can be."""

    def __call__(
        self, parser: argparse.ArgumentParser, space: argparse.Namespace, words: Any, option: str | None = None
    ) -> None:
        """See Action."""
        *chats, last = words or [""]
        if len(chats) > 1:
            parser.error("one chat at a time")
        is_days = last == "off" or (last.isascii() and last.removeprefix("-").isdigit())
        if chats or is_days:
            try:
                space.days = kinds.days(last)
            except argparse.ArgumentTypeError as error:
                parser.error(f"argument DAYS: {error}")
        space.chat = chats[0] if chats else None if is_days else last or None
