"""Schedules: who moves, in which order; and their textual format, from which a run is replayed.

A schedule is a sequence of *blocks*. A block is one process, or several that take an immediate
snapshot of the same array together. An example in the textual format: `0 1 1 0+2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import ScheduleError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Block", "Schedule", "context_switches", "format_schedule", "parse_schedule"]

Block: TypeAlias = tuple[int, ...]
Schedule: TypeAlias = tuple[Block, ...]


def format_schedule(schedule: Iterable[Block]) -> str:
    """Return the text of a schedule.

    >>> format_schedule([(0,), (1,), (0, 2)])
    '0 1 0+2'
    """
    return " ".join("+".join(map(str, block)) for block in schedule)


def parse_schedule(text: str) -> Schedule:
    """Parse the text of a schedule. Raises ScheduleError if it is malformed.

    >>> parse_schedule("0 1 0+2")
    ((0,), (1,), (0, 2))
    """
    return tuple(_parse_block(word) for word in text.split())


def _parse_block(word: str) -> Block:
    try:
        block = tuple(sorted(_number(part) for part in word.split("+")))
    except ValueError:
        raise ScheduleError(
            f"{word!r} is not a block: write process numbers, joined by + if they move together"
        ) from None
    if len(set(block)) != len(block):
        raise ScheduleError(f"{word!r} is not a block: write each process once, numbered from 0")
    return block


def _number(text: str) -> int:
    """Return a number in decimal digits. Raises ValueError for the other forms that int reads."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(text)
    return int(text)


def context_switches(schedule: Iterable[Block]) -> int:
    """Return how often a block differs from the one before it."""
    switches, last = 0, None
    for block in schedule:
        switches += last is not None and block != last
        last = block
    return switches
