"""The codec of the door: JSON-RPC 2.0 (jsonrpc.org/specification), one JSON object a line. Pure.

A request with an `id` is answered by one result or one error with that id; without an `id` (or with `null`)
it is a notification and is not answered. Batches are not spoken. Whatever bytes come in, only
ProtocolError comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

PROTOCOL = 1
"""The number in the hello; it changes only when an old client could misunderstand."""
REQUEST_LIMIT = 1 << 20
"""Bytes in a line to the node: thirty times the longest message, and little to hold for a client gone mad."""
ANSWER_LIMIT = 64 << 20
"""Bytes in a line from the node: a page of 1,000 messages of 32 KiB fits."""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
NO_METHOD = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
CALL_FAILED = 1
"""An ApiError: the call was understood and did not work; `data.kind` says which way."""

CallId = int | str


class ProtocolError(Exception):
    """The other side broke JSON-RPC: `code` is one of the specification's, the message a sentence."""

    def __init__(self, message: str, code: int = INVALID_REQUEST) -> None:
        super().__init__(message)
        self.code = code


class Hello(msgspec.Struct, frozen=True):
    """The first line each way."""

    p2pdm: int
    version: str = ""


class Request(msgspec.Struct, frozen=True):
    """A call, or with `id` None a notification; `params` is JSON, an object or an array."""

    id: CallId | None
    method: str
    params: bytes


class Result(msgspec.Struct, frozen=True):
    """A call that worked; `result` is JSON."""

    id: CallId
    result: bytes


class Failure(msgspec.Struct, frozen=True):
    """A call that did not; `id` is None when the request could not be read."""

    id: CallId | None
    code: int
    message: str
    kind: str


class LineReader:
    """Cuts a byte stream into lines, holding at most `limit` bytes of an unfinished one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their ends; blank ones are passed over."""
        *ended, rest = data.split(b"\n")
        lines = []
        for piece in ended:
            self._hold(piece)
            line = b"".join(self._pieces).strip()
            self._pieces.clear()
            self._held = 0
            if line:
                lines.append(line)
        self._hold(rest)
        return lines

    def _hold(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held > self._limit:
            raise ProtocolError(f"a line is longer than {self._limit:,} bytes")
        if piece:
            self._pieces.append(piece)


# Reading.


class _Error(msgspec.Struct, frozen=True):
    code: int
    message: str
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Line(msgspec.Struct, frozen=True):
    """Every member that a line may have."""

    jsonrpc: Literal["2.0"]
    id: CallId | None = None
    method: str | msgspec.UnsetType = msgspec.UNSET
    params: msgspec.Raw = msgspec.Raw(b"{}")
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: _Error | msgspec.UnsetType = msgspec.UNSET


class _Kind(msgspec.Struct, frozen=True):
    kind: str = ""


_line_decoder = msgspec.json.Decoder(_Line)
_hello_decoder = msgspec.json.Decoder(Hello)
_kind_decoder = msgspec.json.Decoder(_Kind)
_encoder = msgspec.json.Encoder()


def decode_hello(line: bytes) -> Hello:
    """Read the other side's first line."""
    try:
        return _hello_decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ProtocolError('the first line must be a hello: {"p2pdm": 1, "version": "..."}') from None


def decode(line: bytes) -> Request | Result | Failure:
    """Read one line."""
    try:
        read = _line_decoder.decode(line)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"not a JSON-RPC 2.0 line: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ProtocolError("not JSON", PARSE_ERROR) from None
    if isinstance(read.method, str):
        return Request(read.id, read.method, bytes(read.params))
    if isinstance(read.error, _Error):
        return Failure(read.id, read.error.code, read.error.message, _kind(read.error))
    if isinstance(read.result, msgspec.Raw) and read.id is not None:
        return Result(read.id, bytes(read.result))
    raise ProtocolError("neither a request, a result nor an error")


def _kind(error: _Error) -> str:
    try:
        return _kind_decoder.decode(error.data).kind
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""  # another implementation's data: the message still stands


# Writing: each returns a whole line with its end.


def encode_hello(version: str) -> bytes:
    """This side's first line."""
    return _encode(Hello(PROTOCOL, version))


def encode_request(id: CallId, method: str, params: Mapping[str, object] | list[object] | msgspec.Raw) -> bytes:
    """A call that will be answered."""
    return _encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})


def encode_notification(method: str, params: object) -> bytes:
    """Something told, never answered."""
    return _encode({"jsonrpc": "2.0", "method": method, "params": params})


def encode_result(id: CallId | None, result: object) -> bytes:
    """The answer to a call that worked."""
    return _encode({"jsonrpc": "2.0", "id": id, "result": result})


def encode_error(id: CallId | None, code: int, message: str, kind: str = "") -> bytes:
    """The answer to a call that did not."""
    error: dict[str, object] = {"code": code, "message": message}
    if kind:
        error["data"] = {"kind": kind}
    return _encode({"jsonrpc": "2.0", "id": id, "error": error})


def _encode(value: object) -> bytes:
    try:
        return _encoder.encode(value) + b"\n"
    except UnicodeEncodeError:
        raise ProtocolError("there is text in it that is not Unicode") from None
