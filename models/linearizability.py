"""Histories of a snapshot object, and the check whether they are linearizable.

Real time is recorded in *ghost registers*: before an operation a process reads how many operations
each other process has completed, and after it, it writes that it has completed one more. An
operation that is seen as completed was completed before. Conversely, for every run without ghost
registers there is one in which they are read at the latest and written at the earliest moment, so
that no information on real time is lost. (Own construction.)
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from agreement.memory import Operation, Read, Scan, View, Write

if TYPE_CHECKING:
    from agreement.memory import Program, Steps

__all__ = ["Done", "history", "linearizable"]

Collector: TypeAlias = Callable[[int, int], Generator[Operation, Any, View]]

OBJECT, GHOST = 0, 1
"""The arrays of the snapshot object and of the ghost registers."""


@dataclass(frozen=True, slots=True)
class Done:
    """A completed operation: a write if `view` is None, else a scan.

    `before[p]` is the number of operations of p that were completed before it began.
    """

    view: View | None
    before: tuple[int, ...]

    def __repr__(self) -> str:
        what = "write" if self.view is None else f"scan {self.view}"
        return f"{what} after {self.before}"


def history(operations: str, collector: Collector | None = None) -> Program:
    """Return a program that writes ("w") and scans ("s"), and outputs its part of the history.

    The k-th write of a process writes k. A scan is one `Scan`, or the operations of
    `collector(count, array)` if that is given.
    """

    def program(_: int, count: int, value: int) -> Steps:
        done: tuple[Done, ...] = ()
        writes = value
        for kind in operations:
            before: tuple[int, ...] = ()
            for other in range(count):
                seen = yield Read(GHOST, other)
                before = (*before, seen or 0)
            view: View | None = None
            if kind == "w":
                writes = writes + 1
                yield Write(OBJECT, writes)
            elif collector is None:
                view = yield Scan(OBJECT)
            else:
                view = yield from collector(count, OBJECT)
            done = (*done, Done(view, before))
            yield Write(GHOST, len(done))
        return done

    return program


def linearizable(outputs: tuple[Any, ...], participants: frozenset[int]) -> str | None:
    """Return an objection if no order of all operations fits real time and all scans.

    Unfinished runs have none. It is enough to judge finished runs, because operations are wait-free
    in these workloads, and an order that explains a run explains every prefix of it.
    """
    del participants
    if None in outputs:
        return None
    histories: tuple[tuple[Done, ...], ...] = outputs
    count = len(histories)
    seen = {(0,) * count}
    todo = [(0,) * count]
    while todo:
        places = todo.pop()
        if all(place == len(own) for place, own in zip(places, histories, strict=True)):
            return None
        held = tuple(
            sum(done.view is None for done in own[:place]) or None
            for place, own in zip(places, histories, strict=True)
        )
        for me, own in enumerate(histories):
            if places[me] == len(own):
                continue
            done = own[places[me]]
            early = any(places[p] < k for p, k in enumerate(done.before))
            if early or (done.view is not None and done.view != held):
                continue
            after = tuple(place + (p == me) for p, place in enumerate(places))
            if after not in seen:
                seen.add(after)
                todo.append(after)
    return f"no order of the operations explains {outputs}"
