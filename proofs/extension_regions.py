"""The adversary's regions stay apart, for any number of processes, rounds, values and outputs.

Notation and argument are those of `agreement.extension.adversary`. K(t) has states x. Each state v
of K(t + 1) has seen some of them, its carrier. A(y) has the states that continue and are adjacent
to a state that output y. B(y) has the states that must not output y. The invariant is: A(y) and
A(z) are disjoint for y != z, and so are A(y) and B(y). There are three steps:

* *continuing*: all undecided states continue, and K(t + 1) is built;
* *deciding*: a state v of K(t + 1) outputs y, by two rules. (1) No state in its carrier is in
  another A(z) or in B(y). (2) No w of K(t + 1) that output another z has seen a state that v has
  seen, and no simplex contains the carriers of both. Then neighbours of v are in A(y);
* *room to decide*: after two rounds without an output every state may output something by rule (1),
  because a simplex of K(t + 1) meets at most one region, and does not meet B(y) if it meets A(y).

Beyond Z3 this trusts three facts. Neighbours have nested carriers (immediate snapshots are
snapshots). A state is adjacent to one that stopped earlier only if its whole carrier is (that one
is joined to the subdivision of its link). The processes that moved first are seen by all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from ttkem.verification.claim import Claim, Finding, Kind, Refutes
from ttkem.verification.lemma import Lemma, prove_all

if TYPE_CHECKING:
    from ttkem.verification.claim import Tick

OLD, NEW, VALUE = (z3.DeclareSort(name) for name in ("Old", "New", "Value"))
BOOL = z3.BoolSort()
SEEN = z3.Function("seen", OLD, NEW, BOOL)
NEXT = z3.Function("next", NEW, NEW, BOOL)
A, B = (z3.Function(name, VALUE, OLD, BOOL) for name in "AB")
A_NEW, B_NEW = (z3.Function(name, VALUE, NEW, BOOL) for name in ("A'", "B'"))
OUT = z3.Function("outputs", VALUE, NEW, BOOL)
x, x2 = z3.Consts("x x2", OLD)
v, w, u = z3.Consts("v w u", NEW)
y, z = z3.Consts("y z", VALUE)


def within(first: z3.ExprRef, second: z3.ExprRef) -> z3.BoolRef:
    """State that the carrier of one state is within that of another."""
    return z3.ForAll([x], z3.Implies(SEEN(x, first), SEEN(x, second)))


def _all(states: z3.ExprRef, region: z3.FuncDeclRef, value: z3.ExprRef) -> z3.BoolRef:
    return z3.ForAll([x], z3.Implies(SEEN(x, states), region(value, x)))


COMPLEX = {
    "nested": z3.ForAll([v, w], z3.Implies(NEXT(v, w), z3.Or(within(v, w), within(w, v)))),
    "something is seen": z3.ForAll([v], z3.Exists([x], SEEN(x, v))),
    "regions are disjoint": z3.ForAll(
        [y, z, x], z3.Implies(y != z, z3.Not(z3.And(A(y, x), A(z, x))))
    ),
    "A and B are disjoint": z3.ForAll([y, x], z3.Not(z3.And(A(y, x), B(y, x)))),
    "B by what is seen": z3.ForAll([y, v], z3.Implies(B_NEW(y, v), _all(v, B, y))),
}
LINK = {"A by what is seen": z3.ForAll([y, v], z3.Implies(A_NEW(y, v), _all(v, A, y)))}

ME, BESIDE, MATE, MATE2 = z3.Consts("me beside mate mate2", NEW)
MINE, OTHER = z3.Consts("mine other", VALUE)


def continuing() -> Lemma:
    """Return the lemma that new regions A of two values are disjoint, and A and B of one value."""
    then = z3.And(
        z3.ForAll([y, z, v], z3.Implies(y != z, z3.Not(z3.And(A_NEW(y, v), A_NEW(z, v))))),
        z3.ForAll([y, v], z3.Not(z3.And(A_NEW(y, v), B_NEW(y, v)))),
    )
    return Lemma("continuing", COMPLEX | LINK, then)


def _region(state: z3.ExprRef, mate: z3.ExprRef) -> z3.BoolRef:
    """State that `state` is in the other value's region only through its carrier or a neighbour.

    The neighbour is `mate`, a state that has output the other value in this round.
    """
    neighbour = z3.And(OUT(OTHER, mate), z3.Or(NEXT(mate, state), NEXT(state, mate)))
    return z3.Implies(A_NEW(OTHER, state), z3.Or(_all(state, A, OTHER), neighbour))


def _clear(mate: z3.ExprRef) -> z3.BoolRef:
    """State rule (2) for a state that has output the other value in this round."""
    meet = z3.Exists([x], z3.And(SEEN(x, ME), SEEN(x, mate)))
    together = z3.Exists([w], z3.And(within(ME, w), within(mate, w)))
    return z3.Implies(OUT(OTHER, mate), z3.Not(z3.Or(meet, together)))


RULE_1 = z3.ForAll(
    [x],
    z3.Implies(
        SEEN(x, ME),
        z3.And(z3.Not(B(MINE, x)), z3.ForAll([z], z3.Implies(z != MINE, z3.Not(A(z, x))))),
    ),
)
NEIGHBOURS_ONLY = z3.And(z3.Not(A_NEW(OTHER, ME)), z3.Not(B_NEW(MINE, ME)))
"""The rule of the negative twin: it is about the state itself, not about its carrier."""


def deciding(rule: z3.BoolRef = RULE_1) -> Lemma:
    """Return the lemma that an output by `rule` preserves the invariant.

    Neither the state that outputs nor a neighbour is in the other region, or in B of the output.
    """
    given = COMPLEX | {
        "another value": MINE != OTHER,
        "beside": z3.And(NEXT(ME, BESIDE), NEXT(BESIDE, ME)),
        "the other's region, beside": _region(BESIDE, MATE),
        "the other's region, here": _region(ME, MATE2),
        "rule 1": rule,
        "rule 2": z3.And(_clear(MATE), _clear(MATE2)),
    }
    then = z3.Not(
        z3.Or(A_NEW(OTHER, ME), B_NEW(MINE, ME), A_NEW(OTHER, BESIDE), B_NEW(MINE, BESIDE))
    )
    return Lemma("deciding", given, then)


def room_to_decide() -> Lemma:
    """Return the lemma that a simplex that meets A(mine) meets no other A, and not B(mine)."""
    given = (
        COMPLEX
        | LINK
        | {
            "another value": MINE != OTHER,
            "in a simplex": z3.Or(ME == BESIDE, NEXT(ME, BESIDE)),
            "in a region": A_NEW(MINE, ME),
        }
    )
    return Lemma("room to decide", given, z3.Not(z3.Or(A_NEW(OTHER, BESIDE), B_NEW(MINE, BESIDE))))


def _check(tick: Tick) -> Finding:
    return prove_all([continuing(), deciding(), room_to_decide()], tick)


def _refute(tick: Tick) -> Finding:
    return prove_all([continuing(), deciding(NEIGHBOURS_ONLY), room_to_decide()], tick)


CLAIM = Claim(
    name="extension-regions",
    statement="one step of the adversarial protocol keeps the regions of different outputs "
    "disjoint, and a simplex meets at most one region, so that after two rounds without an output "
    "a state may decide",
    source="own proof [D] of a theorem of Alistarh, Aspnes, Ellen, Gelashvili, Zhu, SIAM J. "
    "Comput. 2023 (from memory); agreement.extension.adversary",
    bound="by Z3: continuing, deciding and room to decide, one step each, for every number of "
    "processes, values and outputs; whole games: by the argument of agreement.extension.adversary",
    check=_check,
    twin="rule (1) is about the state that outputs, not about its carrier",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.COMPOSED,
    trusts="Z3; induction over steps and the step from carriers to neighbours, both in the file; "
    "that the formulas state the code's rules",
)
