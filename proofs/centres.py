"""Trees and block graphs: centres halve the range in every round, for every number of processes.

A process moves to the *centre* of the vertices that it sees. Let a, b be two of these vertices at
the greatest distance; the centre is the vertex at distance floor(d(a, b) / 2) from a on a shortest
path to b. Let p see the set S and q the set T, where S is a subset of T (views are nested, see
`proofs.visibility`). Let a, b and a', b' be the ends of S and T, and c, c' their centres. No
distance in T is greater than d(a', b'), which is at most s. By the four-point condition
(`proofs.four_points`) every member x of T has d(x, c') <= ceil(s / 2). Hence

    d(c, c') <= ceil(d(a', b') / 2) - floor(d(a, b) / 2) <= ceil(s / 2).

By `proofs.halving`, outputs are at most 1 apart after the `halvings(d)` rounds of the code.

**Validity.** Let a be on a shortest path between inputs i and j, and b on one between inputs k and
l. Then every vertex on a shortest path from a to b is on a shortest path between two of i, j, k, l.
So values never leave the geodesic carrier, which is a subset of the hull and of the monophonic
carrier. The centre of a clique is a member of it.

**Ends.** Let a be farthest from any vertex r of the set, and b farthest from a. Then a and b are at
the greatest distance, so that the code's two sweeps find such a pair. The proof uses the metric and
the four-point condition, and no other property of trees.

Source: `agreement.protocols.centre` [D].
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import z3

from agreement.graph import block_graph
from agreement.protocols.centre import block_graph_protocol, centre, far_apart
from agreement.solve import graphs
from agreement.task import Task
from agreement.verdict import Verdict
from proofs.graphs.metrics import Distances
from proofs.halving import rounds, rounds_as_coded
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from agreement.graph import Graph

SPREAD = z3.Int("s")
D = Distances("a", "b", "c", "a'", "b'", "c'")
NESTED, FOUR = "S is a subset of T", "four-point condition"


def central(c: str, a: str, b: str) -> z3.BoolRef:
    """State that c is the centre that the code computes from the ends a and b."""
    half = D(a, b) / 2
    return z3.And(D(a, c) == half, D(c, b) == D(a, b) - half)


ROUND = {
    "distances": D.metric(),
    FOUR: D.four_points(),
    "c and c' are centres": z3.And(central("c", "a", "b"), central("c'", "a'", "b'")),
    NESTED: z3.And([D(x, y) <= D("a'", "b'") for x in ("a", "b") for y in ("a'", "b'")]),
    "values are at most s apart": z3.And(
        [D(x, y) <= SPREAD for x, y in combinations(("a", "b", "a'", "b'"), 2)]
    ),
}
HALVES = Lemma("a round halves", ROUND, D("c", "c'") <= (SPREAD + 1) / 2)


def ends() -> Lemma:
    """Return the lemma that two sweeps find a pair at the greatest distance."""
    d = Distances("r", "a", "b", "x", "y")
    given = {
        "distances": d.metric(),
        FOUR: d.four_points(),
        "a is farthest from r": z3.And([d("r", x) <= d("r", "a") for x in ("b", "x", "y")]),
        "b is farthest from a": z3.And([d("a", x) <= d("a", "b") for x in ("r", "x", "y")]),
    }
    return Lemma("two sweeps", given, d("x", "y") <= d("a", "b"))


def validity() -> tuple[Lemma, ...]:
    """Return the lemmas that values stay between inputs, and inside a clique of inputs."""
    d = Distances("i", "j", "k", "l", "a", "b", "c")
    given = {
        "distances": d.metric(),
        FOUR: d.four_points(),
        "a is between i and j": d.between("i", "a", "j"),
        "b is between k and l": d.between("k", "b", "l"),
        "c is between a and b": d.between("a", "c", "b"),
    }
    inputs = combinations(("i", "j", "k", "l"), 2)
    kept = z3.Or([d.between(x, "c", y) for x, y in inputs])
    clique = {name: ROUND[name] for name in ("distances", "c and c' are centres")}
    clique["a clique"] = D("a", "b") <= 1
    return (
        Lemma("values are between two inputs", given, kept),
        Lemma("values stay in a clique", clique, D("a", "c") == 0),
    )


def as_coded(graph: Graph, origin: int) -> str:
    """Return what is wrong with the code's centres for this origin, or the empty string."""
    for size in range(1, graph.order + 1):
        for seen in combinations(range(graph.order), size):
            a, b = far_apart(graph, seen)
            length = max(graph.distance(x, y) for x in seen for y in seen)
            c = centre(graph, origin, seen)
            parts = sorted((graph.distance(a, c), graph.distance(c, b)))
            if graph.distance(a, b) != length or parts != [length // 2, length - length // 2]:
                return f"{c} is not a centre of {seen}"
    return ""


def all_centres(most: int) -> Finding:
    """Check the code's centres in all block graphs, trees included, with up to `most` vertices."""
    sets = 0
    for _, graph in graphs():
        if graph.order <= most and block_graph(graph):
            wrong = as_coded(graph, min(far_apart(graph, range(graph.order))))
            if wrong:
                return refuted(wrong)
            sets += (1 << graph.order) - 1
    return Finding(Verdict.HOLDS, (("sets of vertices", sets),))


def _check(tick: Tick) -> Finding:
    found = prove_all((HALVES, ends(), *validity(), *rounds(2)), tick)
    tick("the code's centres")
    blocks = [graph for _, graph in graphs() if block_graph(graph) and graph.order > 1]
    protocols = (block_graph_protocol(Task(graph), 3) for graph in blocks)
    return together([found, all_centres(6), rounds_as_coded(protocols, 2)])


def _refute(tick: Tick) -> Finding:
    given = {name: premise for name, premise in ROUND.items() if name != NESTED}
    return prove_all([Lemma("a round halves", given, HALVES.then)], tick)


CLAIM = Claim(
    name="tree-agreement",
    statement="n processes agree on a tree or block graph by moving to centres of snapshots: a "
    "round reduces the range d to at most d / 2, rounded up; after the code's number of rounds it "
    "is at most 1, and outputs are valid",
    source="Alistarh, Ellen, Rybicki, TCS 2023, section 3; agreement.protocols.centre [D]",
    bound="every n, tree, block graph, input and run; the code's centres on graphs with up to 6 "
    "vertices, its number of rounds up to 7",
    check=_check,
    twin="views need not be nested",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; nested views (claim visibility); the four-point condition (claim four-points); "
    "claim halving; induction over rounds, in the file",
)
