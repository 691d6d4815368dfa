"""Chromatic subdivision maps polygons to polygons, for every number of rounds.

Call a set of triangles whose corners belong to three processes each a *surface* if every edge is in
one or two triangles. An edge in one triangle is on the *boundary*; an edge in two is *inner*. The
claim is that after a round of immediate snapshots a surface is a surface again, whose boundary is
the subdivided boundary. By induction this holds after k rounds.

The *carrier* of an edge of the subdivision is the set of views that its ends know, which is a
simplex of the surface that was subdivided: a triangle or an edge. The subdivision of one triangle
is examined in full:

* its triangles have one view of each process, and no edge has a single view as its carrier;
* an edge whose carrier is the whole triangle is in two of its triangles. It is in no triangle of
  another one's subdivision, because its carrier of three views names the triangle;
* the edges whose carrier is an edge (p, q) are in one of its triangles. They are three edges in a
  row, from the view in which p is alone to the one in which q is alone, and are known by p and q
  only. So such an edge is in as many triangles as (p, q) was: two if that edge was inner, else one.

So a side of the boundary that was a walk of m edges between two corners becomes one of 3 m edges,
between the views of these corners that see no other process.

**The start** is the c-gon cut into triangles (0, j, j + 1), 1 <= j <= c - 2, for every c. Edges (0,
j) with 2 <= j <= c - 2 are in two triangles, and sides in one. Process 0 has input 0, process 1 the
odd inputs and process 2 the other even ones, so that the three processes of a triangle differ.

Source: `agreement.solve.sperner` [D]; AAEGZ23 for the subdivision [recalled].
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import z3

from agreement.solve import subdivided_polygon
from agreement.topology import one_round
from agreement.verdict import Verdict
from agreement.wording import counted
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from typing import TypeAlias

    Edge: TypeAlias = tuple[tuple[int, int], tuple[int, int]]

TRIANGLE = 0b111


def one_triangle(communication: str = "immediate") -> Finding:
    """Check the statements above on the subdivision of one triangle."""
    times: Counter[Edge] = Counter()
    facets = one_round(communication, 3)
    for views in facets:
        times.update(combinations(enumerate(views), 2))
    outer: dict[int, list[Edge]] = {}
    for edge, number in times.items():
        (p, seen_p), (q, seen_q) = edge
        carrier = seen_p | seen_q
        if number != (2 if carrier == TRIANGLE else 1):
            shown = f"{_named(p, seen_p)} - {_named(q, seen_q)} is in {counted(number, 'triangle')}"
            return refuted(shown)
        if carrier != TRIANGLE:
            outer.setdefault(carrier, []).append(edge)
    for p, q in combinations(range(3), 2):
        both = 1 << p | 1 << q
        # p alone, q seeing both, p seeing both, q alone: three edges in a row.
        row = {((p, 1 << p), (q, both)), ((p, both), (q, both)), ((p, both), (q, 1 << q))}
        if set(outer[both]) != row:
            shown = f"the side from {p} to {q} is not a row of three edges"
            return refuted(shown)
    return Finding(Verdict.HOLDS, (("triangles", len(facets)), ("edges", len(times))))


def _named(process: int, seen: int) -> str:
    return f"{process} seeing {''.join(str(p) for p in range(3) if seen >> p & 1)}"


def step() -> Lemma:
    """Return the lemma that edges of a subdivided surface are in one or two triangles.

    It only adds up the parts. The work is in its premises: the first is checked on one triangle,
    the last is argued above.
    """
    whole, inside = z3.Ints("in_whole in_side")
    before, after = z3.Ints("before after")
    in_triangle = z3.Bool("carrier_is_a_triangle")
    given = {
        "in the subdivision of one triangle": z3.And(whole == 2, inside == 1),  # noqa: PLR2004
        "a surface": z3.Or(before == 1, before == 2),  # noqa: PLR2004
        # An edge is in triangles of the one subdivision, or of all subdivisions at its carrier.
        "each triangle is subdivided by itself": after
        == z3.If(in_triangle, whole, inside * before),
    }
    inner = z3.Or(in_triangle, before == 2)  # noqa: PLR2004
    return Lemma("a surface again", given, z3.And(after == z3.If(inner, 2, 1)))


C, A, B, J, K = z3.Ints("c a b j k")


def in_fan(a: z3.ArithRef, b: z3.ArithRef, j: z3.ArithRef) -> z3.BoolRef:
    """State that the edge a < b is in the triangle (0, j, j + 1) of the c-gon."""
    of_two = z3.And(a == 0, z3.Or(b == j, b == j + 1))
    return z3.And(j >= 1, j <= C - 2, z3.Or(of_two, z3.And(a == j, b == j + 1)))


def process(corner: z3.ArithRef) -> z3.ArithRef:
    """Return the process whose input a corner is."""
    return z3.If(corner == 0, 0, z3.If(corner % 2 == 1, 1, 2))


def fan() -> tuple[Lemma, ...]:
    """Return the lemmas on the fan of triangles before any subdivision, for every c."""
    polygon = {"a polygon": z3.And(C >= 3, A >= 0, A < B, B < C)}  # noqa: PLR2004
    side = z3.Or(B == A + 1, z3.And(A == 0, B == C - 1))
    chord = {"a chord from 0": z3.And(A == 0, B >= 2, B <= C - 2)}  # noqa: PLR2004
    once = z3.Exists(
        [J], z3.And(in_fan(A, B, J), z3.ForAll([K], z3.Implies(in_fan(A, B, K), K == J)))
    )
    processes = z3.Distinct(z3.IntVal(0), process(J), process(J + 1))
    return (
        Lemma(
            "edges are sides or chords",
            polygon | {"an edge": in_fan(A, B, J)},
            z3.Or(side, chord["a chord from 0"]),
        ),
        Lemma(
            "chords are in two triangles",
            polygon | chord,
            in_fan(A, B, J) == z3.Or(J == B - 1, J == B),
        ),
        Lemma("sides are in one", polygon | {"a side": side}, once),
        Lemma("processes differ", {"a triangle": z3.And(J >= 1, J <= C - 2)}, processes),
    )


def as_built(corners: int, rounds: int) -> Finding:
    """Check that the library's polygon is a surface whose sides are rows of 3^k edges."""
    polygon = subdivided_polygon(corners, rounds)
    times = Counter(edge for t in polygon.triangles for edge in combinations(t, 2))
    outer = Counter[int]()
    for (u, v), number in times.items():
        common = polygon.sides[u] & polygon.sides[v]
        outer.update(common)
        if number != (1 if common else 2):
            found = counted(number, "triangle")
            return refuted(f"{corners} corners, k = {rounds}: edge {u}-{v} is in {found}")
    if outer != dict.fromkeys(range(corners), 3**rounds):
        return refuted(f"the sides have {sorted(outer.values())} edges, not {3**rounds} each")
    return Finding(Verdict.HOLDS, (("polygons", 1),))


