"""Finding secrets inside bytes: whole values, pieces of at least 16 bytes, and masked values.

All outputs of recorded calls and all draws are *values*. A string of bytes, such as the input of a
hash, a saved state or a message, is scanned for them. A *piece* is a run of at least 16 bytes of a
value (a truncation, or one half of a longer output). Bytes written in hexadecimal or in base64 are
scanned decoded as well.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PIECE", "Scan", "Values", "looks_random"]

PIECE = 16
"""The least number of bytes that count as a secret: 128 bits."""
STEP = 8
"""Any run of 16 bytes of a value contains 8 bytes that begin at a multiple of 8."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a string of bytes contains."""

    values: tuple[int, ...]
    """The numbers of the values and pieces in it, in order, each once."""
    unknown: tuple[bytes, ...]
    """Runs of bytes that look random and belong to no value."""


class Values:
    """An index of values, numbered from 0.

    >>> values = Values()
    >>> secret = bytes(range(100, 132))
    >>> number = values.add(secret)
    >>> values.scan(b"label" + secret + b"end").values == (number,)
    True
    >>> half = values.scan(b"label" + secret[:16]).values
    >>> values.bytes[half[0]] == secret[:16], values.whole[half[0]] == number
    (True, True)
    """

    __slots__ = ("_indexed", "_number", "_numerals", "_scans", "_windows", "bytes", "whole")

    def __init__(self) -> None:
        self.bytes: list[bytes] = []
        self.whole: dict[int, int] = {}
        """For every piece the value in which it was found."""
        self._number: dict[bytes, int] = {}
        self._numerals: dict[int, dict[int, int]] = {}
        """For every size the values of that size as integers, each with its number."""
        self._indexed: set[int] = set()
        """The values that scans look for: all but pieces."""
        self._windows: dict[bytes, list[tuple[int, int]]] = {}
        self._scans: dict[bytes, Scan] = {}

    def add(self, data: bytes) -> int | None:
        """Return the number of a value, new or old; None if it is too short to be a secret."""
        if len(data) < PIECE:
            return None
        number = self._number.get(data)
        if number is None:
            number = self._enter(data)
        if number not in self._indexed:
            self._indexed.add(number)
            for at in range(0, len(data) - STEP + 1, STEP):
                self._windows.setdefault(data[at : at + STEP], []).append((number, at))
            self._scans.clear()
        return number

    def number(self, data: bytes) -> int | None:
        """Return the number of a value or piece, or None."""
        return self._number.get(data)

    def scan(self, data: bytes) -> Scan:
        """Return the values, pieces and unknown bytes in a string of bytes and its decodings."""
        found = self._scans.get(data)
        if found is None:
            values: dict[int, None] = {}
            unknown: list[bytes] = []
            for view in _views(data):
                self._scan(view, values, unknown)
            found = self._scans[data] = Scan(tuple(values), tuple(unknown))
        return found

    def masked(self, data: bytes) -> tuple[bytes, int, int] | None:
        """Return a part of ``data`` that is the exclusive or of two values, and their numbers.

        Return None if there is no such part.
        """
        for size, numerals in self._numerals.items():
            for at in range(len(data) - size + 1):
                part = int.from_bytes(data[at : at + size], "big")
                for value, number in numerals.items():
                    other = numerals.get(part ^ value)
                    if other is not None and other != number:
                        return data[at : at + size], number, other
        return None

    def _enter(self, data: bytes) -> int:
        number = self._number[data] = len(self.bytes)
        self.bytes.append(data)
        self._numerals.setdefault(len(data), {})[int.from_bytes(data, "big")] = number
        return number

    def _scan(self, data: bytes, values: dict[int, None], unknown: list[bytes]) -> None:
        windows, at, free = self._windows, 0, 0
        end = len(data) - STEP
        while at <= end:
            places = windows.get(data[at : at + STEP])
            if places is None:
                at += 1
                continue
            number, start, stop = self._longest(data, at, free, places)
            if stop - start < PIECE:
                at += 1
                continue
            values[self._piece(number, data[start:stop])] = None
            unknown.extend(_random_runs(data[free:start]))
            at = free = stop
        unknown.extend(_random_runs(data[free:]))

    def _longest(
        self, data: bytes, at: int, free: int, places: list[tuple[int, int]]
    ) -> tuple[int, int, int]:
        """Return the value with the longest match around ``at``, and where the match lies.

        Of equally long matches, that of the shortest value wins: a value that is matched as a whole
        rather than one that contains it.
        """
        best = (0, 0, (-1, at, at))
        for number, place in places:
            value, offset = self.bytes[number], place
            start, stop = at, at + STEP
            whole = at - offset
            if whole >= free and data[whole : whole + len(value)] == value:
                start, offset, stop = whole, 0, whole + len(value)  # the usual case, at once
            while start > free and offset > 0 and data[start - 1] == value[offset - 1]:
                start, offset = start - 1, offset - 1
            last = offset + stop - start
            while stop < len(data) and last < len(value) and data[stop] == value[last]:
                stop, last = stop + 1, last + 1
            best = max(best, (stop - start, -len(value), (number, start, stop)))
        return best[2]

    def _piece(self, number: int, data: bytes) -> int:
        if len(data) == len(self.bytes[number]):
            return number
        known = self._number.get(data)
        if known is None:
            known = self._enter(data)
            self.whole[known] = number
        return known


HEXADECIMAL = re.compile(rb"(?:[0-9a-f]{2}){16,}|(?:[0-9A-F]{2}){16,}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{22,}={0,2}")


def _views(data: bytes) -> Iterator[bytes]:
    """Yield a string of bytes, and what it holds in hexadecimal or base64."""
    yield data
    for match in HEXADECIMAL.finditer(data):
        yield bytes.fromhex(match[0].decode())
    for match in BASE64.finditer(data):
        text = match[0].rstrip(b"=")
        text = text[: len(text) - (len(text) % 4 == 1)]
        try:
            yield base64.b64decode(text + b"=" * (-len(text) % 4), altchars=_alphabet(text))
        except binascii.Error:  # no base64 after all
            continue


def _alphabet(text: bytes) -> bytes:
    return b"-_" if b"-" in text or b"_" in text else b"+/"


def _random_runs(data: bytes) -> Iterator[bytes]:
    """Yield the run of bytes if it looks random."""
    if looks_random(data):
        yield data


def looks_random(data: bytes) -> bool:
    """Return whether a run of bytes could hold a secret: 16 bytes that are varied and not text.

    In 16 random bytes at least 6 are not printable and at least 12 differ, but for one case in 40.
    """
    return any(_varied(data[at : at + PIECE]) for at in range(len(data) - PIECE + 1))


PRINTABLE = bytes(range(32, 127))


def _varied(window: bytes) -> bool:
    others = len(window.translate(None, PRINTABLE))
    return others >= 6 and len(set(window)) >= 12  # noqa: PLR2004 - see looks_random
