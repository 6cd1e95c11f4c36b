"""Entry <-> signed bytes. Formats: the package's docstring. Whatever bytes come in, only EntryError comes out."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

import msgspec

from p2pdm.conversation.changes import parts_of_change, read_change
from p2pdm.conversation.entries import (
    ID_SIZE,
    MAX_BODY,
    MAX_DEPENDENCIES,
    MAX_MARK,
    MAX_MEMO,
    MAX_MENTIONS,
    MAX_NUMBER,
    VERSION,
    Body,
    Edit,
    Entry,
    EntryError,
    Header,
    Kind,
    Mark,
    Memo,
    Mention,
    Open,
    Said,
    Setting,
    Text,
    Unknown,
    Unsend,
)
from p2pdm.identity import SIGNATURE_SIZE, SigningKey, verify

SALT_SIZE = 16
_FIXED = struct.Struct(">BBBB32s32sQ32sQQIH32sBB")
CHAIN_AT = 2
"""Where in an encoded entry its chain stands."""
_ID = b"p2pdm entry id\0"
_ENTRY = b"p2pdm entry\0"
_BODY = b"p2pdm entry body\0"
MAX_ENTRY = _FIXED.size + 2 * MAX_DEPENDENCIES * 32 + SIGNATURE_SIZE + SALT_SIZE + MAX_BODY
"""Bytes in an encoded entry."""

_CALLED = {
    Kind.OPEN: "opening",
    Kind.EDIT: "edit",
    Kind.UNSEND: "unsending",
    Kind.MARK: "entry's mark",
    Kind.MEMO: "entry between devices",
    Kind.CREATE: "entry that makes a group",
    Kind.INVITE: "invitation",
    Kind.JOIN: "answer to an invitation",
    Kind.LEAVE: "entry that leaves a group",
    Kind.REMOVE: "entry that removes somebody",
    Kind.RANK: "entry that gives a rank",
    Kind.DESCRIBE: "entry that describes a group",
    Kind.SETTING: "entry's setting",
}
"""How an error names a kind that needs more than a text."""

_encoder = msgspec.msgpack.Encoder()
_body_decoder = msgspec.msgpack.Decoder(list[Any])


def seal(header: Header, body: bytes, salt: bytes, device: SigningKey) -> Entry:
    """Sign `header`, whose `body_length` and `commitment` are filled in here from `body` and a fresh 16-byte `salt`."""
    if len(body) > MAX_BODY:
        raise EntryError(f"a message holds at most {MAX_BODY} bytes")
    signed = _encode_header(header, len(body), commitment(salt, body))
    return Entry(entry_id(signed), _decode_header(signed)[0], signed, device.sign(_ENTRY + signed), salt, body)


def entry_id(signed: bytes) -> bytes:
    """The id of a header's bytes."""
    return hashlib.sha256(_ID + signed).digest()


def commitment(salt: bytes, body: bytes) -> bytes:
    """What a header says of its body."""
    return hashlib.sha256(_BODY + salt + body).digest()


def _encode_header(header: Header, body_length: int, body_commitment: bytes) -> bytes:
    fixed = _FIXED.pack(
        VERSION,
        header.flags,
        header.chain,
        header.kind,
        header.conversation,
        header.device,
        header.seq,
        header.prev,
        header.lamport,
        header.time,
        header.expiry,
        body_length,
        body_commitment,
        len(header.membership),
        len(header.dependencies),
    )
    return fixed + b"".join(header.membership) + b"".join(header.dependencies)


def decode(data: bytes) -> Entry:
    """Read an entry and check its body against the commitment; `check_signature` is the caller's to call."""
    if len(data) > MAX_ENTRY:
        raise EntryError("an entry is too large")
    header, size = _decode_header(data)
    signed, rest = data[:size], data[size:]
    if len(rest) == SIGNATURE_SIZE:
        return Entry(entry_id(signed), header, signed, rest)
    if len(rest) != SIGNATURE_SIZE + SALT_SIZE + header.body_length:
        raise EntryError("an entry has another length than it says")
    signature, salt = rest[:SIGNATURE_SIZE], rest[SIGNATURE_SIZE : SIGNATURE_SIZE + SALT_SIZE]
    body = rest[SIGNATURE_SIZE + SALT_SIZE :]
    if commitment(salt, body) != header.commitment:
        raise EntryError("an entry's body is not the one that was signed")
    return Entry(entry_id(signed), header, signed, signature, salt, body)


def without_body(entry: Entry) -> Entry:
    """The same entry, its body purged: it keeps its place in the chain."""
    return Entry(entry.id, entry.header, entry.signed, entry.signature)


def restore(signed: bytes, signature: bytes, salt: bytes, body: bytes | None) -> Entry:
    """An entry from its stored parts."""
    return Entry(entry_id(signed), _decode_header(signed)[0], signed, signature, salt, body)


