"""Paths, trees and block graphs: each round, go to the centre of what was seen.

The *centre* of a set S of vertices is taken from two of its vertices a, b of greatest distance
D(S): the vertex at distance floor(D(S) / 2) from a on the path from a to b, which is the only
shortest one in a block graph. Of the two, a is the one nearer to a fixed *origin*, an end of a
longest path of the graph. Block graphs are the
graphs whose metric satisfies the four-point condition (Howorka 1979), so that in any set a vertex
farthest from any given one is an end of a pair of greatest distance: three sweeps find a and b.
[D], argument:

* **Validity.** The centre is on a shortest path between members. In a block graph, what lies on
  shortest paths between members of S is closed under shortest paths: a vertex w inside a shortest
  path from u to v separates them; as u lies on a shortest path between two members, one of these is
  on u's side of w, and so for v; the shortest path between these two passes w. So all values of all
  rounds stay in the geodesic carrier of the inputs seen. It is part of the hull and of the
  monophonic carrier; and if S is a clique, the centre is a member of S.
* **Every member of S is within ceil(D(S) / 2) of its centre c**: let s leave the path from a to b
  at x, or by a clique that contains an edge of that path. Then the path from s to the farther of a
  and b passes c, and has length at most D(S).
* **A round halves.** Take two processes with views S, T where S is part of T (snapshots are
  nested), and their centres c, c'. A shortest path from c to c' leaves c by one block, and the two
  ends of S's longest path lie, seen from c, in different blocks; so some s in S has c on its path
  to c' and is floor(D(S) / 2) away from c. So d(c, c') <= ceil(D(T) / 2) - floor(D(S) / 2), at most
  half the diameter of the values of the round, rounded up.
* So `halvings(diameter)` rounds leave outputs at distance at most 1.

On paths collects will do: see `agreement.protocols.midpoint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from agreement.errors import TaskError
from agreement.graph import Graph, block_graph, shortest_path
from agreement.graph import tree as is_tree
from agreement.memory import COMMUNICATION_MODELS
from agreement.protocols.protocol import Protocol, check_communication, check_sizes, halvings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.memory import Steps, View
    from agreement.task import Task

__all__ = ["Centre", "block_graph_protocol", "far_apart", "tree_protocol"]


@dataclass(frozen=True, slots=True)
class Centre:
    """The program: `rounds` rounds of `communication`, each to the centre of the view."""

    graph: Graph
    rounds: int
    communication: str
    origin: int

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """One process; see `agreement.memory.Program`."""
        for array in range(self.rounds):
            view = yield from COMMUNICATION_MODELS[self.communication](me, count, array, value)
            value = centre(self.graph, self.origin, view)
        return value


def centre(graph: Graph, origin: int, view: View) -> int:
    """The centre of the vertices in a view (see above)."""
    return _centre(graph, origin, frozenset(v for v in view if isinstance(v, int)))


@lru_cache(maxsize=1 << 16)
def _centre(graph: Graph, origin: int, seen: frozenset[int]) -> int:
    from_origin = graph.distances(origin)
    a, b = sorted(far_apart(graph, seen), key=lambda v: (from_origin[v], v))
    return shortest_path(graph, a, b)[graph.distance(a, b) // 2]


def far_apart(graph: Graph, vertices: Iterable[int]) -> tuple[int, int]:
    """Two of the vertices at greatest distance, in a block graph."""
    ordered = sorted(vertices)
    a = max(ordered, key=graph.distances(ordered[0]).__getitem__)
    return a, max(ordered, key=graph.distances(a).__getitem__)


def block_graph_protocol(
    task: Task, count: int, communication: str = "immediate", rounds: int | None = None
) -> Protocol:
    """For block graphs, under all four validities: `halvings(diameter)` rounds.

    `rounds` asks for another number, for which nothing is promised.

    TaskError if the graph is none, or for a form with views that are not nested.
    """
    refusal = block_graph(task.graph)
    if not refusal:
        names = ", ".join(task.graph.labels[v] for v in refusal.vertices)
        raise TaskError(f"not a block graph: {refusal.kind} {names}")
    check_communication(communication, ("snapshot", "immediate"))
    return _protocol("block graph", task, count, communication, rounds)


def tree_protocol(
    task: Task, count: int, communication: str = "immediate", rounds: int | None = None
) -> Protocol:
    """For trees; see `block_graph_protocol`."""
    refusal = is_tree(task.graph)
    if not refusal:
        names = ", ".join(task.graph.labels[v] for v in refusal.vertices)
        raise TaskError(f"not a tree: {refusal.kind} {names}")
    check_communication(communication, ("snapshot", "immediate"))
    return _protocol("tree", task, count, communication, rounds)


def _protocol(
    name: str, task: Task, count: int, communication: str, rounds: int | None
) -> Protocol:
    check_sizes(count, rounds)
    graph = task.graph
    ends = far_apart(graph, range(graph.order))
    if rounds is None:
        rounds = halvings(graph.distance(*ends)) if count > 1 else 0
    return Protocol(
        name, task, count, communication, rounds, Centre(graph, rounds, communication, min(ends))
    )
