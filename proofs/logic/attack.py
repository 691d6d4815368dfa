"""Twins that are refuted by a run: not the proof only fails, but what is claimed is false.

A proof by induction can fail at a clause that the claim does not speak of, by a step from a state
that is not reachable. A run from the start to a state in which a property fails leaves no doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.explore import Verdict
from models.claim import Finding
from proofs.logic.induction import induct, reach

if TYPE_CHECKING:
    from models.claim import Tick
    from proofs.logic.system import System

__all__ = ["attack"]


def attack(system: System, steps: str, against: str, tick: Tick) -> Finding:
    """A run of these steps, separated by commas, after which the property fails; and the proof.

    UNKNOWN if there is no such run within the system's universe. Else what the proof says, which
    should be that it fails, too.
    """
    tick(steps)
    run = reach(system, steps.split(", "), against)
    proof = induct(system, tick)
    if run is None:
        shown = f"{system.name}: after {steps}, {against!r} was not seen to fail\n{proof.shown}"
        return Finding(Verdict.UNKNOWN, proof.figures, shown)
    shown = f"{system.name}: not {against!r}\n{run}\nand the proof fails:\n{proof.shown}"
    return Finding(proof.verdict, proof.figures, shown)
