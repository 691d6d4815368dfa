"""The views of one round, in each communication model.

A *view* is the bit set of the processes whose values a process sees, itself always among them. In a
snapshot the views of one round are *nested*: of any two, one contains the other. In an immediate
snapshot they are also *immediate*: a process that sees p sees all that p sees. In a collect, p can
miss q only if p wrote before q did, so the relation "p misses q" has no cycle; every such
combination occurs if processes read in orders of their choice.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product
from typing import TYPE_CHECKING

from agreement.errors import TaskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["one_round", "ordered_partitions", "seen_together", "view_pairs"]


def ordered_partitions(processes: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield all ordered partitions of the processes into blocks.

    >>> sum(1 for _ in ordered_partitions((0, 1, 2)))
    13
    """
    if not processes:
        yield ()
    for size in range(1, len(processes) + 1):
        for block in combinations(processes, size):
            rest = tuple(p for p in processes if p not in block)
            for later in ordered_partitions(rest):
                yield (block, *later)


def _immediate(count: int) -> Iterator[tuple[int, ...]]:
    for blocks in ordered_partitions(tuple(range(count))):
        views, seen = [0] * count, 0
        for block in blocks:
            seen |= sum(1 << p for p in block)
            for p in block:
                views[p] = seen
        yield tuple(views)


def _snapshot(count: int) -> Iterator[tuple[int, ...]]:
    for views in _with_oneself(count):
        if all(a & b in {a, b} for a, b in combinations(views, 2)):
            yield views


def _collect(count: int) -> Iterator[tuple[int, ...]]:
    for views in _with_oneself(count):
        left = set(range(count))
        while left:
            # Of the processes that are left, the last one to write misses none of them.
            last = next((p for p in left if all(views[p] >> q & 1 for q in left)), None)
            if last is None:
                break
            left.remove(last)
        if not left:
            yield views


def _with_oneself(count: int) -> Iterator[tuple[int, ...]]:
    masks = [[m for m in range(1 << count) if m >> p & 1] for p in range(count)]
    return product(*masks)


_VIEWS: dict[str, Callable[[int], Iterator[tuple[int, ...]]]] = {
    "collect": _collect,
    "snapshot": _snapshot,
    "immediate": _immediate,
}

_MOST = {"collect": 4, "snapshot": 5, "immediate": 6}


@lru_cache(maxsize=32)
def one_round(communication: str, count: int) -> tuple[tuple[int, ...], ...]:
    """Return the facets of the one-round complex, in order; a facet is the views by process.

    >>> [len(one_round(model, 3)) for model in ("collect", "snapshot", "immediate")]
    [25, 19, 13]
    """
    if communication not in _VIEWS:
        raise TaskError(
            f"there is no communication model {communication!r}: there are {', '.join(_VIEWS)}"
        )
    if not 1 <= count <= _MOST[communication]:
        raise TaskError(
            f"cannot list the views of {count} processes for {communication!r}: "
            f"only those of 1 to {_MOST[communication]}"
        )
    return tuple(sorted(_VIEWS[communication](count)))


@lru_cache(maxsize=32)
def view_pairs(communication: str, count: int) -> tuple[tuple[int, int, int, int], ...]:
    """Return all (p, view of p, q, view of q), p < q, that occur in the same round, in order."""
    return tuple(
        sorted(
            {
                (p, views[p], q, views[q])
                for views in one_round(communication, count)
                for p, q in combinations(range(count), 2)
            }
        )
    )


def seen_together(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Return whether (p, view) and (q, view) of different processes occur in the same round.

    This is for immediate snapshots: one view must contain the other, and a process that sees the
    other must see all that the other sees. It is the optimised form of a lookup in
    `view_pairs("immediate", count)`.
    """
    (p, seen_p), (q, seen_q) = first, second
    both = seen_p & seen_q
    return (
        both in {seen_p, seen_q}
        and (not seen_p >> q & 1 or both == seen_q)
        and (not seen_q >> p & 1 or both == seen_p)
    )
