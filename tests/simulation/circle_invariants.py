"""What must hold in groups and rooms, whatever happened. Each as in `invariants`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from p2pdm.api.types import Message
from p2pdm.conversation.membership import fold_group, operation_of
from p2pdm.conversation.timeline import Line
from p2pdm.identity import PeerId, decode_id, encode_id
from p2pdm.node.circles import Standing
from p2pdm.store.conversations import GROUP, ROOM
from p2pdm.store.lines import StoredLine
from tests.simulation.circles import Circle, Held, circles
from tests.simulation.people import Character, Saying, StormyWorld


def members_know_the_same_group(world: StormyWorld) -> Iterator[str]:
    """Everybody who belongs to a group sees the same people, rights and name, and so do those whom they see."""
    for circle in circles(world):
        if not circle.has_members:
            continue
        for machine, held in circle.held.items():
            operations = [operation_of(h.entry, h.author) for h in held.values() if not h.is_content]
            if fold_group(circle.id, operations) != machine.group(circle.id):
                yield f"{_where(machine)} sees another group than its disk tells ({_name(circle)})"
        for one, other in circle.pairs():
            if circle.standing(other) == Standing.NONE:  # only contacts may call anybody
                if any(_must_hear(other, member, circle) for member in circle.inside):
                    yield f"{_where(other)} never heard of {_name(circle)}, where {one.name} sees them"
            elif one.group(circle.id) != other.group(circle.id):
                yield f"{_where(one)} and {_where(other)} see {_name(circle)} differently"


def _must_hear(other: Character, member: Character, circle: Circle) -> bool:
    near = member.key != other.key and not circle.world.apart(member, other)
    return near and other.node.roster.is_contact(member.key)


def members_show_the_same(world: StormyWorld) -> Iterator[str]:
    """Everybody who belongs to a group or room holds the same set above their floors, and shows it alike."""
    for circle in circles(world):
        for one, other in circle.pairs():
            if other in circle.held and circle.standing(other) == Standing.MEMBER:
                yield from _differences(circle, one, other)
                if circle.kind == GROUP:
                    yield from _told_apart(circle, one, other)


def _told_apart(circle: Circle, one: Character, other: Character) -> Iterator[str]:
    """What happened to the group, and what was said, stand in one order for both.

    Not what one of them missed: who comes back lacks the words by which others know where in that time it stands.
    """
    mine, theirs = ([line.id for line in _history(circle, machine)] for machine in (one, other))
    missed = {id for machine in (one, other) for id in _missed(circle, machine)}
    both = (set(mine) & set(theirs)) - missed
    if [id for id in mine if id in both] != [id for id in theirs if id in both]:
        yield f"{_where(one)} and {_where(other)}: what happened to {_name(circle)} stands elsewhere"


def _history(circle: Circle, machine: Character) -> list[Message]:
    return machine.node.view.history(encode_id(circle.id), 1_000, None, happenings=True)


def _missed(circle: Circle, machine: Character) -> Iterator[str]:
    """What had happened before the invitation after which somebody reads; only who comes back is told of it."""
    group = machine.group(circle.id)
    joined = group._rules.joined(machine.key) if group._rules is not None else None
    if joined is not None:
        for line in _history(circle, machine):
            if line.happening and group.is_ancestor(decode_id(line.id), joined[1].operation.id):
                yield line.id


def _differences(circle: Circle, one: Character, other: Character) -> Iterator[str]:
    both = f"{_where(one)} and {_where(other)} in {_name(circle)}"
    unheard = {who for who in circle.world.identities.values() if any(m.ignores(who) for m in (one, other))}
    mine, theirs = (_comparable(circle, machine, one, other) for machine in (one, other))
    if mine ^ theirs:
        yield f"{both}: {len(mine ^ theirs)} entries are on one disk only"
        return
    here, there = (_shown(circle, machine, mine, unheard) for machine in (one, other))
    if circle.kind == ROOM and circle.world.aged:
        return  # what is old goes from rooms, and two clocks that stand ahead make everything old
    if list(here) != list(there):
        yield f"{both}: not the same messages in the same order ({len(here)}, {len(there)})"
    for id in here.keys() & there.keys():
        if _heard(here[id].line, unheard) != _heard(there[id].line, unheard) or here[id].identity != there[id].identity:
            yield f"{both}: {encode_id(id)[:8]} differs: {here[id].line} and {there[id].line}"


def _comparable(circle: Circle, machine: Character, one: Character, other: Character) -> set[bytes]:
    held = circle.held[machine]
    return {id for id, entry in held.items() if circle.above(entry, one, other) or not entry.is_content}


def _shown(circle: Circle, machine: Character, of: set[bytes], unheard: set[PeerId]) -> dict[bytes, StoredLine]:
    erased = circle.world.record.erased  # what each disk lets go of in its own time is compared with nobody's
    lines = [line for id, line in circle.lines(machine).items() if id in of and id not in erased]
    lines = [line for line in lines if not line.entry.header.expiry]
    # In rooms, who is blocked is not heard.
    return {line.entry.id: line for line in lines if circle.kind == GROUP or line.identity not in unheard}


def _heard(line: Line, unheard: set[PeerId]) -> Line:
    """Without what depends on whom a reader has blocked."""
    if not unheard:
        return line
    return replace(line, pinned=False, reactions=tuple(one for one in line.reactions if one[0] not in unheard))


def nothing_said_to_many_is_missing(world: StormyWorld) -> Iterator[str]:
    """What somebody who belongs said is shown to all others who do; always, if nobody ever put its author out."""
    for circle in circles(world):
        excused = world.record.restored_away | world.record.erased | world.record.passing
        for id, saying in world.record.said.items():
            if saying.conversation == circle.id and id not in excused and id in circle.everything:
                for reader in circle.readers_of(circle.everything[id], saying.machine):
                    yield from _lacks(circle, reader, saying.machine, id, saying)


def _lacks(circle: Circle, reader: Character, author: Character, id: bytes, saying: Saying) -> Iterator[str]:
    if circle.kind == ROOM and (reader.ignores(author.key) or circle.world.aged):
        return
    shown = circle.lines(reader).get(id)
    if shown is None:
        yield f"{_where(reader)} lacks {saying.text[:30]} in {_name(circle)}"
        return
    line = shown.line
    versions = [*(version.text for version in line.earlier), line.text]
    if not line.unsent and saying.text not in versions:
        yield f"{_where(reader)} shows {versions} and not {saying.text[:30]} in {_name(circle)}"
    reached = author in circle.inside and reader in circle.reached_from(author)
    if reached and not circle.world.record.restored_away and not circle.ends(author.key):
        taken_back = any(one == id and by is author for one, by in circle.world.record.taken_back)
        if taken_back and not line.unsent:
            yield f"{_where(reader)} still shows {line.text[:30]}, which was taken back"
        for one, text, by in circle.world.record.edited:
            if one == id and by is author and not line.unsent and text not in versions:
                yield f"{_where(reader)} shows {versions} and not the edit {text[:30]}"


def what_reached_all_members_is_shown_as_delivered(world: StormyWorld) -> Iterator[str]:
    """An own message that is on the disk of everybody in a group does not go on waiting."""
    for circle in circles(world):
        for machine in circle.inside if circle.kind == GROUP else ():
            others = [who for who in machine.group(circle.id).members if who != machine.key]
            theirs = [other for who in others for other in world.machines_of(who)]
            known = all(world.machines_of(who) for who in others)
            if known and all(other in circle.inside and not world.apart(machine, other) for other in theirs):
                for message in machine.messages(circle.id):
                    if message.mine and message.state not in ("delivered", "read"):
                        yield f"{_where(machine)}: {message.text[:30]} is {message.state} ({message.why})"


def delivered_is_on_each_ones_disk(world: StormyWorld) -> Iterator[str]:
    """Where a message in a group is shown as somebody's, it was on a disk of theirs."""
    for circle in circles(world):
        for machine in circle.inside if circle.kind == GROUP else ():
            for message, line in zip(machine.messages(circle.id), circle.lines(machine).values(), strict=True):
                for state in message.states:
                    theirs = world.machines_of(world.identities[state.person])
                    if state.state != "waiting" and theirs and not any(line.entry.id in one.held for one in theirs):
                        yield f"{_where(machine)} shows {message.text[:30]} as {state.state} to {theirs[0].name}"


