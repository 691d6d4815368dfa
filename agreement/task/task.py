"""The task: agreement, and four validities, each given by its carrier map (AER23; spec A1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

from agreement.errors import TaskError, VertexError
from agreement.graph import (
    Graph,
    automorphisms,
    geodesic_hull,
    interval,
    monophonic_interval,
    require_connected,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

__all__ = ["VALIDITIES", "Task"]


def _geodesic(graph: Graph, inputs: frozenset[int]) -> frozenset[int]:
    return _between(graph, inputs, interval)


def _monophonic(graph: Graph, inputs: frozenset[int]) -> frozenset[int]:
    return _between(graph, inputs, monophonic_interval)


def _between(
    graph: Graph, inputs: frozenset[int], segment: Callable[[Graph, int, int], frozenset[int]]
) -> frozenset[int]:
    pairs = combinations_with_replacement(sorted(inputs), 2)
    return frozenset[int]().union(*(segment(graph, u, v) for u, v in pairs))


def _clique(graph: Graph, inputs: frozenset[int]) -> frozenset[int]:
    return inputs if graph.is_clique(inputs) else frozenset(range(graph.order))


_CARRIERS: dict[str, Callable[[Graph, frozenset[int]], frozenset[int]]] = {
    "geodesic": _geodesic,
    "hull": geodesic_hull,
    "monophonic": _monophonic,
    "clique": _clique,
}

VALIDITIES = tuple(_CARRIERS)
"""The names of the validities. Each is given by its carrier map, from a set S of inputs to D(S):

* geodesic: the vertices on shortest paths between two members of S;
* hull: the geodesic convex hull of S;
* monophonic: the vertices on induced paths between two members of S;
* clique: S itself if it is a clique, all vertices otherwise.

Each is monotone in S, and D({v}) = {v}.
"""


@lru_cache(maxsize=1 << 16)
def _carrier(graph: Graph, validity: str, inputs: frozenset[int]) -> frozenset[int]:
    return _CARRIERS[validity](graph, inputs)


@dataclass(frozen=True, slots=True)
class Task:
    """Approximate agreement on a connected graph, with the validity of that name (`VALIDITIES`)."""

    graph: Graph
    validity: str = "geodesic"

    def __post_init__(self) -> None:
        require_connected(self.graph)
        if self.validity not in VALIDITIES:
            raise TaskError(
                f"there is no validity {self.validity!r}: there are {', '.join(VALIDITIES)}"
            )

    def carrier(self, inputs: Iterable[int]) -> frozenset[int]:
        """Return the carrier D(S): the vertices that may be decided if S is the set of inputs."""
        chosen = frozenset(inputs)
        if not chosen:
            raise TaskError("the carrier of no inputs is not defined: give at least one")
        for vertex in chosen:
            self.graph.check_vertex(vertex)
        return _carrier(self.graph, self.validity, chosen)

    def check_inputs(self, inputs: Sequence[int]) -> None:
        """Raise TaskError if there is no process, VertexError if an input is not a vertex."""
        if not inputs:
            raise TaskError("there must be at least one process")
        for me, vertex in enumerate(inputs):
            self._check("the input of", me, vertex, "give")

    def _check(self, what: str, me: int, vertex: object, do: str) -> None:
        """Raise VertexError unless a value of process `me` is a vertex."""
        if type(vertex) is not int or not 0 <= vertex < self.graph.order:
            raise VertexError(
                f"{what} process {me} is {vertex!r}, which is not a vertex: "
                f"{do} an int from 0 to {self.graph.order - 1}"
            )

    def objection(
        self, inputs: Sequence[int], outputs: Sequence[Hashable], participants: Iterable[int]
    ) -> str | None:
        """Return how these outputs violate the task, or None if they do not.

        `inputs` and `outputs` are by process; the output of an undecided process is None.
        `participants` are the processes that have taken a step or decided. Raises VertexError if
        an output is not a vertex.
        """
        decided: list[tuple[int, int]] = []
        for me, out in enumerate(outputs):
            if out is not None:
                self._check("the output of", me, out, "return")
                decided.append((me, out))  # type: ignore[arg-type]  # a vertex, as just checked
        allowed = self.carrier(inputs[me] for me in participants) if decided else frozenset[int]()
        for me, out in decided:
            if out not in allowed:
                return (
                    f"validity: process {me} decides {self.graph.labels[out]}, "
                    f"allowed are {self._names(allowed)}"
                )
        for me, out in decided:
            for other, out2 in decided:
                if me < other and not self.graph.adjacent_or_equal(out, out2):
                    names = f"{self.graph.labels[out]} and {self.graph.labels[out2]}"
                    return (
                        f"agreement: processes {me} and {other} decide {names}, "
                        f"at distance {self.graph.distance(out, out2)}"
                    )
        return None

    def judge(
        self, inputs: Sequence[int]
    ) -> Callable[[tuple[Hashable, ...], frozenset[int]], str | None]:
        """Return a judge for the checker: a function that calls `objection` with these inputs."""
        self.check_inputs(inputs)

        def judge(outputs: tuple[Hashable, ...], participants: frozenset[int]) -> str | None:
            return self.objection(inputs, outputs, participants)

        return judge

    def inputs(self, count: int) -> Iterator[tuple[int, ...]]:
        """Return an iterator over all input vectors of `count` processes, in order."""
        if type(count) is not int or count < 1:
            raise TaskError(f"there must be at least one process, not {count!r}: give an int")
        return product(range(self.graph.order), repeat=count)

    def inputs_up_to_automorphism(self, count: int) -> dict[tuple[int, ...], int]:
        """Return the first input vector of each class under graph automorphisms, with its size."""
        maps = automorphisms(self.graph)
        classes: dict[tuple[int, ...], int] = {}
        for inputs in self.inputs(count):
            first = min(tuple(image[v] for v in inputs) for image in maps)
            classes[first] = classes.get(first, 0) + 1
        return classes

    def _names(self, vertices: Iterable[int]) -> str:
        return ", ".join(self.graph.labels[v] for v in sorted(vertices))
