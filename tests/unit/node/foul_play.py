"""Somebody of whom one does not know what they do next, among people."""

from __future__ import annotations

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import Entry
from p2pdm.identity import decode_id
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World
from tests.unit.node.groups import group_of


async def befriended(world: World, someone: Someone, name: str = "Mallory", host: str = "10.9.9.9") -> Puppet:
    """A contact, who has accepted someone, too."""
    mallory = await Puppet(world, name, host).dials(someone)
    await someone.node.accept(mallory.id)
    await world.passes(1)
    return mallory


async def asked_in(by: Someone, puppet: Puppet, chat: str) -> Entry:
    """Somebody invites a puppet into a group, and it says yes; the entry that says so."""
    await by.node.invite(chat, puppet.id)
    return await puppet.joins(by, chat)


async def group_with_puppet(
    world: World, maker: Someone, *others: Someone, name: str = "Mallory"
) -> tuple[str, bytes, Puppet, Entry]:
    """A group that everybody has joined, a puppet last: its id twice, the puppet, and its yes."""
    chat = await group_of(world, maker, *others)
    puppet = await befriended(world, maker, name)
    return chat, decode_id(chat), puppet, await asked_in(maker, puppet, chat)


def handed(puppet: Puppet) -> list[Entry]:
    """All entries that a puppet was given."""
    return [decode(entry) for frame in puppet.heard_of(frames.Entries) for entry in frame.entries]
