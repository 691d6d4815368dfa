"""Protocols that are tables: what a search for a decision map finds, run like any other.

Each round a process writes a number, at first its input, takes an immediate snapshot, and looks up
its own number together with all numbers seen, in order: what it finds is its number of the next
round, or its output. Whose numbers they are does not matter. Tables are data: where they come from
is not this module's business, so that `agreement.solve` can use it and nothing here uses
`agreement.solve`.
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
"""One's own number, and all numbers seen in a round, one's own among them, in order.

Or None, and the different numbers seen: for rounds in which that is enough.
"""


@dataclass(frozen=True, slots=True)
class Tables:
    """By round: the views, and at the same places what follows from them.

    That is a number for the next round, or in the last one the output. Without rounds, everybody
    outputs its input.
    """

    views: tuple[tuple[AnonymousView, ...], ...]
    numbers: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if list(map(len, self.views)) != list(map(len, self.numbers)):
            raise TaskError("in each round one number for each view is wanted")

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len(self.views)


@dataclass(frozen=True, slots=True)
class Synthesised:
    """The program."""

    tables: Tables
    _places: tuple[dict[AnonymousView, int], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pairs = zip(self.tables.views, self.tables.numbers, strict=True)
        places = tuple(dict(zip(views, numbers, strict=True)) for views, numbers in pairs)
        object.__setattr__(self, "_places", places)

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """One process; see `agreement.memory.Program`."""
        for array, places in enumerate(self._places):
            view = yield from immediate_snapshot(me, count, array, value)
            seen = sorted(v for v in view if isinstance(v, int))
            different = (None, tuple(sorted(set(seen))))
            value = places[different if different in places else (value, tuple(seen))]
        return value

    def __hash__(self) -> int:
        """By what tells programs apart quickly."""
        return hash(self.tables.numbers[-1:])


def synthesised_protocol(task: Task, count: int, tables: Tables) -> Protocol:
    """The protocol of these tables; nothing is promised but what a certificate of them proves."""
    program = Synthesised(tables)
    return Protocol("synthesised", task, count, "immediate", tables.rounds, program)
