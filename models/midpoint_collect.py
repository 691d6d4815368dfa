"""Midpoints of collects halve the range in every round, and no more."""

from __future__ import annotations

from agreement.graph import path
from agreement.protocols import path_protocol
from agreement.task import Task
from models.exploration import checked_from
from ttkem.verification.claim import Claim, Finding, Refutes, Tick

ROUNDS, APART = 3, 8
INPUTS = (0, APART, 2 * APART)
PROTOCOL = path_protocol(Task(path(2 * APART + 1)), 3, "collect", ROUNDS)


def _within(spread: int, tick: Tick) -> Finding:
    def judge(outputs: tuple[object, ...], participants: frozenset[int]) -> str | None:
        decided = [out for out in outputs if isinstance(out, int)]
        if max(decided, default=0) - min(decided, default=0) > spread:
            return f"more than {spread} apart: {outputs}"
        inputs = [INPUTS[me] for me in participants]
        if not all(min(inputs) <= out <= max(inputs) for out in decided):
            return f"outside the inputs: {outputs}"
        return None

    tick(f"inputs {INPUTS}, {ROUNDS} rounds")
    return checked_from(PROTOCOL.program, INPUTS, judge, PROTOCOL.step_complexity)


def _check(tick: Tick) -> Finding:
    return _within(2 * APART >> ROUNDS, tick)


def _refute(tick: Tick) -> Finding:
    return _within((2 * APART >> ROUNDS) - 1, tick)


CLAIM = Claim(
    name="midpoint",
    statement="3 rounds of midpoints of collects reduce a range of 16 to at most 2, within the "
    "inputs",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; Alistarh, Ellen, Rybicki, TCS 2023, "
    "section 3; agreement.protocols.midpoint",
    bound="n = 3, inputs 0, 8, 16, all schedules and crashes",
    check=_check,
    twin="they reduce it to at most 1",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