BUILT = ((3, 0), (4, 0), (7, 0), (3, 1), (4, 1), (5, 1), (4, 2))


def _check(tick: Tick) -> Finding:
    found = [one_triangle(), prove_all((step(), *fan()), tick)]
    for corners, rounds in BUILT:
        tick(f"{corners} corners, k = {rounds}")
        found.append(as_built(corners, rounds))
    return together(found)


def _refute(tick: Tick) -> Finding:
    tick("snapshots that are not immediate")
    return one_triangle("snapshot")


CLAIM = Claim(
    name="polygon-subdivision",
    statement="a c-gon cut into triangles from a corner is a surface: inner edges are in two "
    "triangles, edges of the sides in one; so is one chromatically subdivided triangle, with 3 "
    "edges on a side; hence, by the argument in the file, so is the c-gon after k rounds, with 3^k "
    "edges on a side",
    source="agreement.solve.sperner [D]",
    bound="by Z3: every c, no round; one triangle and one round by enumeration; by the argument in "
    "the file: every k; the library's polygons: up to 7 corners and 2 rounds",
    check=_check,
    twin="snapshots need not be immediate",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.COMPOSED,
    trusts="Z3; agreement.topology.one_round for one triangle; the step of the induction over "
    "rounds: that each triangle around an edge is subdivided by itself is a premise, argued in the "
    "file and checked on the library's polygons only",
)
