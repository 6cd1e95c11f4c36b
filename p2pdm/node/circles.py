"""Circles: what each conversation is, who belongs to it, and what of it may go to whom.

direct   the two, once each has accepted the other (`talk.meet` says when that is so)
group    its members get everything above their floors; the invited, and those who have left or were removed, get
the membership chains (the latter up to their parting), so that they know where they stand
room     everybody with whom there is a session; of an announcement only the named may write. Who has left it takes
nothing more of it, but still gives people what they themselves have said: they may have lost it
self     one's own other devices
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from enum import IntEnum

from p2pdm.conversation.encoding import decode
from p2pdm.conversation.entries import ANNOUNCEMENTS, CONTENT, MEMBERSHIP, Entry, Floor, Header
from p2pdm.conversation.log import is_at
from p2pdm.conversation.membership import (
    MAX_KEPT_OF_ONE,
    MAX_OPERATIONS_OF_ONE,
    Group,
    Operation,
    Rights,
    fold_group,
    operation_of,
)
from p2pdm.identity import PeerId, encode_id
from p2pdm.node.myself import Myself
from p2pdm.store.conversations import DIRECT, GROUP, ROOM, SELF, StoredConversation
from p2pdm.store.heads import Branch
from p2pdm.store.people import BLOCKED
from p2pdm.store.tables import Store
from p2pdm.wire.picture import picture_id, picture_type


class Standing(IntEnum):
    """Where somebody stands in a group."""

    NONE = 0
    PARTED = 1
    """Left, was removed, or said no."""
    CALLED = 2
    """Invited, and has not answered."""
    MEMBER = 3


class Everybody(Container[PeerId]):
    """The authors of a room: whoever is in the space."""

    def __contains__(self, identity: object) -> bool:
        return True


class Floors:
    """Where somebody's reading begins, as far as it was judged: each floor again when more of its chain is here."""

    def __init__(self, named: Mapping[bytes, Floor]) -> None:
        self.standing = dict(named)
        self.doubted = dict(named)
        self._seen: dict[bytes, bytes] = {}

    def doubtful(self, heads: Iterable[Branch]) -> list[tuple[Floor, Branch]]:
        """The floors to judge now, and how far their chain goes here."""
        tops = {head.device: head for head in heads if head.chain == CONTENT and head.device in self.doubted}
        return [(self.doubted[one], head) for one, head in tops.items() if self._seen.get(one) != head.id]

    def judged(self, floor: Floor, true: bool | None, head: Branch) -> None:
        """Remember what was found."""
        self._seen[floor.device] = head.id
        if true is not None:
            del self.doubted[floor.device]
        if true is False:
            del self.standing[floor.device]


