"""Finding secrets inside bytes: whole values and their pieces of at least 8 bytes.

All outputs of recorded calls and all draws are *values*. A string of bytes, such as the input of a
hash, a saved state or a message, is scanned for them. A *piece* is a run of at least 8 bytes of a
value (a truncation, or one half of a longer output); fewer bytes can be guessed. Encoded bytes are
scanned decoded as well (:mod:`ttkem.testing.knowledge.encodings`), also reversed ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from ttkem.testing.knowledge.encodings import looks_encoded, looks_random, views

__all__ = ["PIECE", "Scan", "Values"]

PIECE = 8
"""The least number of bytes that count as a secret: 64 bits."""
STEP = 4
"""Any run of 7 bytes of a value contains 4 bytes that begin at a multiple of 4."""
PLACES = 64
"""The number of places that are kept of the same 4 bytes; random ones are hardly ever repeated."""
DEPTH = 3
"""The number of encodings around each other that are decoded."""


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

    __slots__ = ("_indexed", "_number", "_scans", "_windows", "bytes", "whole")

    def __init__(self) -> None:
        self.bytes: list[bytes] = []
        self.whole: dict[int, int] = {}
        """For every piece the value in which it was found."""
        self._number: dict[bytes, int] = {}
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
                places = self._windows.setdefault(data[at : at + STEP], [])
                if len(places) < PLACES:
                    places.append((number, at))
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
            self._read(data, DEPTH, values, unknown)
            found = self._scans[data] = Scan(tuple(values), tuple(unknown))
        return found

    def gaps(self, data: bytes) -> list[bytes]:
        """Return the parts of a string of bytes that belong to no value, in order."""
        return self._scan(data, {})

    def _read(self, data: bytes, depth: int, values: dict[int, None], unknown: list[bytes]) -> None:
        """Enter what a string of bytes contains; decode what lies between the values."""
        for gap in self._scan(data, values):
            rest = bytearray(gap)
            for view in views(gap) if depth else ():
                inside: dict[int, None] = {}
                strange: list[bytes] = []
                self._read(view.data, depth - 1, inside, strange)
                if inside:
                    values.update(inside)
                    unknown += strange
                    rest[view.start : view.stop] = bytes(view.stop - view.start)
            if looks_random(bytes(rest)):
                left = [part[::-1] for part in self._scan(bytes(rest)[::-1], values)]
                unknown += [part for part in reversed(left) if looks_random(part)]
            elif looks_encoded(bytes(rest)):
                unknown.append(bytes(rest))

    def _enter(self, data: bytes) -> int:
        number = self._number[data] = len(self.bytes)
        self.bytes.append(data)
        return number

    def _scan(self, data: bytes, values: dict[int, None]) -> list[bytes]:
        """Enter the values and pieces in a string of bytes; return what lies between them."""
        windows, at, free = self._windows, 0, 0
        gaps: list[bytes] = []
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
            gaps.append(data[free:start])
            at = free = stop
        gaps.append(data[free:])
        return gaps

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
