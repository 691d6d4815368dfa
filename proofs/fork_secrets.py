"""Tainted TreeKEM: forks share no secret that was not there before they parted.

Statement (KPWK21 section 2, "no key is ever shared across forks"; specification T5, made exact):
if nodes of two views have the same secret, it was sampled in an operation from which both views go
on, or which is one of them. So do leaf secrets, unless they are init secrets: two operations in two
forks may use one init key. And the root's secret, which stands for the group key, is sampled in its
own operation: no two operations have one group key.

The idea: an operation keeps what its parent has, or samples; ``sampled in`` remembers where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.key_guards import PLACES, STRUCTURE
from proofs.treekem.mutants import MUTANTS
from proofs.treekem.operations import OPERATIONS
from proofs.treekem.predicates import RULES
from proofs.treekem.rules import samples
from proofs.treekem.systems import Ghosts, treekem
from proofs.treekem.tainted import Member, Node, Op, Secret, owner
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import every, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs.treekem.predicates import Rules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols, System

__all__ = ["CLAIM", "system"]


def _history(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    """``follows(p, q)``: ``q`` goes on from ``p``, or is it."""
    if name not in OPERATIONS:
        return {}
    sampled, _ = samples(name, c)

    def follows(p: Any, q: Any) -> z3.BoolRef:
        above = some((Op,), lambda o: And(then.parent(q, o), s.follows(p, o)))
        return Or(s.follows(p, q), And(q == c.op, Or(p == c.op, above)))

    return {
        "follows": follows,
        "sampled_in": lambda x: z3.If(sampled(x), c.op, s.sampled_in(x)),
    }


def _invariants(s: Symbols) -> Formulas:
    return {
        **STRUCTURE(s),
        **PLACES(s),
        "histories are made": every(
            (Op, Op), lambda p, q: Implies(s.follows(p, q), And(s.made(p), s.made(q)))
        ),
        "what is made follows itself": every((Op,), lambda q: Implies(s.made(q), s.follows(q, q))),
        "what is made follows its parent": every(
            (Op, Op, Op),
            lambda q, p, o: Implies(And(s.parent(q, p), s.follows(o, p)), s.follows(o, q)),
        ),
        "keys are sampled on the way": every(
            (Op, Node), lambda q, v: Implies(s.node(q, v), s.follows(s.sampled_in(s.key(q, v)), q))
        ),
        "leaf secrets are sampled on the way": every(
            (Op, Member),
            lambda q, m: Implies(
                And(s.member(q, m), Not(s.init(s.leaf(q, m)))),
                s.follows(s.sampled_in(s.leaf(q, m)), q),
            ),
        ),
        "the root's secret is sampled in its operation": every(
            (Op,), lambda q: Implies(s.made(q), s.sampled_in(s.key(q, s.root(q))) == q)
        ),
    }


def _properties(s: Symbols) -> Formulas:
    def before_both(x: Any, q: Any, p: Any) -> z3.BoolRef:
        return And(s.follows(s.sampled_in(x), q), s.follows(s.sampled_in(x), p))

    return {
        "shared keys are from before": every(
            (Op, Op, Node, Node),
            lambda q, p, v, u: Implies(
                And(s.node(q, v), s.node(p, u), s.key(q, v) == s.key(p, u)),
                before_both(s.key(q, v), q, p),
            ),
        ),
        "shared leaf secrets are from before": every(
            (Op, Op, Member, Member),
            lambda q, p, m, n: Implies(
                And(
                    s.member(q, m),
                    s.member(p, n),
                    s.leaf(q, m) == s.leaf(p, n),
                    Not(s.init(s.leaf(q, m))),
                ),
                before_both(s.leaf(q, m), q, p),
            ),
        ),
        "no two operations have one group key": every(
            (Op, Op),
            lambda q, p: Implies(
                And(s.made(q), s.made(p), s.key(q, s.root(q)) == s.key(p, s.root(p))), q == p
            ),
        ),
    }


def system(rules: Rules = RULES) -> System:
    """Return the system of operations with their histories."""
    return treekem(
        "forks",
        Ghosts({"follows": (Op, Op, z3.BoolSort()), "sampled_in": (Secret, Op)}, _history),
        _invariants,
        _properties,
        universe={Member: 2, Node: 2, Op: 3, Secret: 6},
        witnesses=(*TRACES, ("create", "confirm", "update", "update")),
        constants=(owner,),
        rules=rules,
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(MUTANTS["randomness is not drawn"]), tick)


CLAIM = Claim(
    name="fork-secrets",
    statement="TTKEM: forks share no secret sampled after they parted, init secrets apart; no two "
    "operations share a group key",
    source="Klein et al., IEEE S&P 2021, section 2; specification T5",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="what is drawn may have been drawn before",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model",
)
