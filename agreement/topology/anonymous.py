"""Protocol complexes of all inputs at once, with anonymous views.

In an anonymous view a process knows its own value and how often it sees each value, but not whose
the values are. A map from anonymous views gives a map from named views, and there are about n!
times fewer of them. Whether there is always an anonymous map where there is a named one is not
known. So anonymous views serve to find maps, and `agreement.topology.rounds` to refute them.
Renaming the processes changes no anonymous view, so sorted input vectors suffice.

There are fewer still if a view is just the set of values seen, without the own value and without
multiplicities. As the views of an immediate snapshot are nested, a round of these is the
barycentric subdivision of the simplices on at most n inputs. A map from sets gives a map from
anonymous views.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, permutations

import numpy as np
from numpy.typing import NDArray

from agreement.errors import TaskError
from agreement.topology.one_round import one_round, view_pairs
from agreement.topology.rounds import check_size, distinct_rows, subsets

__all__ = ["AnonymousComplex", "Table", "anonymous_complex", "barycentric_complex"]

Numbers = NDArray[np.int64]

_AT_ONCE = 4_000_000
"""The number of codes of edges that are sorted in one operation."""


@dataclass(frozen=True, slots=True)
class Table:
    """The anonymous views of one round.

    View v is that of a process whose value is `own[v]`, or -1 for views that are sets. It sees the
    values `others[v]`, shape (V, n): sorted, its own value among them, padded with -1.
    """

    own: Numbers
    others: Numbers

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self.own)


@dataclass(frozen=True, slots=True)
class AnonymousComplex:
    """The complex of anonymous views after the rounds whose views are `tables`.

    Vertices are the views of the last table. `seen[v]` is the bit set of the inputs that view v
    depends on. `edges`, shape (M, 2), holds the pairs u < v of different vertices that two
    processes can have in the same run.
    """

    count: int
    tables: tuple[Table, ...]
    seen: Numbers
    edges: Numbers

    def __len__(self) -> int:
        """Return the number of vertices."""
        return len(self.seen)


@lru_cache(maxsize=8)
def anonymous_complex(order: int, count: int, rounds: int) -> AnonymousComplex:
    """Return the complex of anonymous views, for all inputs of `count` processes.

    Inputs are among `order` vertices; there are `rounds` >= 1 rounds of immediate snapshots. Raises
    TaskError if there are more than `rounds.MOST_FACETS` facets.
    """
    if rounds < 1:
        raise TaskError(f"the number of rounds must be at least 1, not {rounds}")
    rows = np.array(list(combinations_with_replacement(range(order), count)), np.int64)
    seen = 1 << np.arange(order, dtype=np.int64)
    tables: list[Table] = []
    while True:
        table, numbers = _views(rows)
        tables.append(table)
        seen = _known(table, seen)
        if len(tables) == rounds:
            return AnonymousComplex(count, tuple(tables), seen, _edges(numbers, count, len(seen)))
        check_size(len(rows) * len(one_round("immediate", count)))
        rows = np.concatenate(
            [
                np.stack([numbers[p, view] for p, view in enumerate(views)], axis=1)
                for views in one_round("immediate", count)
            ]
        )
        rows.sort(axis=1)
        rows = rows[distinct_rows(rows)[0]]


def _known(table: Table, seen: Numbers) -> Numbers:
    """Return the bit sets of inputs that the views depend on, given those of the values."""
    present = table.others >= 0
    known = np.where(present, seen[np.where(present, table.others, 0)], 0)
    return np.asarray(np.bitwise_or.reduce(known, axis=1), np.int64)


def _views(rows: Numbers) -> tuple[Table, dict[tuple[int, int], Numbers]]:
    """Return the views of one round and, by process and set that it sees, the view in each row."""
    count = rows.shape[1]
    keys: list[tuple[int, int]] = []
    own: list[Numbers] = []
    sets: list[Numbers] = []
    for mask in subsets(count):
        chosen, padded = _face(rows, mask)
        for p in chosen:
            keys.append((p, mask))
            own.append(rows[:, p])
            sets.append(padded)
    columns = np.concatenate([np.concatenate(own)[:, None], np.concatenate(sets) + 1], axis=1)
    first, place = distinct_rows(columns)
    table = Table(columns[first, 0], columns[first, 1:] - 1)
    return table, dict(zip(keys, place.reshape(len(keys), -1), strict=True))


def _face(rows: Numbers, mask: int) -> tuple[list[int], Numbers]:
    """Return the columns of a bit set, and the rows restricted to them, sorted and padded."""
    chosen = [p for p in range(rows.shape[1]) if mask >> p & 1]
    padded = np.full_like(rows, -1)
    padded[:, : len(chosen)] = np.sort(rows[:, chosen], axis=1)
    return chosen, padded


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
    """Return the distinct pairs u < v among codes u * `vertices` + v."""
    # Two at a time, since one operation on all of them could not be interrupted for long.
    while len(codes) > 1 and sum(map(len, codes)) > _AT_ONCE:
        codes = [np.unique(np.concatenate(codes[i : i + 2])) for i in range(0, len(codes), 2)]
    code = np.unique(np.concatenate(codes)) if codes else np.zeros(0, np.int64)
    edges = np.stack([code // vertices, code % vertices], axis=1)
    return np.asarray(edges[edges[:, 0] != edges[:, 1]], np.int64)


@lru_cache(maxsize=8)
def barycentric_complex(order: int, count: int, rounds: int) -> AnonymousComplex:
    """Return the complex of views that are sets: `rounds` barycentric subdivisions.

    Otherwise it is as in `anonymous_complex`.
    """
    if rounds < 1:
        raise TaskError(f"the number of rounds must be at least 1, not {rounds}")
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
        check_size(len(rows) * len(flags))
        chains = [[sum(1 << p for p in flag[: i + 1]) for i in range(width)] for flag in flags]
        rows = np.concatenate([np.stack([numbers[s] for s in c], axis=1) for c in chains])


def _sets(rows: Numbers) -> tuple[Table, dict[int, Numbers]]:
    """Return the faces of simplices and, by set of positions, the face of each row there."""
    width = rows.shape[1]
    sets = [_face(rows, mask)[1] for mask in subsets(width)]
    columns = np.concatenate(sets)
    first, place = distinct_rows(columns + 1)
    table = Table(np.full(len(first), -1), columns[first])
    return table, dict(zip(subsets(width), place.reshape(len(sets), -1), strict=True))
