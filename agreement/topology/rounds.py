"""Protocol complexes of all inputs at once, with named views, as numpy arrays.

After r rounds the vertices of process p are numbered 0, 1, ..., and a facet is a row with a vertex
of each process. A vertex of the next round is (p, view), where the view is a simplex of the present
complex on some set T of processes that contains p. So all that is needed of the present complex are
its distinct simplices on each T (`Views`). Facets of different inputs share vertices, since equal
rows are identified. The facets of the last round are not needed, since agreement is pairwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import TaskError
from agreement.topology.one_round import one_round

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "MOST_FACETS",
    "ProtocolComplex",
    "Views",
    "after_rounds",
    "all_inputs",
    "distinct_rows",
    "subsets",
]

MOST_FACETS = 20_000_000
"""The greatest number of facets that is enumerated."""


def check_size(facets: int) -> None:
    """Raise TaskError if that many facets are too many to enumerate."""
    if facets > MOST_FACETS:
        raise TaskError(
            f"cannot enumerate {facets:,} facets: at most {MOST_FACETS:,} are supported"
        )


def subsets(count: int) -> range:
    """Return all non-empty sets of processes, as bit sets."""
    return range(1, 1 << count)


def distinct_rows(rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each distinct row first occurs, and which distinct row each row is.

    `rows` has shape (N, m).
    """
    codes = np.ascontiguousarray(rows[:, 0])
    for column in range(1, rows.shape[1]):
        width = int(rows[:, column].max(initial=0)) + 1
        if int(codes.max(initial=0)) >= (1 << 62) // width:
            codes = np.unique(codes, return_inverse=True)[1].reshape(-1)
        codes = codes * width + rows[:, column]
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first, inverse.reshape(-1)


@dataclass(frozen=True, slots=True)
class Views:
    """The distinct simplices on one set of processes.

    `rows[i]` is a facet that contains the i-th of them; `place[f]` is the number of the one that
    facet f contains.
    """

    rows: NDArray[np.int64]
    place: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of simplices."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class ProtocolComplex:
    """The complex after some rounds, and the vertices of the next round.

    `facets`, shape (N, n), holds the vertex of each process. `seen[p]` holds, for each vertex of
    process p, the bit set of the inputs it depends on. `views[T]` are the simplices on T. A vertex
    of the next round is (p, T, i), p in T: process p sees the i-th simplex on T. Its number is
    `first[p, T] + i`.
    """

    facets: NDArray[np.int64]
    seen: tuple[NDArray[np.int64], ...]
    views: dict[int, Views]
    first: dict[tuple[int, int], int]

    @property
    def count(self) -> int:
        """The number of processes."""
        return int(self.facets.shape[1])

    @property
    def next_vertices(self) -> int:
        """The number of vertices after the next round."""
        return sum(len(views) * mask.bit_count() for mask, views in self.views.items())

    def seen_by(self, mask: int) -> NDArray[np.int64]:
        """Return, for each simplex on `mask`, the bit set of the inputs that it depends on."""
        rows = self.facets[self.views[mask].rows]
        known = np.zeros(len(rows), np.int64)
        for p in range(self.count):
            if mask >> p & 1:
                known |= self.seen[p][rows[:, p]]
        return known

    def restricted(self, larger: int, smaller: int) -> NDArray[np.int64]:
        """Return, for each simplex on `larger`, the number of its face on `smaller`."""
        return self.views[smaller].place[self.views[larger].rows]

    def find(self, process: int, number: int) -> tuple[int, tuple[int, ...]]:
        """Return the view of a vertex of the next round: the set it sees, and their vertices."""
        at = {mask: start for (p, mask), start in self.first.items() if p == process}
        mask = max((m for m in at if at[m] <= number and len(self.views[m])), key=at.__getitem__)
        row = self.facets[self.views[mask].rows[number - at[mask]]]
        return mask, tuple(int(row[p]) for p in range(self.count) if mask >> p & 1)

    def after(self, communication: str = "immediate") -> ProtocolComplex:
        """Return the complex after the next round. Raises TaskError if it has too many facets."""
        choices = one_round(communication, self.count)
        check_size(len(choices) * len(self.facets))
        blocks = [
            np.stack(
                [self.first[p, seen] + self.views[seen].place for p, seen in enumerate(views)],
                axis=1,
            )
            for views in choices
        ]
        seen = []
        for p in range(self.count):
            masks = sorted((m for m in self.views if m >> p & 1), key=lambda m: self.first[p, m])
            seen.append(np.concatenate([self.seen_by(mask) for mask in masks]))
        return _complex(np.concatenate(blocks), tuple(seen))


def _complex(facets: NDArray[np.int64], seen: tuple[NDArray[np.int64], ...]) -> ProtocolComplex:
    count = facets.shape[1]
    views: dict[int, Views] = {}
    first: dict[tuple[int, int], int] = {}
    starts = [0] * count
    for mask in subsets(count):
        chosen = [p for p in range(count) if mask >> p & 1]
        rows, place = distinct_rows(facets[:, chosen])
        views[mask] = Views(rows, place)
        for p in chosen:
            first[p, mask] = starts[p]
            starts[p] += len(rows)
    return ProtocolComplex(facets, seen, views, first)


def all_inputs(order: int, count: int) -> NDArray[np.int64]:
    """Return all input vectors of `count` processes, shape (order^count, count), in order."""
    return np.array(list(product(range(order), repeat=count)), np.int64).reshape(-1, count)


def after_rounds(
    inputs: NDArray[np.int64] | Sequence[Iterable[int]],
    rounds: int,
    communication: str = "immediate",
) -> tuple[ProtocolComplex, ...]:
    """Return the complexes after 0, 1, ..., `rounds` - 1 rounds from these input vectors.

    `inputs` has shape (N, n); `rounds` is at least 1. The `views` of the last complex are what the
    processes see in the last round.
    """
    if rounds < 1:
        raise TaskError(f"the number of rounds must be at least 1, not {rounds}")
    facets = np.unique(np.array(inputs, np.int64), axis=0)
    if facets.max(initial=0) > 61:  # noqa: PLR2004 - bits of a number
        raise TaskError("inputs must be numbers up to 61, to fit a bit set")
    values = 1 << np.arange(int(facets.max(initial=0)) + 1, dtype=np.int64)
    complexes = [_complex(facets, (values,) * facets.shape[1])]
    while len(complexes) < rounds:
        complexes.append(complexes[-1].after(communication))
    return tuple(complexes)
