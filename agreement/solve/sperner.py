"""Sperner's lemma for polygons, constructively, and why cycles are unsolvable for every c and k.

**Lemma** (polytopal Sperner for polygons: De Loera, Peterson, Su; AER23 on cycles). Label the
corners of a triangulated c-gon 0, .., c - 1 in order, the vertices on the side from i to i + 1 by
one of these two, inner vertices by anything. Then at least c - 2 triangles are *rainbow*: their
labels differ. More exactly, for each i = 1, .., c - 2 the triangles with labels a < i < b are odd
in number.

*Proof* [D], *and the construction here.* Fix i. A *door* is an edge with one label less than i and
one greater. A triangle has one door if its labels are a < i < b, else two or none. Doors on the
boundary are on the side from c - 1 to 0 only, as no other side has labels on both sides of i; there
the labels are 0 and c - 1 and change from one to the other an odd number of times. Walk in through
a door of that side, and on through the other door of each triangle: the walk ends in a triangle
with one door, or outside by another door of the side. So the doors of the side, an odd number, are
paired up but for an odd number, each of which leads to a triangle a < i < b. (The rest of these are
paired by walks that never see the side.) As their middle labels differ, triangles for different i
are different. []

**Cycles.** Let a task for n >= 3 processes on the cycle C_c, c >= 4, be solved in k rounds. Cut the
c-gon into triangles (0, i, i + 1); let process 0 have input 0, process 1 the odd, process 2 the
even inputs among 1, .., c - 1: a triangle's processes differ. Its k-fold chromatic subdivision is a
triangulation; label each view by its decision. Corners keep their input, D({v}) = {v}; on a side D
is {i, i + 1} in all four validities. So there are c - 2 >= 2 rainbow triangles: three pairwise
adjacent vertices of a cycle without triangles, a contradiction. Every c >= 4, every k. The same
goes for a graph with a retraction to such a cycle, a map that keeps the cycle and sends neighbours
to adjacent or equal vertices: retract the decisions. []
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

    `sides[v]`: the sides that vertex v is on, side i going from corner i to i + 1; two for a
    corner, none for an inner vertex.
    """

    corners: int
    triangles: tuple[Triangle, ...]
    sides: tuple[frozenset[int], ...]

    def corner(self, number: int) -> int:
        """The vertex at corner `number`."""
        both = {number, (number - 1) % self.corners}
        return next(v for v, sides in enumerate(self.sides) if sides == both)

    def allowed(self, vertex: int) -> frozenset[int]:
        """The labels that the lemma lets this vertex have."""
        sides = self.sides[vertex]
        if not sides:
            return frozenset(range(self.corners))
        ends = [{side, (side + 1) % self.corners} for side in sides]
        return frozenset(set.intersection(*ends))


def subdivided_polygon(corners: int, rounds: int) -> Triangulation:
    """The c-gon cut into triangles (0, i, i + 1), each subdivided chromatically `rounds` times."""
    if corners < 3 or rounds < 0:  # noqa: PLR2004 - a triangle
        raise TaskError("a polygon has 3 corners at least, and rounds are no fewer than 0")
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
    """At least c - 2 different rainbow triangles, found by walking through doors.

    TaskError if the labels are not as the lemma wants them.
    """
    for v, label in enumerate(labels):
        if label not in polygon.allowed(v):
            raise TaskError(f"vertex {v} must not be labelled {label}")
    if len(labels) != len(polygon.sides):
        raise TaskError(f"{len(polygon.sides)} labels are wanted, not {len(labels)}")
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
    """From door to door, until a triangle has no other: its labels are around `middle`."""

    def door(edge: tuple[int, int]) -> bool:
        low, high = sorted(labels[v] for v in edge)
        return low < middle < high

    # Doors on the boundary are on the one side where the labels may be so far apart.
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
    raise AssertionError("an odd number of doors leaves one that leads to a rainbow triangle")


def retraction_to_cycle(graph: Graph) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """A cycle of length 4 or more that the graph retracts to, and the image of each vertex.

    By search, for small graphs; None if there is none.
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
