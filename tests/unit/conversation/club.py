"""A group as a story: what people decide, knowing what they know. No signatures: those are `log`'s."""

from __future__ import annotations

from collections.abc import Iterable

from p2pdm.conversation.entries import GROUP, Body, Create, Floor, Invite, Join, Rank, group_conversation
from p2pdm.conversation.membership import Group, Operation, fold_group
from p2pdm.identity import PeerId
from tests.unit.cast import person, seed

PHONE = seed("ben's phone")
ANA, BEN, CLEO, DAN = (person(name).id for name in ("ana", "ben", "cleo", "dan"))
MALLORY = person("mallory").id


def floor(device: str, seq: int) -> Floor:
    """A content entry of a device."""
    return Floor(seed(device), seq, seed(f"{device} {seq}"), seq + 1)


class Club:
    """All operations of a group that ana made."""

    def __init__(self, kind: int = GROUP, name: str = "Climbers") -> None:
        self.nonce = seed("nonce")
        self.conversation = group_conversation(ANA, self.nonce, kind)
        self.operations: list[Operation] = []
        self.made = self.does(ANA, Create(self.nonce, kind, name))

    def does(self, who: PeerId, body: Body, *, knowing: Iterable[Operation] | None = None, time: int = 0) -> Operation:
        """Somebody decides something: knowing all that was decided, or only these and what came before them."""
        known = self.operations if knowing is None else list(knowing)
        lamport = 1 + max((one.order[0] for one in known), default=0)
        id = seed(f"{len(self.operations)} {who.hex()} {body}")
        done = Operation(id, who, self._heads(known), (lamport, time, id), body)
        self.operations.append(done)
        return done

    def asks_in(self, by: PeerId, who: PeerId, *after: Floor, knowing: Iterable[Operation] | None = None) -> Operation:
        """An invitation and its yes, which is returned."""
        invite = self.does(by, Invite(who, after), knowing=knowing)
        return self.does(who, Join(invite.id), knowing=[invite])

    def now(self, *without: Operation) -> Group:
        """The group as it stands."""
        return fold_group(self.conversation, [one for one in self.operations if one not in without])

    def _heads(self, known: list[Operation]) -> tuple[bytes, ...]:
        named = {parent for one in known for parent in one.parents}
        return tuple(one.id for one in known if one.id not in named)


def make_admin(club: Club, who: bytes) -> Operation:
    """Ana asks somebody in, and gives them the rank."""
    club.asks_in(ANA, who)
    return club.does(ANA, Rank(who, admin=True))
