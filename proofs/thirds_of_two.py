"""Two processes on any connected graph: each round leaves a third of the distance, rounded up.

x and y are the values of the two, D their distance, t = ceil(D / 3). Who sees the other goes to the
vertex at distance t from the other's value, on a shortest path that both would choose; who does not
stays. One sees the other at least (`proofs.visibility`). If one does, the distance becomes t; if
both do, |D - 2 t| <= t. By `proofs.halving` the `halvings(d, 3)` rounds of the code leave 1.

**Validity.** The values stay in line: some shortest path from one input i to the other j passes
both (in one order or the other), and so does one by way of any vertex between the two. If inputs
are adjacent or equal nobody moves. A process that never sees the other keeps its input.

Source: HS06 (paths); `agreement.protocols.thirds` [D].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from agreement.graph import cycle, grid, sun
from agreement.protocols.thirds import towards, two_process_protocol
from agreement.solve import graphs
from agreement.task import Task
from agreement.verdict import Verdict
from proofs.graphs.metrics import Distances
from proofs.halving import rounds, rounds_as_coded
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from agreement.graph import Graph

APART, PLACE_X, PLACE_Y = z3.Ints("D x' y'")
X_SEES, Y_SEES = z3.Bools("x_sees y_sees")
THIRD = (APART + 2) / 3
ONE_SEES = "one sees the other"

ROUND = {
    "a distance": APART >= 0,
    ONE_SEES: z3.Or(X_SEES, Y_SEES),
    # Places on the path from x, at 0, to y, at D.
    "x goes near y, or stays": PLACE_X == z3.If(X_SEES, APART - THIRD, 0),
    "y goes near x, or stays": PLACE_Y == z3.If(Y_SEES, THIRD, APART),
}
NEW = z3.If(PLACE_X < PLACE_Y, PLACE_Y - PLACE_X, PLACE_X - PLACE_Y)


def validity() -> tuple[Lemma, ...]:
    """Values stay in line between the inputs."""
    d = Distances("i", "j", "x", "y", "x'", "y'")
    line = z3.Or(d.in_line("i", "x", "y", "j"), d.in_line("i", "y", "x", "j"))
    given = {
        "distances": d.metric(),
        "x and y are in line between inputs": line,
        "x' is between x and y": d.between("x", "x'", "y"),
        "y' is between x and y": d.between("x", "y'", "y"),
        "both on one path": z3.Or(
            d("x'", "y'") == d("x", "x'") - d("x", "y'"),
            d("x'", "y'") == d("x", "y'") - d("x", "x'"),
        ),
    }
    kept = z3.Or(d.in_line("i", "x'", "y'", "j"), d.in_line("i", "y'", "x'", "j"))
    inside = z3.And(d.between("i", "x'", "j"), d.between("i", "y'", "j"))
    stay = z3.And(PLACE_X == 0, PLACE_Y == APART)
    return (
        Lemma("values stay in line", given, z3.And(kept, inside)),
        Lemma("cliques keep theirs", ROUND | {"close": APART <= 1}, stay),
    )


def as_coded(graph: Graph) -> Finding:
    """Check for all pairs that `towards` goes to those places, on one path for both."""
    pairs = 0
    for x in range(graph.order):
        for y in range(graph.order):
            pairs += 1
            apart = graph.distance(x, y)
            third = -(-apart // 3)
            to_y, to_x = towards(graph, 0, (x, y)), towards(graph, 1, (x, y))
            places = (graph.distance(x, to_y), graph.distance(x, to_x))
            ways = (graph.distance(to_y, y), graph.distance(to_x, y), graph.distance(to_y, to_x))
            if places != (apart - third, third) or ways != (
                third,
                apart - third,
                abs(apart - 2 * third),
            ):
                return refuted(f"from {x} and {y} to {to_y} and {to_x}")
    return Finding(Verdict.HOLDS, (("pairs", pairs),))


GRAPHS = (cycle(9), cycle(12), grid(4, 5), sun(7))
MOST = 6
"""The most vertices of the graphs of the atlas that are checked."""


def _check(tick: Tick) -> Finding:
    round_ = Lemma("a round leaves a third", ROUND, NEW <= THIRD)
    found = prove_all((round_, *validity(), *rounds(3)), tick)
    tick("the code's steps")
    small = [graph for _, graph in graphs() if graph.order <= MOST]
    looked = [as_coded(graph) for graph in (*GRAPHS, *small)]
    protocols = (two_process_protocol(Task(graph)) for graph in (*GRAPHS, *small))
    return together([found, *looked, rounds_as_coded(protocols, 3)])


def _refute(tick: Tick) -> Finding:
    given = {name: premise for name, premise in ROUND.items() if name != ONE_SEES}
    return prove_all([Lemma("a round leaves a third", given, NEW <= THIRD)], tick)


CLAIM = Claim(
    name="thirds-agreement",
    statement="2 processes agree on a connected graph by thirds: a round makes the distance d at "
    "most d / 3, rounded up, and the code's number of rounds leaves 1, validly",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; agreement.protocols.thirds [D]",
    bound="n = 2, every connected graph, input and run; the code: all pairs, up to 6 vertices",
    check=_check,
    twin="both may miss each other",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; one sees the other (claim visibility); claim halving; induction over rounds, in "
    "the file",
)
