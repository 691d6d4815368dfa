"""Protocols with a known rule: an upper bound on the rounds without any search.

On block graphs (which include trees and paths), moving to the centre of the values seen halves the
diameter in each round (`agreement.protocols.centre` proves it). Processes that move to the same
vertex have the same value from then on. So the tables stay small even where a search could not
list all views. Two processes divide their distance by three on every graph
(`agreement.protocols.thirds`). Where all carriers can be dismantled, averaging has a proved number
of rounds (`agreement.protocols.averaging`), but no tables of a reasonable size.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, combinations_with_replacement, permutations
from math import comb
from typing import TYPE_CHECKING

from agreement.graph import block_graph
from agreement.protocols.averaging import proved_rounds
from agreement.protocols.centre import centre, far_apart
from agreement.protocols.protocol import halvings
from agreement.protocols.rounding import Rounding
from agreement.protocols.synthesised import Tables
from agreement.protocols.thirds import towards
from agreement.topology.one_round import one_round

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agreement.protocols.synthesised import AnonymousView
    from agreement.task import Task

__all__ = ["Rule", "find_rule", "rule_with_fewest_rounds"]

_TWO = 2
_MOST_SETS = 1_000_000
"""The greatest number of sets of inputs for which tables are made."""
_MOST_STEPS = 300_000
"""The greatest number of steps of a check of a rule's tables, which takes some seconds."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A known protocol for a task: its name in `PROTOCOLS`, and a number of rounds that suffice.

    The number rests on the proof in the documentation of the protocol's module.
    """

    name: str
    rounds: int

    def tables(self, task: Task, count: int) -> Tables | None:
        """Return the protocol as tables, for a certificate; None if they would be large.

        The checkers run all schedules from all inputs.
        """
        inputs = comb(task.graph.order + count - 1, count)
        steps = inputs * len(one_round("immediate", count)) ** 2 * self.rounds
        if steps > _MOST_STEPS or self.name == "average":
            return None
        return _thirds(task, self.rounds) if count == _TWO else find_rule(task, count, self.rounds)


def rule_with_fewest_rounds(task: Task, count: int, *, dismantlable: bool) -> Rule | None:
    """Return a known protocol for the task and two or more processes; None if there is none.

    `dismantlable` says that the carriers of all sets of up to `count` inputs can be dismantled.
    """
    graph = task.graph
    if count == _TWO:
        return Rule("thirds", halvings(graph.diameter, 3))
    if block_graph(graph):
        return Rule("block", halvings(graph.diameter))
    if dismantlable:
        return Rule("average", proved_rounds(Rounding(task, count)))
    return None


def _thirds(task: Task, rounds: int) -> Tables:
    """Return the tables of the protocol for two processes, with the views that occur."""
    graph = task.graph
    held = set(combinations_with_replacement(range(graph.order), 2))
    views: list[tuple[AnonymousView, ...]] = []
    numbers: list[tuple[int, ...]] = []
    for _ in range(rounds):
        moved: dict[AnonymousView, int] = {}
        after = set()
        for pair in held:
            ends = []
            for mine, other in (pair, pair[::-1]):
                moved[mine, (mine,)] = mine
                moved[mine, pair] = towards(graph, 0, (mine, other))
                ends.append(moved[mine, pair])
            outcomes = [(ends[0], ends[1]), (pair[0], ends[1]), (ends[0], pair[1])]
            after |= {(min(values), max(values)) for values in outcomes}
        views.append(tuple(sorted(moved)))
        numbers.append(tuple(moved[view] for view in views[-1]))
        held = after
    return Tables(tuple(views), tuple(numbers))


def find_rule(task: Task, count: int, rounds: int) -> Tables | None:
    """Return tables with `rounds` rounds, at least one; None if no known rule gives any.

    They have an entry for each set of values that is seen in some run, and no others.
    """
    graph = task.graph
    if not block_graph(graph) or halvings(graph.diameter) > rounds:
        return None
    if comb(graph.order, min(count, graph.order)) > _MOST_SETS:
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
