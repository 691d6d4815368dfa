"""Distances in every tree, and in every block graph, satisfy the four-point condition.

For any w, x, y, z the two greatest of d(w, x) + d(y, z), d(w, y) + d(x, z), d(w, z) + d(x, y) are
equal (Buneman 1974). Among graphs, exactly the block graphs satisfy it (Howorka 1979).

The proof is an induction over the construction of the graph: start with one vertex, and repeatedly
attach a clique of new vertices to some vertex u. For trees, each clique is one new vertex. A new
vertex l has d(l, x) = d(u, x) + 1 for each old x, and distance 1 to each other new vertex; old
distances do not change. If the condition and the triangle inequality hold for old vertices, they
hold for any four, old or new, with repetitions. The cases differ in how many of the vertices are
new.

On all connected graphs with up to 7 vertices the condition is compared with `block_graph`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import z3

from agreement.graph import block_graph
from agreement.solve import graphs
from agreement.verdict import Verdict
from proofs.graphs.metrics import Distances
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from agreement.graph import Graph

FOUR = ("w", "x", "y", "z")


def steps() -> tuple[Lemma, ...]:
    """Return the steps of the induction: four lemmas on four points, three on three."""
    return tuple(_step(FOUR[:new], FOUR[new:size]) for size in (3, 4) for new in range(1, size + 1))


def _step(new: tuple[str, ...], old: tuple[str, ...]) -> Lemma:
    """Return the lemma of the condition for four points, or the triangle inequality for three."""
    d = Distances("u", *old, *new)
    points = (*old, *new)
    given = {"old ones are a metric": Distances("u", *old).metric()}
    given["four old ones satisfy it"] = d.four_points("u", *old)
    given["new ones are 1 from u, and reach old ones through u"] = z3.And(
        [d("u", x) == 1 for x in new] + [d(x, y) == d("u", y) + 1 for x in new for y in old]
    )
    # Two of them may be one vertex, at distance 0; the metric makes this an equivalence.
    given["new ones are 1 from one another, or the same"] = z3.And(
        [z3.Or(d(x, y) == 0, d(x, y) == 1) for x, y in combinations(new, 2)]
        + [Distances(*new).metric()]
    )
    then = d.four_points(*points) if len(points) == len(FOUR) else Distances(*points).metric()
    return Lemma(f"{len(new)} of {len(points)} are new", given, then)


def satisfied(graph: Graph) -> bool:
    """Return whether the distances of a graph satisfy the four-point condition."""
    d = graph.distance
    for w, x, y, z in combinations(range(graph.order), 4):
        sums = sorted((d(w, x) + d(y, z), d(w, y) + d(x, z), d(w, z) + d(x, y)))
        if sums[1] != sums[2]:
            return False
    return True


def as_classified(most: int) -> Finding:
    """Check that exactly the block graphs satisfy it, among graphs with up to `most` vertices."""
    looked, found = 0, 0
    for number, graph in graphs():
        if graph.order <= most:
            looked, found = looked + 1, found + bool(block_graph(graph))
            if satisfied(graph) != bool(block_graph(graph)):
                return refuted(f"graph {number} of the atlas")
    return Finding(Verdict.HOLDS, (("graphs", looked), ("block graphs", found)))


def _check(tick: Tick) -> Finding:
    found = prove_all(steps(), tick)
    tick("graphs with up to 7 vertices")
    return together([found, as_classified(7)])


def _refute(tick: Tick) -> Finding:
    d = Distances("u", "v", "x", "l")
    old = Distances("u", "v", "x")
    either = z3.If(d("u", "x") < d("v", "x"), d("u", "x"), d("v", "x"))
    given = {
        "old ones are a metric": old.metric(),
        "the new one is 1 from u and v": z3.And(d("l", "u") == 1, d("l", "v") == 1),
        "and reaches others through either": d("l", "x") == either + 1,
        "u and v are at distance 2": d("u", "v") == 2,  # noqa: PLR2004
    }
    found = prove_all([Lemma("attached to two vertices", given, d.four_points())], tick)
    return replace(found, refutes=found.refutes and Refutes.OTHER)  # it is no step of the proof


CLAIM = Claim(
    name="four-points",
    statement="distances in trees and block graphs satisfy the four-point condition",
    source="Buneman, J. Comb. Theory B 17, 1974; Howorka, J. Graph Theory 3, 1979",
    bound="every tree and block graph; that no other graph does: up to 7 vertices",
    check=_check,
    twin="a new vertex is attached to two old ones at distance 2",
    refute=_refute,
    refutes=Refutes.OTHER,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over the construction of a graph, in the file; that every block graph is "
    "constructed by attaching cliques to vertices",
)
