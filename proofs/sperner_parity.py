"""Sperner's lemma for polygons, for any number of triangles and corners: doors come in pairs.

Label the corners of a triangulated c-gon 0, .., c - 1 in order, each vertex of the side from i to
i + 1 by i or i + 1, and vertices inside by any integers. Fix 1 <= i <= c - 2. Then an odd number of
triangles is labelled a < i < b; so there is one.

A *door* is an edge with one label below i and one above.

* **Triangles**: a triangle has one door if its labels are a < i < b, and otherwise none or two.
* **Sum**: add the triangles one by one. The number of triangles labelled a < i < b added so far and
  the number of doors, counted once for each triangle that has them, have the same parity. Inner
  edges are counted twice, and those of the boundary once (`proofs.subdivisions`). So the parity is
  that of the doors on the boundary.
* **Sides**: the side from j to j + 1 has no door, whatever j is. On a walk along the side from
  c - 1 to 0 the number of doors passed is odd exactly when the label reached is 0, as it is at the
  end.

This holds for any set of triangles in which inner edges are counted twice. With three labels the
lemmas on triangles are used by `proofs.labelled_walks`.

Source: De Loera, Peterson, Su 2002; AER23; `agreement.solve.sperner` [D].
"""

from __future__ import annotations

import z3

from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick
from ttkem.verification.lemma import Lemma, prove_all

MIDDLE, C = z3.Ints("i c")
X, Y, Z = z3.Ints("x y z")


def door(x: z3.ArithRef, y: z3.ArithRef) -> z3.BoolRef:
    """State that an edge with these labels is a door."""
    return z3.Or(z3.And(x < MIDDLE, y > MIDDLE), z3.And(y < MIDDLE, x > MIDDLE))


def around(x: z3.ArithRef, y: z3.ArithRef, z: z3.ArithRef) -> z3.BoolRef:
    """State that one label is i, one is less and one is greater."""
    return z3.Or(
        z3.And(x == MIDDLE, door(y, z)),
        z3.And(y == MIDDLE, door(x, z)),
        z3.And(z == MIDDLE, door(x, y)),
    )


def odd(*parts: z3.BoolRef) -> z3.BoolRef:
    """State that an odd number of these formulas holds."""
    found: z3.BoolRef = z3.BoolVal(val=False)
    for part in parts:
        found = z3.Xor(found, part)
    return found


def triangles() -> tuple[Lemma, ...]:
    """Return the lemmas on the doors of one triangle, and on adding a triangle."""
    doors = [door(X, Y), door(Y, Z), door(X, Z)]
    number = z3.Sum([z3.If(each, 1, 0) for each in doors])
    found, passed = z3.Bools("triangles doors")
    given = {"so far": found == passed}
    return (
        Lemma("one door", {}, around(X, Y, Z) == (number == 1)),
        Lemma("at most two doors", {}, z3.Or(number == 0, number == 1, number == 2)),  # noqa: PLR2004
        Lemma("one more triangle", given, z3.Xor(found, around(X, Y, Z)) == odd(passed, *doors)),
    )


INNER = {"i is between": z3.And(MIDDLE >= 1, MIDDLE <= C - 2)}


def sides() -> tuple[Lemma, ...]:
    """Return the lemmas on the doors on the sides of a polygon."""
    side = z3.Int("side")
    on_side = {
        "labels are its ends'": z3.And(
            z3.Or(X == side, X == side + 1), z3.Or(Y == side, Y == side + 1)
        ),
    }
    passed = z3.Bool("doors")
    last = {"labels are 0 or c - 1": z3.And(z3.Or(X == 0, X == C - 1), z3.Or(Y == 0, Y == C - 1))}
    so_far = {"doors so far": passed == (X != C - 1)}
    return (
        Lemma("no door from i to i + 1", on_side, z3.Not(door(X, Y))),
        Lemma(
            "at the first corner",
            {"no door yet": z3.And(z3.Not(passed), X == C - 1)},
            passed == (X != C - 1),
        ),
        Lemma(
            "along the last side", INNER | last | so_far, z3.Xor(passed, door(X, Y)) == (Y != C - 1)
        ),
        Lemma("at the last corner", INNER | so_far | {"its label": X == 0}, passed),
    )


def _check(tick: Tick) -> Finding:
    return prove_all((*triangles(), *sides()), tick)


def _refute(tick: Tick) -> Finding:
    side = z3.Int("side")
    given = {
        "labels may jump": z3.And(X >= side, X <= side + 2, Y >= side, Y <= side + 2),
    }
    return prove_all([Lemma("no door from i to i + 1", given, z3.Not(door(X, Y)))], tick)


CLAIM = Claim(
    name="polygon-doors",
    statement="on a triangulated c-gon whose corners are labelled 0, .., c - 1 in order, and every "
    "other vertex of a side like one of its ends, an odd number of triangles is labelled a < i "
    "< b, for each 1 <= i <= c - 2",
    source="De Loera, Peterson, Su, J. Comb. Theory A 100, 2002; agreement.solve.sperner [D]",
    bound="every c >= 3, every i, any number of triangles in which inner edges are in two and "
    "edges of the sides in one; vertices inside labelled by any integers",
    check=_check,
    twin="a side may have a third label, the one after those of its ends",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over triangles and along sides, in the file; that a sum does not "
    "depend on its order; that each inner edge is in two triangles",
)