class Circles:
    """Reads only; remembers what it has folded until `changed` says that it is old."""

    def __init__(self, store: Store, myself: Myself) -> None:
        self._store = store
        self._myself = myself
        self._groups: dict[bytes, Group] = {}
        self._operations: dict[bytes, list[Operation]] = {}
        self._partings: dict[tuple[bytes, PeerId], list[Branch]] = {}
        self._floors: dict[tuple[bytes, PeerId], Floors] = {}
        self._companions: dict[PeerId, list[bytes]] | None = None

    # --- Participant, for commits: what is undone must not be remembered ---

    def mark(self) -> int:
        """Nothing to count."""
        return 0

    def rewind(self, mark: int) -> None:
        """Writes were undone."""
        self.forget()

    def ended(self, committed: bool) -> None:
        """A group of writes is over."""
        if not committed:
            self.forget()

    def forget(self) -> None:
        """Fold everything anew when it is asked for."""
        self._groups.clear()
        self._operations.clear()
        self._partings.clear()
        self._floors.clear()
        self._companions = None

    def changed(self, conversation: bytes) -> None:
        """Membership entries were stored, or it is a new conversation."""
        self._operations.pop(conversation, None)
        self._refold(conversation)

    def operated(self, entry: Entry, author: PeerId) -> None:
        """A membership entry was stored."""
        conversation = entry.header.conversation
        if conversation in self._operations:
            self._operations[conversation].append(operation_of(entry, author))
        self._refold(conversation)

    def _refold(self, conversation: bytes) -> None:
        self._groups.pop(conversation, None)
        self._partings = {key: heads for key, heads in self._partings.items() if key[0] != conversation}
        self._floors = {key: floors for key, floors in self._floors.items() if key[0] != conversation}
        self._companions = None

    # --- what a conversation is ---

    def stored(self, conversation: bytes) -> StoredConversation | None:
        """What is stored of it."""
        return self._store.conversations.get(conversation)

    def group(self, conversation: bytes) -> Group:
        """Who belongs to a group or an announcement, as all that is stored of it says."""
        group = self._groups.get(conversation)
        if group is None:
            group = self._groups[conversation] = fold_group(conversation, self._all_operations(conversation))
        return group

    def _all_operations(self, conversation: bytes) -> list[Operation]:
        operations = self._operations.get(conversation)
        if operations is None:
            entries = self._store.entries.chain(conversation, MEMBERSHIP)
            operations = self._operations[conversation] = [operation_of(entry, author) for entry, author in entries]
        return operations

    def has_decided_enough(self, header: Header) -> bool:
        """Whether one more operation of an author would hardly count, by its number or those of all their devices."""
        stored, author = self.stored(header.conversation), self.author(header.device)
        if stored is not None and author == stored.other:
            return False  # whoever made the group
        if header.seq >= MAX_OPERATIONS_OF_ONE:
            return True
        operations = self._all_operations(header.conversation)
        if len(operations) < MAX_KEPT_OF_ONE:
            return False
        return sum(one.author == author for one in operations) >= MAX_KEPT_OF_ONE

    def is_group(self, conversation: bytes) -> bool:
        """Whether it has membership at all."""
        stored = self.stored(conversation)
        return stored is not None and bool(stored.nonce)

    def is_direct(self, conversation: bytes) -> bool:
        """Whether it is between two."""
        stored = self.stored(conversation)
        return stored is not None and stored.kind == DIRECT

    def is_room(self, conversation: bytes) -> bool:
        """Whether everybody on the network may be in it."""
        stored = self.stored(conversation)
        return stored is not None and stored.kind == ROOM

    def kind_of_group(self, conversation: bytes) -> int:
        """What its creator made: a group, or an announcement, which is a room."""
        stored = self.stored(conversation)
        return ANNOUNCEMENTS if stored is not None and stored.kind == ROOM else 0

    def picture(self, conversation: bytes) -> bytes:
        """A group's picture, as its admins gave it; empty when there is none."""
        return self.group(conversation).described.get("picture", b"") if self.is_group(conversation) else b""

    def picture_named(self, conversation: bytes) -> str:
        """The id of that picture, as clients see it; empty when there is none that could be shown."""
        picture = self.picture(conversation)
        return encode_id(picture_id(picture)) if picture_type(picture) else ""

    def standing(self, conversation: bytes, identity: PeerId) -> Standing:
        """Where somebody stands in a conversation."""
        stored = self.stored(conversation)
        if stored is None:
            return Standing.NONE
        if stored.kind == GROUP:
            return self._standing_in_group(conversation, identity)
        if stored.kind == DIRECT:
            return Standing.MEMBER if identity in (stored.other, self._myself.id) else Standing.NONE
        if stored.kind == SELF:
            return Standing.MEMBER if identity == self._myself.id else Standing.NONE
        return Standing.MEMBER

    def _standing_in_group(self, conversation: bytes, identity: PeerId) -> Standing:
        group = self.group(conversation)
        if identity in group.members:
            return Standing.MEMBER
        if identity in group.invited:
            return Standing.CALLED
        return Standing.PARTED if identity in group.authors else Standing.NONE

    def was_removed(self, conversation: bytes) -> bool:
        """Whether somebody else has put the user out of a group."""
        return self.group(conversation).former.get(self._myself.id, self._myself.id) != self._myself.id

    def authors(self, conversation: bytes) -> Container[PeerId]:
        """Whose entries may be stored at all."""
        stored = self.stored(conversation)
        if stored is None:
            return ()
        if stored.kind == DIRECT:
            return (self._myself.id, stored.other)
        if stored.kind == SELF:
            return (self._myself.id,)
        if stored.kind == ROOM and not stored.nonce:
            return Everybody()
        # The creator's first entries are what tells everything else.
        return {stored.other, *self.group(conversation).authors}

    def author(self, device: bytes) -> PeerId | None:
        """Whose device this is, if it wrote anything that is here."""
        return self._store.entries.identity_of(device)

    def counts(self, author: PeerId, header: Header) -> bool:
        """Whether what an author has said in a content chain is to be shown: in rooms, not of who is blocked."""
        stored = self.stored(header.conversation)
        if stored is not None and stored.kind == ROOM and self._is_blocked(author):
            return False
        if stored is None or not stored.nonce:
            return True
        return self.group(header.conversation).counts(author, header.device, header.seq, header.membership)

    def _is_blocked(self, identity: PeerId) -> bool:
        known = self._store.people.get(identity)
        return known is not None and known.relation == BLOCKED

    def may_not_write(self, conversation: bytes) -> str:
        """Why the user can't say something in a group or room: a sentence; empty when they can."""
        stored = self.stored(conversation)
        if stored is None:
            return "There is no such chat here."
        if stored.kind == ROOM and not stored.entered:
            return "You are not in this room: enter it first."
        standing = self.standing(conversation, self._myself.id)
        if standing == Standing.CALLED:
            return "You are invited to this group: join it first."
        if standing != Standing.MEMBER:
            return "You do not belong to this group any more: you " + (
                "were removed." if self.was_removed(conversation) else "have left it."
            )
        rights = self.group(conversation).members.get(self._myself.id) if stored.nonce else Rights.CREATOR
        if stored.kind == ROOM and (rights or Rights.MEMBER) < Rights.ADMIN:
            return "Only its announcers write in this room."
        return ""

    def floors(self, conversation: bytes, identity: PeerId) -> Mapping[bytes, Floor]:
        """By device, up to where content is from before somebody belonged; without those that can't be true."""
        stored = self.stored(conversation)
        group = self.group(conversation) if stored is not None and stored.kind == GROUP else None
        if group is None or identity not in group.members:
            return {}
        floors = self._floors.get((conversation, identity))
        if floors is None:
            floors = self._floors[conversation, identity] = Floors(group.floors(identity))
        for floor, head in floors.doubtful(self._store.entries.heads.all(conversation)) if floors.doubted else ():
            floors.judged(floor, self._is_true(group, conversation, identity, floor, head), head)
        return floors.standing

    def _is_true(self, group: Group, conversation: bytes, identity: PeerId, floor: Floor, head: Branch) -> bool | None:
        """Whether a floor can be where somebody's reading begins; None: too little is here to tell.

        An admin may name any number, and hide what a device says next. But whoever knew of the invitation wrote later.
        """
        place = self._store.entries.place_in(conversation, floor.id)
        if place is not None:
            return is_at(place, conversation, floor)
        bare = self._store.entries.bare(head.id)
        known = decode(bare.encoded).header.membership if bare is not None else ()
        return False if head.seq >= floor.seq or group.is_after(identity, known) else None

    def is_after_invitation(self, header: Header, identity: PeerId) -> bool:
        """Whether an entry of a group can't be from before somebody belonged, whatever their floors say."""
        return self.is_group(header.conversation) and self.group(header.conversation).is_after(
            identity, header.membership
        )

    def unseen_floors(self, conversation: bytes) -> list[Floor]:
        """Where the user's own reading begins in a group, of what is not known here yet."""
        floors = self.floors(conversation, self._myself.id).values()
        return [floor for floor in floors if not self._store.entries.knows(floor.id)]

    # --- with whom ---

    def members(self, conversation: bytes) -> list[PeerId]:
        """Everybody whose disk a message here is meant for, oneself included; of a room, nobody in particular."""
        stored = self.stored(conversation)
        if stored is None or stored.kind == ROOM:
            return []
        if stored.kind == DIRECT:
            return [self._myself.id, stored.other]
        if stored.kind == SELF:
            return [self._myself.id]
        return sorted(self.group(conversation).members)

    def companions(self) -> Mapping[PeerId, list[bytes]]:
        """Everybody else who is in a group with oneself, and in which."""
        if self._companions is None:
            found: dict[PeerId, list[bytes]] = {}
            for stored in self._store.conversations.of_kind(GROUP):
                group = self.group(stored.id)
                if self.standing(stored.id, self._myself.id) != Standing.NONE:
                    for identity in {*group.members, *group.invited}:
                        found.setdefault(identity, []).append(stored.id)
            found.pop(self._myself.id, None)
            self._companions = found
        return self._companions

    def is_fellow(self, identity: PeerId) -> bool:
        """Whether somebody is in a group that the user has said yes to."""
        shared = self.companions().get(identity, ())
        return any(self.standing(conversation, self._myself.id) == Standing.MEMBER for conversation in shared)

    def to_share_with(self, identity: PeerId) -> list[bytes]:
        """The groups, rooms and own conversations of which something may go to, or come from, somebody."""
        if identity == self._myself.id:
            kinds: Iterable[int] = (DIRECT, GROUP, ROOM, SELF)
            return [c.id for kind in kinds for c in self._store.conversations.of_kind(kind)]
        rooms = [stored.id for stored in self._store.conversations.of_kind(ROOM) if stored.entered]
        groups = [
            stored.id for stored in self._store.conversations.of_kind(GROUP) if self.shares_group(stored.id, identity)
        ]
        return [*groups, *rooms]

    def to_give_back(self, identity: PeerId) -> list[bytes]:
        """The rooms that the user has left, of which somebody else may lack what either of the two has said."""
        if identity == self._myself.id:
            return []
        return [stored.id for stored in self._store.conversations.of_kind(ROOM) if not stored.entered]

    def has_left_room(self, conversation: bytes) -> bool:
        """Whether it is a room in which the user is not."""
        stored = self.stored(conversation)
        return stored is not None and stored.kind == ROOM and not stored.entered

    def shares(self, conversation: bytes, identity: PeerId) -> bool:
        """Whether a conversation is among those."""
        stored = self.stored(conversation)
        if stored is None:
            return False
        if stored.kind == GROUP and identity != self._myself.id:
            return self.shares_group(conversation, identity)
        return identity == self._myself.id or (stored.kind == ROOM and stored.entered)

    def concerns(self, conversation: bytes, identity: PeerId) -> bool:
        """Whether what is new between two, or in a group, is to reach somebody."""
        stored = self.stored(conversation)
        if stored is None or stored.kind not in (DIRECT, GROUP):
            return False
        return self.shares_group(conversation, identity) if stored.kind == GROUP else stored.other == identity

    def shares_group(self, conversation: bytes, identity: PeerId) -> bool:
        """Whether a group is to be synchronised with somebody: each of the two must have something to do with it."""
        mine, theirs = self.standing(conversation, self._myself.id), self.standing(conversation, identity)
        if mine == Standing.MEMBER:
            return theirs != Standing.NONE
        return mine != Standing.NONE and theirs == Standing.MEMBER

    def heads_at_parting(self, conversation: bytes, parted: PeerId) -> list[Branch]:
        """The membership chains up to where somebody may still know them."""
        key = conversation, parted
        if key not in self._partings:
            tops: dict[bytes, Branch] = {}
            for entry, _ in self._store.entries.chain(conversation, MEMBERSHIP):
                header = entry.header
                branch = Branch(header.device, MEMBERSHIP, header.seq, entry.id, header.lamport)
                later = header.device not in tops or tops[header.device].seq < header.seq
                if later and self.may_still_know(conversation, parted, entry.id):
                    tops[header.device] = branch
            self._partings[key] = list(tops.values())
        return self._partings[key]

    def reached(self, conversation: bytes, identity: PeerId, device: bytes) -> int:
        """How far somebody has said to hold what a device said; -1: nothing of it."""
        return self._store.conversations.progress(conversation, identity, device).delivered

    def may_still_know(self, conversation: bytes, parted: PeerId, operation: bytes) -> bool:
        """Whether a membership entry is part of what led to somebody's parting: nothing later is their business."""
        group = self.group(conversation)
        return any(end == operation or group.is_ancestor(operation, end) for end in group.partings(parted))