def nobody_outside_a_group_holds_an_entry(world: StormyWorld) -> Iterator[str]:
    """Who was never asked has nothing of a group, and who did not say yes, or came later, nothing of what was said."""
    for circle in circles(world):
        if circle.kind == GROUP:
            for machine, held in circle.held.items():
                if held and machine.key != circle.creator and not circle.invitations(machine.key):
                    yield f"{_where(machine)} holds {len(held)} entries of {_name(circle)}, and was never asked in"
                content = list(_not_theirs(circle, machine))
                if content and not circle.group.partings(machine.key):
                    yield f"{_where(machine)} holds {len(content)} entries of {_name(circle)} from before their time"


def who_has_parted_gets_nothing_later(world: StormyWorld) -> Iterator[str]:
    """Who was removed or has left holds nothing whose author knew of it."""
    for circle in circles(world):
        if circle.kind == GROUP:
            for machine, held in circle.held.items():
                if circle.group.partings(machine.key):
                    who = machine.key
                    content = list(_not_theirs(circle, machine))
                    decided = [one for one in held.values() if not one.is_content and not circle.may_know(who, one)]
                    if decided:  # a member can always tell them more; honest ones must not
                        told = circle.told(machine)
                        decided = [one for one in decided if one.entry.id in told]
                    if content or decided:
                        yield (
                            f"{_where(machine)} holds {len(content)} messages and {len(decided)} operations"
                            f" from after they had gone from {_name(circle)}"
                        )


def _not_theirs(circle: Circle, machine: Character) -> Iterator[Held]:
    """The content that somebody has, or was handed by honest machines, and may not have."""
    return (one for one in circle.had(machine) if one.is_content and not circle.may_hold(machine.key, one))


def _where(machine: Character) -> str:
    return f"{machine.name} at {machine.host}"


def _name(circle: Circle) -> str:
    return f"{'room' if circle.kind == ROOM else 'group'} {encode_id(circle.id)[:8]}"
