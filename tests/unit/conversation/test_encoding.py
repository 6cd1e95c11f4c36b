"""What was said arrives as it was said, or not at all."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.conversation import encoding
from p2pdm.conversation.encoding import (
    MAX_ENTRY,
    check_signature,
    commitment,
    decode,
    decode_body,
    encode_body,
    restore,
    seal,
)
from p2pdm.conversation.entries import (
    ANNOUNCEMENTS,
    CONTENT,
    EXPIRY,
    GROUP,
    MAX_BODY,
    MAX_DESCRIPTION,
    MAX_FLOORS,
    MAX_NUMBER,
    NO_ENTRY,
    Change,
    Create,
    Describe,
    Edit,
    Entry,
    EntryError,
    Flag,
    Floor,
    Header,
    Invite,
    Join,
    Kind,
    Leave,
    Mention,
    Open,
    Rank,
    Remove,
    Setting,
    Text,
    Unknown,
    direct_conversation,
    group_conversation,
    room_conversation,
    self_conversation,
)
from tests.unit.cast import ALICE, BOB, MALLORY, seed
from tests.unit.ledger import CHAT

SALT = seed("salt")[:16]
numbers = st.integers(0, MAX_NUMBER)
ids = st.binary(min_size=32, max_size=32)


def header(**fields: object) -> Header:
    """A header, filled in but for its body."""
    filled = Header(0, CONTENT, Kind.TEXT, CHAT, ALICE.device.public, 1, seed("prev"), 2, 3, 0, 0, b"")
    return msgspec.structs.replace(filled, **fields)


def said(text: str = "hello bob", **fields: object) -> Entry:
    return seal(header(**fields), encode_body(Text(text))[1], SALT, ALICE.device)


headers = st.builds(
    header,
    flags=st.integers(0, 255),
    chain=st.integers(0, 1),
    kind=st.integers(0, 255),
    conversation=ids,
    seq=numbers,
    prev=ids,
    lamport=numbers,
    time=numbers,
    expiry=st.integers(0, 2**32 - 1),
    membership=st.lists(ids, max_size=16).map(tuple),
    dependencies=st.lists(ids, max_size=16).map(tuple),
)


@given(headers, st.binary(max_size=100))
def test_bob_reads_what_alice_wrote(header: Header, body: bytes) -> None:
    entry = seal(header, body, SALT, ALICE.device)
    read = decode(entry.encode())
    assert read == entry
    check_signature(read)
    whole = msgspec.structs.replace(header, body_length=len(body), commitment=commitment(SALT, body))
    assert read.header == whole
    assert (read.body, read.salt) == (body, SALT)
    assert restore(entry.signed, entry.signature, entry.salt, entry.body) == entry


def test_every_changed_byte_is_refused() -> None:
    """In the header, the signature, the salt or the body: alone, and with the body purged."""
    whole = said(dependencies=(seed("parent"),))
    purged = msgspec.structs.replace(whole, salt=b"", body=None)
    for entry in (whole, purged):
        encoded = entry.encode()
        for at in range(len(encoded)):
            with pytest.raises(EntryError):
                check_signature(decode(encoded[:at] + bytes((encoded[at] ^ 1,)) + encoded[at + 1 :]))


def test_every_missing_byte_is_noticed() -> None:
    entry = said()
    encoded = entry.encode()
    with_body = len(entry.signed) + 64
    for size in range(len(encoded)):
        if size == with_body:
            continue  # a purged entry, whole without its body
        with pytest.raises(EntryError):
            decode(encoded[:size])
    with pytest.raises(EntryError):
        decode(encoded + b"\0")


def test_an_entry_verifies_after_its_body_was_purged() -> None:
    entry = said()
    purged = decode(msgspec.structs.replace(entry, salt=b"", body=None).encode())
    check_signature(purged)
    assert purged.body is None
    assert purged.id == entry.id
    assert b"hello bob" not in purged.encode()


def test_a_short_body_cannot_be_guessed_from_what_is_left() -> None:
    yes = encode_body(Text("yes"))[1]
    one = seal(header(), yes, seed("one salt")[:16], ALICE.device)
    other = seal(header(), yes, seed("other salt")[:16], ALICE.device)
    assert one.header.commitment != other.header.commitment


def test_another_body_under_the_same_header_is_refused() -> None:
    entry = said("I owe you 10")
    forged = msgspec.structs.replace(entry, body=encode_body(Text("I owe you 99"))[1])
    with pytest.raises(EntryError, match="not the one that was signed"):
        decode(forged.encode())


def test_mallory_cannot_sign_as_alice() -> None:
    forged = seal(header(), encode_body(Text("send money"))[1], SALT, MALLORY.device)
    with pytest.raises(EntryError, match="not signed by its device"):
        check_signature(decode(forged.encode()))


def test_the_id_is_of_the_header_alone() -> None:
    """Whoever can't check signatures (or gets another valid one) still means the same entry."""
    entry = said()
    assert decode(entry.encode()).id == encoding.entry_id(entry.signed)
    assert entry.id != said("hello Bob").id


