"""Four processes agree on a tree, the star with three rays, in one round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.graph import star
from agreement.memory import immediate_snapshot
from agreement.protocols import tree_protocol
from agreement.task import Task
from models.exploration import checked, explored
from ttkem.verification.claim import Claim, Finding, Refutes, Tick

if TYPE_CHECKING:
    from agreement.memory import Steps

PROTOCOL = tree_protocol(Task(star(3)), 4)


def smallest(me: int, count: int, value: int) -> Steps:
    """Move once to the smallest vertex seen, not to the centre."""
    view = yield from immediate_snapshot(me, count, 0, value)
    return min(v for v in view if isinstance(v, int))


def _check(tick: Tick) -> Finding:
    return checked(PROTOCOL, tick)


def _refute(tick: Tick) -> Finding:
    return explored(smallest, PROTOCOL.task, PROTOCOL.count, PROTOCOL.step_complexity, tick)


CLAIM = Claim(
    name="tree-4",
    statement="4 processes agree by centres on the star with 3 rays in 1 round of immediate "
    "snapshots",
    source="Alistarh, Ellen, Rybicki, TCS 2023, section 3; agreement.protocols.centre [D]",
    bound="4 vertices, n = 4, all 256 inputs, all schedules and crashes",
    check=_check,
    twin="moving to the smallest vertex seen is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
)
