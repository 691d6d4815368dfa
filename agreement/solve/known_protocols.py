"""Tables of protocols with a known rule: an upper bound on the rounds without any search.

On block graphs (which include trees and paths), moving to the centre of the values seen halves the
diameter in each round (`agreement.protocols.centre` proves it). Processes that move to the same
vertex have the same value from then on. So the tables stay small even where a search could not
list all views.
"""

from __future__ import annotations

from itertools import chain, combinations, permutations
from typing import TYPE_CHECKING

from agreement.graph import block_graph
from agreement.protocols.centre import centre, far_apart
from agreement.protocols.protocol import halvings
from agreement.protocols.synthesised import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agreement.task import Task

__all__ = ["find_rule"]


def find_rule(task: Task, count: int, rounds: int) -> Tables | None:
    """Return tables with `rounds` rounds, at least one; None if no known rule gives any.

    They have an entry for each set of values that is seen in some run, and no others.
    """
    graph = task.graph
    if not block_graph(graph) or halvings(graph.diameter) > rounds:
        return None
    ends = far_apart(graph, range(graph.order))
    width = min(count, graph.order)
    held: set[tuple[int, ...]] = set(combinations(range(graph.order), width))
    views, numbers = [], []
    for _ in range(rounds):
        seen = sorted({part for values in held for part in _parts(values)})
        moved = {values: centre(graph, min(ends), values) for values in seen}
        views.append(tuple((None, values) for values in seen))
        numbers.append(tuple(moved.values()))
        held = {_after(moved, order) for values in held for order in permutations(values)}
    return Tables(tuple(views), tuple(numbers))


def _parts(values: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(values, n) for n in range(1, len(values) + 1))


def _after(moved: dict[tuple[int, ...], int], order: tuple[int, ...]) -> tuple[int, ...]:
    """Return the values held after a round in which processes with these values go one by one.

    If some go together, the values held are a subset of those of such a round.
    """
    views = (tuple(sorted(order[: i + 1])) for i in range(len(order)))
    return tuple(sorted({moved[view] for view in views}))
