"""Three processes agree on a tree, the spider with three legs of length 2, in two rounds."""

from __future__ import annotations

from agreement.graph.examples import SPIDER
from agreement.protocols import tree_protocol
from agreement.task import Task
from models.exploration import checked
from ttkem.verification.claim import Claim, Finding, Refutes, Tick

PROTOCOL = tree_protocol(Task(SPIDER), 3, "snapshot")
HASTY = tree_protocol(Task(SPIDER), 3, "snapshot", rounds=1)


def _check(tick: Tick) -> Finding:
    return checked(PROTOCOL, tick)


def _refute(tick: Tick) -> Finding:
    return checked(HASTY, tick)


CLAIM = Claim(
    name="tree-3",
    statement="3 processes agree by centres on the spider with legs of 2 in 2 rounds of snapshots",
    source="Alistarh, Ellen, Rybicki, TCS 2023, section 3; agreement.protocols.centre [D]",
    bound="7 vertices, n = 3, all 343 inputs, all schedules and crashes",
    check=_check,
    twin="one round is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
