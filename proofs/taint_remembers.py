"""Tainted TreeKEM: who ever saw a node's secret is below the node, or taints it.

Statement (KPWK21's taint invariant; specification T1 and T3): let a member have sampled a secret,
or have had it in its state, in any view of any fork, at any time. If it is the secret of a node in
a view, then in that view the member is below the node, or taints it. Further: only members off its
path taint a node, and no more than one does. So an update leaves no node with a secret that its
author has ever seen, but for those that it has just sampled; and a removed member has seen none.

The idea: two views in which a node has the same secret have the same members below the node and the
same tainter there, since whatever changes either re-keys it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.guarding import places, structure
from proofs.treekem.rules import observed, rules, samples
from proofs.treekem.tainted import AXIOMS, STATE, Member, Node, Op, Secret, owner, shows, start
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, Transition, every

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["CLAIM", "system"]

LOOK = Transition(
    {"who": (Member,)},
    lambda s, c: {},
    lambda s, c: {"seen": lambda m, x: Or(s.seen(m, x), And(m == c.who, shows(s, c.who, x)))},
)
"""A member looks at what is in its state. It need not, but it may at any time."""


def _seen(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    del then
    sampled, who = samples(name, c)
    if who is None:
        return {}
    return {"seen": lambda m, x: Or(s.seen(m, x), And(m == who, sampled(x)))}


def _one_key(s: Symbols) -> Formulas:
    """What it means that two nodes of two views have one secret."""
    return {
        "a secret is of one node": every(
            (Op, Op, Node, Node),
            lambda q, p, v, u: Implies(
                And(s.node(q, v), s.node(p, u), s.key(q, v) == s.key(p, u)), v == u
            ),
        ),
        "one secret, the same members below": every(
            (Op, Op, Node, Member),
            lambda q, p, v, m: Implies(
                And(s.node(q, v), s.node(p, v), s.key(q, v) == s.key(p, v), s.under(q, m, v)),
                s.under(p, m, v),
            ),
        ),
        "no leaf secret is a node's": every(
            (Op, Op, Node, Member),
            lambda q, p, v, m: Implies(
                And(s.node(q, v), s.member(p, m)), s.key(q, v) != s.leaf(p, m)
            ),
        ),
        "no init secret is a node's": every(
            (Op, Node), lambda q, v: Implies(s.node(q, v), Not(s.init(s.key(q, v))))
        ),
        "what is seen is sampled": every(
            (Member, Secret), lambda m, x: Implies(s.seen(m, x), s.sampled(x))
        ),
    }


def _properties(s: Symbols) -> Formulas:
    return {
        "who has seen it taints it": every(
            (Op, Node, Member),
            lambda q, v, m: Implies(
                And(s.node(q, v), s.seen(m, s.key(q, v)), Not(s.under(q, m, v))),
                s.taint(q, v, m),
            ),
        ),
        "taints are off the path": every(
            (Op, Node, Member),
            lambda q, v, m: Implies(s.taint(q, v, m), Not(s.under(q, m, v))),
        ),
        "one tainter": every(
            (Op, Node, Member, Member),
            lambda q, v, m, n: Implies(And(s.taint(q, v, m), s.taint(q, v, n)), m == n),
        ),
    }


def system(broken: str = "") -> System:
    """Members who remember whatever they see."""
    return System(
        name="taints",
        state={**STATE, "seen": (Member, Secret, z3.BoolSort())},
        axioms=AXIOMS,
        init=lambda s: {
            **start(s),
            "nothing seen": every((Member, Secret), lambda m, x: Not(s.seen(m, x))),
        },
        transitions={**observed(rules(broken), _seen, {}), "look": LOOK},
        invariants=lambda s: {**structure(s), **places(s), **_one_key(s), **_properties(s)},
        properties=_properties,
        universe={Member: 2, Node: 2, Op: 2, Secret: 6},
        witnesses=(*TRACES, ("sample init key", "create", "confirm", "join", "look")),
        constants=(owner,),
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system("the former tainter stays"), tick)


CLAIM = Claim(
    name="taint-remembers",
    statement="TTKEM: who ever saw a node's current secret is below the node or taints it",
    source="Klein et al., IEEE S&P 2021, section 3; specification T1, T3",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="the former tainter stays",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model",
)
