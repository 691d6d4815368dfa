"""Generators of graphs: known families, and random graphs.

Random generators take a `random.Random`, so that the same seed gives the same graph.
"""

from __future__ import annotations

import re
from itertools import combinations, product
from typing import TYPE_CHECKING

from agreement.errors import GraphError
from agreement.graph.graph import Graph

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = [
    "complete",
    "complete_bipartite",
    "cycle",
    "grid",
    "hypercube",
    "king_grid",
    "named",
    "octahedron",
    "path",
    "random_block_graph",
    "random_chordal",
    "random_connected",
    "random_tree",
    "star",
    "sun",
    "triangular_grid",
    "wheel",
]


def _need(least: int, **sizes: int) -> None:
    for name, size in sizes.items():
        if size < least:
            raise GraphError(f"{name} must be at least {least}, not {size}")


def path(order: int) -> Graph:
    """Return the path 0 - 1 - ... with `order` vertices."""
    _need(1, order=order)
    return Graph.of(order, [(v, v + 1) for v in range(order - 1)])


def cycle(order: int) -> Graph:
    """Return the cycle with `order` vertices, at least 3."""
    _need(3, order=order)
    return Graph.of(order, [(v, (v + 1) % order) for v in range(order)])


def complete(order: int) -> Graph:
    """Return the complete graph with `order` vertices."""
    _need(1, order=order)
    return Graph.of(order, combinations(range(order), 2))


def star(leaves: int) -> Graph:
    """Return the star K_{1, leaves}; its centre is vertex 0."""
    _need(1, leaves=leaves)
    return Graph.of(leaves + 1, [(0, v) for v in range(1, leaves + 1)])


def complete_bipartite(first: int, second: int) -> Graph:
    """Return the complete bipartite graph K_{first, second}."""
    _need(1, first=first, second=second)
    return Graph.of(first + second, product(range(first), range(first, first + second)))


def wheel(rim: int) -> Graph:
    """Return the wheel: a cycle of the vertices 1, ..., `rim`, all adjacent to the hub 0."""
    _need(3, rim=rim)
    spokes = [(0, v) for v in range(1, rim + 1)]
    return Graph.of(rim + 1, spokes + [(v, v % rim + 1) for v in range(1, rim + 1)])


def sun(rays: int) -> Graph:
    """Return the sun with `rays` rays.

    It is the clique 0, ..., `rays` - 1 and, for each edge v, v + 1 (mod `rays`) of a Hamiltonian
    cycle of the clique, the vertex `rays` + v, which is adjacent to the two ends of the edge.
    """
    _need(3, rays=rays)
    tops = [(rays + v, end) for v in range(rays) for end in (v, (v + 1) % rays)]
    return Graph.of(2 * rays, [*combinations(range(rays), 2), *tops])


