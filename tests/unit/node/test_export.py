"""Taking a chat out: as JSON for programs, as one page for people."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Callable
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from p2pdm.api.types import ApiError, MemberState, Message, Reaction, Version
from p2pdm.node.export import page
from p2pdm.node.export.chat import PIECE
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of, members

T = TypeVar("T")

EVIL = "</style></title><script>alert(1)</script><img src=x onerror='alert(2)'>\"&amp;\u202e\0"


class Tags(HTMLParser):
    """The elements of a page, each closed where it should be, and its texts."""

    VOID = ("meta", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, name: str) -> list[str | None]:
        return [value for key, value in self.attributes if key == name]


def said(text: str, **more: object) -> Message:
    """A message of Bob's."""
    facts = {
        "id": "aaaa",
        "chat": "chat",
        "sender": "bob",
        "name": "Bob",
        "time": "2026-01-05T09:03:00Z",
        "state": "read",
        "why": "",
        "mine": False,
    }
    return Message(text=text, **facts | more)  # type: ignore[arg-type]


def shown(*messages: Message, quoted: dict[str, Message] | None = None) -> str:
    names = page.Names(lambda id: f"name of {id}", UTC)
    body = page.lines(messages, None, quoted or {}, names)
    return page.head("Bob", ["Alice", "Bob"]) + body + page.foot(len(messages), "2026-01-06T10:00:00Z", UTC)


@pytest.fixture
async def chat(world: World) -> tuple[Someone, Someone, str]:
    """Alice and Bob have said this and that; the id of what was answered."""
    alice, bob = await world.friends("Alice", "Bob")
    question = await alice.says(bob, "Tea or cofee?")
    await world.until(lambda: alice.state(question) == "delivered")
    await alice.node.edit(question.id, "Tea or coffee?")
    await bob.node.send(alice.id, "Tea", question.id)
    await bob.node.react(question.id, "🍵")
    gone = await bob.says(alice, "rosebud")
    await bob.node.unsend(gone.id)
    await world.until(lambda: alice.texts(bob) == ["Tea or coffee?", "Tea", ""])
    return alice, bob, question.id


Chat = tuple[Someone, Someone, str]


