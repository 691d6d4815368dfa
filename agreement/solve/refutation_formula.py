"""The formula for decision maps of named views, and the views by number, for certificates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from agreement.graph.graph import members
from agreement.solve.carrier_lists import Neighbourhoods, carrier_lists
from agreement.solve.formula import Formula, formula_of
from agreement.topology.one_round import view_pairs
from agreement.topology.rounds import after_rounds, distinct_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.solve.consistency import Vertex
    from agreement.solve.formula import Numbers
    from agreement.task import Task
    from agreement.topology.rounds import ProtocolComplex

__all__ = ["NamedFormula", "Numbering", "named_formula"]

Entry: TypeAlias = list[Any]


class Numbering:
    """The numbers of the views that a certificate needs; each view comes after those it sees.

    `views[i]` is [process, input] or [process, numbers of the views seen].
    """

    def __init__(self, stages: Sequence[ProtocolComplex]) -> None:
        self.views: list[Entry] = []
        self._stages = stages
        self._known: dict[tuple[int, int, int], int] = {}

    def view(self, vertex: Vertex) -> int:
        """Return the number of a view of the last round; number it and those it sees if new."""
        process, mask, place = vertex
        first = self._stages[-1].first[process, mask]
        return self._number(len(self._stages), process, first + place)

    def _number(self, depth: int, process: int, vertex: int) -> int:
        key = (depth, process, vertex)
        if key not in self._known:
            if depth == 0:
                entry: Entry = [process, vertex]
            else:
                mask, seen = self._stages[depth - 1].find(process, vertex)
                pairs = zip(members(mask), seen, strict=True)
                entry = [process, sorted(self._number(depth - 1, q, v) for q, v in pairs)]
            self._known[key] = len(self.views)
            self.views.append(entry)
        return self._known[key]


@dataclass(frozen=True, slots=True)
class NamedFormula:
    """The formula for named views.

    `vertices` are the views of the last round; `edges`, of shape (M, 2), has their places.
    """

    stages: tuple[ProtocolComplex, ...]
    vertices: tuple[Vertex, ...]
    edges: Numbers
    formula: Formula


def named_formula(task: Task, inputs: Numbers, rounds: int) -> NamedFormula:
    """Return the formula for all named views from these input vectors after `rounds` rounds.

    There must be at least one round. The variables are in the order in which certificates number
    the views.
    """
    stages = after_rounds(inputs, rounds)
    last = stages[-1]
    start: dict[tuple[int, int], int] = {}
    vertices: list[Vertex] = []
    lists = []
    for mask, views in last.views.items():
        carriers = carrier_lists(task, last.seen_by(mask))
        for p in members(mask):
            start[p, mask] = len(vertices)
            vertices += [(p, mask, i) for i in range(len(views))]
            lists.append(carriers)
    edges = []
    for p, mine, q, other in view_pairs("immediate", last.count):
        rows = last.views[mine | other].rows
        pair = np.stack(
            [
                start[p, mine] + last.views[mine].place[rows],
                start[q, other] + last.views[other].place[rows],
            ],
            axis=1,
        )
        edges.append(pair[distinct_rows(pair)[0]])
    joined = np.concatenate(edges) if edges else np.zeros((0, 2), np.int64)
    near = Neighbourhoods(task.graph).near
    formula = formula_of(near, np.concatenate(lists), joined)
    return NamedFormula(stages, tuple(vertices), joined, formula)
