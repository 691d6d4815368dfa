"""Tainted TreeKEM: from a root seed one step leads to its own keys only, from a group key none.

Statement (KPWK21; specification T6): no edge leaves the root seed of an operation but to the
root's key pair and to the group key, and no edge leaves the group key. That speaks of single edges:
a root that is a child once the tree has grown is sent to, so that its secret key, hence its seed,
gives the next root seed and what follows from that.

Elsewhere in this catalogue seed, key pair and group key are one secret. Here they are three, so
that this can be said: what others are sent later goes under the root's secret key, never under its
seed. Edges: along chains from seed to seed, from a seed to its key pair, and from any key pair that
there is, of whatever fork, to a seed that is being sampled, which is more than is ever sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.tainted import AXIOMS, Node, Op, at_or_below
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["CLAIM", "system"]

Vertex = z3.DeclareSort("Vertex")
_TRUTH = z3.BoolSort()


def _make(*, hashed: bool) -> Transition:
    def when(s: Symbols, c: Symbols) -> Formulas:
        def fresh(*vertices: Any) -> z3.BoolRef:
            return And(
                *(Not(s.sampled(x)) for x in vertices), Not(Or(*(s.pair(x) for x in vertices)))
            )

        rules = {
            "new": Not(s.made(c.op)),
            "root": And(
                c.refreshed(c.root),
                every((Node,), lambda v: Implies(c.refreshed(v), at_or_below(v, c.root))),
            ),
            "fresh": And(
                fresh(c.group_key),
                every(
                    (Node,),
                    lambda v: Implies(
                        c.refreshed(v),
                        And(
                            fresh(c.seed(v), c.keys(v)),
                            c.group_key != c.seed(v),
                            c.group_key != c.keys(v),
                        ),
                    ),
                ),
            ),
            "one node, one seed": every(
                (Node, Node),
                lambda u, v: Implies(
                    And(c.refreshed(u), c.refreshed(v), c.seed(u) == c.seed(v)), u == v
                ),
            ),
        }
        if hashed:
            rules["keys are no seeds"] = every(
                (Node, Node),
                lambda u, v: Implies(And(c.refreshed(u), c.refreshed(v)), c.seed(u) != c.keys(v)),
            )
        return rules

    def then(s: Symbols, c: Symbols) -> Mapping[str, Any]:
        def pair(x: Any) -> z3.BoolRef:
            return Or(s.pair(x), some((Node,), lambda v: And(c.refreshed(v), x == c.keys(v))))

        def given(x: Any, y: Any) -> z3.BoolRef:
            """``y`` is fresh, and ``x`` gives it."""
            below = some(
                (Node, Node),
                lambda u, v: And(
                    c.refreshed(u),
                    c.refreshed(v),
                    u != v,
                    at_or_below(u, v),
                    x == c.seed(u),
                    y == c.seed(v),
                ),
            )
            sent = some((Node,), lambda v: And(c.refreshed(v), pair(x), y == c.seed(v)))
            own = some((Node,), lambda v: And(c.refreshed(v), x == c.seed(v), y == c.keys(v)))
            return Or(below, sent, own, And(x == c.seed(c.root), y == c.group_key))

        def sampled(x: Any) -> z3.BoolRef:
            fresh = some(
                (Node,),
                lambda v: And(c.refreshed(v), Or(x == c.seed(v), x == c.keys(v))),
            )
            return Or(s.sampled(x), fresh, x == c.group_key)

        return {
            "made": lambda q: Or(s.made(q), q == c.op),
            "root_seed": lambda q: z3.If(q == c.op, c.seed(c.root), s.root_seed(q)),
            "root_keys": lambda q: z3.If(q == c.op, c.keys(c.root), s.root_keys(q)),
            "group_key": lambda q: z3.If(q == c.op, c.group_key, s.group_key(q)),
            "pair": pair,
            "sampled": sampled,
            "edge": lambda x, y: Or(s.edge(x, y), given(x, y)),
        }

    return Transition(
        {
            "op": (Op,),
            "root": (Node,),
            "refreshed": (Node, _TRUTH),
            "seed": (Node, Vertex),
            "keys": (Node, Vertex),
            "group_key": (Vertex,),
        },
        when,
        then,
    )


def _invariants(s: Symbols) -> Formulas:
    return {
        "what is made is sampled": every(
            (Op,),
            lambda q: Implies(s.made(q), And(s.sampled(s.root_seed(q)), s.sampled(s.group_key(q)))),
        ),
        "edges leave what is sampled": every(
            (Vertex, Vertex), lambda x, y: Implies(s.edge(x, y), s.sampled(x))
        ),
        "key pairs are sampled": every((Vertex,), lambda x: Implies(s.pair(x), s.sampled(x))),
        "root seeds and group keys are no key pairs": every(
            (Op,),
            lambda q: Implies(s.made(q), Not(Or(s.pair(s.root_seed(q)), s.pair(s.group_key(q))))),
        ),
        **_properties(s),
    }


def _properties(s: Symbols) -> Formulas:
    return {
        "a root seed gives its own keys only": every(
            (Op, Vertex),
            lambda q, y: Implies(
                And(s.made(q), s.edge(s.root_seed(q), y)),
                Or(y == s.root_keys(q), y == s.group_key(q)),
            ),
        ),
        "a group key gives nothing": every(
            (Op, Vertex), lambda q, y: Implies(s.made(q), Not(s.edge(s.group_key(q), y)))
        ),
    }


def system(*, hashed: bool = True) -> System:
    """Operations with their secrets; if not ``hashed``, a key pair may be its seed."""
    return System(
        name="root seeds",
        state={
            "made": (Op, _TRUTH),
            "root_seed": (Op, Vertex),
            "root_keys": (Op, Vertex),
            "group_key": (Op, Vertex),
            "pair": (Vertex, _TRUTH),
            "sampled": (Vertex, _TRUTH),
            "edge": (Vertex, Vertex, _TRUTH),
        },
        axioms=AXIOMS,
        init=lambda s: {
            "no operations": every((Op,), lambda q: Not(s.made(q))),
            "no secrets": every((Vertex,), lambda x: Not(Or(s.pair(x), s.sampled(x)))),
            "no edges": every((Vertex, Vertex), lambda x, y: Not(s.edge(x, y))),
        },
        transitions={"make": _make(hashed=hashed)},
        invariants=_invariants,
        properties=_properties,
        universe={Op: 2, Node: 2, Vertex: 8},
        witnesses=(("make", "make"),),
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(hashed=False), tick)


CLAIM = Claim(
    name="root-seed-sink",
    statement="TTKEM: no edge leaves a root seed but to the root's key pair and the group key; "
    "none leaves the group key",
    source="Klein et al., IEEE S&P 2021, section 4; specification T2, T6",
    bound="every number of operations, nodes and forks",
    check=_check,
    twin="H2 is left out: a key pair may be its seed",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the transition of this file",
)
