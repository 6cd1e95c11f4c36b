"""What must hold, whatever happened. Each says nothing when it does, else one sentence for each thing that does not.

Some are watched while the story goes on, by the people themselves (people.py): "delivered is on their disk", "blocked
people get nothing", "nothing appears twice" of notices. These here are looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

from p2pdm.conversation.entries import direct_conversation
from p2pdm.identity import encode_id
from p2pdm.net.links import Link
from p2pdm.store.lines import StoredLine
from tests.simulation.circle_invariants import (
    delivered_is_on_each_ones_disk,
    members_know_the_same_group,
    members_show_the_same,
    nobody_outside_a_group_holds_an_entry,
    nothing_said_to_many_is_missing,
    what_reached_all_members_is_shown_as_delivered,
    who_has_parted_gets_nothing_later,
)
from tests.simulation.faces import (
    everybody_is_shown_with_their_face,
    members_see_the_same_picture,
    pictures_are_few_and_small,
)
from tests.simulation.keeping import (
    drafts_stay,
    friends_know_each_other_as_they_are,
    what_has_expired_is_nowhere,
    what_was_deleted_is_not_there,
)
from tests.simulation.pages import TEXT, words_on
from tests.simulation.people import Character, StormyWorld
from tests.simulation.saving import words_taken_back

Check = Callable[[StormyWorld], Iterator[str]]

MAX_QUEUED = 4 * 1024 * 1024
MAX_ORPHANS = 1_000
MAX_REFUSED = 1_000
MAX_WANTED = 1_000
"""As DESIGN section 9 promises them; not the product's own names, which a mistake might change."""
MAX_TASKS_EACH = 8
MAX_TIMERS_EACH = 60


def friends_show_the_same(world: StormyWorld) -> Iterator[str]:
    """Every two friends hold the same set, and show what both show alike and in the same order."""
    for one, other in _friends(world):
        conversation = one.conversation(other.key)
        different = one.entries(conversation) ^ other.entries(conversation)
        if different:
            yield f"{_both(one, other)}: {len(different)} entries are on one disk only"
        mine, theirs = _shown(one, other), _shown(other, one)
        both = [id for id in mine if id in theirs and id not in world.record.forgotten]
        if both != [id for id in theirs if id in mine and id not in world.record.forgotten]:
            yield f"{_both(one, other)}: not in the same order"
        for id in both:
            if mine[id].line != theirs[id].line or mine[id].identity != theirs[id].identity:
                yield f"{_both(one, other)}: {encode_id(id)[:8]} differs: {mine[id].line} and {theirs[id].line}"


def nothing_acknowledged_is_missing(world: StormyWorld) -> Iterator[str]:
    """What was once stored is stored; what was said is shown by everybody whom it was for and who is a friend."""
    for machine in world.machines:
        lost = machine.keeps - {row[0] for row in machine.disk.ask("SELECT id FROM entries")}
        if lost:
            yield f"{machine.name} lost {len(lost)} entries"
    yield from nothing_said_to_many_is_missing(world)
    excused = world.record.restored_away | world.record.forgotten | world.record.erased | world.record.passing
    excused |= _gone_with_their_owners(world)
    for one, other in _friends(world):
        mine, theirs = _shown(one, other), _shown(other, one)
        for id, saying in world.record.said.items():
            ours = saying.conversation == one.conversation(other.key) and saying.machine in (one, other)
            if ours and id not in excused:
                for machine, shown in ((one, mine), (other, theirs)):
                    if id not in shown or not (shown[id].line.unsent or saying.text in _versions(shown[id])):
                        yield f"{machine.name} at {machine.host} lacks {saying.text[:30]} ({_both(one, other)})"
        if not world.record.restored_away:  # else perhaps it was the change that only one disk had
            for machine, shown in ((one, mine), (other, theirs)):
                unexcused = {id: shown[id] for id in shown.keys() - excused if not shown[id].line.unsent}
                yield from _changes_missing(world, (one, other), machine.name, unexcused)


def _gone_with_their_owners(world: StormyWorld) -> set[bytes]:
    """What only somebody has who has left for good."""
    there = {id for machine in world.present for id in machine.keeps}
    return {id for machine in world.machines if machine.gone for id in machine.keeps} - there


