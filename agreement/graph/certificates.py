"""Certificates that a graph is in a class, or is not, and their checker.

The checker is trusted, so it treats a certificate as if an opponent had made it: it checks the
exact type and range of each value before it uses it, and ignores nothing. Of the library it uses
only the vertices and edges of the graph, and no distance, interval or clique that the recognisers
in `classes` use.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.graph.graph import Graph

__all__ = ["Certificate"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that a graph is in a class (`holds`) or is not.

    `kind` says what `vertices` are; they are distinct. Only dismantlings have `images`: the vertex
    `vertices[i]` is dominated by `images[i]` when it is removed. The truth value of a certificate
    is `holds`.
    """

    holds: bool
    kind: str
    vertices: tuple[int, ...] = ()
    images: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.holds

    def check(self, graph: Graph) -> bool:
        """Return whether this proves its statement about `graph`.

        A malformed certificate proves nothing.
        """
        kind = _KINDS.get(self.kind) if type(self.kind) is str else None
        return (
            kind is not None
            and self.holds is kind.holds
            and _are_vertices(graph, self.vertices)
            and _are_vertices(graph, self.images)
            and len(set(self.vertices)) == len(self.vertices)
            and kind.has_length(len(self.vertices), graph.order)
            and len(self.images) == (len(self.vertices) if kind.has_images else 0)
            and kind.proves(graph, self)
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of certificate: its shape, its check, and whether it says that the class holds.

    `has_length(length, order)` returns whether a certificate may list `length` vertices of a graph
    with `order` vertices. `proves` is called for well-formed certificates only.
    """

    has_length: Callable[[int, int], bool]
    proves: Callable[[Graph, Certificate], bool]
    holds: bool
    has_images: bool = False


def _are_vertices(graph: Graph, listed: object) -> bool:
    """Return whether `listed` is a tuple of vertices; `True`, `1.0` and -1 are not."""
    return type(listed) is tuple and all(type(v) is int and 0 <= v < graph.order for v in listed)


def _around(cycle: tuple[int, ...], i: int, j: int) -> int:
    """Return the distance of the places i < j along the cycle."""
    return min(j - i, len(cycle) - j + i)


def _distances(graph: Graph, source: int) -> dict[int, int]:
    """Return the distance from `source` of each vertex that is connected to it."""
    found = {source: 0}
    reached = [source]
    for u in reached:
        for v in range(graph.order):
            if graph.adjacent(u, v) and v not in found:
                found[v] = found[u] + 1
                reached.append(v)
    return found


def _connected(graph: Graph) -> bool:
    return len(_distances(graph, 0)) == graph.order  # false for the graph without vertices


# --- chordal: no induced cycle of length 4 or more


def _elimination_order(graph: Graph, it: Certificate) -> bool:
    """Check that the later neighbours of each vertex are pairwise adjacent."""
    return all(
        graph.adjacent(u, w)
        for i, v in enumerate(it.vertices)
        for u, w in combinations((u for u in it.vertices[i:] if graph.adjacent(u, v)), 2)
    )


def _induced_cycle(graph: Graph, it: Certificate) -> bool:
    cycle = it.vertices
    return all(
        graph.adjacent(cycle[i], cycle[j]) == (_around(cycle, i, j) == 1)
        for i, j in combinations(range(len(cycle)), 2)
    )


# --- dismantlable: vertices are removed, each dominated by another, until one is left


def _dominates(graph: Graph, left: set[int], image: int, vertex: int) -> bool:
    """Return whether `image` is adjacent to `vertex`, and adjacent or equal to its neighbours."""
    return graph.adjacent(vertex, image) and all(
        graph.adjacent_or_equal(u, image) for u in left if graph.adjacent(u, vertex)
    )


def _dismantled(graph: Graph, it: Certificate) -> set[int] | None:
    """Return the vertices left after all steps; None if a removed vertex is not dominated."""
    left = set(range(graph.order))
    for vertex, image in zip(it.vertices, it.images, strict=True):
        left.remove(vertex)
        if image not in left or not _dominates(graph, left, image, vertex):
            return None
    return left


def _dismantling(graph: Graph, it: Certificate) -> bool:
    left = _dismantled(graph, it)
    return left is not None and len(left) == 1


def _core(graph: Graph, it: Certificate) -> bool:
    """Check that what is left is not a single vertex, and that no vertex left dominates another.

    Then no other order ends in one vertex, because the core is unique up to isomorphism.
    """
    left = _dismantled(graph, it)
    return (
        left is not None
        and len(left) != 1
        and not any(_dominates(graph, left, u, v) for u in left for v in left)
    )


# --- bridged: no isometric cycle of length 4 or more


def _isometric_cycle(graph: Graph, it: Certificate) -> bool:
    cycle = it.vertices
    distances = [_distances(graph, v) for v in cycle]
    return all(
        distances[i].get(cycle[j]) == _around(cycle, i, j)
        for i, j in combinations(range(len(cycle)), 2)
    )


def _bridged(graph: Graph, it: Certificate) -> bool:
    """Check that the graph is dismantlable and has no induced cycle of length 4 or 5.

    These graphs are the bridged ones: Anstee and Farber, J. Combin. Theory B 44 (1988).
    """
    return _dismantling(graph, it) and not any(
        all(sum(graph.adjacent(u, v) for u in subset) == 2 for v in subset)  # noqa: PLR2004
        for size in (4, 5)
        for subset in combinations(range(graph.order), size)
    )


# --- block graph: chordal without induced diamond (two triangles on one edge)


def _diamond(graph: Graph, it: Certificate) -> bool:
    """Check that the four vertices are pairwise adjacent, except for the first two."""
    return all(
        graph.adjacent(it.vertices[i], it.vertices[j]) == (j > 1)
        for i, j in combinations(range(4), 2)
    )


def _no_diamond(graph: Graph, it: Certificate) -> bool:
    """Check the elimination order, and that common neighbours of two vertices are adjacent.

    For two vertices that are not adjacent this follows from chordality: otherwise there would be an
    induced cycle of length 4.
    """
    return _elimination_order(graph, it) and all(
        graph.adjacent(a, b)
        for u, v in combinations(range(graph.order), 2)
        for a, b in combinations(range(graph.order), 2)
        if all(graph.adjacent(x, y) for x in (a, b) for y in (u, v))
    )


# --- ptolemaic: connected and chordal, without induced gem


def _gem(graph: Graph, it: Certificate) -> bool:
    """Check for an induced path of four vertices, and a fifth that is adjacent to all."""
    return all(
        graph.adjacent(it.vertices[i], it.vertices[j]) == (j - i == 1 or j == 4)  # noqa: PLR2004
        for i, j in combinations(range(5), 2)
    )


def _no_gem(graph: Graph, _: Certificate) -> bool:
    """Check Ptolemy's inequality for the distances of any four vertices.

    None of the three products of distances of opposite pairs may exceed the sum of the other two.
    That is the definition; by Howorka, J. Graph Theory 5 (1981), these graphs are the chordal ones
    without induced gem.
    """
    if not _connected(graph):
        return False
    d = [_distances(graph, v) for v in range(graph.order)]
    products = (
        (d[u][v] * d[w][x], d[u][w] * d[v][x], d[u][x] * d[v][w])
        for u, v, w, x in combinations(range(graph.order), 4)
    )
    return all(2 * max(three) <= sum(three) for three in products)


# --- tree: connected, without cycle


def _spanning(graph: Graph, _: Certificate) -> bool:
    return _connected(graph) and graph.size == graph.order - 1


def _cycle(graph: Graph, it: Certificate) -> bool:
    cycle = it.vertices
    return all(graph.adjacent(u, v) for u, v in zip(cycle, cycle[1:] + cycle[:1], strict=True))


def _no_path(graph: Graph, it: Certificate) -> bool:
    source, target = it.vertices
    return target not in _distances(graph, source)


# --- median: for any three vertices, one vertex lies on shortest paths between each pair


def _has_one_median(graph: Graph, triple: tuple[int, ...]) -> bool:
    d = [_distances(graph, v) for v in triple]
    medians = [
        m
        for m in d[0]
        if all(
            m in d[j] and d[i][m] + d[j][m] == d[i].get(triple[j])
            for i, j in combinations(range(3), 2)
        )
    ]
    return len(medians) == 1


def _all_medians(graph: Graph, _: Certificate) -> bool:
    triples = combinations(range(graph.order), 3)
    return _connected(graph) and all(_has_one_median(graph, triple) for triple in triples)


def _not_one_median(graph: Graph, it: Certificate) -> bool:
    return not _has_one_median(graph, it.vertices)


def _all(length: int, order: int) -> bool:
    return length == order


def _any(_: int, __: int) -> bool:
    return True


def _at_least(least: int) -> Callable[[int, int], bool]:
    return lambda length, _: length >= least


def _exactly(exact: int) -> Callable[[int, int], bool]:
    return lambda length, _: length == exact


_NONE = _exactly(0)

_KINDS = {
    "perfect elimination order": _Kind(_all, _elimination_order, holds=True),
    "induced cycle": _Kind(_at_least(4), _induced_cycle, holds=False),
    "dismantling": _Kind(_any, _dismantling, holds=True, has_images=True),
    "core": _Kind(_any, _core, holds=False, has_images=True),
    "dismantling, no induced cycle of length 4 or 5": _Kind(
        _any, _bridged, holds=True, has_images=True
    ),
    "isometric cycle": _Kind(_at_least(4), _isometric_cycle, holds=False),
    "maximal cliques meet in at most a vertex": _Kind(_all, _no_diamond, holds=True),
    "induced diamond": _Kind(_exactly(4), _diamond, holds=False),
    "Ptolemy's inequality": _Kind(_NONE, _no_gem, holds=True),
    "induced gem": _Kind(_exactly(5), _gem, holds=False),
    "connected with one edge less than vertices": _Kind(_NONE, _spanning, holds=True),
    "cycle": _Kind(_at_least(3), _cycle, holds=False),
    "no path": _Kind(_exactly(2), _no_path, holds=False),
    "each triple has one median": _Kind(_NONE, _all_medians, holds=True),
    "triple without exactly one median": _Kind(_exactly(3), _not_one_median, holds=False),
}
