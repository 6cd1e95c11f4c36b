"""Bots: every message is answered, once, whatever happened meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from p2pdm.api.types import ApiError, Message, Person
from p2pdm.bot import STATE_FILE, Bot
from tests.fakes.doors import make_profile_folder, open_door
from tests.fakes.fake_ids import fake_id
from tests.fakes.memory_node import MemoryNode


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return make_profile_folder(tmp_path / "echo")


@pytest.fixture
async def node() -> MemoryNode:
    node = MemoryNode(name="Echo")
    node.meet("Alice", relation="contact", online=True)
    return node


def echo(profile: Path) -> Bot:
    bot = Bot("Echo", profile)

    @bot.on_message
    async def answer(message: Message) -> str:
        return f"{message.name}: {message.text}"

    return bot


@contextlib.asynccontextmanager
async def running(bot: Bot) -> AsyncIterator[None]:
    """Let the bot serve until the block ends."""
    ready = asyncio.Event()
    serving = asyncio.create_task(bot.serve(ready.set))
    async with asyncio.timeout(10):
        await ready.wait()
        yield
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def said(node: MemoryNode, count: int) -> list[str]:
    """What the bot has said, once it has said so many things."""
    while len(own := [message.text for message in node.said if message.mine]) < count:
        node._changed.clear()
        await node._changed.wait()
    return own


async def test_a_bot_answers_and_not_itself(profile: Path, node: MemoryNode) -> None:
    async with open_door(profile, node), running(echo(profile)):
        node.arrive("Alice", "one")
        assert await said(node, 1) == ["Alice: one"]
        node.arrive("Alice", "two")
        assert await said(node, 2) == ["Alice: one", "Alice: two"]


async def test_a_bot_says_that_it_is_one_and_an_organisations_stays_the_organisations(
    profile: Path, node: MemoryNode
) -> None:
    async with open_door(profile, node):
        async with running(echo(profile)):
            assert (await node.profile()).kind == "bot"
        await node.set_profile(kind="organisation")
        async with running(echo(profile)):
            assert (await node.profile()).kind == "organisation"


async def test_a_bot_that_was_away_answers_what_came_meanwhile_once(profile: Path, node: MemoryNode) -> None:
    async with open_door(profile, node):
        async with running(echo(profile)):
            node.arrive("Alice", "one")
            await said(node, 1)
        node.arrive("Alice", "two")
        node.arrive("Alice", "three")
        async with running(echo(profile)):
            node.arrive("Alice", "four")
            assert await said(node, 4) == [f"Alice: {word}" for word in ("one", "two", "three", "four")]


async def test_a_crash_right_after_an_answer_does_not_repeat_it(
    profile: Path, node: MemoryNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = node.send

    async def send_and_die(to: str, text: str, **options: Any) -> None:
        await send(to, text)
        raise ApiError("gone", "the machine went down")

    async with open_door(profile, node):
        async with running(echo(profile)):
            pass
        node.arrive("Alice", "one")
        with monkeypatch.context() as patched:
            patched.setattr(node, "send", send_and_die)
            async with running(echo(profile)):
                await said(node, 1)
        async with running(echo(profile)):
            node.arrive("Alice", "two")
            assert await said(node, 2) == ["Alice: one", "Alice: two"]


async def test_a_crash_right_before_an_answer_does_not_lose_it(
    profile: Path, node: MemoryNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    died = asyncio.Event()

    async def die(to: str, text: str, **options: Any) -> None:
        died.set()
        raise ApiError("gone", "the machine went down")

    async with open_door(profile, node):
        async with running(echo(profile)):
            pass
        node.arrive("Alice", "one")
        with monkeypatch.context() as patched:
            patched.setattr(node, "send", die)
            async with running(echo(profile)):
                await died.wait()
        async with running(echo(profile)):
            assert await said(node, 1) == ["Alice: one"]


async def test_a_person_who_turns_a_bot_does_not_answer_years_of_messages(profile: Path, node: MemoryNode) -> None:
    node.arrive("Alice", "years ago")
    async with open_door(profile, node), running(echo(profile)):
        node.arrive("Alice", "now")
        assert await said(node, 1) == ["Alice: now"]


async def test_strangers_are_accepted_and_their_request_is_answered(profile: Path, node: MemoryNode) -> None:
    node.meet("Bob", relation="request", request="May I?")
    async with open_door(profile, node), running(echo(profile)):
        assert await said(node, 1) == ["Bob: May I?"]
        node.meet("Carol", online=True)
        node.arrive("Carol", "And I?")
        assert await said(node, 2) == ["Bob: May I?", "Carol: And I?"]


async def test_a_bot_may_choose_whom_it_talks_to(profile: Path, node: MemoryNode) -> None:
    bot = echo(profile)

    @bot.on_request
    async def only_bob(person: Person) -> bool:
        return person.name == "Bob"

    node.meet("Mallory", relation="request", request="Let me in")
    node.meet("Bob", relation="request", request="May I?")
    async with open_door(profile, node), running(bot):
        assert await said(node, 1) == ["Bob: May I?"]
        assert (await node.person("Mallory")).relation == "nearby"


async def test_silence_is_an_answer_too(profile: Path, node: MemoryNode) -> None:
    bot = Bot("Echo", profile)

    @bot.on_message
    async def answer(message: Message) -> str | None:
        return None if message.text == "quiet" else message.text

    async with open_door(profile, node), running(bot):
        node.arrive("Alice", "quiet")
        node.arrive("Alice", "loud")
        assert await said(node, 1) == ["loud"]


@pytest.mark.logs_warnings("a handler failed: ZeroDivisionError at .* test_bot.py:[0-9]+ answer")
async def test_a_handler_that_fails_does_not_end_the_bot(
    profile: Path, node: MemoryNode, caplog: pytest.LogCaptureFixture
) -> None:
    bot = Bot("Calculator", profile)

    @bot.on_message
    async def answer(message: Message) -> str:
        return str(1 // int(message.text))

    async with open_door(profile, node), running(bot):
        node.arrive("Alice", "0")
        node.arrive("Alice", "1")
        assert await said(node, 1) == ["1"]


@pytest.mark.logs_warnings("bot.json can't be read")
async def test_a_damaged_progress_file_starts_from_now(profile: Path, node: MemoryNode) -> None:
    (profile / STATE_FILE).write_text("{")
    node.arrive("Alice", "before")
    async with open_door(profile, node), running(echo(profile)):
        node.arrive("Alice", "after")
        assert await said(node, 1) == ["Alice: after"]


async def test_no_text_stands_in_the_progress_file(profile: Path, node: MemoryNode) -> None:
    async with open_door(profile, node), running(echo(profile)):
        node.arrive("Alice", "a secret")
        await said(node, 1)
        assert b"secret" not in (profile / STATE_FILE).read_bytes()


async def test_no_bot_answers_what_a_program_wrote(profile: Path, node: MemoryNode) -> None:
    bob = node.meet("Bob", relation="contact", online=True)
    async with open_door(profile, node), running(echo(profile)):
        message = node._message(
            bob.chat, "I am a program", 1, sender=bob.id, name="Bob", state="delivered", automated=True
        )
        node.said.append(message)
        node._note("message", chat=message.chat, id=message.id)
        node.arrive("Bob", "by hand")
        assert await said(node, 1) == ["Bob: by hand"]
        assert all(message.automated for message in node.said if message.mine)


async def test_among_several_a_bot_answers_only_what_names_it(profile: Path, node: MemoryNode) -> None:
    lobby = node.room("Lobby", 7, entered=True).id
    async with open_door(profile, node), running(echo(profile)):
        node.tells(lobby, "Alice", "hello everybody")
        message = node._message(
            lobby, "@Echo are you there?", 1, sender=node._find("Alice").id, name="Alice", state="delivered"
        )
        node.said.append(msgspec.structs.replace(message, mentions=[fake_id("me")]))
        node._note("message", chat=lobby, id=message.id)
        assert await said(node, 1) == ["Alice: @Echo are you there?"]


async def test_what_somebody_unknown_has_said_in_a_room_is_no_trouble(
    profile: Path, node: MemoryNode, caplog: pytest.LogCaptureFixture
) -> None:
    lobby = node.room("Lobby", 7, entered=True).id
    async with open_door(profile, node), running(echo(profile)):
        old = node._message(lobby, "hello", 1, sender=fake_id("long gone"), name="Mo", state="delivered")
        node.said.append(old)
        node._note("message", chat=lobby, id=old.id)
        node.arrive("Alice", "hello")
        assert await said(node, 1) == ["Alice: hello"]
    assert not caplog.records


async def test_a_bot_does_not_answer_what_was_set_for_the_chat(profile: Path, node: MemoryNode) -> None:
    bob = node.meet("Bob", relation="contact", online=True)
    async with open_door(profile, node), running(echo(profile)):
        message = node._message(bob.chat, "set it", 1, sender=bob.id, name="Bob", state="delivered", expiry_set=60)
        node.said.append(message)
        node._note("message", chat=message.chat, id=message.id)
        node.arrive("Alice", "hello")
        assert await said(node, 1) == ["Alice: hello"]
