"""Two processes, on every connected graph: in each round, divide their distance by three.

A process writes and looks. If it does not see the other, it stays. If it sees the other's value y,
at distance D from its own value x, it goes to the vertex at distance ceil(D / 3) from y on the
shortest path between x and y that both would choose. At least one sees the other. If only one does,
the distance becomes ceil(D / 3); if both do, it becomes abs(D - 2 ceil(D / 3)), which is no more.
Later values lie on a shortest path between earlier ones, and every vertex between two vertices of a
shortest path from a to b lies between a and b. So values stay in the geodesic carrier, and hence in
all others. [D]

`halvings(diameter, 3)` rounds suffice, which is optimal on paths (HS06).
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
    """The program: `rounds` rounds of `communication`."""

    graph: Graph
    rounds: int
    communication: str

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """Run one process; see `agreement.memory.Program`."""
        for array in range(self.rounds):
            value = towards(
                self.graph,
                me,
                (yield from COMMUNICATION_MODELS[self.communication](me, count, array, value)),
            )
        return value


def towards(graph: Graph, me: int, view: View) -> int:
    """Return the vertex that process `me` of two goes to."""
    mine, other = view[me], view[1 - me]
    if not isinstance(mine, int) or not isinstance(other, int):
        return mine  # type: ignore[return-value]
    path = shortest_path(graph, *sorted((mine, other)))
    if path[0] == mine:
        path = path[::-1]
    return path[-(-(len(path) - 1) // 3)]


def two_process_protocol(
    task: Task, count: int = 2, communication: str = "collect", rounds: int | None = None
) -> Protocol:
    """Return the protocol for two processes, any connected graph and any validity.

    Another number of `rounds` can be given than the proved one.
    """
    if count != 2:  # noqa: PLR2004 - two processes
        raise TaskError(f"this protocol is for two processes, not {count}")
    check_communication(communication, tuple(COMMUNICATION_MODELS))
    check_sizes(count, rounds)
    if rounds is None:
        rounds = halvings(task.graph.diameter, 3)
    return Protocol(
        "thirds", task, 2, communication, rounds, Thirds(task.graph, rounds, communication)
    )
