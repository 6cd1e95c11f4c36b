"""Pictures are named by their hash and told by their first bytes; nothing looks further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pdm.wire.picture import MAX_PICTURE, picture_id, picture_type

PNG, JPEG, WEBP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\0\0\0WEBPVP8 "


@pytest.mark.parametrize(("data", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")])
def test_three_kinds_of_pictures_are_known(data: bytes, kind: str) -> None:
    assert picture_type(data) == picture_type(data.ljust(MAX_PICTURE, b"x")) == kind
    assert picture_type(data.ljust(MAX_PICTURE + 1, b"x")) is None


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", PNG[:-1], b"RIFF\x10\0\0\0WAVE", b" " + JPEG])
def test_anything_else_is_no_picture(data: bytes) -> None:
    assert picture_type(data) is None


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_another_picture_has_another_name(one: bytes, other: bytes) -> None:
    assert (picture_id(one) == picture_id(other)) == (one == other)
    assert len(picture_id(one)) == 32
