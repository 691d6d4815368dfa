"""The graph and its carrier map, on sets of vertices as bits of an integer.

Intervals come from the layers of breadth-first search; induced paths are grown vertex by vertex
away from all neighbours of their internal vertices.

Source: sections "Graph" and "Carrier map" of the page on the format of certificates.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement

from .shapes import RefusedError

MOST_INDUCED_PATHS = 1_000_000


def bits(members: int) -> Iterator[int]:
    """Yield the members of a set in increasing order."""
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def as_bits(members: Iterable[int]) -> int:
    """Return the set that has these members."""
    made = 0
    for member in members:
        made |= 1 << member
    return made


class Carriers:
    """The carrier map D of a connected graph for one validity."""

    def __init__(self, size: int, edges: Iterable[tuple[int, int]], validity: str) -> None:
        near = [1 << v for v in range(size)]
        for u, v in edges:
            near[u] |= 1 << v
            near[v] |= 1 << u
        self.near = tuple(near)
        """For each vertex, itself and its neighbours."""
        self._everything = (1 << size) - 1
        self._layers = [self._layers_from(v) for v in range(size)]
        if sum(self._layers[0]) != self._everything:
            raise RefusedError("graph: not connected")
        self._validity = validity
        monophonic = validity == "monophonic"
        self._between = self._on_induced_paths() if monophonic else self._intervals()
        self._known: dict[int, int] = {}

    def carrier(self, inputs: int) -> int:
        """Return D(S) for a non-empty set S."""
        if inputs not in self._known:
            self._known[inputs] = self._computed(inputs)
        return self._known[inputs]

    def is_clique(self, members: int) -> bool:
        """Return whether the members of a set are pairwise adjacent or equal."""
        return all(members & ~self.near[v] == 0 for v in bits(members))

    def _computed(self, inputs: int) -> int:
        if self._validity == "clique":
            return inputs if self.is_clique(inputs) else self._everything
        union = self._over_pairs(inputs)
        while self._validity == "hull" and (larger := self._over_pairs(union)) != union:
            union = larger
        return union

    def _over_pairs(self, members: int) -> int:
        """Return the union of what lies between any two members, equal ones included."""
        union = 0
        for pair in combinations_with_replacement(bits(members), 2):
            union |= self._between[pair]
        return union

    def _layers_from(self, start: int) -> list[int]:
        """Return the sets of vertices at distance 0, 1, 2, ... from a vertex."""
        layers, reached = [], 0
        layer = 1 << start
        while layer:
            layers.append(layer)
            reached |= layer
            layer = as_bits(w for v in bits(layer) for w in bits(self.near[v])) & ~reached
        return layers

    def _intervals(self) -> dict[tuple[int, int], int]:
        """Return, for each two vertices, the w with d(u, w) + d(w, v) = d(u, v)."""
        on_paths: dict[tuple[int, int], int] = {}
        for u, v in combinations_with_replacement(range(len(self.near)), 2):
            apart = next(d for d, layer in enumerate(self._layers[u]) if layer >> v & 1)
            back = reversed(self._layers[v][: apart + 1])
            on_paths[u, v] = as_bits(
                w for at, rest in zip(self._layers[u], back, strict=False) for w in bits(at & rest)
            )
        return on_paths

    def _on_induced_paths(self) -> dict[tuple[int, int], int]:
        """Return, for each two vertices, all vertices on induced paths between them."""
        on_paths: dict[tuple[int, int], int] = {}
        found = 0
        for start in range(len(self.near)):
            paths = [(start, 1 << start, 0)]  # the end, all vertices, those near internal ones
            while paths:
                end, path, spoilt = paths.pop()
                found += 1
                if found > MOST_INDUCED_PATHS:
                    raise RefusedError(f"graph: more than {MOST_INDUCED_PATHS} induced paths")
                on_paths[start, end] = on_paths.get((start, end), 0) | path
                paths += [
                    (following, path | 1 << following, spoilt | self.near[end])
                    for following in bits(self.near[end] & ~(path | spoilt))
                ]
        return on_paths
