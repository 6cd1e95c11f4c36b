"""Pictures that a user gives as files."""

from __future__ import annotations

from pathlib import Path

from p2pdm.api.types import ApiError
from p2pdm.store.files import read_given
from p2pdm.wire.picture import picture_type


def read_picture(path: str, most: int) -> bytes:
    """The bytes of a PNG, JPEG or WebP of at most `most` bytes; ApiError says what else it is."""
    if not Path(path).is_absolute():
        raise ApiError("picture", "Give the whole path of the picture.")
    data = read_given(Path(path), most)
    if len(data) > most:
        raise ApiError("picture", f"A picture here has at most {most // 1024} KiB. Make {path} smaller first.")
    if picture_type(data) is None:
        raise ApiError("picture", f"{path} is no PNG, JPEG or WebP picture.")
    return data
