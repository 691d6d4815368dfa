"""Tainted TreeKEM: what a joiner learns gives no key of a view before its joining.

Statement (forward secrecy of joining; specification T5, T6): take a leaf secret, all that its
member's state shows in views in which that is its leaf secret, and all that can be derived from
these. If one of these secrets is that of a node in a view, then the member has this leaf secret in
that view. So a joiner's init secret gives no key of a view before its joining, nor of any view, in
whatever fork, in which it is not a member or has another leaf secret. It may give keys of several
forks: an init key that two operations use lets its owner join either, and opens both.

The idea: a leaf secret guards all that it gives, and all on the path above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import combined, named_clauses
from proofs.treekem.key_guards import GUARDS, PLACES, STRUCTURE
from proofs.treekem.mutants import MUTANTS
from proofs.treekem.predicates import RULES
from proofs.treekem.rules import samples
from proofs.treekem.systems import Ghosts, treekem
from proofs.treekem.tainted import Member, Node, Op, Secret, owner
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs.treekem.predicates import Rules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols, System

__all__ = ["CLAIM", "system"]


def _path(s: Symbols, c: Symbols, x: Any) -> z3.BoolRef:
    return some((Node,), lambda v: And(s.under(c.op, c.who, v), x == s.key(c.op, v)))


_GIVING = {
    "look": Transition(
        {"who": (Member,), "op": (Op,)},
        lambda s, c: {"state": Or(s.at(c.who, c.op), s.pending(c.who, c.op))},
        lambda s, c: {
            "gives": lambda x, y: Or(
                s.gives(x, y), And(x == s.leaf(c.op, c.who), Or(x == y, _path(s, c, y)))
            )
        },
    ),
    "derive": Transition(
        {"leaf": (Secret,), "secret": (Secret,), "given": (Secret,)},
        lambda s, c: {"edge": And(s.gives(c.leaf, c.given), s.edge(c.given, c.secret))},
        lambda s, c: {
            "gives": lambda x, y: Or(s.gives(x, y), And(x == c.leaf, y == c.secret)),
        },
    ),
}


def _itself(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    """Return ghost state in which a new init secret gives itself."""
    del then
    if name != "sample init key":
        return {}
    sampled, _ = samples(name, c)
    return {"gives": lambda x, y: Or(s.gives(x, y), And(x == y, sampled(x)))}


def a_leaf_secret_guards_what_it_gives(s: Symbols) -> z3.BoolRef:
    """State that whatever a leaf secret gives is guarded by it."""
    return every((Secret, Secret), lambda x, y: Implies(s.gives(x, y), s.guards(x, y)))


INVARIANT = combined(STRUCTURE, PLACES, GUARDS, named_clauses(a_leaf_secret_guards_what_it_gives))
"""The invariant of all reachable states."""


def a_key_of_a_view_is_given_by_leaf_secrets_of_the_view(s: Symbols) -> z3.BoolRef:
    """State that a leaf secret that gives a view's key is its owner's leaf secret in the view."""
    return every(
        (Op, Node, Secret),
        lambda q, v, x: Implies(
            And(s.node(q, v), s.gives(x, s.key(q, v))),
            And(s.member(q, owner(x)), s.leaf(q, owner(x)) == x),
        ),
    )


def nothing_of_the_view_before_an_add(s: Symbols) -> z3.BoolRef:
    """State that a new member's leaf secret gives no key of the view before the add."""
    return every(
        (Op, Op, Node, Member),
        lambda q, p, v, m: Implies(
            And(s.parent(q, p), s.node(p, v), s.member(q, m), Not(s.member(p, m))),
            Not(s.gives(s.leaf(q, m), s.key(p, v))),
        ),
    )


PROPERTIES = named_clauses(
    a_key_of_a_view_is_given_by_leaf_secrets_of_the_view,
    nothing_of_the_view_before_an_add,
)
"""The claimed properties."""


def system(rules: Rules = RULES) -> System:
    """Return the system that records, for every leaf secret, which secrets it gives."""
    return treekem(
        "joiner",
        Ghosts({"gives": (Secret, Secret, z3.BoolSort())}, _itself, steps=_GIVING),
        INVARIANT,
        PROPERTIES,
        universe={Member: 2, Node: 2, Op: 2, Secret: 6},
        witnesses=(
            *TRACES,
            ("create", "confirm", "sample init key", "add", "join", "look", "derive"),
        ),
        constants=(owner,),
        rules=rules,
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    mutant = system(MUTANTS["an add does not re-key the path of the new member"])
    return refuting_run(
        mutant,
        ("create", "confirm", "sample init key", "add", "join", "look"),
        "nothing of the view before an add",
        tick,
    )


CLAIM = Claim(
    name="joiner",
    statement="TTKEM: what a joiner holds gives keys only of views that have its leaf secret",
    source="specification T5, T6 [D]",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="an add does not re-key the path of the new member",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model; that states show their path, by "
    "claim tree-paths in a model of its own",
)