async def test_who_came_and_went_stands_in_the_copy_of_a_group(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    chat = await group_of(world, alice, bob)
    for n in range(PIECE + 1):
        await alice.node.send(chat, f"text {n}")
    await bob.node.leave(chat)
    await world.until(lambda: len(members(alice, chat)) == 1)
    await alice.node.send(chat, "Alone <now>")
    await alice.node.describe(chat, topic="<b>Nothing</b>")
    html, data = tmp_path / "lunch.html", tmp_path / "lunch.json"
    for file, format in ((html, "html"), (data, "json")):
        done = await alice.node.export(chat, str(file), format, False)  # type: ignore[arg-type]
        assert done.messages == PIECE + 2
    lines = json.loads(data.read_text())["messages"]
    shown = alice.node.view.history(chat, 99, None, happenings=True)
    assert lines == [json.loads(msgspec.json.encode(line)) for line in shown]
    texts = [text.strip() for text in Tags(html.read_text()).texts if text.strip()]
    told = ("Bob joined", "text 0", f"text {PIECE}", "Bob left", "Alone <now>", "You set the topic “<b>Nothing</b>”")
    places = [texts.index(one) for one in told]
    assert places == sorted(places)


async def test_json_holds_everything_that_history_shows(chat: Chat, tmp_path: Path) -> None:
    alice, bob, question = chat
    exported = await alice.node.export("Bob", str(tmp_path / "bob.json"), "json")
    assert (exported.path, exported.messages) == (str(tmp_path / "bob.json"), 3)
    held = json.loads((tmp_path / "bob.json").read_text(encoding="utf-8"))
    assert held["chat"] == {"id": alice.chat(bob), "kind": "direct", "name": "Bob"}
    assert held["members"] == [{"id": alice.id, "name": "Alice"}, {"id": bob.id, "name": "Bob"}]
    first, second, third = held["messages"]
    assert (first["id"], first["text"], first["state"]) == (question, "Tea or coffee?", "delivered")
    assert [version["text"] for version in first["edited"]] == ["Tea or cofee?"]
    assert first["reactions"] == [{"person": bob.id, "value": "🍵"}]
    assert (second["from"], second["reply_to"]) == (bob.id, question)
    assert (third["text"], third["unsent"]) == ("", True)
    assert stat.S_IMODE((tmp_path / "bob.json").stat().st_mode) == 0o600


async def test_the_page_shows_answers_edits_and_reactions(chat: Chat, tmp_path: Path) -> None:
    alice, _, question = chat
    await alice.node.export("Bob", str(tmp_path / "bob.html"), "html")
    html = (tmp_path / "bob.html").read_text(encoding="utf-8")
    tags = Tags(html)
    assert f"#m-{question}" in tags.values("href")
    assert f"m-{question}" in tags.values("id")
    for text in ("Tea or coffee?", "Tea or cofee?", "Tea", "🍵", "(taken back)", "Thursday, 1 January 2026"):
        assert text in tags.texts
    assert "rosebud" not in html


@pytest.fixture(params=["nameless", "named"])
def growing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Whether a file has a name while it is written: not every file system can do without."""
    if request.param == "named":
        monkeypatch.delattr("p2pdm.store.files.os.O_TMPFILE", raising=False)
    else:
        try:
            os.close(os.open(tmp_path, os.O_TMPFILE | os.O_WRONLY))
        except OSError:
            pytest.skip("every file has a name here")
    return str(request.param)


async def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(chat: Chat, tmp_path: Path, growing: str) -> None:
    alice, _, _ = chat
    place = tmp_path / "bob.json"
    place.write_text("precious")
    with pytest.raises(ApiError, match="already a file") as failed:
        await alice.node.export("Bob", str(place), "json")
    assert failed.value.kind == "exists"
    assert place.read_text() == "precious"
    await alice.node.export("Bob", str(place), "json", replace=True)
    assert json.loads(place.read_text())["chat"]["name"] == "Bob"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["bob.json"]


async def test_a_full_disk_is_said_and_leaves_nothing(
    chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, _, _ = chat

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("p2pdm.store.files.os.write", full)
        with pytest.raises(ApiError, match="no room left"):
            await alice.node.export("Bob", str(tmp_path / "bob.json"), "json")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("chat_name", "path", "why"),
    [
        ("Bob", "bob.json", "absolute"),
        ("Bob", "/nowhere/at/all/bob.json", "no folder"),
        ("Bob", "/", "is a folder"),
        ("Nobody", "/tmp/bob.json", "no person, group or room"),  # noqa: S108
    ],
)
async def test_what_can_not_be_written_is_said(chat: Chat, chat_name: str, path: str, why: str) -> None:
    alice, _, _ = chat
    with pytest.raises(ApiError, match=why):
        await alice.node.export(chat_name, path, "json")


async def test_others_are_heard_while_a_long_chat_is_written(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for number in range(200):
        await alice.says(bob, f"word {number}")
    writing = asyncio.ensure_future(alice.node.export("Bob", str(tmp_path / "bob.html"), "html"))
    heard = 0
    while not writing.done():
        await asyncio.sleep(0)
        await alice.node.message((await alice.node.history("Bob", 1))[0].id)
        heard += 1
    assert (await writing).messages == 200
    assert heard > 3


async def test_a_slow_disk_is_waited_for_aside(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for number in range(100):
        await alice.says(bob, f"word {number}")
    aside, waits = [False], list[bool]()

    async def beside(work: Callable[[], T], /) -> T:
        aside[0] = True
        try:
            return work()
        finally:
            aside[0] = False

    def slow(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            waits.append(aside[0])

    monkeypatch.setattr(alice.node.exporter, "_aside", beside)
    monkeypatch.setattr("p2pdm.store.files.os.fsync", slow)
    monkeypatch.setattr("p2pdm.store.files.SYNCED_EVERY", 4_000)
    await alice.node.export("Bob", str(tmp_path / "bob.json"), "json")
    assert len(waits) > 3
    assert all(waits)


@pytest.mark.parametrize("growing", ["nameless"], indirect=True)
@pytest.mark.usefixtures("growing")
async def test_of_an_export_that_is_killed_nothing_is_left(world: World, tmp_path: Path) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for number in range(200):
        await alice.says(bob, f"word {number}")
    writing = asyncio.ensure_future(alice.node.export("Bob", str(tmp_path / "bob.html"), "html"))
    while not writing.done():
        assert os.listdir(tmp_path) in ([], ["bob.html"])
        await asyncio.sleep(0)
    assert (await writing).messages == 200
    assert "word 199" in (tmp_path / "bob.html").read_text()


@pytest.mark.parametrize("growing", ["named"], indirect=True)
@pytest.mark.usefixtures("growing")
async def test_where_a_killed_export_leaves_a_file_the_next_one_clears_it(chat: Chat, tmp_path: Path) -> None:
    alice, _, _ = chat
    left, written, other = (tmp_path / name for name in (".p2pdm-abcd.new", ".p2pdm-efgh.new", "letter.new"))
    for file in (left, written, other):
        file.write_text("half of a chat")
    for file in (left, other):
        os.utime(file, (0, 0))
    await alice.node.export("Bob", str(tmp_path / "bob.html"), "html")
    assert sorted(os.listdir(tmp_path)) == [".p2pdm-efgh.new", "bob.html", "letter.new"]


async def test_an_export_that_is_given_up_leaves_nothing(world: World, tmp_path: Path, growing: str) -> None:
    alice, bob = await world.friends("Alice", "Bob")
    for number in range(200):
        await alice.says(bob, f"word {number}")
    writing = asyncio.ensure_future(alice.node.export("Bob", str(tmp_path / "bob.html"), "html"))
    await asyncio.sleep(0)
    assert len(os.listdir(tmp_path)) == (growing == "named")
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert os.listdir(tmp_path) == []


def test_nothing_that_others_wrote_leaves_its_place() -> None:
    evil = said(
        EVIL,
        name=EVIL,
        why=EVIL,
        mine=False,
        edited=[Version("2026-01-05T09:00:00Z", EVIL)],
        reactions=[Reaction(EVIL, EVIL)],
        reply_to="bbbb",
    )
    names = page.Names(lambda _: EVIL, UTC)
    html = page.head(EVIL, [EVIL]) + page.lines([evil], None, {"bbbb": said(EVIL, id="bbbb", name=EVIL)}, names)
    tags = Tags(html + page.foot(1, "2026-01-06T10:00:00Z", UTC))
    assert {"script", "img"} & set(tags.names) == set()
    assert tags.names.count("style") == tags.names.count("title") == 1
    assert [name for name, _ in tags.attributes if name.startswith("on")] == []
    assert "\0" not in html
    title = html[html.index("<title>") : html.index("</title>")]
    assert "\u202e" not in title  # a title has no elements that could keep it in


def test_what_turns_the_direction_of_writing_stays_in_its_element() -> None:
    html = shown(said("abc \u202edef", name="\u202eBob"))
    assert '<p class="text" dir="auto">abc \u202edef</p>' in html
    assert "<bdi>\u202eBob</bdi>" in html


def test_days_names_and_runs_of_one_person() -> None:
    html = shown(
        said("one"),
        said("two"),
        said("three", sender="carol", name="Carol"),
        said("four", sender="carol", name="Carol", time="2026-01-06T00:01:00Z"),
        said("five", mine=True, sender="alice", state="waiting", why="Bob is offline", time="2026-01-06T00:02:00Z"),
    )
    tags = Tags(html)
    assert [text for text in tags.texts if text.startswith(("Monday", "Tuesday"))] == [
        "Monday, 5 January 2026",
        "Tuesday, 6 January 2026",
    ]
    assert [text for text in tags.texts if text in ("Bob", "Carol")][3:] == ["Bob", "Carol", "Carol"]
    assert "… waiting: " in tags.texts
    assert "Bob is offline" in tags.texts


def test_in_a_group_it_says_who_has_it() -> None:
    states = [
        MemberState("bob", "read", "2026-01-05T09:04:00Z"),
        MemberState("carol", "waiting", None, EVIL),
    ]
    tags = Tags(shown(said("hello", mine=True, states=states)))
    assert "name of carol" in tags.texts
    assert "09:04" in tags.texts
    assert "script" not in tags.names


def test_an_answer_to_what_is_not_here_says_so() -> None:
    assert "(a message that is not here)" in shown(said("yes", reply_to="zzzz"))
