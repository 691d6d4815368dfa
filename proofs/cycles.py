"""Three or more processes cannot agree on a cycle of length 4 or more: the last step, in Z3.

Suppose a protocol of k rounds of immediate snapshots solves the task on C_c. Cut the c-gon into
triangles (0, j, j + 1) and take these as inputs of three processes; the others take no step. After
k rounds the views are a surface with the same corners and sides (claim polygon-subdivision). Label
each view by its decision. A corner is the view of a process that sees only one input i, so that it
decides i. A view on the side from i to i + 1 knows at most these two inputs, so that it decides one
of them: D({i, i + 1}) is {i, i + 1}. By claim polygon-doors some triangle is labelled a < 1 < b.
Its views occur in one run, so that a, 1, b are pairwise adjacent. But in a cycle without triangles
no three different vertices are. []

This covers every c >= 4, every k and every validity: the validities agree on adjacent inputs,
because the shortest path between them is their edge, which is convex and a clique, and a longer
induced path would have that edge as a chord. It also covers every graph with a map onto such a
cycle that fixes the cycle and maps adjacent vertices to adjacent or equal ones
(`agreement.solve.sperner`). That iterated immediate snapshots solve all that any wait-free protocol
on registers solves (Borowsky, Gafni; Herlihy, Shavit) is used and not proved here.

Source: AER23; `agreement.solve.sperner` [D].
"""

from __future__ import annotations

import z3

from agreement.graph import cycle
from agreement.task import VALIDITIES, Task
from agreement.verdict import Verdict
from proofs.graphs.metrics import Distances
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

C, X, Y, Z = z3.Ints("c a i b")
LONG = "length 4 or more"
THREE = {
    LONG: C >= 4,  # noqa: PLR2004
    "different vertices": z3.And(X >= 0, X < Y, Y < Z, Z < C),
}


def adjacent(x: z3.ArithRef, y: z3.ArithRef) -> z3.BoolRef:
    """State that x < y are adjacent on the cycle of length c."""
    return z3.Or(y == x + 1, z3.And(x == 0, y == C - 1))


def pairwise_adjacent() -> z3.BoolRef:
    """State that the three vertices are pairwise adjacent."""
    return z3.And(adjacent(X, Y), adjacent(Y, Z), adjacent(X, Z))


def carriers() -> Lemma:
    """Return the lemma that a shortest path between adjacent vertices has no other vertex."""
    d = Distances("u", "v", "w")
    given = {
        "distances": d.metric(),
        "adjacent": d("u", "v") == 1,
        "w is between": d.between("u", "w", "v"),
    }
    return Lemma(
        "decisions on a side are its ends", given, z3.Or(d("u", "w") == 0, d("w", "v") == 0)
    )


def as_coded(most: int) -> Finding:
    """Check the library's carriers of vertices and edges of cycles, under all validities."""
    looked = 0
    for length in range(4, most + 1):
        for validity in VALIDITIES:
            task = Task(cycle(length), validity)
            for v in range(length):
                for inputs in ({v}, {v, (v + 1) % length}):
                    looked += 1
                    if task.carrier(inputs) != inputs:
                        return refuted(f"D({inputs}) is not {inputs}, {validity}")
    return Finding(Verdict.HOLDS, (("carriers", looked),))


def _check(tick: Tick) -> Finding:
    lemmas = (
        Lemma("no three are pairwise adjacent", THREE, z3.Not(pairwise_adjacent())),
        carriers(),
    )
    found = prove_all(lemmas, tick)
    tick("carriers")
    return together([found, as_coded(10)])


def _refute(tick: Tick) -> Finding:
    chord = z3.And(C == 4, X == 0, Z == 2)  # noqa: PLR2004 - C4 and the chord from 0 to 2
    with_chord = z3.Or(pairwise_adjacent(), z3.And(chord, adjacent(X, Y), adjacent(Y, Z)))
    return prove_all([Lemma("no three are pairwise adjacent", THREE, z3.Not(with_chord))], tick)


CLAIM = Claim(
    name="cycles",
    statement="no three different vertices of a cycle of length 4 or more are pairwise adjacent, "
    "and D of two adjacent ones has only these two; with polygon-doors and polygon-subdivision "
    "this is why n >= 3 processes agree on no such cycle in any number of rounds of immediate "
    "snapshots",
    source="Alistarh, Ellen, Rybicki, TCS 2023; agreement.solve.sperner [D]",
    bound="by Z3: every c >= 4; by the argument in the file: every n >= 3 and every k; D as coded: "
    "cycles of 4 to 10 vertices, four validities",
    check=_check,
    twin="the chord from 0 to 2 of the 4-cycle counts as adjacent",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; the argument in the file, which composes the three claims; claims polygon-doors "
    "and polygon-subdivision with what they trust; for other protocols than of immediate "
    "snapshots: these solve all that is wait-free solvable (Borowsky, Gafni)",
)