def test_numbers_that_no_database_holds_are_refused() -> None:
    assert decode(said(seq=MAX_NUMBER, lamport=MAX_NUMBER, time=MAX_NUMBER).encode()).header.seq == MAX_NUMBER
    beyond = MAX_NUMBER + 1
    for impossible in (header(seq=beyond), header(lamport=beyond), header(time=beyond), header(chain=2)):
        with pytest.raises(EntryError, match="can't be"):
            seal(impossible, b"", SALT, ALICE.device)


def test_an_entry_names_at_most_16_others_of_each_sort() -> None:
    parents = tuple(seed(str(n)) for n in range(17))
    assert decode(said(dependencies=parents[:16], membership=parents[:16]).encode()).header.dependencies == parents[:16]
    with pytest.raises(EntryError, match="too many"):
        said(dependencies=parents)
    with pytest.raises(EntryError, match="too many"):
        said(membership=parents)


def test_a_body_holds_32_kib() -> None:
    parents = tuple(seed(str(n)) for n in range(16))
    largest = seal(header(dependencies=parents, membership=parents), bytes(MAX_BODY), SALT, ALICE.device)
    assert len(largest.encode()) == MAX_ENTRY
    assert decode(largest.encode()) == largest
    with pytest.raises(EntryError, match="too large"):
        decode(bytes(MAX_ENTRY + 1))
    with pytest.raises(EntryError, match="at most"):
        seal(header(), bytes(MAX_BODY + 1), SALT, ALICE.device)


def test_another_version_is_refused() -> None:
    with pytest.raises(EntryError, match="another version"):
        decode(b"\2" + said().encode()[1:])


def test_the_format_never_changes() -> None:
    """An entry of the first release, as bytes: whoever can't read it has lost everyone's history."""
    entry = said(flags=Flag.AUTOMATED, prev=NO_ENTRY, seq=0, kind=Kind.TEXT)
    assert encoding.entry_id(entry.signed).hex() == "5cdf7081f8d4e8e9ba1689da8aed0bbb3e4418164d9e9be3dd0090f05ee1013c"
    assert entry.signature.hex()[:32] == "3ccdef838350427f7d753a059ceb5a85"
    assert entry.encode()[-10:] == b"\xa9hello bob"


# --- bodies ---


@given(st.text())
def test_words_arrive_as_they_were_typed(text: str) -> None:
    kind, body = encode_body(Text(text))
    assert decode_body(kind, body) == Text(text)


def test_half_a_character_is_refused_before_it_is_signed() -> None:
    with pytest.raises(EntryError, match="half of a character"):
        encode_body(Text("\ud83d"))


def test_an_opening_carries_certificate_and_heads() -> None:
    opening = Open(ALICE.certificate.encode(), (seed("one"), seed("two")))
    kind, body = encode_body(opening)
    assert (kind, decode_body(kind, body)) == (Kind.OPEN, opening)


def test_what_a_later_version_says_is_shown_by_its_fallback() -> None:
    later = msgspec.msgpack.encode(["Alice shared a drawing", {"strokes": [1, 2]}, b"\0"])
    assert decode_body(77, later) == Unknown("Alice shared a drawing")


def test_a_later_version_may_add_to_what_is_known() -> None:
    assert decode_body(Kind.TEXT, msgspec.msgpack.encode(["hello", {"bold": [0, 2]}])) == Text("hello")
    opening = decode_body(Kind.OPEN, msgspec.msgpack.encode(["", b"certificate", [seed("one")], "more"]))
    assert opening == Open(b"certificate", (seed("one"),))


