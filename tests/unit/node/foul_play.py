"""Somebody of whom one does not know what they do next, among people."""

from __future__ import annotations

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import Entry
from p2pdm.wire import frames
from tests.fakes.puppet import Puppet
from tests.fakes.world import Someone, World


async def befriended(world: World, someone: Someone, name: str = "Mallory", host: str = "10.9.9.9") -> Puppet:
    """A contact, who has accepted someone, too."""
    mallory = await Puppet(world, name, host).dials(someone)
    await someone.node.accept(mallory.id)
    await world.passes(1)
    return mallory


def handed(puppet: Puppet) -> list[Entry]:
    """All entries that a puppet was given."""
    return [decode(entry) for frame in puppet.heard_of(frames.Entries) for entry in frame.entries]
