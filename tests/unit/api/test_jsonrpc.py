"""The codec: what is written is what is read, and nothing but ProtocolError comes out of what is not ours."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.api import jsonrpc
from p2pdm.api.jsonrpc import Failure, LineReader, ProtocolError, Request, Result, decode

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
members = st.dictionaries(
    st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "p2pdm", "code", "message", "data"]),
    json_values | st.just("2.0"),
)


@given(st.integers(0, 2**53) | st.text(), st.text(), st.dictionaries(st.text(), json_values))
def test_a_request_arrives_as_it_was_written(call_id: int | str, method: str, params: dict[str, object]) -> None:
    read = decode(jsonrpc.encode_request(call_id, method, params))
    assert isinstance(read, Request)
    assert (read.id, read.method, msgspec.json.decode(read.params)) == (call_id, method, params)


@given(st.integers(0, 2**53) | st.text(), json_values)
def test_a_result_arrives_as_it_was_written(call_id: int | str, value: object) -> None:
    read = decode(jsonrpc.encode_result(call_id, value))
    assert isinstance(read, Result)
    assert (read.id, msgspec.json.decode(read.result)) == (call_id, value)


def test_an_error_carries_its_kind() -> None:
    line = jsonrpc.encode_error(7, jsonrpc.CALL_FAILED, "nobody is called Bob", "unknown_person")
    assert msgspec.json.decode(line) == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {"code": 1, "message": "nobody is called Bob", "data": {"kind": "unknown_person"}},
    }
    assert decode(line) == Failure(7, 1, "nobody is called Bob", "unknown_person")


def test_an_error_of_another_implementation_still_speaks() -> None:
    read = decode(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no","data":[1]}}')
    assert read == Failure(None, -32000, "no", "")


def test_a_notification_has_no_id_and_needs_no_params() -> None:
    assert decode(b'{"jsonrpc":"2.0","method":"stop"}') == Request(None, "stop", b"{}")


def test_a_written_line_is_one_line() -> None:
    line = jsonrpc.encode_request(1, "send", {"to": "Bob", "text": "a\nb\r\n\u2028"})
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(ProtocolError, match="not Unicode"):
        jsonrpc.encode_request(1, "send", {"text": "\udcff"})


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"hello", jsonrpc.PARSE_ERROR),
        (b"[]", jsonrpc.INVALID_REQUEST),
        (b'{"id":1,"method":"me"}', jsonrpc.INVALID_REQUEST),
        (b'{"jsonrpc":"1.0","id":1,"method":"me"}', jsonrpc.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"me"}', jsonrpc.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1}', jsonrpc.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","method":"\xff"}', jsonrpc.PARSE_ERROR),
        (b"[" * 100_000, jsonrpc.INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","method":"me","params":' + b"[" * 100_000, jsonrpc.PARSE_ERROR),
    ],
)
def test_a_line_that_is_no_json_rpc_says_which_rule_it_breaks(line: bytes, code: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(line)
    assert caught.value.code == code


@given(st.binary() | members.map(msgspec.json.encode))
def test_whatever_comes_only_protocol_errors_come_out(line: bytes) -> None:
    for read in (decode, jsonrpc.decode_hello):
        with contextlib.suppress(ProtocolError):
            read(line)


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)), st.integers(1, 7))
def test_lines_are_the_same_however_the_bytes_are_cut(lines: list[bytes], size: int) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    reader = LineReader(100)
    read = [line for at in range(0, len(stream), size) for line in reader.feed(stream[at : at + size])]
    assert read == [line.strip() for line in lines if line.strip()]


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    reader = LineReader(10)
    assert reader.feed(b"1234567890") == []
    with pytest.raises(ProtocolError, match="longer than 10 bytes"):
        reader.feed(b"1")


def test_a_line_of_just_the_limit_passes() -> None:
    assert LineReader(10).feed(b"1234567890\n12") == [b"1234567890"]
