"""Recognisers of graph classes. Each returns a certificate that can be checked on its own.

Block graphs are chordal, chordal graphs are bridged, connected bridged graphs are dismantlable.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from typing import TYPE_CHECKING

from agreement.graph.certificates import Certificate
from agreement.graph.convexity import interval
from agreement.graph.graph import Graph, members, require_connected

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "automorphisms",
    "block_graph",
    "bridged",
    "chordal",
    "dismantlable",
    "median",
    "ptolemaic",
    "tree",
]


def chordal(graph: Graph) -> Certificate:
    """Decide whether a graph is chordal: whether it has no induced cycle of length 4 or more.

    Simplicial vertices, whose remaining neighbours form a clique, are removed one by one.
    """
    left = (1 << graph.order) - 1
    order = []
    while left:
        simplicial = next((v for v in members(left) if _simplicial(graph, v, left)), None)
        if simplicial is None:
            return Certificate(
                holds=False, kind="induced cycle", vertices=_induced_cycle(graph, left)
            )
        order.append(simplicial)
        left ^= 1 << simplicial
    return Certificate(holds=True, kind="perfect elimination order", vertices=tuple(order))


def _simplicial(graph: Graph, v: int, left: int) -> bool:
    near = graph.rows[v] & left
    return all(not near & ~(graph.rows[u] | 1 << u) for u in members(near))


def _induced_cycle(graph: Graph, left: int) -> tuple[int, ...]:
    """Return an induced cycle of length 4 or more among `left`, where no vertex is simplicial.

    It consists of a vertex v, two neighbours of v that are not adjacent, and a shortest path
    between them that avoids v and all other neighbours of v.
    """
    for v in members(left):
        for start in members(graph.rows[v] & left):
            beyond = graph.rows[v] & left & ~graph.rows[start] & ~(1 << start)
            inside = left & ~graph.rows[v] & ~(1 << v)
            path = _path_through(graph, start, beyond, inside)
            if path:
                return (v, *path)
    raise AssertionError("no induced cycle found, although no vertex is simplicial")


def _path_through(graph: Graph, start: int, targets: int, inside: int) -> tuple[int, ...]:
    """Return a shortest path from `start` through `inside` to one of `targets`; () if none."""
    before: dict[int, int] = {}
    level = [start]
    while level:
        following = []
        for u in level:
            end = next(members(graph.rows[u] & targets), None) if u != start else None
            if end is not None:
                path = [end, u]
                while path[-1] != start:
                    path.append(before[path[-1]])
                return tuple(path[::-1])
            for w in members(graph.rows[u] & inside):
                if w not in before:
                    before[w] = u
                    following.append(w)
        level = following
    return ()


def dismantlable(graph: Graph) -> Certificate:
    """Decide whether a graph is dismantlable: reducible to one vertex by removing dominated ones.

    Vertex u dominates v if u is adjacent or equal to every vertex that v is adjacent or equal to.
    The order of removals does not matter: the core that remains is unique up to isomorphism.
    """
    left = (1 << graph.order) - 1
    vertices, images = [], []
    while True:
        pair = next(_dominated(graph, left), None)
        if pair is None:
            break
        vertices.append(pair[0])
        images.append(pair[1])
        left ^= 1 << pair[0]
    holds = left.bit_count() == 1
    return Certificate(holds, "dismantling" if holds else "core", tuple(vertices), tuple(images))


def _dominated(graph: Graph, left: int) -> Iterator[tuple[int, int]]:
    for v in members(left):
        near = (graph.rows[v] | 1 << v) & left
        for u in members(graph.rows[v] & left):
            if not near & ~(graph.rows[u] | 1 << u):
                yield v, u


def bridged(graph: Graph) -> Certificate:
    """Decide whether a connected graph is bridged: without isometric cycles of length 4 or more.

    Source: Farber and Jamison; Soltan and Chepoi. The search for an isometric cycle backtracks; it
    is for graphs with some dozens of vertices.
    """
    require_connected(graph)
    for length in range(4, 2 * graph.diameter + 2):
        cycle = _isometric_cycle(graph, length)
        if cycle:
            return Certificate(holds=False, kind="isometric cycle", vertices=cycle)
    order = dismantlable(graph)
    return replace(order, kind="dismantling, no induced cycle of length 4 or 5")


def _isometric_cycle(graph: Graph, length: int) -> tuple[int, ...]:
    def extend(path: tuple[int, ...]) -> tuple[int, ...]:
        if len(path) == length:
            return path
        for v in members(graph.rows[path[-1]]):
            if v > path[0] and all(
                graph.distance(v, w) == min(len(path) - i, length - len(path) + i)
                for i, w in enumerate(path)
            ):
                found = extend((*path, v))
                if found:
                    return found
        return ()

    return next((found for v in range(graph.order) if (found := extend((v,)))), ())


def block_graph(graph: Graph) -> Certificate:
    """Decide whether every block is a clique: the graph is chordal without induced diamond."""
    order = chordal(graph)
    if not order:
        return order
    for u, v in graph.edges:
        for a, b in combinations(members(graph.rows[u] & graph.rows[v]), 2):
            if not graph.adjacent(a, b):
                return Certificate(holds=False, kind="induced diamond", vertices=(a, b, u, v))
    return Certificate(
        holds=True, kind="maximal cliques meet in at most a vertex", vertices=order.vertices
    )


def ptolemaic(graph: Graph) -> Certificate:
    """Decide whether a connected graph is ptolemaic: chordal without induced gem."""
    require_connected(graph)
    order = chordal(graph)
    if not order:
        return order
    for top in range(graph.order):
        for path in permutations(members(graph.rows[top]), 4):
            gem = Certificate(holds=False, kind="induced gem", vertices=(*path, top))
            if path[0] < path[-1] and gem.check(graph):
                return gem
    return Certificate(holds=True, kind="Ptolemy's inequality")


def tree(graph: Graph) -> Certificate:
    """Decide whether a graph is a tree: connected, without cycle."""
    left = (1 << graph.order) - 1
    while True:
        leaf = next((v for v in members(left) if (graph.rows[v] & left).bit_count() <= 1), None)
        if leaf is None:
            break
        left ^= 1 << leaf
    if left:
        return Certificate(holds=False, kind="cycle", vertices=_cycle(graph, left))
    far = next((v for v, d in enumerate(graph.distances(0)) if d < 0), None)
    if far is not None:
        return Certificate(holds=False, kind="no path", vertices=(0, far))
    return Certificate(holds=True, kind="connected with one edge less than vertices")


def _cycle(graph: Graph, left: int) -> tuple[int, ...]:
    """Return a cycle among `left`, where every vertex has at least two neighbours.

    A walk that never goes back along the edge it came by must reach some vertex twice.
    """
    path = [next(members(left))]
    previous = 0
    while True:
        onward = next(members(graph.rows[path[-1]] & left & ~previous))
        if onward in path:
            return tuple(path[path.index(onward) :])
        previous = 1 << path[-1]
        path.append(onward)


def median(graph: Graph) -> Certificate:
    """Decide whether a connected graph is a median graph.

    That is, for any three vertices exactly one vertex lies on shortest paths between each pair.
    """
    require_connected(graph)
    for u, v, w in combinations(range(graph.order), 3):
        if len(interval(graph, u, v) & interval(graph, v, w) & interval(graph, w, u)) != 1:
            return Certificate(
                holds=False, kind="triple without exactly one median", vertices=(u, v, w)
            )
    return Certificate(holds=True, kind="each triple has one median")


def automorphisms(graph: Graph) -> tuple[tuple[int, ...], ...]:
    """Return all automorphisms, in order; each is a tuple p in which p[v] is the image of v.

    They are found by backtracking. This is for small graphs, as there may be factorially many.
    """
    kinds = [tuple(sorted(graph.distances(v))) for v in range(graph.order)]
    found: list[tuple[int, ...]] = []

    def extend(images: tuple[int, ...]) -> None:
        v = len(images)
        if v == graph.order:
            found.append(images)
            return
        for image in range(graph.order):
            if (
                image not in images
                and kinds[image] == kinds[v]
                and all(
                    graph.adjacent(image, other) == graph.adjacent(v, u)
                    for u, other in enumerate(images)
                )
            ):
                extend((*images, image))

    extend(())
    return tuple(found)
