"""Arc consistency on protocol complexes with named views, with a derivation of each removal.

Every vertex of the complex has a list of values, at first the carrier of the inputs that it knows
of. A value is removed if a neighbour's list has nothing adjacent or equal to it: no decision map
can use it. If a list becomes empty, there is no decision map.

The edges are never built. In the last round, let p see the simplex s on the processes S, and q the
simplex t on T. Their views are neighbours if s = t, or if s is the part of t on S and q is not in
S, or the other way round. So one pass over all edges between the views of processes with S and
those with T takes a few operations on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from agreement.graph.graph import members
from agreement.solve.carrier_lists import Neighbourhoods, carrier_lists
from agreement.topology.rounds import after_rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from agreement.task import Task
    from agreement.topology.rounds import ProtocolComplex

__all__ = ["Consistency", "Removal", "Vertex", "refute"]

Numbers: TypeAlias = "NDArray[np.int64]"

Vertex: TypeAlias = tuple[int, int, int]
"""A view: its process, the bit set of processes that it sees, and the number of the simplex on
them (see `agreement.topology.rounds.ProtocolComplex`)."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A removal: nothing in the list of `because` is adjacent or equal to `value`.

    So `vertex` cannot decide `value`.
    """

    vertex: Vertex
    value: int
    because: Vertex


@dataclass(frozen=True, slots=True)
class _Pass:
    """One operation: it removed the values `gone[i]` from the vertex `at[i]` of (process, mask).

    `source` is the process and mask of the neighbours that it looked at.
    """

    process: int
    mask: int
    source: tuple[int, int]
    at: Numbers
    gone: Numbers


class Consistency:
    """The lists of all views of the last round, `stage`; `run` makes them arc consistent."""

    def __init__(self, task: Task, stage: ProtocolComplex) -> None:
        self.stage = stage
        self._around = Neighbourhoods(task.graph)
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
        """Remove values until nothing changes; return False as soon as a list is empty."""
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
        """Yield (vertices to revise, neighbours to look at), small sets of processes first."""
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
        supported = self._around(self.lists[source])
        (process, mask), (_, other) = target, source
        if other != mask and other & mask == other:
            supported = supported[self._down[mask, other]]
        elif other != mask:
            order, starts = self._fibres(other, mask)
            supported = np.bitwise_and.reduceat(supported[order], starts)
        gone = self.lists[target] & ~supported
        at = np.flatnonzero(gone)
        if not len(at):
            return False
        self.lists[target] &= supported
        self._passes.append(_Pass(process, mask, source, at, gone[at]))
        return True

    def _fibres(self, larger: int, smaller: int) -> tuple[Numbers, Numbers]:
        """Return the simplices on `larger`, grouped by their part on `smaller`, and the starts."""
        if (larger, smaller) not in self._order:
            down = self._down[larger, smaller]
            order = np.argsort(down, kind="stable")
            starts = np.searchsorted(down[order], np.arange(len(self.stage.views[smaller])))
            self._order[larger, smaller] = (order, starts)
        return self._order[larger, smaller]

    def derivation(self) -> tuple[Removal, ...]:
        """Return the removals that lead to the empty list which `run` found, in order.

        Removals that the empty list does not depend on are left out.
        """
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
            todo += [(because, v) for v in members(listed & self._around.near[value])]
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
        """Return the neighbour in pass `time` whose list ruled out `value` by then."""
        it = self._passes[time]
        process, mask = it.source
        if mask == vertex[1]:
            return (process, mask, vertex[2])
        if mask & vertex[1] == mask:
            return (process, mask, int(self._down[vertex[1], mask][vertex[2]]))
        for number in np.flatnonzero(self._down[mask, vertex[1]] == vertex[2]):
            found = (process, mask, int(number))
            listed = int(self._first_lists[process, mask][number])
            near = members(listed & self._around.near[value])
            if all(when.get((found, v), time) < time for v in near):
                return found
        raise AssertionError("a value was removed without a reason")


def refute(
    task: Task, inputs: Numbers, rounds: int
) -> tuple[tuple[ProtocolComplex, ...], tuple[Removal, ...]] | None:
    """Refute decision maps with `rounds` rounds from these input vectors, by arc consistency.

    Return the complexes of the rounds and the derivation of an empty list; None if no list becomes
    empty.
    """
    stages = after_rounds(inputs, rounds)
    consistency = Consistency(task, stages[-1])
    if consistency.run():
        return None
    return stages, consistency.derivation()
