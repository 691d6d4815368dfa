"""Intervals and convex hulls: geodesic (shortest paths) and monophonic (induced paths)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.graph.graph import Graph, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "geodesic_hull",
    "interval",
    "monophonic_hull",
    "monophonic_interval",
    "shortest_path",
]


def interval(graph: Graph, u: int, v: int) -> frozenset[int]:
    """Return the vertices on shortest u-v paths; the empty set if there is no path."""
    from_u, from_v = graph.distances(u), graph.distances(v)
    length = from_u[v]
    if length < 0:
        return frozenset()
    return frozenset(
        w for w in range(graph.order) if from_u[w] >= 0 and from_u[w] + from_v[w] == length
    )


def shortest_path(graph: Graph, u: int, v: int) -> tuple[int, ...]:
    """Return a shortest path from `u` to `v`, both included; empty if there is no path.

    Among the vertices nearer to `v`, each step goes to the smallest.
    """
    from_v = graph.distances(v)
    graph.check_vertex(u)
    if from_v[u] < 0:
        return ()
    path = [u]
    while path[-1] != v:
        path.append(
            next(w for w in members(graph.rows[path[-1]]) if from_v[w] == from_v[path[-1]] - 1)
        )
    return tuple(path)


def monophonic_interval(graph: Graph, u: int, v: int) -> frozenset[int]:
    """Return the vertices on induced u-v paths; for u = v, that vertex alone.

    Deciding whether a vertex lies on an induced path is NP-complete. All induced paths are
    enumerated, which is fast for graphs with up to about 15 vertices.
    """
    graph.check_vertex(u)
    graph.check_vertex(v)
    found = 0
    todo = [(u, 1 << u, 0)]
    while todo:
        last, path, barred = todo.pop()
        if last == v:
            found |= path
            continue
        # A neighbour of an earlier vertex of the path would close a chord.
        onward = members(graph.rows[last] & ~barred & ~path)
        todo.extend((after, path | 1 << after, barred | graph.rows[last]) for after in onward)
    return frozenset(members(found))


def geodesic_hull(graph: Graph, vertices: Iterable[int]) -> frozenset[int]:
    """Return the smallest superset that contains all shortest paths between its members."""
    return _hull(graph, vertices, interval)


def monophonic_hull(graph: Graph, vertices: Iterable[int]) -> frozenset[int]:
    """Return the smallest superset that contains all induced paths between its members."""
    return _hull(graph, vertices, monophonic_interval)


def _hull(
    graph: Graph, vertices: Iterable[int], between: Callable[[Graph, int, int], frozenset[int]]
) -> frozenset[int]:
    hull: set[int] = set()
    todo = list(members(graph.mask(vertices)))
    while todo:
        new = todo.pop()
        if new not in hull:
            for old in hull:
                todo.extend(between(graph, new, old) - hull)
            hull.add(new)
    return frozenset(hull)
