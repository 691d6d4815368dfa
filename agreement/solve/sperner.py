"""A constructive proof of Sperner's lemma for polygons; cycles are unsolvable in any rounds.

**Lemma** (polytopal Sperner for polygons: De Loera, Peterson, Su; AER23 on cycles). Label the
corners of a triangulated c-gon 0, ..., c - 1 in order, each vertex on the side from i to i + 1 by
one of these two, and each vertex inside by any of the labels. Then at least c - 2 triangles are
*rainbow*: their three labels differ. More exactly, for each i = 1, ..., c - 2 the number of
triangles with labels a < i < b is odd.

*Proof* [D], *which is the construction here.* Fix i. A *door* is an edge with one label less than i
and one greater. A triangle has one door if its labels are a < i < b, otherwise two or none. On the
boundary, only the side from c - 1 to 0 has doors, because no other side has both labels less than i
and labels greater than i. Along that side the labels are 0 and c - 1 and change from one to the
other an odd number of times, so it has an odd number of doors. Enter the polygon by one of them,
and leave each triangle by its other door if it has one. The walk ends in a triangle with one door,
or leaves the polygon by another door of the side. Walks of the second sort pair up doors of the
side; so an odd number of doors lead to triangles a < i < b. (All other such triangles are paired up
by walks that never reach the side.) Triangles for different i differ in their middle label. []

**Cycles.** Suppose that n >= 3 processes solve the task on the cycle C_c, c >= 4, in k rounds. Cut
the c-gon into the triangles (0, i, i + 1). Give process 0 the input 0, process 1 the odd inputs and
process 2 the even inputs among 1, ..., c - 1, so that the processes of a triangle differ. The
k-fold chromatic subdivision is a triangulation; label each view by its decision. Corners keep their
input, because D({v}) = {v}, and on the side from i to i + 1 the carrier is {i, i + 1} under all
four validities. So there are c - 2 >= 2 rainbow triangles: three pairwise adjacent vertices of a
cycle that has no triangle, a contradiction for every c >= 4 and every k. The same holds for a graph
with a retraction to such a cycle, which is a map that keeps the cycle and sends neighbours to
adjacent or equal vertices: apply it to the decisions. []
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import TaskError
from agreement.topology.complexes import ChromaticComplex, input_complex, subdivide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.graph import Graph

__all__ = ["Triangulation", "rainbow_triangles", "retraction_to_cycle", "subdivided_polygon"]

Triangle: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Triangulation:
    """A triangulated polygon with `corners` corners.

    `sides[v]` is the set of sides that vertex v is on: two for a corner, none for a vertex inside.
    Side i goes from corner i to corner i + 1.
    """

    corners: int
    triangles: tuple[Triangle, ...]
    sides: tuple[frozenset[int], ...]

    def corner(self, number: int) -> int:
        """Return the vertex at corner `number`."""
        both = {number, (number - 1) % self.corners}
        return next(v for v, sides in enumerate(self.sides) if sides == both)

    def allowed(self, vertex: int) -> frozenset[int]:
        """Return the labels that the lemma allows at this vertex."""
        sides = self.sides[vertex]
        if not sides:
            return frozenset(range(self.corners))
        ends = [{side, (side + 1) % self.corners} for side in sides]
        return frozenset(set.intersection(*ends))


def subdivided_polygon(corners: int, rounds: int) -> Triangulation:
    """Return the c-gon cut into triangles (0, i, i + 1), subdivided `rounds` times.

    The subdivision is the standard chromatic one. Raise TaskError for fewer than 3 corners or
    a negative number of rounds.
    """
    if corners < 3 or rounds < 0:  # noqa: PLR2004 - a triangle
        raise TaskError(
            f"cannot subdivide a polygon with {corners} corners {rounds} times: there must be 3 "
            "corners and 0 rounds at least"
        )
    inputs = [(0, *sorted((i, i + 1), key=lambda v: v % 2 == 0)) for i in range(1, corners - 1)]
    base = input_complex(inputs)
    now: ChromaticComplex = base
    for _ in range(rounds):
        now = subdivide(now)
    value = [name[1] for name in base.names]
    sides = []
    for carrier in now.carriers:
        known = {value[v] for v in range(len(value)) if carrier >> v & 1}
        sides.append(frozenset(i for i in range(corners) if known <= {i, (i + 1) % corners}))
    triangles = tuple((a, b, c) for a, b, c in now.complex.facets)
    return Triangulation(corners, triangles, tuple(sides))


def rainbow_triangles(polygon: Triangulation, labels: Sequence[int]) -> tuple[Triangle, ...]:
    """Return c - 2 different rainbow triangles, found by walking through doors.

    `labels` are by vertex. Raise TaskError if the lemma does not allow them.
    """
    for v, label in enumerate(labels):
        if label not in polygon.allowed(v):
            raise TaskError(
                f"cannot apply the lemma: vertex {v} must not be labelled {label}, but one of "
                f"{sorted(polygon.allowed(v))}"
            )
    if len(labels) != len(polygon.sides):
        raise TaskError(
            f"cannot apply the lemma: there must be {len(polygon.sides)} labels, not {len(labels)}"
        )
    beside: dict[tuple[int, int], list[Triangle]] = {}
    for triangle in polygon.triangles:
        for edge in combinations(triangle, 2):
            beside.setdefault(edge, []).append(triangle)
    return tuple(_walk(labels, beside, i) for i in range(1, polygon.corners - 1))


def _walk(
    labels: Sequence[int],
    beside: dict[tuple[int, int], list[Triangle]],
    middle: int,
) -> Triangle:
    """Walk from door to door to a triangle with labels a < `middle` < b, and return it."""

    def door(edge: tuple[int, int]) -> bool:
        low, high = sorted(labels[v] for v in edge)
        return low < middle < high

    # All doors on the boundary are on the side from the last corner to corner 0.
    doors = [edge for edge, triangles in beside.items() if len(triangles) == 1 and door(edge)]
    left = set(doors)
    for edge in doors:
        if edge not in left:
            continue
        left.discard(edge)
        (triangle,) = beside[edge]
        while True:
            onward = [e for e in combinations(triangle, 2) if e != edge and door(e)]
            if not onward:
                return triangle
            edge = onward[0]  # noqa: PLW2901 - the walk goes on
            across = [other for other in beside[edge] if other != triangle]
            if not across:
                left.discard(edge)
                break
            triangle = across[0]
    raise AssertionError("one of an odd number of doors must lead to a rainbow triangle")


def retraction_to_cycle(graph: Graph) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return a cycle of length 4 or more that the graph retracts to, and each vertex's image.

    Return None if there is no such cycle. The search is exhaustive, so it is for small graphs.
    """
    for length in range(4, graph.order + 1):
        for cycle in _induced_cycles(graph, length):
            images = _extend(graph, cycle, dict(zip(cycle, cycle, strict=True)))
            if images is not None:
                return cycle, images
    return None


def _induced_cycles(graph: Graph, length: int) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    paths: list[tuple[int, ...]] = [(v,) for v in range(graph.order)]
    while paths:
        path = paths.pop()
        for v in graph.neighbours(path[-1]):
            if v <= path[0] or v in path:
                continue
            chords = [u for u in path[:-1] if graph.adjacent(u, v)]
            if not chords and len(path) + 1 < length:
                paths.append((*path, v))
            elif chords == [path[0]] and len(path) + 1 == length:
                found.append((*path, v))
    return found


def _extend(graph: Graph, cycle: tuple[int, ...], images: dict[int, int]) -> tuple[int, ...] | None:
    rest = [v for v in range(graph.order) if v not in images]
    if not rest:
        return tuple(images[v] for v in range(graph.order))
    v = max(rest, key=lambda u: sum(graph.adjacent(u, w) for w in images))
    for image in cycle:
        if all(
            graph.adjacent_or_equal(image, images[u]) for u in graph.neighbours(v) if u in images
        ):
            found = _extend(graph, cycle, {**images, v: image})
            if found is not None:
                return found
    return None
