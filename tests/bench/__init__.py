"""Benchmarks: what a user waits for, as ratios to what can't be avoided, measured beside it in the same minute.

`./run bench` prints the table; `python -m tests.bench NAME...` only some of it. Real nodes run as processes of
their own on this machine's loopback, with real profiles on this disk. Nothing here fails for being slow: a figure
depends on the machine, a ratio hardly does, and the table names the ratio that is to be reached.
"""
