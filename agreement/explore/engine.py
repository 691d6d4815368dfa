"""The exhaustive search in pure Python: breadth first over states packed into integers.

`explore` takes steps from tables; `plain_explore` computes each step anew, for comparison.

A *transition* is a pair of an explored state and a block that can move in it, also if it leads back
to the same state, as a read in a spin loop does. All engines count transitions so, and SPIN does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from agreement.explore.state_encoding import Exploration, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.explore.state_encoding import Judge, Packing, Progress
    from agreement.explore.step_tables import Tables
    from agreement.memory import Value

__all__ = [
    "Expand",
    "Stages",
    "breadth_first",
    "expand_all",
    "explore",
    "larger_blocks",
    "plain_explore",
]

Expand: TypeAlias = Callable[[set[int], set[int]], int]
"""`expand(frontier, found)` adds the successors of `frontier` to `found`.

It returns the number of transitions.
"""


class Stages:
    """The judging of a search: states with equal stages (see `state_encoding`) are judged once."""

    def __init__(self, packing: Packing, judge: Judge) -> None:
        self.packing = packing
        self.outcomes: set[tuple[Value, ...]] = set()
        self._judge = judge
        self._met: set[int] = set()

    def objection(self, states: Iterable[int]) -> tuple[int, str] | None:
        """Return the smallest state that the judge objects to, and the objection; None if none."""
        mask = self.packing.stages
        new = {state & mask for state in states} - self._met
        self._met |= new
        said = {stages: what for stages in new if (what := self._say(stages)) is not None}
        if not said:
            return None
        state = min(state for state in states if state & mask in said)
        return state, said[state & mask]

    def _say(self, stages: int) -> str | None:
        outputs = self.packing.outputs(stages)
        if None not in outputs:
            self.outcomes.add(outputs)
        return self._judge(outputs, self.packing.participants(stages))


def plain_explore(packing: Packing, judge: Judge, *, limit: int) -> Exploration:
    """Search every reachable state; stop after the level that exceeds `limit` states."""
    stages = Stages(packing, judge)
    seen = frontier = {packing.initial}
    level, transitions = 0, 0
    objection = stages.objection(frontier)
    while frontier and objection is None and len(seen) <= limit:
        steps = [
            packing.step(state, block)
            for state in frontier
            for block in packing.machine.blocks(packing.locals(state))
        ]
        transitions += len(steps)
        frontier = set(steps) - seen
        seen = seen | frontier
        level += bool(frontier)
        objection = stages.objection(frontier)
    violation = None if objection is None else Violation(objection[0], level, objection[1])
    complete = violation is None and not frontier
    return Exploration(
        len(seen), transitions, level, frozenset(stages.outcomes), complete, violation
    )


def explore(
    tables: Tables,
    judge: Judge,
    *,
    limit: int,
    depth: int | None = None,
    progress: Progress | None = None,
) -> Exploration:
    """Search every reachable state, or, if given, every state within `depth` steps.

    The search stops after the level on which there are more than `limit` states.
    """

    def expand(frontier: set[int], found: set[int]) -> int:
        return expand_all(tables, frontier, found)

    return breadth_first(tables, judge, expand, limit=limit, depth=depth, progress=progress)


def breadth_first(
    tables: Tables,
    judge: Judge,
    expand: Expand,
    *,
    limit: int,
    depth: int | None = None,
    progress: Progress | None,
) -> Exploration:
    """Search level by level, with the steps that `expand` takes.

    If every state is always reached by the same number of steps (`Machine.graded`), levels are
    disjoint and only the last one is kept. If that turns out to be false, the search starts again
    and keeps all states.
    """
    result = None
    if tables.packing.machine.graded:
        result = _levels(tables, judge, expand, (limit, depth), progress, keep=False)
    return result or _levels(tables, judge, expand, (limit, depth), progress, keep=True)  # type: ignore[return-value]


def _levels(
    tables: Tables,
    judge: Judge,
    expand: Expand,
    bounds: tuple[int, int | None],
    progress: Progress | None,
    *,
    keep: bool,
) -> Exploration | None:
    """Search; return None if only the last level is kept but the machine is not graded."""
    stages = Stages(tables.packing, judge)
    frontier = {tables.packing.initial}
    seen = set(frontier) if keep else set()
    states, level, transitions = 1, 0, 0
    objection = stages.objection(frontier)
    limit, depth = bounds
    while frontier and objection is None and states <= limit and level != depth:
        found: set[int] = set()
        transitions += expand(frontier, found)
        if keep:
            found -= seen
            seen |= found
        elif not tables.packing.machine.graded:
            return None
        frontier = found
        states += len(frontier)
        level += bool(frontier)
        objection = stages.objection(frontier)
        if progress is not None:
            progress(states, level)
    violation = None if objection is None else Violation(objection[0], level, objection[1])
    complete = violation is None and not frontier
    return Exploration(states, transitions, level, frozenset(stages.outcomes), complete, violation)


def expand_all(tables: Tables, frontier: set[int], found: set[int]) -> int:
    """Add the successors of `frontier` to `found`; return the number of transitions."""
    transitions = 0
    for mover in tables.movers:
        own, needs = mover.own, mover.needs
        steps = [s + delta for s in frontier if (delta := mover[s & needs[s & own]])]
        transitions += len(steps)
        found.update(steps)
        if mover.stutters:
            transitions += sum(s & needs[s & own] in mover.stutters for s in frontier)
        if mover.scans:
            steps = [s + mover.delta(s) for s in frontier if s & own in mover.scans]
            transitions += len(steps)
            found.update(steps)
    return transitions + larger_blocks(tables, frontier, found)


def larger_blocks(
    tables: Tables, frontier: Iterable[int], found: set[int], present: frozenset[int] | None = None
) -> int:
    """Expand as `expand_all` does, by blocks of several processes that are all in `present`."""
    packing, transitions = tables.packing, 0
    if packing.machine.immediate:
        for state in frontier:
            for block in packing.machine.larger_blocks(packing.locals(state)):
                if present is None or present.issuperset(block):
                    transitions += 1
                    found.add(packing.step(state, block))
    return transitions
