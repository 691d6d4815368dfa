"""Crashes as separate steps: unfinished runs without crashes show a judge all that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from agreement.explore.machine import Machine
from agreement.explore.state_encoding import Packing
from agreement.graph import path
from agreement.memory import snapshot
from agreement.protocols import path_protocol
from agreement.task import Task
from agreement.verdict import Verdict
from models.exploration import checked_from
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted

if TYPE_CHECKING:
    from agreement.memory import Program, Steps, Value

Seen: TypeAlias = set[tuple[tuple["Value", ...], frozenset[int]]]

TASK = Task(path(5))
INPUTS = (0, 2, 4)
PROTOCOL = path_protocol(TASK, 3)


def assuming_all(me: int, count: int, value: int) -> Steps:
    """Decide 2, which is valid if all processes take part, without a look at who does."""
    yield from snapshot(me, count, 0, value)
    return 2


def with_crashes(program: Program, inputs: tuple[int, ...]) -> tuple[Seen, int]:
    """Return what a judge sees at the ends of runs with crashes at any time, and the states met."""
    machine = Machine(program, inputs)
    packing = Packing(machine, 20, 10)
    start = (packing.initial, frozenset[int]())
    met, todo = {start}, [start]
    seen: Seen = set()
    while todo:
        state, crashed = todo.pop()
        able = [block for block in machine.blocks(packing.locals(state)) if not crashed & {*block}]
        after = [(packing.step(state, block), crashed) for block in able]
        after += [(state, crashed | {me}) for block in able for me in block]
        if not able:
            seen.add((packing.outputs(state), packing.participants(state)))
        new = set(after) - met
        met |= new
        todo.extend(new)
    return seen, len(met)


def by_prefixes(program: Program, inputs: tuple[int, ...]) -> Seen:
    """Return what the checker shows the judge: prefixes of runs without crashes."""
    seen: Seen = set()

    def judge(outputs: tuple[Value, ...], participants: frozenset[int]) -> None:
        seen.add((outputs, participants))

    checked_from(program, inputs, judge)
    return seen


def _check(tick: Tick) -> Finding:
    tick("path protocol, inputs 0, 2, 4")
    crashed, states = with_crashes(PROTOCOL.program, INPUTS)
    if crashed == by_prefixes(PROTOCOL.program, INPUTS):
        return Finding(Verdict.HOLDS, (("states", states), ("endings", len(crashed))))
    return refuted("runs with crashes and unfinished runs show a judge different outcomes")


def _refute(tick: Tick) -> Finding:
    tick("a protocol that assumes that all take part")
    crashed, states = with_crashes(assuming_all, INPUTS)
    wrong = [pair for pair in crashed if TASK.objection(INPUTS, *pair)]
    whole = [pair for pair in by_prefixes(assuming_all, INPUTS) if None not in pair[0]]
    if wrong and not any(TASK.objection(INPUTS, *pair) for pair in whole):
        outputs, present = min(wrong, key=repr)
        text = f"outputs {outputs} where only {sorted(present)} took part"
        return refuted(f"only a crash shows {text}", (("states", states),))
    return Finding(Verdict.HOLDS, (("states", states),))


CLAIM = Claim(
    name="crashes",
    statement="in a path protocol, a judge of unfinished runs sees exactly the outcomes of runs "
    "with crashes, where a crash is a step that stops a process and changes nothing else",
    source="docs/agreement.md, Crashes [D]",
    bound="P5, n = 3, 2 rounds of collects, inputs 0, 2, 4, all schedules and crashes",
    check=_check,
    twin="finished runs show all outcomes of runs with crashes, in a protocol that assumes that "
    "all take part",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
