"""The list at the left: requests, chats, contacts and people nearby, in sections, narrowed by a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from p2pdm.api.types import Chat, Hit, Person, Room
from p2pdm_gui.markup import plain
from p2pdm_gui.narrowing import matching
from p2pdm_gui.presence import presence, status
from p2pdm_gui.quotes import TAKEN_BACK
from p2pdm_gui.rows import RowModel
from p2pdm_gui.times import brief, moment

REQUESTS, CHATS, NEARBY, BLOCKED, FOUND = "Requests", "Chats", "Nearby", "Blocked", "Messages"


@dataclass(frozen=True)
class Shared:
    """What rows show of groups and rooms beside the chats themselves."""

    lobby: Room | None = None
    inviter: Callable[[str], str] = lambda _chat: ""
    """Who invites to a group, by name."""
    announces: Callable[[str], bool] = lambda _chat: False
    """Whether only announcers write in a room."""
    typing: Callable[[str], str] = lambda _chat: ""
    """Who is typing in a chat of several, in words."""
    picture: Callable[[Chat], str] = lambda _chat: ""
    """Where QML finds a group's."""


class SidebarRow(msgspec.Struct, frozen=True):
    """One line of the list."""

    key: str
    section: str
    chat: str
    person: str
    """The other one's id; empty for a chat of several."""
    name: str
    line: str
    """What is below the name: the last message, the request, or what can be done."""
    draft: bool = False
    """Whether `line` is an unsent draft."""
    unsent: bool = False
    """Whether `line` says that the last message was taken back."""
    clock: str = ""
    unread: int = 0
    status: str = ""
    """How the other one is here; empty while they are not."""
    presence: str = ""
    """The same in words."""
    picture: str = ""
    """Where QML finds their picture, or the group's."""
    typing: bool = False
    verified: bool = False
    same_name: bool = False
    stage: str = ""
    """How far the last message came, if it is an own one."""
    kind: str = "direct"
    """direct, group, room or self."""
    announcement: bool = False
    """Whether only announcers write in this room."""
    invited: bool = False
    """Whether the user may join or decline."""
    typing_words: str = ""
    """Who is typing, in a chat of several."""
    message: str = ""
    """The id of the message that was found, if the row is one."""
    label: str = ""
    """For a screen reader."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _last_line(chat: Chat) -> str:
    if chat.last is None:
        return "No messages yet"
    if chat.last.unsent:
        return TAKEN_BACK
    if chat.last.expiry_set is not None:
        return f"{'You' if chat.last.mine else chat.last.name} {chat.last.text}"
    named = f"{chat.last.name}: " if chat.kind in ("group", "room") and not chat.last.mine else ""
    return _one_line(named + plain(chat.last.text))


_KINDS = {"group": "group", "room": "room"}


def _label(row: SidebarRow) -> str:
    if row.invited:
        return f"{row.line} to {row.name}"
    parts = [row.name, _KINDS.get(row.kind, ""), row.presence, f"{row.unread} unread" if row.unread else ""]
    parts += [row.typing_words or ("typing" if row.typing else ""), row.clock, row.line]
    return ", ".join(part for part in parts if part)


def _chat_row(chat: Chat, person: Person | None, draft: str, now: date) -> SidebarRow:
    last = chat.last
    return SidebarRow(
        key=chat.id,
        section=CHATS,
        chat=chat.id,
        person=person.id if person else "",
        name=person.name if person else chat.name,
        line=_one_line(draft) if draft else _last_line(chat),
        draft=bool(draft),
        unsent=bool(last and last.unsent and not draft),
        clock=brief(moment(last.time), now) if last else "",
        unread=chat.unread,
        typing=bool(person and person.typing),
        verified=bool(person and person.verified),
        same_name=bool(person and person.same_name),
        stage=last.state if last and last.mine and not last.unsent else "",
        kind=chat.kind,
    )


def _shared_row(chat: Chat, draft: str, now: date, shared: Shared) -> SidebarRow:
    typing = shared.typing(chat.id)
    row = _chat_row(chat, None, draft, now)
    return msgspec.structs.replace(
        row,
        typing=bool(typing),
        typing_words=typing,
        announcement=shared.announces(chat.id),
        picture=shared.picture(chat),
    )


def _invitation(chat: Chat, shared: Shared) -> SidebarRow:
    inviter = shared.inviter(chat.id)
    return SidebarRow(
        key=f"{REQUESTS}:{chat.id}",
        section=REQUESTS,
        chat=chat.id,
        person="",
        name=chat.name,
        line=f"{inviter} invites you" if inviter else "You are invited",
        kind=chat.kind,
        invited=True,
        picture=shared.picture(chat),
    )


def _lobby_row(lobby: Room) -> SidebarRow:
    others = lobby.people - 1
    line = f"You and {others} other{'s' if others > 1 else ''} are here" if others > 0 else "Open to everybody"
    return SidebarRow(key=lobby.id, section=CHATS, chat=lobby.id, person="", name=lobby.name, line=line, kind="room")


def _person_row(person: Person, section: str, line: str) -> SidebarRow:
    return SidebarRow(
        key=f"{section}:{person.id}" if section == REQUESTS else person.chat or person.id,
        section=section,
        chat=person.chat,
        person=person.id,
        name=person.name,
        line=line,
        typing=person.typing,
        verified=person.verified,
        same_name=person.same_name,
    )


def found_rows(
    hits: Iterable[Hit],
    chats: Iterable[Chat],
    people: Mapping[str, Person],
    now: date,
    picture: Callable[[Person], str] = lambda _: "",
    shared: Shared = Shared(),
) -> list[SidebarRow]:
    """A row for each message that was found: which chat it is in, and the part of it that was sought."""
    known = {chat.id: chat for chat in chats}
    rows = [_found_row(hit, known[hit.chat], people, now, shared) for hit in hits if hit.chat in known]
    return [_finished(row, people, picture) for row in rows]


def _found_row(hit: Hit, chat: Chat, people: Mapping[str, Person], now: date, shared: Shared) -> SidebarRow:
    person = other(chat, people)
    message = hit.message
    author = "You: " if message.mine else f"{message.name}: " if chat.kind in ("group", "room") else ""
    return SidebarRow(
        key=f"{FOUND}:{message.id}",
        section=FOUND,
        chat=chat.id,
        person=person.id if person else "",
        name=person.name if person else chat.name,
        line=_one_line(author + plain(hit.snippet)),
        clock=brief(moment(message.time), now),
        kind=chat.kind,
        announcement=shared.announces(chat.id),
        picture="" if person else shared.picture(chat),
        message=message.id,
    )


def other(chat: Chat, people: Mapping[str, Person]) -> Person | None:
    """The other one of a direct chat."""
    if chat.kind != "direct":
        return None
    return next((people[member] for member in chat.members if member in people), None)


def sidebar_rows(
    chats: Iterable[Chat],
    people: Mapping[str, Person],
    drafts: Mapping[str, str],
    search: str,
    now: date,
    picture: Callable[[Person], str] = lambda _: "",
    shared: Shared = Shared(),
) -> list[SidebarRow]:
    """All rows in their order; blocked people only show up in a search. `picture`: where QML finds somebody's."""
    requests, talks, silent, nearby, blocked = [], [], [], [], []
    shown: set[str] = set()
    for chat in chats:
        if chat.kind in ("group", "room"):
            if chat.standing == "invited":
                requests.append(_invitation(chat, shared))
            else:
                talks.append(_shared_row(chat, drafts.get(chat.id, ""), now, shared))
            shown.add(chat.id)
            continue
        person = other(chat, people)
        if person is not None and (person.relation in ("request", "blocked") or (chat.last is None and _new(person))):
            continue
        talks.append(_chat_row(chat, person, drafts.get(chat.id, ""), now))
        shown.update([person.id] if person else [])
    for person in people.values():
        if person.relation == "request":
            requests.append(_person_row(person, REQUESTS, _one_line(plain(person.request or "wants to write to you"))))
        elif person.relation == "blocked":
            blocked.append(_person_row(person, BLOCKED, "You hear nothing from them"))
        elif person.id in shown:
            continue
        elif person.relation == "contact":
            silent.append(_person_row(person, CHATS, "No messages yet"))
        else:
            nearby.append(_person_row(person, NEARBY, "On this network. Say hello"))
    searched = bool(search.strip())
    matches = matching(search)
    if shared.lobby is not None and shared.lobby.id not in shown and (nearby or searched or shared.lobby.people > 1):
        talks.append(_lobby_row(shared.lobby))
    rows = [*requests, *talks, *silent, *nearby, *(blocked if searched else [])]
    return [_finished(row, people, picture) for row in rows if matches(f"{row.name} {row.line}")]


def _finished(row: SidebarRow, people: Mapping[str, Person], picture: Callable[[Person], str]) -> SidebarRow:
    """With what is the same in every section: how they are and look, and what a screen reader says."""
    if row.person in people:
        person = people[row.person]
        here = presence(person) if person.online else ""
        row = msgspec.structs.replace(row, status=status(person), presence=here, picture=picture(person))
    return msgspec.structs.replace(row, label=_label(row))


def _new(person: Person) -> bool:
    return person.relation == "nearby"


class SidebarModel(RowModel[SidebarRow]):
    """The rows that the search leaves."""

    fields = SidebarRow.__struct_fields__
