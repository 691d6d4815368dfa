"""Four processes agree on the path P4 by midpoints, in two rounds."""

from __future__ import annotations

from agreement.graph import path
from agreement.protocols import path_protocol
from agreement.task import Task
from models.exploration import checked
from ttkem.verification.claim import Claim, Finding, Refutes, Tick

PROTOCOL = path_protocol(Task(path(4)), 4, "immediate")
HASTY = path_protocol(Task(path(4)), 4, "immediate", rounds=1)


def _check(tick: Tick) -> Finding:
    return checked(PROTOCOL, tick, symmetry=True)


def _refute(tick: Tick) -> Finding:
    return checked(HASTY, tick)


CLAIM = Claim(
    name="path-4",
    statement="4 processes agree by midpoints on the path P4 in 2 rounds of immediate snapshots",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; Alistarh, Ellen, Rybicki, TCS 2023, "
    "section 3; agreement.protocols.midpoint",
    bound="P4, n = 4, all 256 inputs up to verified symmetry, all schedules and crashes",
    check=_check,
    twin="one round is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
