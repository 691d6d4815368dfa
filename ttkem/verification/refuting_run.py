"""Refute a negative twin by a run: the proof fails, and the statement is false as well.

A proof by induction can fail at a clause that is no part of the claim, or by a step from a state
that is not reachable. A run from an initial state to a state in which a property fails refutes the
statement itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.claim import Finding, Refutes
from ttkem.verification.induction import find_run, induct
from ttkem.verification.wellformed import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.verification.claim import Tick
    from ttkem.verification.system import System

__all__ = ["refuting_run"]


def refuting_run(system: System, steps: Sequence[str], against: str, tick: Tick) -> Finding:
    """Find a run of these steps after which a property fails, and check that the proof fails too.

    The finding is REFUTED if there is such a run: a run refutes the statement, but one without any
    step refutes the initial condition only. It is UNKNOWN if the system's universe has no such run.
    """
    named: object = against
    if not isinstance(named, str):
        raise LocalError(f"cannot look for a run against {named!r}: give the name of a property")
    run = find_run(system, steps, against)
    tick(SEPARATOR.join(steps))
    proof = induct(system, tick)
    if run is None:
        reason = f"after {SEPARATOR.join(steps)}, {against!r} was not seen to fail"
        return Finding(Verdict.UNKNOWN, proof.figures, f"{system.name}: {reason}\n{proof.shown}")
    if proof.verdict is Verdict.HOLDS:
        raise AssertionError(f"{system.name}: {against!r} was proved and fails: {run.drawn}")
    shown = f"{system.name}: not {against!r}\n{run.drawn}\nand the proof fails:\n{proof.shown}"
    refutes = Refutes.STATEMENT if steps else Refutes.START
    return Finding(Verdict.REFUTED, proof.figures, shown, refutes)
