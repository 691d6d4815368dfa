"""Three processes agree on a block graph, under all four validities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.graph import Graph
from agreement.memory import snapshot
from agreement.protocols import block_graph_protocol
from agreement.task import VALIDITIES, Task
from agreement.verdict import Verdict
from models.exploration import checked, explored
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, together

if TYPE_CHECKING:
    from agreement.memory import Steps

BOWTIE_AND_TAIL = Graph.of(6, [(0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4), (4, 5)])
"""Two triangles that share a vertex, and an edge that hangs off one of them: diameter 3."""

TASKS = [Task(BOWTIE_AND_TAIL, validity) for validity in VALIDITIES]


def most_common(me: int, count: int, value: int) -> Steps:
    """Move twice to a vertex adjacent or equal to most of the seen ones, not to the centre."""
    for array in range(2):
        view = yield from snapshot(me, count, array, value)
        seen = [v for v in view if isinstance(v, int)]
        value = max(
            range(BOWTIE_AND_TAIL.order),
            key=lambda v: (
                sum(BOWTIE_AND_TAIL.adjacent_or_equal(v, u) for u in seen),
                v == value,
                -v,
            ),
        )
    return value


def _check(tick: Tick) -> Finding:
    return together(checked(block_graph_protocol(task, 3, "snapshot"), tick) for task in TASKS)


def _refute(tick: Tick) -> Finding:
    findings = (explored(most_common, task, 3, 4, tick) for task in TASKS)
    return next(finding for finding in findings if finding.verdict is not Verdict.HOLDS)


CLAIM = Claim(
    name="block-3",
    statement="3 processes agree by centres on one block graph of diameter 3 in 2 rounds of "
    "snapshots, under all four validities",
    source="agreement.protocols.centre [D]",
    bound="6 vertices, n = 3, 4 validities, all 216 inputs each, all schedules and crashes",
    check=_check,
    twin="moving to a vertex that is adjacent or equal to most of the seen ones is enough",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    slow=True,
)
