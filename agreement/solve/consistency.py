"""Arc consistency on plain complexes: what no decision map can decide, derived step by step.

Every vertex of the complex has a list, at first the carrier of the inputs it knows of. A value goes
if some neighbour's list has nothing adjacent or equal to it: no decision map can use it. If a list
runs empty there is no decision map. In the last round, (p, S) and (q, T) are neighbours if S = T,
or S is a part of T and q saw itself in T only: so the edges are never built, and one pass over all
edges between two sets of processes is a few operations on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from agreement.graph.graph import members
from agreement.solve.carrier_lists import Closeness, carrier_lists
from agreement.topology.rounds import after_rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from agreement.task import Task
    from agreement.topology.rounds import ProtocolComplex

__all__ = ["Consistency", "Removal", "Vertex", "refute"]

Numbers: TypeAlias = "NDArray[np.int64]"

Vertex: TypeAlias = tuple[int, int, int]
"""A process, whom it sees, and which simplex on them; as in `topology.rounds.ProtocolComplex`."""


@dataclass(frozen=True, slots=True)
class Removal:
    """`vertex` cannot decide `value`, as `because` has nothing left that is close to it."""

    vertex: Vertex
    value: int
    because: Vertex


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one operation took: from the vertices `at` of (process, mask) the bit sets `gone`."""

    process: int
    mask: int
    source: tuple[int, int]
    at: Numbers
    gone: Numbers


class Consistency:
    """Lists of all views of the last round of `stage`, made arc consistent by `run`."""

    def __init__(self, task: Task, stage: ProtocolComplex) -> None:
        self.stage = stage
        self._close = Closeness(task.graph)
        self.lists: dict[tuple[int, int], Numbers] = {}
        for mask in stage.views:
            carriers = carrier_lists(task, stage.seen_by(mask))
            for p in members(mask):
                self.lists[p, mask] = carriers.copy()
        self._first_lists = {key: lists.copy() for key, lists in self.lists.items()}
        self._passes: list[_Pass] = []
        self._down = {
            (t, s): stage.restricted(t, s)
            for t in stage.views
            for s in stage.views
            if s & t == s != t
        }
        self._order: dict[tuple[int, int], tuple[Numbers, Numbers]] = {}

    def run(self) -> bool:
        """Until nothing changes or a list is empty: whether all lists still hold something."""
        changed = dict.fromkeys(self.lists, True)
        while any(changed.values()):
            before, changed = changed, dict.fromkeys(self.lists, False)
            for target, source in self._arcs():
                if before[source] or changed[source]:
                    gone = self._revise(target, source)
                    changed[target] |= gone
                    if gone and not self.lists[target].all():
                        return False
        return True

    def _arcs(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """(vertices to revise, vertices to look at), small sets of processes first."""
        for t in sorted(self.stage.views, key=int.bit_count):
            for s in sorted(self.stage.views, key=int.bit_count):
                if s & t == s != t:
                    for p in members(s):
                        for q in members(t & ~s):
                            yield (q, t), (p, s)
                            yield (p, s), (q, t)
            for p, q in permutations(members(t), 2):
                yield (p, t), (q, t)

    def _revise(self, target: tuple[int, int], source: tuple[int, int]) -> bool:
        close = self._close(self.lists[source])
        (process, mask), (_, other) = target, source
        if other != mask and other & mask == other:
            close = close[self._down[mask, other]]
        elif other != mask:
            order, starts = self._fibres(other, mask)
            close = np.bitwise_and.reduceat(close[order], starts)
        gone = self.lists[target] & ~close
        at = np.flatnonzero(gone)
        if not len(at):
            return False
        self.lists[target] &= close
        self._passes.append(_Pass(process, mask, source, at, gone[at]))
        return True

    def _fibres(self, larger: int, smaller: int) -> tuple[Numbers, Numbers]:
        """The simplices on `larger`, those with the same part on `smaller` together."""
        if (larger, smaller) not in self._order:
            down = self._down[larger, smaller]
            order = np.argsort(down, kind="stable")
            starts = np.searchsorted(down[order], np.arange(len(self.stage.views[smaller])))
            self._order[larger, smaller] = (order, starts)
        return self._order[larger, smaller]

    def derivation(self) -> tuple[Removal, ...]:
        """After `run` found an empty list: the removals that lead to it, in order, no others."""
        process, mask = next(key for key, lists in self.lists.items() if not lists.all())
        number = int(np.flatnonzero(self.lists[process, mask] == 0)[0])
        last = (process, mask, number)
        when = self._times()
        full = int(self._first_lists[process, mask][number])
        todo = [(last, value) for value in members(full)]
        wanted: dict[tuple[Vertex, int], Removal] = {}
        while todo:
            vertex, value = todo.pop()
            if (vertex, value) in wanted:
                continue
            step = when[vertex, value]
            because = self._reason(vertex, value, step, when)
            wanted[vertex, value] = Removal(vertex, value, because)
            listed = int(self._first_lists[because[:2]][because[2]])
            todo += [(because, v) for v in members(listed & self._close.near[value])]
        order = sorted(wanted, key=lambda key: when[key])
        return tuple(wanted[key] for key in order)

    def _times(self) -> dict[tuple[Vertex, int], int]:
        return {
            ((it.process, it.mask, int(number)), value): time
            for time, it in enumerate(self._passes)
            for number, gone in zip(it.at, it.gone, strict=True)
            for value in members(int(gone))
        }

    def _reason(
        self, vertex: Vertex, value: int, time: int, when: dict[tuple[Vertex, int], int]
    ) -> Vertex:
        """The neighbour that the pass looked at, with nothing close to `value` at that time."""
        it = self._passes[time]
        process, mask = it.source
        if mask == vertex[1]:
            return (process, mask, vertex[2])
        if mask & vertex[1] == mask:
            return (process, mask, int(self._down[vertex[1], mask][vertex[2]]))
        for number in np.flatnonzero(self._down[mask, vertex[1]] == vertex[2]):
            found = (process, mask, int(number))
            listed = int(self._first_lists[process, mask][number])
            near = members(listed & self._close.near[value])
            if all(when.get((found, v), time) < time for v in near):
                return found
        raise AssertionError("a value went without a reason")


def refute(
    task: Task, inputs: Numbers, rounds: int
) -> tuple[tuple[ProtocolComplex, ...], tuple[Removal, ...]] | None:
    """No decision map with so many rounds, from these inputs: the complexes, and the derivation.

    None if arc consistency leaves something in every list.
    """
    stages = after_rounds(inputs, rounds)
    consistency = Consistency(task, stages[-1])
    if consistency.run():
        return None
    return stages, consistency.derivation()
