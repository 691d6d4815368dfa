"""Finite simple undirected graphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from agreement.errors import GraphError, VertexError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Graph", "members", "require_connected"]


def members(mask: int) -> Iterator[int]:
    """Yield the vertices of a bit set, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph on the vertices 0 .. `order` - 1.

    `rows[v]` is the bit set of the neighbours of v; GraphError is raised unless the rows are
    symmetric and without loops. `labels` are distinct names of the vertices, by default their
    numbers; graphs that differ in their labels only are equal.
    """

    rows: tuple[int, ...]
    labels: tuple[str, ...] = field(default=(), compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.rows))
        if not self.labels:
            object.__setattr__(self, "labels", tuple(map(str, range(self.order))))
        if len(self.labels) != self.order or len(set(self.labels)) != self.order:
            raise GraphError(f"{self.order} vertices need as many distinct labels")
        for v, row in enumerate(self.rows):
            if type(row) is not int or row < 0 or row >> self.order:
                raise VertexError(
                    f"row {v} must be a bit set, an int, and have neighbours in 0 .. "
                    f"{self.order - 1} only"
                )
            if row >> v & 1:
                raise GraphError(f"vertex {self.labels[v]} has an edge to itself")
            for u in members(row):
                if not self.rows[u] >> v & 1:
                    raise GraphError(
                        f"the rows are not symmetric: edge {v}-{u} is given in one direction only"
                    )

    def __hash__(self) -> int:
        return self._hash

    @classmethod
    def of(cls, order: int, edges: Iterable[tuple[int, int]], labels: Iterable[str] = ()) -> Graph:
        """Return the graph with `order` vertices and these edges; duplicate edges count once."""
        if type(order) is not int or order < 0:
            raise GraphError(f"a graph cannot have {order!r} vertices: give an int, at least 0")
        rows = [0] * order
        for u, v in edges:
            for end in (u, v):
                if type(end) is not int or not 0 <= end < order:
                    raise VertexError(
                        f"edge {u!r}-{v!r} has an end that is not an int in 0 .. {order - 1}"
                    )
            rows[u] |= 1 << v
            rows[v] |= 1 << u
        return cls(tuple(rows), tuple(labels))

    @property
    def order(self) -> int:
        """The number of vertices."""
        return len(self.rows)

    @property
    def size(self) -> int:
        """The number of edges."""
        return sum(row.bit_count() for row in self.rows) // 2

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """The edges (u, v), u < v, in order."""
        return tuple(
            (u, v) for u, row in enumerate(self.rows) for v in members(row >> u << u) if u < v
        )

    def check_vertex(self, v: int) -> None:
        """Raise VertexError unless `v` is a vertex: an int, and nothing that only equals one."""
        if type(v) is not int or not 0 <= v < self.order:
            raise VertexError(
                f"there is no vertex {v!r}: the vertices are the ints 0 .. {self.order - 1}"
            )

    def vertex(self, label: str) -> int:
        """Return the vertex with this label."""
        if label not in self.labels:
            raise GraphError(
                f"no vertex has the label {label!r}: the labels are {', '.join(self.labels)}"
            )
        return self.labels.index(label)

    def neighbours(self, v: int) -> tuple[int, ...]:
        """Return the vertices adjacent to `v`, in order."""
        self.check_vertex(v)
        return tuple(members(self.rows[v]))

    def degree(self, v: int) -> int:
        """Return the number of neighbours of `v`."""
        self.check_vertex(v)
        return self.rows[v].bit_count()

    def adjacent(self, u: int, v: int) -> bool:
        """Return whether u-v is an edge."""
        self.check_vertex(u)
        self.check_vertex(v)
        return bool(self.rows[u] >> v & 1)

    def adjacent_or_equal(self, u: int, v: int) -> bool:
        """Return whether `u` and `v` are adjacent or equal."""
        return self.adjacent(u, v) or u == v

    def is_clique(self, vertices: Iterable[int]) -> bool:
        """Return whether the vertices are pairwise adjacent or equal."""
        mask = self.mask(vertices)
        return all(not mask & ~(self.rows[v] | 1 << v) for v in members(mask))

    def mask(self, vertices: Iterable[int]) -> int:
        """Return the bit set of some vertices."""
        mask = 0
        for v in vertices:
            self.check_vertex(v)
            mask |= 1 << v
        return mask

    def distances(self, v: int) -> tuple[int, ...]:
        """Return the distance of each vertex from `v`; -1 where there is no path."""
        self.check_vertex(v)
        return _distances(self, v)

    def distance(self, u: int, v: int) -> int:
        """Return the length of a shortest path from `u` to `v`; -1 if there is none."""
        self.check_vertex(u)
        return self.distances(v)[u]

    def eccentricity(self, v: int) -> int:
        """Return the greatest distance from `v`. The graph must be connected."""
        require_connected(self)
        return max(self.distances(v))

    @property
    def diameter(self) -> int:
        """The greatest distance of two vertices. The graph must be connected."""
        require_connected(self)
        return max(self.eccentricity(v) for v in range(self.order))

    @property
    def connected(self) -> bool:
        """True if the graph has a vertex, and a path between any two vertices."""
        return self.order > 0 and -1 not in _distances(self, 0)

    def induced(self, vertices: Iterable[int]) -> Graph:
        """Return the subgraph induced by these vertices, renumbered in order, with their labels."""
        kept = tuple(members(self.mask(vertices)))
        place = {v: i for i, v in enumerate(kept)}
        edges = [(place[u], place[v]) for u in kept for v in members(self.rows[u]) if v in place]
        return Graph.of(len(kept), edges, [self.labels[v] for v in kept])


@lru_cache(maxsize=1024)
def _distances(graph: Graph, source: int) -> tuple[int, ...]:
    """Return the distances from `source`, by breadth-first search on bit sets."""
    found = [-1] * graph.order
    seen = level = 1 << source
    distance = 0
    while level:
        beyond = 0
        for v in members(level):
            found[v] = distance
            beyond |= graph.rows[v]
        level = beyond & ~seen
        seen |= level
        distance += 1
    return tuple(found)


def require_connected(graph: Graph) -> None:
    """Raise GraphError if the graph is empty or not connected, naming two separated vertices."""
    if graph.order == 0:
        raise GraphError("the graph has no vertex: at least one is needed")
    far = next((v for v, d in enumerate(graph.distances(0)) if d < 0), None)
    if far is not None:
        raise GraphError(
            f"the graph is not connected: no path from {graph.labels[0]} to {graph.labels[far]}"
        )
