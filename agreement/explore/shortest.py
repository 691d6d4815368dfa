"""Shortest counterexamples with the fewest context switches, and lassos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.errors import AgreementError
from agreement.explore.engine import expand_all
from agreement.memory import Schedule, context_switches

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.explore.step_tables import Tables
    from agreement.memory import Block

__all__ = ["Lasso", "lasso", "shortest"]


def shortest(tables: Tables, wanted: Callable[[int], bool]) -> Schedule:
    """Return a shortest schedule to a `wanted` state, and of those one with fewest switches.

    All states up to that length are kept. Raises AgreementError if no such state is reachable.
    """
    layers = [{tables.packing.initial}]
    seen = set(layers[0])
    while not (goals := {state for state in layers[-1] if wanted(state)}):
        found: set[int] = set()
        expand_all(tables, layers[-1], found)
        layers.append(found - seen)
        seen |= layers[-1]
        if not layers[-1]:
            raise AgreementError("cannot find a schedule: no reachable state is wanted")
    return _fewest_switches(tables, layers, goals)


def _fewest_switches(tables: Tables, layers: list[set[int]], goals: set[int]) -> Schedule:
    """Return a best schedule, by dynamic programming backwards from the goals.

    For each state and each block that can come first, the best rest of a schedule is kept.
    """
    packing = tables.packing
    rests: dict[int, list[Schedule]] = {state: [()] for state in goals}
    for layer in reversed(layers[:-1]):
        earlier: dict[int, list[Schedule]] = {}
        for state in layer:
            by_first: dict[Block, Schedule] = {}
            for block in packing.machine.blocks(packing.locals(state)):
                for rest in rests.get(packing.step(state, block), ()):
                    longer = (block, *rest)
                    if block not in by_first or _cost(longer) < _cost(by_first[block]):
                        by_first[block] = longer
            if by_first:
                earlier[state] = list(by_first.values())
        rests = earlier
    return min(rests[packing.initial], key=_cost)


def _cost(schedule: Schedule) -> tuple[int, Schedule]:
    return context_switches(schedule), schedule


@dataclass(frozen=True, slots=True)
class Lasso:
    """A run that never ends: after `prefix`, `loop` leads back to the same state."""

    prefix: Schedule
    loop: Schedule


def lasso(tables: Tables) -> Lasso | None:
    """Return a cycle among the reachable states, found depth first; None if there is none.

    Only undecided processes move, so those that move on the cycle take steps for ever. The number
    of reachable states must be finite.
    """
    packing = tables.packing
    machine = packing.machine
    path: list[tuple[int, Block]] = []
    on_path: dict[int, int] = {}
    finished: set[int] = set()
    stack = [(packing.initial, iter(machine.blocks(packing.locals(packing.initial))))]
    on_path[packing.initial] = 0
    while stack:
        state, blocks = stack[-1]
        block = next(blocks, None)
        if block is None:
            stack.pop()
            finished.add(state)
            del on_path[state]
            if path:
                path.pop()
            continue
        after = packing.step(state, block)
        if after in on_path:
            schedule = (*(taken for _, taken in path), block)
            return Lasso(schedule[: on_path[after]], schedule[on_path[after] :])
        if after not in finished:
            path.append((state, block))
            on_path[after] = len(path)
            stack.append((after, iter(machine.blocks(packing.locals(after)))))
    return None
