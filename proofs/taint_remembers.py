"""Tainted TreeKEM: a member that has ever seen a node's secret is below the node, or taints it.

Statement (KPWK21's taint invariant; specification T1 and T3): suppose a member has sampled a
secret, or has had it in its state, in any view of any fork, at any time. If it is the secret of a
node in a view, then in that view the member is below the node, or taints it. Further: nobody taints
a node of its own path, and a node has at most one tainter. So after an update, the only secrets of
nodes that its author has ever seen are those that it has just sampled; and a removed member has
seen none.

The idea: if a node has the same secret in two views, it has the same members below it and the same
tainter in both, since an operation that changes either re-keys the node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import named_clauses
from proofs.treekem.key_guards import PLACES, STRUCTURE
from proofs.treekem.mutants import MUTANTS
from proofs.treekem.predicates import RULES
from proofs.treekem.rules import samples
from proofs.treekem.systems import Ghosts, treekem
from proofs.treekem.tainted import Member, Node, Op, Secret, owner, shows
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import Transition, every

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs.treekem.predicates import Rules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols, System

__all__ = ["CLAIM", "system"]

LOOK = Transition(
    {"who": (Member,)},
    lambda s, c: {},
    lambda s, c: {"seen": lambda m, x: Or(s.seen(m, x), And(m == c.who, shows(s, c.who, x)))},
)
"""The step in which a member records the secrets of its state; it is optional at any time."""


def _seen(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    del then
    sampled, who = samples(name, c)
    if who is None:
        return {}
    return {"seen": lambda m, x: Or(s.seen(m, x), And(m == who, sampled(x)))}


def a_secret_is_of_one_node(s: Symbols) -> z3.BoolRef:
    """State that a secret is that of one node only, in all views."""
    return every(
        (Op, Op, Node, Node),
        lambda q, p, v, u: Implies(
            And(s.node(q, v), s.node(p, u), s.key(q, v) == s.key(p, u)), v == u
        ),
    )


def one_secret_has_the_same_members_below(s: Symbols) -> z3.BoolRef:
    """State that a node with one secret in two views has the same members below it."""
    return every(
        (Op, Op, Node, Member),
        lambda q, p, v, m: Implies(
            And(s.node(q, v), s.node(p, v), s.key(q, v) == s.key(p, v), s.under(q, m, v)),
            s.under(p, m, v),
        ),
    )


def no_leaf_secret_is_that_of_a_node(s: Symbols) -> z3.BoolRef:
    """State that no leaf secret is the secret of a node."""
    return every(
        (Op, Op, Node, Member),
        lambda q, p, v, m: Implies(And(s.node(q, v), s.member(p, m)), s.key(q, v) != s.leaf(p, m)),
    )


def no_init_secret_is_that_of_a_node(s: Symbols) -> z3.BoolRef:
    """State that no init secret is the secret of a node."""
    return every((Op, Node), lambda q, v: Implies(s.node(q, v), Not(s.init(s.key(q, v)))))


def what_is_seen_is_sampled(s: Symbols) -> z3.BoolRef:
    """State that members see only what is sampled."""
    return every((Member, Secret), lambda m, x: Implies(s.seen(m, x), s.sampled(x)))


ONE_KEY = named_clauses(
    a_secret_is_of_one_node,
    one_secret_has_the_same_members_below,
    no_leaf_secret_is_that_of_a_node,
    no_init_secret_is_that_of_a_node,
    what_is_seen_is_sampled,
)
"""The clauses on nodes of two views that have the same secret."""


def a_member_that_saw_it_taints_it(s: Symbols) -> z3.BoolRef:
    """State that a member that has seen a node's secret, and is not below the node, taints it."""
    return every(
        (Op, Node, Member),
        lambda q, v, m: Implies(
            And(s.node(q, v), s.seen(m, s.key(q, v)), Not(s.under(q, m, v))),
            s.taint(q, v, m),
        ),
    )


def taints_are_off_the_path(s: Symbols) -> z3.BoolRef:
    """State that nobody taints a node of its own path."""
    return every(
        (Op, Node, Member),
        lambda q, v, m: Implies(s.taint(q, v, m), Not(s.under(q, m, v))),
    )


def one_tainter(s: Symbols) -> z3.BoolRef:
    """State that a node has at most one tainter."""
    return every(
        (Op, Node, Member, Member),
        lambda q, v, m, n: Implies(And(s.taint(q, v, m), s.taint(q, v, n)), m == n),
    )


PROPERTIES = named_clauses(
    a_member_that_saw_it_taints_it,
    taints_are_off_the_path,
    one_tainter,
)
"""The claimed properties."""


def system(rules: Rules = RULES) -> System:
    """Return the system of members who remember all secrets that they see."""
    return treekem(
        "taints",
        Ghosts({"seen": (Member, Secret, z3.BoolSort())}, _seen, steps={"look": LOOK}),
        lambda s: {**STRUCTURE(s), **PLACES(s), **ONE_KEY(s), **PROPERTIES(s)},
        PROPERTIES,
        universe={Member: 2, Node: 2, Op: 2, Secret: 6},
        witnesses=(*TRACES, ("sample init key", "create", "confirm", "join", "look")),
        constants=(owner,),
        rules=rules,
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(MUTANTS["the former tainter stays"]), tick)


CLAIM = Claim(
    name="taint-remembers",
    statement="TTKEM: a member that has ever seen a node's current secret is below it or taints it",
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
