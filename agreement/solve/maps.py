"""Looking for decision maps on anonymous complexes: consistency, one order for all, then SAT.

With views that are sets first: they are few, and nearly always enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import TaskError
from agreement.protocols.synthesised import Tables
from agreement.solve.carrier_lists import Closeness, carrier_lists
from agreement.solve.formula import cadical, formula_of
from agreement.topology.anonymous import (
    AnonymousComplex,
    anonymous_complex,
    barycentric_complex,
)

if TYPE_CHECKING:
    from agreement.graph import Graph
    from agreement.solve.formula import Numbers
    from agreement.task import Task

__all__ = ["Search", "consistent_lists", "find_map", "first_in_order"]


@dataclass(frozen=True, slots=True)
class Search:
    """How a search for a decision map ended.

    `values`: what each vertex of `complex` decides, or None. `exhausted`: there is no map on it.
    """

    complex: AnonymousComplex
    values: Numbers | None
    exhausted: bool
    how: str

    def tables(self) -> Tables:
        """The map found, as a protocol's tables."""
        if self.values is None:
            raise TaskError("no decision map was found")
        views = tuple(
            tuple(
                (None if own < 0 else own, tuple(v for v in seen if v >= 0))
                for own, seen in zip(table.own.tolist(), table.others.tolist(), strict=True)
            )
            for table in self.complex.tables
        )
        between = tuple(tuple(range(len(round_))) for round_ in views[:-1])
        return Tables(views, (*between, tuple(self.values.tolist())))


@lru_cache(maxsize=8)
def _complex(
    order: int, count: int, rounds: int, *, sets: bool
) -> tuple[AnonymousComplex, Numbers, Numbers]:
    """With all edges in both directions, by where they start: where they end; starts' places."""
    build = barycentric_complex if sets else anonymous_complex
    complex_ = build(order, count, rounds)
    edges = complex_.edges
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    starts, first = np.unique(both[:, 0], return_index=True)
    return complex_, both[:, 1], np.stack([starts, first])


def consistent_lists(
    task: Task, complex_: AnonymousComplex, ends: Numbers, places: Numbers
) -> Numbers | None:
    """The carriers, made arc consistent; None if a list runs empty."""
    close = Closeness(task.graph)
    lists = carrier_lists(task, complex_.seen)
    starts, first = places
    while len(ends):
        left = lists.copy()
        left[starts] &= np.bitwise_and.reduceat(close(lists)[ends], first)
        if not left.all():
            return None
        if (left == lists).all():
            break
        lists = left
    return lists


def first_in_order(graph: Graph, lists: Numbers, edges: Numbers) -> Numbers | None:
    """Each vertex decides the first of its list, in some order of the graph's vertices.

    On paths and their relatives such a choice is right after consistency. Orders tried: by the
    distance from each vertex, and the other way round. None if none is right.
    """
    near = np.array(
        [[graph.adjacent_or_equal(u, v) for v in range(graph.order)] for u in range(graph.order)],
        bool,
    )
    for start in range(graph.order):
        order = sorted(range(graph.order), key=lambda v: (graph.distances(start)[v], v))
        for chosen in (order, order[::-1]):
            values = np.full(len(lists), -1, np.int64)
            for v in reversed(chosen):
                values[lists >> v & 1 == 1] = v
            if near[values[edges[:, 0]], values[edges[:, 1]]].all():
                return values
    return None


def find_map(
    task: Task, count: int, rounds: int, *, sets: bool = False, conflicts: int | None = None
) -> Search:
    """A decision map of anonymous views, or of sets, with so many rounds, at least one."""
    complex_, ends, places = _complex(task.graph.order, count, rounds, sets=sets)
    lists = consistent_lists(task, complex_, ends, places)
    if lists is None:
        return Search(complex_, None, exhausted=True, how="arc consistency")
    values = first_in_order(task.graph, lists, complex_.edges)
    if values is not None:
        return Search(complex_, values, exhausted=False, how="first in an order")
    formula = formula_of(Closeness(task.graph).near, lists, complex_.edges)
    answer = cadical(formula, conflicts=conflicts)
    if answer.satisfiable:
        return Search(complex_, formula.values(answer.model), exhausted=False, how="SAT")
    return Search(complex_, None, exhausted=answer.satisfiable is False, how="SAT")
