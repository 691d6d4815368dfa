"""The operations of a process on shared memory, each one atomic step.

The memory is a family of *arrays*. Each array has one register per process, its *owner*: only the
owner writes it, every process reads it. Registers start as `UNWRITTEN`. A protocol in which each
process uses every array once, array r in round r, is *iterated* (IIS and its relatives,
specification A2).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["UNWRITTEN", "Operation", "Read", "Scan", "Value", "View", "Write", "WriteScan"]

Value: TypeAlias = Hashable
"""The content of a register: anything hashable except None."""

UNWRITTEN = None
"""The content of a register that its owner has not written yet."""

View: TypeAlias = tuple[Value, ...]
"""The contents of an array, by owner."""


@dataclass(frozen=True, slots=True)
class Write:
    """Writing `value` to one's own register of `array`. The response is None."""

    array: int
    value: Value


@dataclass(frozen=True, slots=True)
class Read:
    """Reading the register of `owner` in `array`. The response is its value, or `UNWRITTEN`."""

    array: int
    owner: int


@dataclass(frozen=True, slots=True)
class Scan:
    """Reading all registers of `array` at once (an atomic snapshot). The response is a `View`."""

    array: int


@dataclass(frozen=True, slots=True)
class WriteScan:
    """Writing one's own register and reading the whole array at once (an immediate snapshot).

    Several processes that are poised to do this on the same array may move as one *block*: all
    write, then all read. The response is a `View`.
    """

    array: int
    value: Value


Operation: TypeAlias = Write | Read | Scan | WriteScan
