"""The search for decision maps of anonymous views: arc consistency, then one order, then SAT.

Views may also be mere sets of values. `decide` tries these first: they are few, and nearly always
enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import TaskError
from agreement.protocols.synthesised import Tables
from agreement.solve.carrier_lists import Neighbourhoods, carrier_lists
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
    """The result of a search for a decision map on `complex`.

    `values` has the decision of each vertex; it is None if no map was found. If `exhausted`, there
    is none. `how` names the method that settled the search.
    """

    complex: AnonymousComplex
    values: Numbers | None
    exhausted: bool
    how: str

    def tables(self) -> Tables:
        """Return the tables of the protocol that decides by the map; raise TaskError if none."""
        if self.values is None:
            raise TaskError("cannot make tables: no decision map was found")
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
    """Return the complex, and its edges in both directions, grouped by the vertex they start at.

    The edges are given by the array of their ends, and an array of two rows: the vertices that have
    edges, and the place of each one's first edge among the ends.
    """
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
    """Return the carriers made arc consistent; None if a list becomes empty.

    `ends` and `places` are the edges, as `_complex` returns them.
    """
    around = Neighbourhoods(task.graph)
    lists = carrier_lists(task, complex_.seen)
    starts, first = places
    while len(ends):
        left = lists.copy()
        left[starts] &= np.bitwise_and.reduceat(around(lists)[ends], first)
        if not left.all():
            return None
        if (left == lists).all():
            break
        lists = left
    return lists


def first_in_order(graph: Graph, lists: Numbers, edges: Numbers) -> Numbers | None:
    """Let each vertex decide the first value of its list in one order of the graph's vertices.

    On paths and similar graphs this gives a decision map once the lists are arc consistent. The
    orders tried are by distance from each vertex, and their reverses. None if none gives a map.
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
    """Search for a decision map of anonymous views with `rounds` rounds, at least one.

    With `sets`, views are mere sets of values. `conflicts` limits CaDiCaL.
    """
    complex_, ends, places = _complex(task.graph.order, count, rounds, sets=sets)
    lists = consistent_lists(task, complex_, ends, places)
    if lists is None:
        return Search(complex_, None, exhausted=True, how="arc consistency")
    values = first_in_order(task.graph, lists, complex_.edges)
    if values is not None:
        return Search(complex_, values, exhausted=False, how="first in an order")
    formula = formula_of(Neighbourhoods(task.graph).near, lists, complex_.edges)
    answer = cadical(formula, conflicts=conflicts)
    if answer.satisfiable:
        return Search(complex_, formula.values(answer.model), exhausted=False, how="SAT")
    return Search(complex_, None, exhausted=answer.satisfiable is False, how="SAT")
