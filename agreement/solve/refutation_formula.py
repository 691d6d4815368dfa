"""Plain complexes with their edges written out: views by number, and formulas to refute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from agreement.graph.graph import members
from agreement.solve.carrier_lists import Closeness, carrier_lists
from agreement.solve.formula import Formula, formula_of
from agreement.topology.one_round import view_pairs
from agreement.topology.rounds import after_rounds, distinct_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.solve.consistency import Vertex
    from agreement.solve.formula import Numbers
    from agreement.task import Task
    from agreement.topology.rounds import ProtocolComplex

__all__ = ["Numbering", "PlainFormula", "plain_formula"]

Entry: TypeAlias = list[Any]


class Numbering:
    """Numbers the views that a certificate needs, each after those that it sees.

    `views[i]` is [process, input] or [process, numbers of the views seen].
    """

    def __init__(self, stages: Sequence[ProtocolComplex]) -> None:
        self.views: list[Entry] = []
        self._stages = stages
        self._known: dict[tuple[int, int, int], int] = {}

    def view(self, vertex: Vertex) -> int:
        """The number of a vertex of the last round."""
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
class PlainFormula:
    """The formula of a plain complex: its vertices, and its edges between their numbers."""

    stages: tuple[ProtocolComplex, ...]
    vertices: tuple[Vertex, ...]
    edges: Numbers
    formula: Formula


def plain_formula(task: Task, inputs: Numbers, rounds: int) -> PlainFormula:
    """For all plain views from these input vectors, after so many rounds, at least one.

    Variables are numbered as the certificate numbers the views.
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
    near = Closeness(task.graph).near
    formula = formula_of(near, np.concatenate(lists), joined)
    return PlainFormula(stages, tuple(vertices), joined, formula)