@pytest.mark.parametrize(
    "parts",
    [[], [1], [None], [b"hello"], {"text": "hello"}, "hello", 7],
)
def test_a_body_without_a_text_is_refused(parts: object) -> None:
    for kind in (Kind.TEXT, Kind.OPEN, 77):
        with pytest.raises(EntryError):
            decode_body(kind, msgspec.msgpack.encode(parts))


@pytest.mark.parametrize(
    "parts",
    [[""], ["", b"c"], ["", "certificate", []], ["", b"c", "heads"], ["", b"c", [b"short"]], ["", b"c", [1]]],
)
def test_an_opening_of_other_parts_is_refused(parts: object) -> None:
    with pytest.raises(EntryError, match="opening"):
        decode_body(Kind.OPEN, msgspec.msgpack.encode(parts))


FLOOR = Floor(seed("device"), 7, seed("entry"), 9)


@pytest.mark.parametrize(
    "body",
    [
        Create(seed("nonce"), GROUP, "Climbers"),
        Create(seed("nonce"), ANNOUNCEMENTS, ""),
        Invite(BOB.id, (FLOOR, Floor(seed("phone"), 0, seed("opening"), MAX_NUMBER))),
        Invite(BOB.id),
        Join(seed("invite")),
        Leave((FLOOR,)),
        Remove(BOB.id, (FLOOR,) * MAX_FLOORS),
        Rank(BOB.id, admin=True),
        Rank(BOB.id, admin=False),
        Rank(BOB.id, False, (FLOOR,) * MAX_FLOORS),
        Describe("picture", bytes(MAX_DESCRIPTION)),
    ],
)
def test_what_was_decided_is_what_is_read(body: Change) -> None:
    kind, encoded = encode_body(body)
    assert decode_body(kind, encoded) == body
    assert len(encoded) <= MAX_BODY, "the largest fits an entry"
    later = msgspec.msgpack.encode([*msgspec.msgpack.decode(encoded), "more"])
    assert decode_body(kind, later) == body, "a later version may add to it"


def test_floors_as_large_as_they_come_fit_a_body() -> None:
    largest = Floor(seed("device"), MAX_NUMBER, seed("entry"), MAX_NUMBER)
    assert len(encode_body(Invite(BOB.id, (largest,) * MAX_FLOORS))[1]) <= MAX_BODY


ID, WIDE = seed("id"), MAX_NUMBER + 1


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        (Kind.CREATE, [ID, GROUP]),
        (Kind.CREATE, [ID, 256, "name"]),
        (Kind.CREATE, [ID, True, "name"]),
        (Kind.CREATE, [b"short", GROUP, "name"]),
        (Kind.CREATE, [ID, GROUP, "x" * 65]),
        (Kind.INVITE, [ID]),
        (Kind.INVITE, [b"short", []]),
        (Kind.INVITE, [ID, [[ID, 1, ID]]]),
        (Kind.INVITE, [ID, [[ID, -1, ID, 1]]]),
        (Kind.INVITE, [ID, [[ID, 1, ID, WIDE]]]),
        (Kind.INVITE, [ID, [[ID, True, ID, 1]]]),
        (Kind.INVITE, [ID, [[b"short", 1, ID, 1]]]),
        (Kind.INVITE, [ID, [[ID, 1, ID, 1]] * (MAX_FLOORS + 1)]),
        (Kind.JOIN, []),
        (Kind.JOIN, [b"short"]),
        (Kind.LEAVE, []),
        (Kind.LEAVE, [[7]]),
        (Kind.REMOVE, [ID]),
        (Kind.REMOVE, [ID, [[ID, 1, b"short", 1]]]),
        (Kind.RANK, [ID]),
        (Kind.RANK, [ID, 1]),
        (Kind.DESCRIBE, ["name"]),
        (Kind.DESCRIBE, ["name", "text"]),
        (Kind.DESCRIBE, ["x" * 65, b""]),
        (Kind.DESCRIBE, ["picture", bytes(MAX_DESCRIPTION + 1)]),
    ],
)
def test_a_decision_that_lacks_what_it_needs_or_is_beyond_its_bounds_is_refused(
    kind: Kind, parts: list[object]
) -> None:
    with pytest.raises(EntryError, match="lacks what it needs"):
        decode_body(kind, msgspec.msgpack.encode(["", *parts]))


