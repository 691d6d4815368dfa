"""Why a graph is in a class, or is not: certificates, checked from the definitions alone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from agreement.graph.cliques import maximal_cliques
from agreement.graph.convexity import interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.graph.graph import Graph

__all__ = ["Certificate"]

_FOUR = 4


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whether a graph is in a class (`holds`), and why.

    `kind` says what `vertices` are; `images` go with a dismantling only: vertex `vertices[i]` is
    dominated by `images[i]`. True as a whole if `holds`.
    """

    holds: bool
    kind: str
    vertices: tuple[int, ...] = ()
    images: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.holds

    def check(self, graph: Graph) -> bool:
        """Whether this proves what it says about `graph`; shares no code with who found it."""
        return _CHECKS[self.kind](graph, self)


def _is_cycle(graph: Graph, cycle: tuple[int, ...]) -> bool:
    distinct = len(set(cycle)) == len(cycle)
    return distinct and all(
        graph.adjacent(u, v) for u, v in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
    )


def _around(cycle: tuple[int, ...], i: int, j: int) -> int:
    return min(abs(i - j), len(cycle) - abs(i - j))


def _induced_cycle(graph: Graph, it: Certificate) -> bool:
    cycle = it.vertices
    return (
        not it.holds
        and len(cycle) >= _FOUR
        and all(
            graph.adjacent(cycle[i], cycle[j]) == (_around(cycle, i, j) == 1)
            for i, j in combinations(range(len(cycle)), 2)
        )
    )


def _isometric_cycle(graph: Graph, it: Certificate) -> bool:
    cycle = it.vertices
    return (
        not it.holds
        and len(cycle) >= _FOUR
        and all(
            graph.distance(cycle[i], cycle[j]) == _around(cycle, i, j)
            for i, j in combinations(range(len(cycle)), 2)
        )
    )


def _elimination_order(graph: Graph, it: Certificate) -> bool:
    order = it.vertices
    if not it.holds or sorted(order) != list(range(graph.order)):
        return False
    return all(
        graph.is_clique(u for u in order[i + 1 :] if graph.adjacent(u, v))
        for i, v in enumerate(order)
    )


def _dismantles(graph: Graph, it: Certificate) -> set[int] | None:
    """What is left after the dismantling; None if it is none."""
    left = set(range(graph.order))
    for vertex, image in zip(it.vertices, it.images, strict=True):
        near = {u for u in left if graph.close(u, vertex)}
        if vertex == image or vertex not in left or image not in left:
            return None
        if not all(graph.close(u, image) for u in near):
            return None
        left.remove(vertex)
    return left


def _dismantling(graph: Graph, it: Certificate) -> bool:
    left = _dismantles(graph, it)
    return it.holds and left is not None and len(left) == 1


def _core(graph: Graph, it: Certificate) -> bool:
    """What is left dominates nothing in itself; by confluence no other order ends in a vertex."""
    left = set(range(graph.order)) - set(it.vertices)
    if it.holds or _dismantles(graph, it) != left or len(left) <= 1:
        return False
    near = {v: {u for u in left if graph.close(u, v)} for v in left}
    return not any(u != v and near[v] <= near[u] for u in left for v in left)


def _bridged(graph: Graph, it: Certificate) -> bool:
    """Cop-win (that is, dismantlable) without induced cycles of length 4 and 5.

    That is bridged by Anstee and Farber, J. Combin. Theory B 44 (1988).
    """
    return _dismantling(graph, it) and not any(
        _has_induced_cycle(graph, subset)
        for size in (4, 5)
        for subset in combinations(range(graph.order), size)
    )


def _has_induced_cycle(graph: Graph, subset: tuple[int, ...]) -> bool:
    sub = graph.induced(subset)
    return sub.connected and all(sub.degree(v) == 2 for v in range(sub.order))  # noqa: PLR2004


def _diamond(graph: Graph, it: Certificate) -> bool:
    ends = it.vertices[:2]
    return (
        not it.holds
        and len(set(it.vertices)) == _FOUR
        and not graph.adjacent(*ends)
        and sum(graph.adjacent(u, v) for u, v in combinations(it.vertices, 2)) == _FOUR + 1
    )


def _gem(graph: Graph, it: Certificate) -> bool:
    """An induced path of four vertices, and a fifth that is adjacent to all."""
    *path, top = it.vertices
    return (
        not it.holds
        and len(set(it.vertices)) == _FOUR + 1
        and all(graph.adjacent(top, v) for v in path)
        and all(
            graph.adjacent(path[i], path[j]) == (j - i == 1) for i, j in combinations(range(4), 2)
        )
    )


def _cliques_meet_once(graph: Graph, it: Certificate) -> bool:
    cliques = [set(clique) for clique in maximal_cliques(graph)]
    return _elimination_order(graph, it) and all(
        len(a & b) <= 1 for a, b in combinations(cliques, 2)
    )


def _no_gem(graph: Graph, it: Certificate) -> bool:
    """For any four vertices, no product of opposite distances exceeds the sum of the other two.

    That is the definition; Howorka, J. Graph Theory 5 (1981): chordal without induced gem.
    """
    d = graph.distance
    products = (
        (d(u, v) * d(w, x), d(u, w) * d(v, x), d(u, x) * d(v, w))
        for u, v, w, x in combinations(range(graph.order), 4)
    )
    return it.holds and all(2 * max(three) <= sum(three) for three in products)


def _spanning(graph: Graph, it: Certificate) -> bool:
    return it.holds and graph.connected and graph.size == graph.order - 1


def _cycle(graph: Graph, it: Certificate) -> bool:
    return not it.holds and len(it.vertices) > 2 and _is_cycle(graph, it.vertices)  # noqa: PLR2004


def _apart(graph: Graph, it: Certificate) -> bool:
    return not it.holds and graph.distance(*it.vertices) < 0


def _medians(graph: Graph, triple: tuple[int, ...]) -> int:
    u, v, w = triple
    return len(interval(graph, u, v) & interval(graph, v, w) & interval(graph, w, u))


def _all_medians(graph: Graph, it: Certificate) -> bool:
    triples = combinations(range(graph.order), 3)
    return it.holds and graph.connected and all(_medians(graph, t) == 1 for t in triples)


def _not_one_median(graph: Graph, it: Certificate) -> bool:
    return not it.holds and _medians(graph, it.vertices) != 1


_CHECKS: dict[str, Callable[[Graph, Certificate], bool]] = {
    "perfect elimination order": _elimination_order,
    "induced cycle": _induced_cycle,
    "isometric cycle": _isometric_cycle,
    "dismantling": _dismantling,
    "core": _core,
    "dismantling, no induced cycle of length 4 or 5": _bridged,
    "maximal cliques meet in at most a vertex": _cliques_meet_once,
    "induced diamond": _diamond,
    "induced gem": _gem,
    "Ptolemy's inequality": _no_gem,
    "connected with one edge less than vertices": _spanning,
    "cycle": _cycle,
    "no path": _apart,
    "each triple has one median": _all_medians,
    "triple without exactly one median": _not_one_median,
}
