"""Three processes agree on the path P5 by midpoints, in two rounds."""

from __future__ import annotations

from agreement.graph import path
from agreement.protocols import path_protocol
from agreement.task import Task
from models.exploration import checked
from ttkem.verification.claim import Claim, Finding, Refutes, Tick

PROTOCOL = path_protocol(Task(path(5)), 3)
HASTY = path_protocol(Task(path(5)), 3, rounds=1)


def _check(tick: Tick) -> Finding:
    return checked(PROTOCOL, tick)


def _refute(tick: Tick) -> Finding:
    return checked(HASTY, tick)


CLAIM = Claim(
    name="path-3",
    statement="3 processes agree by midpoints on the path P5 in 2 rounds of collects",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; Alistarh, Ellen, Rybicki, TCS 2023, "
    "section 3; agreement.protocols.midpoint",
    bound="P5, n = 3, all 125 inputs, all schedules and crashes",
    check=_check,
    twin="one round is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
