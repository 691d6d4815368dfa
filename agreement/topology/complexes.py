"""Finite simplicial complexes, their maps, and those that graphs and memories give.

Vertices are the integers 0, 1, ...; a simplex is a tuple of vertices in order. Everything here is
for complexes that one can look at; the protocol complexes of all inputs at once, in arrays, are in
`agreement.topology.rounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import TaskError
from agreement.graph import Graph, maximal_cliques
from agreement.topology.one_round import one_round

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

__all__ = [
    "ChromaticComplex",
    "Complex",
    "Simplex",
    "cliques_of",
    "input_complex",
    "is_simplicial",
    "one_round_complex",
    "subdivide",
]

Simplex: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Complex:
    """The complex that these simplices generate; none of them is a face of another."""

    facets: tuple[Simplex, ...]

    @classmethod
    def of(cls, simplices: Iterable[Collection[int]]) -> Complex:
        """From any simplices: faces of others are left out."""
        facets: list[frozenset[int]] = []
        for simplex in sorted({frozenset(s) for s in simplices}, key=len, reverse=True):
            if simplex and not any(simplex < facet for facet in facets):
                facets.append(simplex)
        return cls(tuple(sorted(tuple(sorted(facet)) for facet in facets)))

    @property
    def dimension(self) -> int:
        """The greatest dimension of a simplex; -1 if there is none."""
        return max(map(len, self.facets), default=0) - 1

    @property
    def vertices(self) -> tuple[int, ...]:
        """The vertices, in order."""
        return tuple(sorted(set(chain.from_iterable(self.facets))))

    def simplices(self, dimension: int) -> tuple[Simplex, ...]:
        """All simplices of this dimension, in order."""
        size = dimension + 1
        return tuple(sorted({face for facet in self.facets for face in combinations(facet, size)}))

    @property
    def f_vector(self) -> tuple[int, ...]:
        """The number of simplices by dimension."""
        return tuple(len(self.simplices(d)) for d in range(self.dimension + 1))

    @property
    def euler(self) -> int:
        """The Euler characteristic."""
        return sum((-1) ** d * number for d, number in enumerate(self.f_vector))

    def __contains__(self, simplex: Collection[int]) -> bool:
        """Whether this is a simplex of the complex."""
        wanted = set(simplex)
        return bool(wanted) and any(wanted <= set(facet) for facet in self.facets)

    def link(self, vertex: int) -> Complex:
        """What the simplices around `vertex` show without it."""
        around = [set(facet) - {vertex} for facet in self.facets if vertex in facet]
        return Complex.of(around)


def cliques_of(graph: Graph, vertices: Iterable[int] | None = None) -> Complex:
    """The clique complex of a graph, or of what some of its vertices induce; numbers are kept."""
    kept = tuple(range(graph.order)) if vertices is None else tuple(sorted(set(vertices)))
    cliques = maximal_cliques(graph.induced(kept))
    return Complex.of([kept[v] for v in clique] for clique in cliques)


def is_simplicial(
    images: Mapping[int, int] | Sequence[int], source: Complex, target: Complex
) -> bool:
    """Whether the vertex map sends every simplex of `source` onto a simplex of `target`."""
    return all({images[v] for v in facet} in target for facet in source.facets)


@dataclass(frozen=True, slots=True)
class ChromaticComplex:
    """A complex whose vertices belong to processes; no simplex has two of the same process.

    `names[v]` is what vertex v stands for: (process, input), or (process, vertices seen) with
    numbers of the complex that was subdivided. `carriers[v]` is the bit set of the vertices of the
    first complex that v depends on.
    """

    complex: Complex
    names: tuple[tuple[int, Hashable], ...]
    carriers: tuple[int, ...]

    def process(self, vertex: int) -> int:
        """Whose vertex it is."""
        return self.names[vertex][0]


def input_complex(facets: Iterable[Sequence[Hashable]]) -> ChromaticComplex:
    """The complex of these input vectors: process p has the p-th, or none if that is None."""
    number: dict[tuple[int, Hashable], int] = {}
    simplices = [
        [number.setdefault((p, v), len(number)) for p, v in enumerate(inputs) if v is not None]
        for inputs in facets
    ]
    return ChromaticComplex(
        Complex.of(simplices), tuple(number), tuple(1 << v for v in range(len(number)))
    )


def one_round_complex(communication: str, count: int) -> ChromaticComplex:
    """The views of one round of `communication`: one input vector, everybody taking part."""
    return subdivide(input_complex([(0,) * count]), communication)


def subdivide(
    base: ChromaticComplex, communication: str = "immediate", stopped: Collection[int] = ()
) -> ChromaticComplex:
    """One more round of `communication`, in which the vertices `stopped` take no part: they stay.

    Uniform, without any stopped, this is the chromatic subdivision if the form is the immediate
    snapshot. Otherwise it is a round of a non-uniform iterated protocol (AAEGZ23): in each facet
    those who have stopped are joined to the subdivision of what the others make up, as they neither
    write nor look any more.
    """
    number: dict[tuple[int, Hashable], int] = {}
    simplices: list[list[int]] = []
    still = frozenset(stopped)
    if not still <= set(base.complex.vertices):
        raise TaskError("only vertices of the complex can have stopped")

    def vertex(process: int, seen: frozenset[int]) -> int:
        return number.setdefault((process, seen), len(number))

    for facet in base.complex.facets:
        moving = [v for v in facet if v not in still]
        stays = [vertex(base.process(v), frozenset({v})) for v in facet if v in still]
        for views in one_round(communication, len(moving)) if moving else ((),):
            simplex = [
                vertex(base.process(v), frozenset(u for j, u in enumerate(moving) if seen >> j & 1))
                for v, seen in zip(moving, views, strict=True)
            ]
            simplices.append(stays + simplex)
    carriers = []
    for _, seen in number:
        carrier = 0
        for v in seen:  # type: ignore[attr-defined]
            carrier |= base.carriers[v]
        carriers.append(carrier)
    return ChromaticComplex(Complex.of(simplices), tuple(number), tuple(carriers))
