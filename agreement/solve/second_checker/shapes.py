"""Read JSON text whose numbers are plain integers, and check one value's type and range at a time.

Source: sections "Reading the file" and "The document" of the page on the format of certificates.
"""

import json
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NoReturn

MOST_BYTES = 33_554_432
MOST_BRACKETS = 2_000_000
MOST_NESTING = 8
MOST_NUMBER = 999_999_999
_INTEGER = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_LONGEST_QUOTE = 60


class RefusedError(ValueError):
    """A certificate is refused; the message says where in it and why."""


# --- from text to JSON values -------------------------------------------------------------------


def parse(text: str | bytes) -> object:
    """Return the JSON value of a text that has only integers and no key twice in an object."""
    if isinstance(text, str):
        try:
            data = text.encode()
        except UnicodeEncodeError:
            raise RefusedError("the file: not UTF-8, it has half of a surrogate pair") from None
    else:
        data = text
    if len(data) > MOST_BYTES:
        raise RefusedError(f"the file: longer than {MOST_BYTES} bytes")
    if data.count(b"[") + data.count(b"{") > MOST_BRACKETS:
        raise RefusedError(f"the file: more than {MOST_BRACKETS} bytes are [ or {{")
    try:
        decoded = data.decode()
    except UnicodeDecodeError:
        raise RefusedError("the file: not UTF-8") from None
    if decoded.startswith("\ufeff"):
        raise RefusedError("the file: begins with a byte order mark; save it without one")
    try:
        value: object = json.loads(
            decoded,
            object_pairs_hook=_object_without_duplicates,
            parse_int=_parse_integer,
            parse_float=_no_such_number,
            parse_constant=_no_such_number,
        )
    except json.JSONDecodeError as error:
        raise RefusedError(f"the file: not JSON, {error}") from None
    except RecursionError:
        raise RefusedError(f"the file: nested more than {MOST_NESTING} deep") from None
    return value


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made: dict[str, object] = {}
    for key, value in pairs:
        if key in made:
            raise RefusedError(f"the file: an object has the key {quote(key)} twice")
        made[key] = value
    return made


def _parse_integer(word: str) -> int:
    if not _INTEGER.fullmatch(word):
        _no_such_number(word)
    return int(word)


def _no_such_number(word: str) -> NoReturn:
    raise RefusedError(f"the file: the number {quote(word)} is not 0 to {MOST_NUMBER} in digits")


def quote(value: object) -> str:
    """Return what a wrong value looks like, shortened."""
    if isinstance(value, list | dict):
        kind = "an array" if isinstance(value, list) else "an object"
        return f"{kind} of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."


# --- from JSON values to typed values: one function per shape -----------------------------------


def integer(value: object, least: int, most: int, place: str) -> int:
    """Return a value that must be an integer, and no Boolean, in a range."""
    if type(value) is not int:
        raise RefusedError(f"{place}: {quote(value)} is not an integer")
    if not least <= value <= most:
        raise RefusedError(f"{place}: {value} is not between {least} and {most}")
    return value


def string(value: object, place: str) -> str:
    """Return a value that must be a string."""
    if type(value) is not str:
        raise RefusedError(f"{place}: {quote(value)} is not a string")
    return value


def array(value: object, place: str) -> list[object]:
    """Return a value that must be an array."""
    if type(value) is not list:
        raise RefusedError(f"{place}: {quote(value)} is not an array")
    return value


def filled(value: object, place: str) -> list[object]:
    """Return a value that must be an array with something in it."""
    items = array(value, place)
    if not items:
        raise RefusedError(f"{place}: empty")
    return items


def entry(value: object, length: int, place: str) -> list[object]:
    """Return a value that must be an array of a given length."""
    items = array(value, place)
    if len(items) != length:
        raise RefusedError(f"{place}: has {len(items)} entries and not {length}")
    return items


def object_with(value: object, keys: Iterable[str], place: str) -> dict[str, object]:
    """Return a value that must be an object with exactly these keys."""
    if type(value) is not dict:
        raise RefusedError(f"{place}: {quote(value)} is not an object")
    for key in keys:
        if key not in value:
            raise RefusedError(f"{place}: the key {key!r} is missing")
    for key in value:
        if key not in keys:
            raise RefusedError(f"{place}: the key {quote(key)} is unknown")
    return value


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, in the singular where the number is 1."""
    return f"{number} {one if number == 1 else many}"


def increasing(items: Sequence[object], place: str) -> None:
    """Raise unless each item is greater than the one before it."""
    for number, (one, other) in enumerate(pairwise(items)):
        if not one < other:  # type: ignore[operator]  # all entries of a list have one shape
            raise RefusedError(f"{place}: entry {number + 1} is not greater than the one before it")


def numbers(value: object, most: int, place: str) -> tuple[int, ...]:
    """Return a strictly increasing list of integers, each at most a bound."""
    numbers = tuple(integer(item, 0, most, place) for item in array(value, place))
    increasing(numbers, place)
    return numbers
