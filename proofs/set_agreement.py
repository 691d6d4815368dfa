"""Three processes with three inputs decide all three in some run, in any number of rounds.

In (3, 2)-set agreement every process outputs the input of some participant, and at most two
different values are output. Suppose that a protocol of k rounds of immediate snapshots does that
for processes i = 0, 1, 2 with the inputs i. Its views are a surface with corners 0, 1, 2, a
subdivided triangle (claim polygon-subdivision, c = 3). Label each view by its output. A view that
knows only i outputs i; a view that knows only i and j outputs one of the two. By claim
polygon-doors, with c = 3, some triangle is labelled 0 < 1 < 2. Its views occur in one run, which
has three outputs. [] The same holds for more processes, because all but three may take no step.

This is Sperner's lemma, as used by Borowsky and Gafni, Herlihy and Shavit, Saks and Zaharoglou
(STOC 1993). Here it follows from the two claims on polygons.
"""

from __future__ import annotations

import z3

from agreement.solve import rainbow_triangles, subdivided_polygon
from agreement.verdict import Verdict
from proofs.sperner_parity import MIDDLE, C, X, Y, Z, around, door, sides
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

INPUTS = {"three inputs": z3.And(C == 3, MIDDLE == 1)}  # noqa: PLR2004
VALID = "outputs are inputs"


def lemmas() -> tuple[Lemma, ...]:
    """Return the lemmas: a triangle around 1 has three outputs; only the side 2, 0 has doors."""
    labels = {VALID: z3.And([z3.And(x >= 0, x < C) for x in (X, Y, Z)])}
    three = z3.Distinct(X, Y, Z)
    side = z3.Int("side")
    ends = {
        "inputs side and side + 1 are known": z3.And(side >= 0, side <= 1),
        "one of them is output": z3.And([z3.Or(x == side, x == side + 1) for x in (X, Y)]),
    }
    return (
        Lemma("three outputs", INPUTS | labels, around(X, Y, Z) == three),
        Lemma("no doors on the other sides", INPUTS | ends, z3.Not(door(X, Y))),
        *sides()[1:],
    )


def as_built(rounds: int) -> Finding:
    """Check the library's triangle, with the rules to decide the least and the greatest input."""
    polygon = subdivided_polygon(3, rounds)
    for choose in (min, max):
        labels = [choose(polygon.allowed(v)) for v in range(len(polygon.sides))]
        (triangle,) = rainbow_triangles(polygon, labels)
        if {labels[v] for v in triangle} != {0, 1, 2}:
            return refuted(f"k = {rounds}: the outputs of {triangle} are not all different")
    return Finding(Verdict.HOLDS, (("runs with three outputs", 2),))


def _check(tick: Tick) -> Finding:
    return together([prove_all(lemmas(), tick), *(as_built(rounds) for rounds in range(4))])


def _refute(tick: Tick) -> Finding:
    first, *_ = lemmas()
    given = {name: premise for name, premise in first.given.items() if name != VALID}
    return prove_all([Lemma(first.name, given, first.then)], tick)


CLAIM = Claim(
    name="set-agreement",
    statement="a triangle labelled 0 < 1 < 2 has three outputs, and only the side from 2 to 0 has "
    "doors; with polygon-doors and polygon-subdivision this is why n >= 3 processes with 3 inputs "
    "output all three in some run of any number of rounds of immediate snapshots",
    source="Borowsky, Gafni; Herlihy, Shavit; Saks, Zaharoglou: all STOC 1993",
    bound="by Z3: labels of a triangle and of the sides; by the argument in the file: every n >= 3 "
    "and every k; runs built by the library: up to 3 rounds, two rules",
    check=_check,
    twin="outputs need not be inputs",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; the argument in the file, which composes the three claims; claims polygon-doors "
    "and polygon-subdivision with what they trust; for other protocols than of immediate "
    "snapshots: these solve all that is wait-free solvable (Borowsky, Gafni)",
)
