"""Paths, trees and block graphs: in each round, go to the centre of the values seen.

The *centre* of a set S of vertices is defined by two members a, b of S at the greatest distance,
D(S): it is the vertex at distance floor(D(S) / 2) from a on the shortest path from a to b, which is
unique in a block graph. Of the two, a is the one nearer to a fixed *origin*, an end of a longest
path of the graph. Block graphs are the graphs whose metric satisfies the four-point condition
(Howorka 1979). So, in any set, a vertex farthest from any given member is an end of a pair at the
greatest distance, and two sweeps find a and b.

The proof [D]:

* **Validity.** The centre is on a shortest path between members of S. In a block graph, the set of
  vertices on shortest paths between members of S is convex: a vertex w inside the shortest path
  from u to v separates them; as u lies on a shortest path between two members, one of these is on
  u's side of w, and likewise for v; the shortest path between these two members passes through w.
  So the values of all rounds stay in the geodesic carrier of the inputs seen, which is contained in
  the hull and in the monophonic carrier. If S is a clique, the centre is a member of S.
* **Every member s of S is within ceil(D(S) / 2) of the centre c.** The path from s to a or b leaves
  the path from a to b at a vertex, or through a clique that contains an edge of that path. So the
  path from s to the farther of a and b passes through c, and has length at most D(S).
* **A round halves the diameter.** Take two processes with views S and T, S a subset of T (snapshots
  are nested), and their centres c and c'. The shortest path from c to c' leaves c through one
  block. The two ends of S's longest path lie, seen from c, in different blocks, so some s in S has
  c on its path to c' and is at distance at least floor(D(S) / 2) from c. So d(c, c') <=
  ceil(D(T) / 2) - floor(D(S) / 2), which is at most half the diameter of the round's values,
  rounded up.
* So after `halvings(diameter)` rounds outputs are at distance at most 1.

On paths, collects suffice: see `agreement.protocols.midpoint`.
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
    """The program: in each of `rounds` rounds of `communication`, go to the centre of the view."""

    graph: Graph
    rounds: int
    communication: str
    origin: int

    def __call__(self, me: int, count: int, value: int) -> Steps:
        """Run one process; see `agreement.memory.Program`."""
        for array in range(self.rounds):
            view = yield from COMMUNICATION_MODELS[self.communication](me, count, array, value)
            value = centre(self.graph, self.origin, view)
        return value


def centre(graph: Graph, origin: int, view: View) -> int:
    """Return the centre of the vertices in a view, as defined at the top of this module."""
    return _centre(graph, origin, frozenset(v for v in view if isinstance(v, int)))


@lru_cache(maxsize=1 << 16)
def _centre(graph: Graph, origin: int, seen: frozenset[int]) -> int:
    from_origin = graph.distances(origin)
    a, b = sorted(far_apart(graph, seen), key=lambda v: (from_origin[v], v))
    return shortest_path(graph, a, b)[graph.distance(a, b) // 2]


def far_apart(graph: Graph, vertices: Iterable[int]) -> tuple[int, int]:
    """Return two of the vertices of a block graph that are at the greatest distance."""
    ordered = sorted(vertices)
    a = max(ordered, key=graph.distances(ordered[0]).__getitem__)
    return a, max(ordered, key=graph.distances(a).__getitem__)


def block_graph_protocol(
    task: Task, count: int, communication: str = "immediate", rounds: int | None = None
) -> Protocol:
    """Return the protocol for block graphs, with `halvings(diameter)` rounds and any validity.

    Another number of `rounds` can be given, for which nothing is proved. Raises TaskError if the
    graph is not a block graph, and for collects, whose views are not nested.
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
    """Return the protocol for trees; see `block_graph_protocol`."""
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
