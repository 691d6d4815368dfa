"""Dismantlable carriers, which make a task solvable in some number of rounds.

**Theorem** [D]. Let E map every set S of up to n vertices to a set of vertices, such that E({v}) =
{v}, E(S) is a subset of D(S), E(S) is a subset of E(T) whenever S is a subset of T, and every E(S)
induces a dismantlable graph. Then n processes solve the task wait-free.

*Proof.* The clique complex of a dismantlable graph is contractible: a dominated vertex can be moved
along edges to one that dominates it. Consider the complex of all simplices on up to n vertices. By
induction on dimension there is a continuous map from it to the clique complex of the graph that
keeps vertices and sends each simplex S into the clique complex of E(S): on the boundary of S it is
defined already, with values in the clique complex of E(S), and every map of a sphere into a
contractible space extends to the ball. A colourless task with such a map has a wait-free protocol
[P: Herlihy, Shavit; Herlihy, Rajsbaum]. For E = D there is an explicit protocol with a bound on the
rounds: `agreement.protocols.averaging` proves it without that theorem. []

The proof uses only that D is monotone and that D({v}) = {v}.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from agreement.graph.graph import members
from agreement.solve.carrier_lists import carrier_mask

if TYPE_CHECKING:
    from agreement.graph import Graph
    from agreement.task import Task

__all__ = ["Dismantling", "Dismantlings", "find_dismantlings"]

Steps = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Dismantling:
    """A set S of `inputs`, its `carrier` E(S), and the steps of a dismantling of E(S).

    A step (v, u) removes v, which u dominates.
    """

    inputs: tuple[int, ...]
    carrier: tuple[int, ...]
    steps: Steps


Dismantlings = tuple[Dismantling, ...]


def dismantle(graph: Graph, mask: int) -> Steps | None:
    """Return steps that leave one vertex of the induced subgraph on `mask`; None if none do."""
    steps = []
    while mask & (mask - 1):
        pair = next(
            (
                (v, u)
                for v in members(mask)
                for u in members(graph.rows[v] & mask)
                if not (graph.rows[v] | 1 << v) & mask & ~(graph.rows[u] | 1 << u)
            ),
            None,
        )
        if pair is None:
            return None
        steps.append(pair)
        mask ^= 1 << pair[0]
    return tuple(steps)


def find_dismantlings(task: Task, count: int) -> Dismantlings | None:
    """Return dismantlings of the carriers of all sets of inputs; None if one has none.

    Only E = D is tried.
    """
    graph = task.graph
    known: dict[int, Steps | None] = {}
    found = []
    for size in range(1, min(count, graph.order) + 1):
        for inputs in combinations(range(graph.order), size):
            mask = carrier_mask(task, graph.mask(inputs))
            if mask not in known:
                known[mask] = dismantle(graph, mask)
            steps = known[mask]
            if steps is None:
                return None
            found.append(Dismantling(inputs, tuple(members(mask)), steps))
    return tuple(found)