def test_what_nobody_could_read_is_not_said() -> None:
    too_much = (Describe("picture", bytes(MAX_DESCRIPTION + 1)), Leave((FLOOR,) * (MAX_FLOORS + 1)))
    for body in (*too_much, Join(b"short"), Create(seed("nonce"), 256, "")):
        with pytest.raises(EntryError, match="more than it may"):
            encode_body(body)
    with pytest.raises(EntryError, match="half of a character"):
        encode_body(Create(seed("nonce"), GROUP, "\ud83d"))


def test_the_id_of_a_conversation_says_what_it_is() -> None:
    """Its derivation never changes: whoever derives another one is in another conversation."""
    group = group_conversation(ALICE.id, seed("nonce"), GROUP)
    ids = {
        group,
        group_conversation(BOB.id, seed("nonce"), GROUP),
        group_conversation(ALICE.id, seed("other nonce"), GROUP),
        group_conversation(ALICE.id, seed("nonce"), ANNOUNCEMENTS),
        self_conversation(ALICE.id),
        self_conversation(BOB.id),
        room_conversation("lobby"),
        direct_conversation(ALICE.id, BOB.id),
    }
    assert len(ids) == 8
    assert group.hex() == "fa1af4dafb5ee74d119f7f008f27bc2ca228698daa4abe59139a6c37a4d3bfdc"
    assert room_conversation("lobby").hex() == "098c9d4d5c787498f25e897c8505c0c1fd8d413eab921ccc7fa2dc9d49a9f9ba"
    assert self_conversation(ALICE.id).hex() == "2432f60f545cc43b7091fb69ce873b5c63b02b8e0a71e78ce1503902e8c25b71"


def test_a_room_is_found_by_any_spelling_that_looks_like_its_name() -> None:
    assert (
        room_conversation("  Cafe\u0301 \u202eBar ")
        == room_conversation("caf\xe9 bar")
        == room_conversation("CAF\xc9 BAR")
    )
    assert room_conversation("cafe bar") != room_conversation("caf\xe9 bar")


def test_two_people_have_one_conversation_whoever_begins() -> None:
    assert direct_conversation(ALICE.id, BOB.id) == direct_conversation(BOB.id, ALICE.id)
    assert direct_conversation(ALICE.id, BOB.id) != direct_conversation(ALICE.id, MALLORY.id)


ids_and_places = st.builds(Mention, st.integers(0, 20), st.integers(1, 20), ids)


@given(st.text(min_size=40, max_size=60), st.none() | ids, st.lists(ids_and_places, max_size=5))
def test_mentions_arrive_with_their_text(text: str, reply_to: bytes | None, mentions: list[Mention]) -> None:
    for body in (Text(text, reply_to, tuple(mentions)), Edit(ALICE.id, text, tuple(mentions))):
        kind, encoded = encode_body(body)
        assert decode_body(kind, encoded) == body


@pytest.mark.parametrize(
    "mentions",
    [
        7,
        [[0, 5]],
        [[0, 99, bytes(32)]],
        [[-1, 2, bytes(32)]],
        [[0, 0, bytes(32)]],
        [[0, 3, b"short"]],
        ["@bob"],
        [None],
    ],
)
def test_mentions_that_stand_nowhere_are_ignored(mentions: object) -> None:
    assert decode_body(Kind.TEXT, msgspec.msgpack.encode(["@bob!", None, mentions])) == Text("@bob!")


def test_a_text_without_mentions_is_encoded_as_ever() -> None:
    assert encode_body(Text("hi")) == (Kind.TEXT, msgspec.msgpack.encode(["hi"]))
    assert encode_body(Text("hi", bytes(32))) == (Kind.TEXT, msgspec.msgpack.encode(["hi", bytes(32)]))


def test_a_setting_arrives_and_says_something_to_older_versions() -> None:
    setting = Setting(EXPIRY, "60", "Set messages to disappear.")
    kind, encoded = encode_body(setting)
    assert decode_body(kind, encoded) == setting
    assert decode_body(99, encoded) == Unknown("Set messages to disappear.")
    with pytest.raises(EntryError):
        decode_body(kind, msgspec.msgpack.encode(["x", EXPIRY]))
