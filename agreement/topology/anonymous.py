"""Protocol complexes of all inputs at once, anonymous.

A process knows its own value and how often it sees which others, not whose they are.

A map from anonymous views is a map from plain ones, about n! times smaller; whether a plain one
exists wherever an anonymous one does not is not known, so this is for finding maps, and
`agreement.topology.rounds` for refuting them. Processes that rename themselves see the same, so
sorted input vectors are enough.

Smaller still are views that are mere sets of values, without one's own and how often: as views of
an immediate snapshot are nested, a round of these is the barycentric subdivision of the simplices
on at most n inputs. A map from sets is a map from anonymous views.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, permutations

import numpy as np
from numpy.typing import NDArray

from agreement.errors import TaskError
from agreement.topology.one_round import one_round, view_pairs
from agreement.topology.rounds import MOST_FACETS, distinct_rows, subsets

__all__ = ["AnonymousComplex", "Table", "anonymous_complex", "barycentric_complex"]

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """What anonymous processes can see in one round.

    View v is that of a process with the value `own[v]` that sees the values `others[v]`, its own
    among them, in order, filled up with -1; shape (V, n). `own[v]` is -1 for views that are sets.
    """

    own: Numbers
    others: Numbers

    def __len__(self) -> int:
        """How many views there are."""
        return len(self.own)


@dataclass(frozen=True, slots=True)
class AnonymousComplex:
    """The complex of anonymous views after the rounds whose views are `tables`.

    Vertices are the views of the last table. `seen[v]` is the bit set of the inputs that v knows
    of; `edges`, shape (M, 2), which vertices two processes can have together, u < v.
    """

    count: int
    tables: tuple[Table, ...]
    seen: Numbers
    edges: Numbers

    def __len__(self) -> int:
        """The number of vertices."""
        return len(self.seen)


@lru_cache(maxsize=8)
def anonymous_complex(order: int, count: int, rounds: int) -> AnonymousComplex:
    """For all inputs among `order` vertices, `rounds` rounds of immediate snapshots, at least 1."""
    if rounds < 1:
        raise TaskError("there must be a round to see anything")
    rows = np.array(list(combinations_with_replacement(range(order), count)), np.int64)
    seen = 1 << np.arange(order, dtype=np.int64)
    tables: list[Table] = []
    while True:
        table, numbers = _views(rows)
        tables.append(table)
        seen = _known(table, seen)
        if len(tables) == rounds:
            return AnonymousComplex(count, tuple(tables), seen, _edges(numbers, count, len(seen)))
        _check_size(len(rows) * len(one_round("immediate", count)))
        rows = np.concatenate(
            [
                np.stack([numbers[p, view] for p, view in enumerate(way)], axis=1)
                for way in one_round("immediate", count)
            ]
        )
        rows.sort(axis=1)
        rows = rows[distinct_rows(rows)[0]]


def _check_size(facets: int) -> None:
    if facets > MOST_FACETS:
        raise TaskError(f"{facets:,} facets are too many: at most {MOST_FACETS:,}")


def _known(table: Table, seen: Numbers) -> Numbers:
    """The bit sets of inputs that views know of, from those of the values seen."""
    present = table.others >= 0
    known = np.where(present, seen[np.where(present, table.others, 0)], 0)
    return np.asarray(np.bitwise_or.reduce(known, axis=1), np.int64)


def _views(rows: Numbers) -> tuple[Table, dict[tuple[int, int], Numbers]]:
    """The views of one round; and by process and whom it sees, which one each row gives."""
    count = rows.shape[1]
    keys: list[tuple[int, int]] = []
    own: list[Numbers] = []
    sets: list[Numbers] = []
    for mask in subsets(count):
        chosen = [p for p in range(count) if mask >> p & 1]
        padded = np.full_like(rows, -1)
        padded[:, : len(chosen)] = np.sort(rows[:, chosen], axis=1)
        for p in chosen:
            keys.append((p, mask))
            own.append(rows[:, p])
            sets.append(padded)
    columns = np.concatenate([np.concatenate(own)[:, None], np.concatenate(sets) + 1], axis=1)
    first, place = distinct_rows(columns)
    table = Table(columns[first, 0], columns[first, 1:] - 1)
    return table, dict(zip(keys, place.reshape(len(keys), -1), strict=True))


def _edges(numbers: dict[tuple[int, int], Numbers], count: int, vertices: int) -> Numbers:
    codes = [
        np.unique(
            np.minimum(numbers[p, s], numbers[q, t]) * vertices
            + np.maximum(numbers[p, s], numbers[q, t])
        )
        for p, s, q, t in view_pairs("immediate", count)
    ]
    return _decoded(codes, vertices)


def _decoded(codes: list[Numbers], vertices: int) -> Numbers:
    """The different pairs u < v among codes u * `vertices` + v."""
    code = np.unique(np.concatenate(codes)) if codes else np.zeros(0, np.int64)
    edges = np.stack([code // vertices, code % vertices], axis=1)
    return np.asarray(edges[edges[:, 0] != edges[:, 1]], np.int64)


@lru_cache(maxsize=8)
def barycentric_complex(order: int, count: int, rounds: int) -> AnonymousComplex:
    """As `anonymous_complex`, with views that are sets: `rounds` barycentric subdivisions."""
    if rounds < 1:
        raise TaskError("there must be a round to see anything")
    width = min(order, count)
    rows = np.array(list(combinations(range(order), width)), np.int64)
    seen = 1 << np.arange(order, dtype=np.int64)
    tables: list[Table] = []
    while True:
        table, numbers = _sets(rows)
        tables.append(table)
        seen = _known(table, seen)
        if len(tables) == rounds:
            codes = [
                np.minimum(numbers[s], numbers[t]) * len(seen) + np.maximum(numbers[s], numbers[t])
                for t in numbers
                for s in numbers
                if s & t == s != t
            ]
            return AnonymousComplex(count, tuple(tables), seen, _decoded(codes, len(seen)))
        flags = list(permutations(range(width)))
        _check_size(len(rows) * len(flags))
        chains = [[sum(1 << p for p in flag[: i + 1]) for i in range(width)] for flag in flags]
        rows = np.concatenate([np.stack([numbers[s] for s in c], axis=1) for c in chains])


def _sets(rows: Numbers) -> tuple[Table, dict[int, Numbers]]:
    """The faces of simplices; and by set of places, which one each row has there."""
    width = rows.shape[1]
    sets = []
    for mask in subsets(width):
        chosen = [p for p in range(width) if mask >> p & 1]
        padded = np.full_like(rows, -1)
        padded[:, : len(chosen)] = np.sort(rows[:, chosen], axis=1)
        sets.append(padded)
    columns = np.concatenate(sets)
    first, place = distinct_rows(columns + 1)
    table = Table(np.full(len(first), -1), columns[first])
    return table, dict(zip(subsets(width), place.reshape(len(sets), -1), strict=True))