def octahedron(dimension: int) -> Graph:
    """Return K_{2, ..., 2}: 2 * `dimension` vertices, all adjacent except the pairs 2i, 2i + 1."""
    _need(1, dimension=dimension)
    pairs = combinations(range(2 * dimension), 2)
    return Graph.of(2 * dimension, [(u, v) for u, v in pairs if u // 2 != v // 2])


def hypercube(dimension: int) -> Graph:
    """Return the hypercube: vertices are adjacent if their numbers differ in exactly one bit."""
    _need(0, dimension=dimension)
    order = 1 << dimension
    return Graph.of(order, [(v, v ^ 1 << i) for v in range(order) for i in range(dimension)])


def grid(rows: int, columns: int) -> Graph:
    """Return the square grid of `rows` times `columns` vertices, labelled "row,column"."""
    _need(1, rows=rows, columns=columns)
    return _lattice(rows, columns, [(0, 1), (1, 0)])


def king_grid(rows: int, columns: int) -> Graph:
    """Return the square grid with both diagonals of each square."""
    _need(1, rows=rows, columns=columns)
    return _lattice(rows, columns, [(0, 1), (1, 0), (1, 1), (1, -1)])


def triangular_grid(side: int) -> Graph:
    """Return the triangular grid with `side` edges a side and (side + 1)(side + 2) / 2 vertices."""
    _need(1, side=side)
    points = [(r, c) for r in range(side + 1) for c in range(side + 1 - r)]
    return _joined_by(points, [(0, 1), (1, 0), (1, -1)])


def _lattice(rows: int, columns: int, steps: list[tuple[int, int]]) -> Graph:
    return _joined_by(list(product(range(rows), range(columns))), steps)


def _joined_by(points: list[tuple[int, int]], steps: list[tuple[int, int]]) -> Graph:
    place = {point: v for v, point in enumerate(points)}
    edges = [
        (v, place[r + dr, c + dc])
        for (r, c), v in place.items()
        for dr, dc in steps
        if (r + dr, c + dc) in place
    ]
    return Graph.of(len(points), edges, [f"{r},{c}" for r, c in points])


def random_tree(order: int, rng: random.Random) -> Graph:
    """Return a random tree: each vertex is joined to a random earlier one."""
    _need(1, order=order)
    return Graph.of(order, [(v, rng.randrange(v)) for v in range(1, order)])


def random_connected(order: int, density: float, rng: random.Random) -> Graph:
    """Return a random tree to which each further edge is added with probability `density`."""
    skeleton = random_tree(order, rng).edges
    more = [pair for pair in combinations(range(order), 2) if rng.random() < density]
    return Graph.of(order, [*skeleton, *more])


def random_chordal(order: int, rng: random.Random, clique: int = 3) -> Graph:
    """Return a random connected chordal graph.

    Each new vertex is joined to at most `clique` vertices of a clique of the graph so far.
    """
    _need(1, order=order, clique=clique)
    cliques: list[list[int]] = [[0]]
    edges: list[tuple[int, int]] = []
    for v in range(1, order):
        base = rng.choice(cliques)
        part = rng.sample(base, rng.randint(1, min(clique, len(base))))
        edges.extend((v, u) for u in part)
        cliques.append([*part, v])
    return Graph.of(order, edges)


def random_block_graph(order: int, rng: random.Random, clique: int = 4) -> Graph:
    """Return a random block graph.

    Cliques of at most `clique` vertices are added one by one, each sharing one vertex with the
    graph so far.
    """
    _need(1, order=order)
    _need(2, clique=clique)
    edges: list[tuple[int, int]] = []
    present = 1
    while present < order:
        new = list(range(present, min(order, present + rng.randint(1, clique - 1))))
        edges.extend(combinations([rng.randrange(present), *new], 2))
        present += len(new)
    return Graph.of(order, edges)


_DIGITS = 5
_NAMED: dict[str, tuple[int, Callable[..., Graph]]] = {
    "path": (1, path),
    "cycle": (1, cycle),
    "complete": (1, complete),
    "star": (1, star),
    "bipartite": (2, complete_bipartite),
    "wheel": (1, wheel),
    "sun": (1, sun),
    "octahedron": (1, octahedron),
    "hypercube": (1, hypercube),
    "grid": (2, grid),
    "king": (2, king_grid),
    "triangular": (1, triangular_grid),
}


def named(text: str) -> Graph:
    """Return the graph with this name: a family and its size. Raises GraphError if there is none.

    >>> named("grid:2x3").order
    6
    """
    match = re.fullmatch(r"([a-z]+):(-?\d+)(?:x(-?\d+))?", text)
    if match is None or match[1] not in _NAMED:
        raise GraphError(
            f"{text!r} is not the name of a graph: write a family and its size, such as path:9 or "
            "grid:2x3; "
            f"the families are {', '.join(_NAMED)}"
        )
    arity, build = _NAMED[match[1]]
    digits = [size for size in match.groups()[1:] if size is not None]
    if any(len(size.lstrip("-0")) > _DIGITS for size in digits):
        raise GraphError(f"cannot make {text!r}: a size is at most 99,999")
    sizes = [int(size) for size in digits]
    if len(sizes) != arity:
        wanted = "one size" if arity == 1 else "two sizes, such as 2x3"
        raise GraphError(f"cannot make {text!r}: {match[1]} takes {wanted}")
    return build(*sizes)
