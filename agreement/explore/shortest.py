"""Shortest counterexamples, and among those the ones with the fewest context switches."""

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
    """A shortest schedule to a state that is `wanted`, of those with fewest context switches.

    Such a state must be reachable. Keeps all states up to that length.
    """
    layers = [{tables.packing.initial}]
    seen = set(layers[0])
    while not (goals := {state for state in layers[-1] if wanted(state)}):
        found: set[int] = set()
        expand_all(tables, layers[-1], found)
        layers.append(found - seen)
        seen |= layers[-1]
        if not layers[-1]:
            raise AgreementError("no reachable state is wanted")
    return _fewest_switches(tables, layers, goals)


def _fewest_switches(tables: Tables, layers: list[set[int]], goals: set[int]) -> Schedule:
    """From the goals back: by state and the block that comes first, the best rest of a schedule."""
    packing = tables.packing
    rests: dict[int, list[Schedule]] = {state: [()] for state in goals}
    for layer in reversed(layers[:-1]):
        earlier: dict[int, list[Schedule]] = {}
        for state in layer:
            by_first: dict[Block, Schedule] = {}
            for block in packing.machine.blocks(packing.locals(state)):
                for rest in rests.get(packing.step(state, block), ()):
                    way = (block, *rest)
                    if block not in by_first or _cost(way) < _cost(by_first[block]):
                        by_first[block] = way
            if by_first:
                earlier[state] = list(by_first.values())
        rests = earlier
    return min(rests[packing.initial], key=_cost)


def _cost(schedule: Schedule) -> tuple[int, Schedule]:
    return context_switches(schedule), schedule


@dataclass(frozen=True, slots=True)
class Lasso:
    """A run without end: after `prefix`, `loop` leads back to the same state, again and again."""

    prefix: Schedule
    loop: Schedule


def lasso(tables: Tables) -> Lasso | None:
    """A cycle among the reachable states, depth first; None if there is none.

    Only processes that have not decided move, so those on a cycle take steps without end. The
    number of reachable states must be finite.
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
