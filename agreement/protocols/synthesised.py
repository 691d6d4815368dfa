"""Protocols given by tables: decision maps that a search has found, run like any other protocol.

In each round a process writes a number, at first its input, takes an immediate snapshot, and looks
up its own number together with all numbers seen, sorted, without regard to whose they are. The
entry is its number for the next round, or its output. Tables are data. This module does not know
where they come from, so that `agreement.solve` can import it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import TaskError
from agreement.memory import immediate_snapshot
from agreement.protocols.protocol import Protocol

if TYPE_CHECKING:
    from agreement.memory import Steps
    from agreement.task import Task

__all__ = ["AnonymousView", "Synthesised", "Tables", "synthesised_protocol"]

AnonymousView: TypeAlias = tuple[int | None, tuple[int, ...]]
"""A view without the names of processes.

It is (own number, all numbers seen, sorted, the own among them), or (None, the set of numbers seen,
sorted) in rounds in which that set suffices.
"""


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables, one per round: the possible views, and the number that each leads to.

    `numbers[r][i]` belongs to `views[r][i]`. In the last round the numbers are outputs. If there
    are no rounds, every process outputs its input.
    """

    views: tuple[tuple[AnonymousView, ...], ...]
    numbers: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if list(map(len, self.views)) != list(map(len, self.numbers)):
            raise TaskError("each round must have exactly one number for each view")

    @property
    def rounds(self) -> int:
        """The number of rounds."""
        return len(self.views)


@dataclass(frozen=True, slots=True)
class Synthesised:
    """The program that looks its values up in `tables`."""

    tables: Tables
    _places: tuple[dict[AnonymousView, int], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pairs = zip(self.tables.views, self.tables.numbers, strict=True)
        places = tuple(dict(zip(views, numbers, strict=True)) for views, numbers in pairs)
        object.__setattr__(self, "_places", places)

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """Run one process; see `agreement.memory.Program`."""
        for array, places in enumerate(self._places):
            view = yield from immediate_snapshot(me, count, array, value)
            seen = sorted(v for v in view if isinstance(v, int))
            different = (None, tuple(sorted(set(seen))))
            value = places[different if different in places else (value, tuple(seen))]
        return value

    def __hash__(self) -> int:
        """Return a hash of the last round's numbers, which is cheap and distinguishes programs."""
        return hash(self.tables.numbers[-1:])


def synthesised_protocol(task: Task, count: int, tables: Tables) -> Protocol:
    """Return the protocol given by these tables. Only a certificate proves it correct."""
    program = Synthesised(tables)
    return Protocol("synthesised", task, count, "immediate", tables.rounds, program)
