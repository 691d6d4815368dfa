"""Solvable for some number of rounds: carriers that can be dismantled.

**Theorem** [D]. Let E give every set S of up to n vertices a set of vertices, with E({v}) = {v},
E(S) inside D(S), E(S) inside E(T) for S inside T, and every E(S) dismantlable. Then n processes
solve the task wait-free.

*Proof.* The clique complex of a dismantlable graph is contractible: a vertex that another dominates
can be moved to it along edges. So, by dimension, there is a continuous map from the simplices on up
to n vertices to the clique complex, that keeps vertices and sends the simplex S into that of E(S):
on the boundary of S it is there already and inside E(S), and any map of a sphere into a
contractible space extends over the ball. A colourless task with such a map has a wait-free protocol
[P: Herlihy, Shavit; Herlihy, Rajsbaum]. For E = D it is explicit, with a bound on the rounds:
`agreement.protocols.averaging` proves it without that theorem. []

Again nothing is asked of D but that it grows and keeps single vertices.
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
    """For the inputs S: E(S), and its dismantling: each step moves a vertex to another."""

    inputs: tuple[int, ...]
    carrier: tuple[int, ...]
    steps: Steps


Dismantlings = tuple[Dismantling, ...]


def dismantle(graph: Graph, mask: int) -> Steps | None:
    """The steps that leave one vertex of the induced subgraph; None if there are none."""
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
    """With E = D; None if some carrier cannot be dismantled."""
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