def _changes_missing(
    world: StormyWorld, both: tuple[Character, Character], name: str, shown: dict[bytes, StoredLine]
) -> Iterator[str]:
    for id, by in world.record.taken_back:
        if id in shown and by in both:
            yield f"{name} still shows {shown[id].line.text[:30]}, which was taken back"
    for id, text, by in world.record.edited:
        if id in shown and by in both and text not in _versions(shown[id]):
            yield f"{name} shows {_versions(shown[id])} and not the edit {text[:30]}"


def what_arrived_is_shown_as_delivered(world: StormyWorld) -> Iterator[str]:
    """An own message that is on a friend's disk, or on those of all members, does not go on waiting."""
    yield from what_reached_all_members_is_shown_as_delivered(world)
    for one, other in _friends(world):
        for author, reader in ((one, other), (other, one)):
            for message in author.node.view.history(encode_id(author.conversation(reader.key)), 1_000, None):
                if message.mine and message.state not in ("delivered", "read"):
                    yield f"{author.name} at {author.host}: {message.text[:30]} is {message.state} ({message.why})"


def nothing_appears_twice(world: StormyWorld) -> Iterator[str]:
    """No text is shown twice in a chat."""
    for machine in world.machines:
        for identity in world.identities.values():
            if identity != machine.key:
                texts = [m.line.text for m in machine.lines(machine.conversation(identity)) if TEXT.match(m.line.text)]
                for text, times in Counter(texts).items():
                    if times > 1:
                        yield f"{machine.name} shows {text[:30]} {times} times"
        for stored in machine.circles():
            texts = [m.line.text for m in machine.lines(stored.id) if TEXT.match(m.line.text)]
            for text, times in Counter(texts).items():
                if times > 1:
                    yield f"{machine.name} shows {text[:30]} {times} times"


def nobody_outside_holds_an_entry(world: StormyWorld) -> Iterator[str]:
    """On every disk there are only chats of its owner, and in each only entries of its two people; of groups, the same
    (circle_invariants)."""
    yield from nobody_outside_a_group_holds_an_entry(world)
    for machine in world.machines:
        rows = machine.disk.ask(
            "SELECT DISTINCT c.id, c.other, d.identity FROM entries e JOIN conversations c ON c.number = e.conversation"
            " JOIN devices d ON d.number = e.device WHERE c.kind = 0"
        )
        for conversation, other, author in rows:
            if conversation != direct_conversation(machine.key, other) or author not in (machine.key, other):
                yield f"{machine.name} holds what {world.name_of(author)} said to somebody else"


def nobody_is_forged(world: StormyWorld) -> Iterator[str]:
    """What is stored as somebody's own was once written by one of their machines."""
    for machine in world.machines:
        for id, author in machine.disk.ask(
            "SELECT e.id, d.identity FROM entries e JOIN devices d ON d.number = e.device"
        ):
            if id not in world.record.written and world.machines_of(author):
                yield f"{machine.name} holds {encode_id(id)[:8]}, which {world.name_of(author)} never said"


def what_was_taken_back_is_nowhere(world: StormyWorld) -> Iterator[str]:
    """Where an unsend is known, no page of the disk holds the words, nor those of an edit."""
    for machine in world.machines:
        present = words_on(machine.disk.pages(), words_taken_back(machine))
        if present:
            yield f"{machine.name} at {machine.host} still has {', '.join(sorted(present))}"


def memory_is_bounded(world: StormyWorld) -> Iterator[str]:
    """Queues and orphans have an end, even while somebody floods."""
    for machine in world.machines:
        if machine.dead:
            continue
        inbox, commits = machine.node.inbox, machine.node.commits
        sizes = inbox.queues.sizes
        if any(size > MAX_QUEUED for size in sizes.values()):
            yield f"{machine.name} queues {max(sizes.values())} bytes of one peer"
        over = sum(size for peer, size in sizes.items() if peer.session.closed)
        if over > 2 * MAX_QUEUED:
            yield f"{machine.name} queues {over} bytes of sessions that are over"
        for peer in machine.node.sessions:
            exchange = peer.exchange
            each = exchange._shared.values()
            wanted = max((max(len(shared.wanted), len(shared.unknown)) for shared in each), default=0)
            if max(wanted, len(exchange._unheard), len(exchange._answering.asked)) > MAX_WANTED:
                yield f"{machine.name} remembers all that one peer makes up"
        if inbox._orphans.most > MAX_ORPHANS:
            yield f"{machine.name} keeps {inbox._orphans.most} orphans of one conversation"
        if len(commits._refused) > MAX_REFUSED:
            yield f"{machine.name} keeps {len(commits._refused)} words that the disk refused"


