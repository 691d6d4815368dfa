"""The operations of a process on shared memory, one atomic step each.

The memory is a family of *arrays*; array `a` has one single-writer register for each process, the
*owner* of that register: only it writes there, all read. Registers start as `UNWRITTEN`.
A protocol that never touches an array twice is *iterated* (IIS and relatives, specification A2):
each round has a fresh array.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["UNWRITTEN", "Operation", "Read", "Scan", "Value", "View", "Write", "WriteScan"]

Value: TypeAlias = Hashable
"""What a register holds: anything immutable but None."""

UNWRITTEN = None
"""What a register holds before its owner has written."""

View: TypeAlias = tuple[Value, ...]
"""The contents of an array, by owner."""


@dataclass(frozen=True, slots=True)
class Write:
    """Write `value` into one's own register of `array`. The response is None."""

    array: int
    value: Value


@dataclass(frozen=True, slots=True)
class Read:
    """Read the register of `owner` in `array`. The response is its value, or `UNWRITTEN`."""

    array: int
    owner: int


@dataclass(frozen=True, slots=True)
class Scan:
    """Read all registers of `array` at once (an atomic snapshot). The response is a `View`."""

    array: int


@dataclass(frozen=True, slots=True)
class WriteScan:
    """Write one's own register of `array` and scan it at once (an immediate snapshot).

    Several processes that are about to do this on the same array may move as one *block*: all
    write, then all scan. The response is a `View`.
    """

    array: int
    value: Value


Operation: TypeAlias = Write | Read | Scan | WriteScan
