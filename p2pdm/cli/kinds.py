"""What an argument may be: a text, a number within bounds, a status. All else is wrong usage, said in a sentence."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from p2pdm.api.types import Availability
from p2pdm.cli import oneself

EXAMPLE = '{"chat": "Ben"}'
"""Parameters of a call."""
MOST_EXPIRY = 366 * 86_400
"""Seconds: what messages may stay at most before they disappear."""


def text(given: str) -> str:
    """Text that can go into JSON; a shell may hand over anything."""
    try:
        given.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("that is not UTF-8") from None
    return given


def file(given: str) -> str:
    """A file's whole path: the node has another working directory."""
    return str(Path(text(given)).absolute())


def params(given: str) -> str:
    """The parameters of a call, as JSON."""
    try:
        value = msgspec.json.decode(given)
    except (msgspec.DecodeError, UnicodeEncodeError):
        raise argparse.ArgumentTypeError(f"that is not JSON, as in {EXAMPLE}") from None
    if not isinstance(value, dict | list):
        raise argparse.ArgumentTypeError(f"the parameters are a JSON object or array, as in {EXAMPLE}")
    return given


def _number(given: str, least: int, most: int, whole: bool = True) -> float:
    try:
        number = int(given) if whole else float(given)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is not a number") from None
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{given} is not between {least:,} and {most:,}")
    return number


def port(given: str) -> int:
    """A port."""
    return int(_number(given, 1, 65_535))


def limit(given: str) -> int:
    """How many at most."""
    return int(_number(given, 1, 1_000))


def minutes(given: str) -> int:
    """Minutes, up to a week."""
    return int(_number(given, 0, 7 * 24 * 60))


def status(given: str) -> Availability:
    """How somebody is here."""
    word = given.lower().replace("_", "-").replace(" ", "-")
    word = oneself.SHORT_STATUS_WORDS.get(word, word)
    if word not in oneself.STATUS_WORDS:
        *words, last = oneself.STATUS_WORDS
        raise argparse.ArgumentTypeError(f"{given!r} is no status: say {', '.join(words)} or {last} (dnd)")
    return oneself.STATUS_WORDS[word]


def cursor(given: str) -> int:
    """A place in what has happened."""
    return int(_number(given, 0, 2**62))


def expiry(given: str) -> int:
    """Seconds, said in any unit; `off` is none."""
    if given == "off":
        return 0
    units = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
    size = units.get(given[-1:], 0)
    seconds = int(_number(given[:-1] if size else given, 1, MOST_EXPIRY)) * (size or 1)
    if seconds > MOST_EXPIRY:
        raise argparse.ArgumentTypeError(f"{given} is more than {MOST_EXPIRY // units['d']} days")
    return seconds


def days(given: str) -> int:
    """Days, up to a century; `off` is none."""
    return 0 if given == "off" else int(_number(given, 1, 36_500))


def seconds(given: str) -> float:
    """Seconds, or parts of them."""
    return _number(given, 0, 10**6, whole=False)
