"""`python -m tests.bench [NAME...]`: run the benchmarks and print the table."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench import catching_up, crowds, measures
from tests.bench.table import Row, show
from tests.fakes.virtual_time import VirtualLoop

BENCHMARKS = {**measures.BENCHMARKS, "catch-up": catching_up.catch_up, "group": crowds.group}
LOOPS = {"group": VirtualLoop}


def run(names: list[str]) -> list[Row]:
    """Run the named benchmarks, each in a fresh folder on the disk of the working directory."""
    rows: list[Row] = []
    for name in names:
        print(f"measuring: {name} ...", file=sys.stderr, flush=True)
        with (
            tempfile.TemporaryDirectory(prefix=".bench-", dir=".") as folder,
            asyncio.Runner(loop_factory=LOOPS.get(name)) as runner,
        ):
            rows += runner.run(BENCHMARKS[name](Path(folder).resolve()))
    return rows


def main() -> int:
    """Print the table; 2 for an unknown name."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"there are the benchmarks {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    print(show(run(names)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
