"""Two processes on any connected graph: each round leaves a third of the distance, rounded up.

x and y are the values of the two processes, D is their distance, and t = ceil(D / 3). A process
that sees the other moves to the vertex at distance t from the other's value, on a shortest path
that both would choose; a process that does not stays. At least one sees the other
(`proofs.visibility`). If one does, the new distance is t. If both do, it is |D - 2 t| <= t. By
`proofs.halving`, the distance is at most 1 after the `halvings(d, 3)` rounds of the code.

**Validity.** The values stay in line: some shortest path from one input i to the other input j
passes both values, in one order or the other. Every vertex between the two values is on such a path
as well. If inputs are adjacent or equal, no process moves. A process that never sees the other
keeps its input.

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
    "x moves near y, or stays": PLACE_X == z3.If(X_SEES, APART - THIRD, 0),
    "y moves near x, or stays": PLACE_Y == z3.If(Y_SEES, THIRD, APART),
}
NEW = z3.If(PLACE_X < PLACE_Y, PLACE_Y - PLACE_X, PLACE_X - PLACE_Y)


def validity() -> tuple[Lemma, ...]:
    """Return the lemmas that values stay in line between the inputs, and do not leave a clique."""
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
        Lemma("values stay in a clique", ROUND | {"adjacent or equal": APART <= 1}, stay),
    )


def as_coded(graph: Graph) -> Finding:
    """Check for all pairs of vertices that `towards` moves as above, on one path for both."""
    pairs = 0
    for x in range(graph.order):
        for y in range(graph.order):
            pairs += 1
            apart = graph.distance(x, y)
            third = -(-apart // 3)
            to_y, to_x = towards(graph, 0, (x, y)), towards(graph, 1, (x, y))
            places = (graph.distance(x, to_y), graph.distance(x, to_x))
            rest = (graph.distance(to_y, y), graph.distance(to_x, y), graph.distance(to_y, to_x))
            if places != (apart - third, third) or rest != (
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
    statement="2 processes agree on a connected graph by thirds: a round reduces the distance d to "
    "at most d / 3, rounded up; after the code's number of rounds it is at most 1, and outputs are "
    "valid",
    source="Hoest, Shavit, SIAM J. Comput. 36(2), 2006; agreement.protocols.thirds [D]",
    bound="n = 2, every connected graph, input and run; the code: all pairs, up to 6 vertices",
    check=_check,
    twin="neither process need see the other",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; one sees the other (claim visibility); claim halving; induction over rounds, in "
    "the file",
)
