"""`python -m tests.simulation [--seeds COUNT] [--seed FIRST]`: run seeds on all processors, print those that fail."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.pool import Pool

from tests.simulation.run import Failure, simulate

AT_ONCE = 4
"""Seeds that a process takes at a time."""


def run_many(seeds: Sequence[int]) -> Iterator[list[Failure]]:
    """What each of the seeds broke, as they are done."""
    with processes(len(seeds)) as pool:
        yield from pool.imap_unordered(simulate, seeds, AT_ONCE if len(seeds) > AT_ONCE * (os.cpu_count() or 1) else 1)


@contextmanager
def processes(most: int) -> Iterator[Pool]:
    """Fresh ones: whatever this one has running must not be in them."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = "0"  # a set of bytes goes the same way each time, so that a seed is one story
    try:
        with multiprocessing.get_context("spawn").Pool(min(os.cpu_count() or 1, most)) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ["PYTHONHASHSEED"]
        else:
            os.environ["PYTHONHASHSEED"] = before


def main() -> int:
    """Run what the command line says; 1 if a seed fails."""
    parser = argparse.ArgumentParser(prog="./run simulate", description="Random stories of real nodes, by seed.")
    parser.add_argument("--seeds", type=int, default=1_000, metavar="COUNT", help="how many (1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="FIRST", help="the first one (0)")
    wanted = parser.parse_args()
    begun = time.monotonic()
    failed = 0
    for failures in run_many(range(wanted.seed, wanted.seed + wanted.seeds)):
        failed += bool(failures)
        for failure in failures:
            print(failure, flush=True)
    print(f"{wanted.seeds} seeds from {wanted.seed}: {failed} failed ({time.monotonic() - begun:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
