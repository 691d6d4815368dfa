"""Two processes, on every connected graph: each round, divide the way between them by three.

Write, look; who does not see the other stays. Who sees the other's value y at distance D from its
own x goes to the vertex at distance ceil(D / 3) from y on the shortest path between them that both
would choose. At least one sees the other. If only one does, the distance becomes ceil(D / 3); if
both do, D - 2 ceil(D / 3) in absolute value, which is no more. Later values lie on a shortest path
between earlier ones, and all vertices between two vertices of a shortest path from a to b lie
between a and b: so the geodesic carrier is never left, hence none of the others. [D]

`halvings(diameter, 3)` rounds, which is optimal on paths (HS06).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.errors import TaskError
from agreement.graph import Graph, shortest_path
from agreement.memory import COMMUNICATION_MODELS
from agreement.protocols.protocol import Protocol, check_communication, check_sizes, halvings

if TYPE_CHECKING:
    from agreement.memory import Steps, View
    from agreement.task import Task

__all__ = ["Thirds", "two_process_protocol"]


@dataclass(frozen=True, slots=True)
class Thirds:
    """The program."""

    graph: Graph
    rounds: int
    communication: str

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """One process; see `agreement.memory.Program`."""
        for array in range(self.rounds):
            value = towards(
                self.graph,
                me,
                (yield from COMMUNICATION_MODELS[self.communication](me, count, array, value)),
            )
        return value


def towards(graph: Graph, me: int, view: View) -> int:
    """Where process `me` of two goes."""
    mine, other = view[me], view[1 - me]
    if not isinstance(mine, int) or not isinstance(other, int):
        return mine  # type: ignore[return-value]
    way = shortest_path(graph, *sorted((mine, other)))
    if way[0] == mine:
        way = way[::-1]
    return way[-(-(len(way) - 1) // 3)]


def two_process_protocol(
    task: Task, count: int = 2, communication: str = "collect", rounds: int | None = None
) -> Protocol:
    """For two processes and any connected graph, under all four validities.

    `rounds` asks for another number than the proved one.
    """
    if count != 2:  # noqa: PLR2004 - that is what it is for
        raise TaskError(f"this protocol is for two processes, not {count}")
    check_communication(communication, tuple(COMMUNICATION_MODELS))
    check_sizes(count, rounds)
    if rounds is None:
        rounds = halvings(task.graph.diameter, 3)
    return Protocol(
        "thirds", task, 2, communication, rounds, Thirds(task.graph, rounds, communication)
    )