def _decode_header(data: bytes) -> tuple[Header, int]:
    if len(data) < _FIXED.size:
        raise EntryError("an entry is cut off")
    (
        version,
        flags,
        chain,
        kind,
        conversation,
        device,
        seq,
        prev,
        lamport,
        time,
        expiry,
        length,
        commits,
        heads,
        deps,
    ) = _FIXED.unpack_from(data)
    size = _FIXED.size + 32 * (heads + deps)
    if version != VERSION:
        raise EntryError("an entry is of another version")
    if heads > MAX_DEPENDENCIES or deps > MAX_DEPENDENCIES or len(data) < size:
        raise EntryError("an entry names too many others or is cut off")
    if length > MAX_BODY or chain > 1 or max(seq, lamport, time) > MAX_NUMBER:
        raise EntryError("an entry has a number that can't be")
    ids = tuple(data[i : i + 32] for i in range(_FIXED.size, size, 32)) if size > _FIXED.size else ()
    header = Header(
        flags,
        chain,
        kind,
        conversation,
        device,
        seq,
        prev,
        lamport,
        time,
        expiry,
        length,
        commits,
        ids[:heads],
        ids[heads:],
    )
    return header, size


def check_signature(entry: Entry) -> None:
    """EntryError unless the device named in the header signed it."""
    if not verify(entry.header.device, entry.signature, _ENTRY + entry.signed):
        raise EntryError("an entry is not signed by its device")


def encode_body(body: Said) -> tuple[Kind, bytes]:
    """The kind and bytes of a body; EntryError for text that is not Unicode, or a change beyond its bounds."""
    kind, parts = _parts_of(body)
    try:
        return kind, _encoder.encode(parts)
    except UnicodeEncodeError as error:
        raise EntryError("the text holds half of a character") from error


def _parts_of(body: Said) -> tuple[Kind, list[Any]]:
    match body:
        case Open(certificate, heads, record):
            return Kind.OPEN, ["", certificate, heads, record]
        case Text(text, None, ()):
            return Kind.TEXT, [text]
        case Text(text, reply_to, ()):
            return Kind.TEXT, [text, reply_to]
        case Text(text, reply_to, mentions):
            return Kind.TEXT, [text, reply_to, mentions]
        case Edit(target, text, ()):
            return Kind.EDIT, [text, target]
        case Edit(target, text, mentions):
            return Kind.EDIT, [text, target, mentions]
        case Unsend(target):
            return Kind.UNSEND, ["", target]
        case Mark(target, name, value):
            return Kind.MARK, ["", target, name, value]
        case Memo(name, about, value):
            return Kind.MEMO, ["", name, about, value]
        case Setting(name, value, sentence):
            return Kind.SETTING, [sentence, name, value]
        case _:
            kind, parts = parts_of_change(body)
            if read_change(kind, parts) is None:
                raise EntryError(f"an {_CALLED[kind]} holds more than it may")
            return kind, parts


def decode_body(kind: int, data: bytes) -> Body:
    """What was said. A kind that is not known is shown by its fallback; what a known one carries beyond, is ignored."""
    try:
        parts = _body_decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise EntryError("an entry's body can't be read") from error
    if not parts or not isinstance(parts[0], str):
        raise EntryError("an entry's body has no text")
    body = _read(kind, parts)
    if body is None:
        raise EntryError(f"an {_CALLED[Kind(kind)]} lacks what it needs")
    return body


def _read(kind: int, parts: list[Any]) -> Body | None:
    match kind, parts:
        case Kind.TEXT, [text, bytes() as reply_to, *more] if len(reply_to) == ID_SIZE:
            return Text(text, reply_to, _mentions(text, more))
        case Kind.TEXT, [text, None, *more]:
            return Text(text, None, _mentions(text, more))
        case Kind.TEXT, [text, *_]:
            return Text(text)
        case Kind.EDIT, [text, bytes() as target, *more] if len(target) == ID_SIZE and text:
            return Edit(target, text, _mentions(text, more))
        case Kind.UNSEND, [_, bytes() as target, *_] if len(target) == ID_SIZE:
            return Unsend(target)
        case Kind.MARK, [_, bytes() as target, str() as name, str() as value, *_] if len(target) == ID_SIZE:
            return Mark(target, name, value) if max(len(name), len(value)) <= MAX_MARK else None
        case Kind.MEMO, [_, str() as name, bytes() as about, bytes() as value, *_] if len(name) <= MAX_MARK:
            return Memo(name, about, value) if len(about) + len(value) <= MAX_MEMO else None
        case Kind.OPEN, [_, bytes() as certificate, list() as heads, *rest]:
            whole = all(isinstance(head, bytes) and len(head) == ID_SIZE for head in heads)
            record = rest[0] if rest and isinstance(rest[0], bytes) else b""
            return Open(certificate, tuple(heads), record) if whole else None
        case Kind.SETTING, [sentence, str() as name, str() as value, *_]:
            return Setting(name, value, sentence) if max(len(name), len(value)) <= MAX_MARK else None
        case ((Kind.OPEN | Kind.EDIT | Kind.UNSEND | Kind.MARK | Kind.MEMO | Kind.SETTING), _):
            return None
        case _:
            return read_change(kind, parts) if kind in _CALLED else Unknown(parts[0])


def _mentions(text: str, more: list[Any]) -> tuple[Mention, ...]:
    """The mentions that stand in the text; others are ignored, for the text says all the same."""
    found = more[0] if more and isinstance(more[0], list) else []
    read = (_mention(text, parts) for parts in found[:MAX_MENTIONS])
    return tuple(mention for mention in read if mention is not None)


def _mention(text: str, parts: Any) -> Mention | None:
    match parts:
        case [int() as start, int() as length, bytes() as identity, *_] if len(identity) == ID_SIZE:
            return Mention(start, length, identity) if 0 <= start < start + length <= len(text) else None
        case _:
            return None
