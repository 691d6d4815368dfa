"""Maximal cliques and the clique complex of a graph."""

from __future__ import annotations

from agreement.graph.graph import Graph, members

__all__ = ["clique_complex", "maximal_cliques"]


def maximal_cliques(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """Return the maximal cliques, each sorted, in order, by the algorithm of Bron and Kerbosch."""
    found: list[tuple[int, ...]] = []

    def grow(clique: int, candidates: int, excluded: int) -> None:
        if not candidates | excluded:
            found.append(tuple(members(clique)))
            return
        pivot = max(
            members(candidates | excluded),
            key=lambda v: (graph.rows[v] & candidates).bit_count(),
        )
        for v in members(candidates & ~graph.rows[pivot]):
            grow(clique | 1 << v, candidates & graph.rows[v], excluded & graph.rows[v])
            candidates ^= 1 << v
            excluded |= 1 << v

    if graph.order:
        grow(0, (1 << graph.order) - 1, 0)
    return tuple(sorted(found))


def clique_complex(graph: Graph, dimension: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return the simplices of the clique complex, up to `dimension`.

    Entry d holds the simplices of dimension d, which are the cliques of d + 1 vertices, each
    sorted, in order. Dimensions without simplices are left out.
    """
    levels: list[tuple[tuple[int, ...], ...]] = [tuple((v,) for v in range(graph.order))]
    while len(levels) <= dimension and levels[-1]:
        levels.append(
            tuple(
                (*clique, v)
                for clique in levels[-1]
                for v in members(_common(graph, clique))
                if v > clique[-1]
            )
        )
    return tuple(level for level in levels if level)


def _common(graph: Graph, clique: tuple[int, ...]) -> int:
    common = (1 << graph.order) - 1
    for v in clique:
        common &= graph.rows[v]
    return common
