"""One command, run to its end."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Outcome:
    """What came of it."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Its results, one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Outcome]