def nothing_is_left_waiting(world: StormyWorld) -> Iterator[str]:
    """At the end no queue holds anything, and nobody has more sessions than there are machines."""
    for machine in world.present:
        node = machine.node
        left = {
            "queued entries": len(node.inbox.queues.waiting),
            "timers of the inbox": len(node.inbox._asking),
            "words that the disk refused": len(node.commits._refused),
            "waiting calls": len(node.commits._first) + len(node.commits._then),
            "notices": len(node.board._fresh),
            # Where a cable stays cut, what was under way stays there, and the other end never answers.
            "bytes in links": sum(link.pending for link in machine._links() if not _is_cut(world, link)),
            "handshakes": sum(not _is_cut(world, one.link) for one in (*node.gate._knocking, *node.gate._dialling)),
            "suspects": len(node.sessions._suspects),
            "peers who have left, and what they may have": len(node.sharing._levels.keys() - set(node.sessions)),
            "rooms of peers who have left": len(node.rooms_here._told.keys() - set(node.sessions)),
            "chains held back": sum(
                len(shared.held_back) for peer in node.sessions for shared in peer.exchange._shared.values()
            ),
        }
        for what, number in left.items():
            if number:
                yield f"{machine.name} at {machine.host}: {number} {what}"
        if len(list(node.sessions)) > len(world.machines):
            yield f"{machine.name} has {len(list(node.sessions))} sessions"


def no_mistake_in_the_background(world: StormyWorld) -> Iterator[str]:
    """Nothing failed where nobody was told."""
    yield from world.background


def _is_cut(world: StormyWorld, link: Link) -> bool:
    return world.lan.is_cut(link.remote.host, link.local.host)


def _friends(world: StormyWorld) -> list[tuple[Character, Character]]:
    return [
        (one, other)
        for one, other in combinations(world.present, 2)
        if one.is_friend_of(other) and not world.apart(one, other)
    ]


def _shown(one: Character, other: Character) -> dict[bytes, StoredLine]:
    return {line.entry.id: line for line in one.lines(one.conversation(other.key))}


def _versions(message: StoredLine) -> list[str]:
    return [*(version.text for version in message.line.earlier), message.line.text]


def _both(one: Character, other: Character) -> str:
    return f"{one.name} at {one.host} and {other.name} at {other.host}"


AT_ANY_TIME: dict[str, Check] = {"memory is bounded": memory_is_bounded}
AT_THE_END: dict[str, Check] = {
    "friends show the same": friends_show_the_same,
    "nothing acknowledged is missing": nothing_acknowledged_is_missing,
    "members know the same group": members_know_the_same_group,
    "members show the same": members_show_the_same,
    "a removed member gets nothing later": who_has_parted_gets_nothing_later,
    "delivered is on their disk": delivered_is_on_each_ones_disk,
    "what arrived is shown as delivered": what_arrived_is_shown_as_delivered,
    "nothing appears twice": nothing_appears_twice,
    "nobody outside holds an entry": nobody_outside_holds_an_entry,
    "nobody is forged": nobody_is_forged,
    "what was taken back is nowhere": what_was_taken_back_is_nowhere,
    "what has expired is nowhere": what_has_expired_is_nowhere,
    "what was deleted is not there": what_was_deleted_is_not_there,
    "drafts stay": drafts_stay,
    "friends know each other as they are": friends_know_each_other_as_they_are,
    "everybody is shown with their face": everybody_is_shown_with_their_face,
    "members see the same picture": members_see_the_same_picture,
    "pictures are few and small": pictures_are_few_and_small,
    "memory is bounded": memory_is_bounded,
    "nothing is left waiting": nothing_is_left_waiting,
    "no mistake in the background": no_mistake_in_the_background,
}
WATCHED = (
    "delivered is on their disk",
    "blocked people get nothing",
    "nothing appears twice",
    "a face is shown to no stranger",
    "a backup holds all that was kept",
    "a restored profile is a new device",
    "no later backup holds what is gone",
)
"""What is watched while the story goes on, by people.py and saving.py."""
