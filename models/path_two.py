"""Two processes agree on the path P9 by thirds in two rounds, the least number."""

from __future__ import annotations

from agreement.graph import path
from agreement.protocols import two_process_protocol
from agreement.task import Task
from models.exploration import checked
from ttkem.verification.claim import Claim, Finding, Refutes, Tick

PROTOCOL = two_process_protocol(Task(path(9)))
HASTY = two_process_protocol(Task(path(9)), rounds=1)


def _check(tick: Tick) -> Finding:
    return checked(PROTOCOL, tick)


def _refute(tick: Tick) -> Finding:
    return checked(HASTY, tick)


CLAIM = Claim(
    name="path-2",
    statement="2 processes agree by thirds on the path P9 in 2 rounds of collects",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; Alistarh, Ellen, Rybicki, TCS 2023, "
    "Theorem 3; agreement.protocols.thirds [D]",
    bound="P9, n = 2, all 81 inputs, all schedules and crashes",
    check=_check,
    twin="one round is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
