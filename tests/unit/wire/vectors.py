"""Other people's test vectors, read in place beside the project (see ../shared/vectors/README.md there)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Counts

VECTORS = Path(__file__).parents[4] / "shared" / "vectors"

Vector = dict[str, Any]


def load(counts: Counts, label: str, file: str, expected: int) -> Any:
    """Give what the file holds; if it is not there, `expected` vectors did not run, and the test skips."""
    path = VECTORS / file
    if not path.exists():
        counts.ran(label, 0, expected)
        pytest.skip(f"no test vectors at {path}")
    return json.loads(path.read_text())


def wycheproof(counts: Counts, label: str, name: str, expected: int) -> list[tuple[Vector, Vector]]:
    """Give the (group, test) pairs of one of Wycheproof's files."""
    content = load(counts, label, f"wycheproof/{name}_test.json", expected)
    return [(group, test) for group in content["testGroups"] for test in group["tests"]]


def unhex(vector: Vector, *names: str) -> list[bytes]:
    """Give the named fields' bytes."""
    return [bytes.fromhex(vector[name]) for name in names]
