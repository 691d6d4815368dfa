"""Immediate snapshots by levels over single-writer registers have the outcomes of atomic ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agreement.memory import Read, Write, WriteScan, on_registers
from agreement.protocols.subdivision import one_round_views
from agreement.verdict import Verdict
from models.exploration import checked_from
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted

if TYPE_CHECKING:
    from agreement.memory import Program, Steps

COUNT = 3


def once(_: int, count: int, value: int) -> Steps:
    """Take one immediate snapshot, and output the set of processes seen."""
    view = yield WriteScan(0, value)
    return frozenset(p for p in range(count) if view[p] is not None)


def hasty(_: int, count: int, _value: int) -> Steps:
    """Run the levels algorithm, but stop one process early (the negative twin)."""
    level = count
    while True:
        yield Write(0, level)
        below: frozenset[int] = frozenset()
        for owner in range(count):
            seen = yield Read(0, owner)
            if isinstance(seen, int) and seen <= level:
                below = below | {owner}
        if len(below) >= level - 1:
            return below
        level -= 1


def immediate(outputs: tuple[Any, ...], participants: frozenset[int]) -> str | None:
    """Return how the views fail self-inclusion, containment or immediacy, or None."""
    views = {me: seen for me, seen in enumerate(outputs) if seen is not None}
    for me, seen in views.items():
        if me not in seen or not seen <= participants:
            return f"process {me} sees {sorted(seen)} of {sorted(participants)}"
        for other, view in views.items():
            if not (seen <= view or view <= seen):
                return f"processes {me} and {other} see {sorted(seen)} and {sorted(view)}"
            if other in seen and not view <= seen:
                return f"process {me} sees {other}, but not all that {other} sees"
    return None


def _views(program: Program) -> Finding:
    finding = checked_from(program, range(COUNT), immediate)
    if finding.verdict is Verdict.HOLDS:
        expected = len(one_round_views("immediate", COUNT))
        if dict(finding.figures)["outcomes"] != expected:
            return refuted(
                f"{dict(finding.figures)['outcomes']} outcomes, not {expected}", finding.figures
            )
    return finding


def _check(tick: Tick) -> Finding:
    tick("3 processes, levels")
    return _views(on_registers(once))


def _refute(tick: Tick) -> Finding:
    tick("3 processes, stopping early")
    return _views(hasty)


CLAIM = Claim(
    name="levels",
    statement="immediate snapshots by levels have as many outcomes as atomic ones, 13, and each is "
    "self-inclusive, nested and immediate",
    source="Borowsky, Gafni, PODC 1993; agreement.memory.lowering",
    bound="n = 3, one round, all schedules and crashes",
    check=_check,
    twin="at level l, seeing l - 1 processes is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
