"""All one-round rules of a kind: one round, then a vertex that depends on the set of inputs seen.

A rule maps sets of inputs to vertices of their carriers. Rules are not checked one by one from the
start: the runs that have refuted a rule are kept, and most rules are refuted by one of them. Only a
rule that survives all known runs is given to the checker, which finds a new run or that the rule is
correct.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING

from agreement.explore import check
from agreement.memory import immediate_snapshot, run
from agreement.verdict import Verdict
from agreement.wording import counted
from ttkem.verification.claim import Finding, refuted

if TYPE_CHECKING:
    from agreement.explore import Counterexample
    from agreement.memory import Steps
    from agreement.task import Task
    from ttkem.verification.claim import Tick

__all__ = ["no_rule"]


@dataclass(frozen=True, slots=True)
class OneRound:
    """The program of a rule, with the vertex `chosen` for each of the `sets`."""

    sets: tuple[frozenset[int], ...]
    chosen: tuple[int, ...]

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """Take one immediate snapshot, and output the vertex of the set seen."""
        view = yield from immediate_snapshot(me, count, 0, value)
        return self.chosen[self.sets.index(frozenset(v for v in view if v is not None))]

    def __str__(self) -> str:
        pairs = zip(self.sets, self.chosen, strict=True)
        return ", ".join(f"{sorted(s)} to {v}" for s, v in pairs if len(s) > 1)


def no_rule(task: Task, count: int, tick: Tick) -> Finding:
    """Check that each rule is refuted by some run; otherwise name the rule that solves the task."""
    vertices = range(task.graph.order)
    sizes = range(1, count + 1)
    sets = tuple(frozenset(s) for size in sizes for s in combinations(vertices, size))
    choices = [sorted(task.carrier(s)) for s in sets]
    total = prod(map(len, choices))
    runs: list[Counterexample] = []
    for number, chosen in enumerate(product(*choices)):
        if number % 1000 == 0:
            tick(f"{number:,} of {total:,} rules, {counted(len(runs), 'run')}")
        program = OneRound(sets, chosen)
        if any(_refutes(known, program, task) for known in runs):
            continue
        report = check(program, task, count)
        if report.counterexample is None:
            found = (("rules", number + 1),)
            return refuted(f"a rule solves the task: {program}", found)
        runs.insert(0, report.counterexample)
    return Finding(Verdict.HOLDS, (("rules", total), ("runs", len(runs))))


def _refutes(known: Counterexample, program: OneRound, task: Task) -> bool:
    again = run(program, known.inputs, known.schedule)
    return task.objection(known.inputs, again.outputs, again.participants) is not None
