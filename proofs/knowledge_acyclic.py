"""Tainted TreeKEM: the knowledge graph has no cycles.

Statement (KPWK21; specification T6): no secret leads to itself along edges of the knowledge
graph, whatever is generated, in all forks together.

The idea: an edge leads to a secret that is being sampled, from a secret that exists already or that
the same operation samples lower in the tree. So edges follow a strict order, *earlier*: first by
the operation in which a secret is sampled, then from the leaves up. Seed and key pair of a node are
one secret here, and so are the root's secret and the group key: there are no edges between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import combined, named_clauses
from proofs.treekem.key_guards import PLACES, STRUCTURE
from proofs.treekem.mutants import MUTANTS
from proofs.treekem.operations import OPERATIONS, RENEWALS
from proofs.treekem.predicates import RULES
from proofs.treekem.systems import Ghosts, treekem
from proofs.treekem.tainted import Member, Node, Op, Secret, at_or_below, owner
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs.treekem.predicates import Rules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols, System

__all__ = ["CLAIM", "system"]

_LEADING = Transition(
    {"start": (Secret,), "secret": (Secret,), "given": (Secret,)},
    lambda s, c: {
        "edge": And(Or(c.start == c.given, s.leads(c.start, c.given)), s.edge(c.given, c.secret))
    },
    lambda s, c: {"leads": lambda x, y: Or(s.leads(x, y), And(x == c.start, y == c.secret))},
)


def _order(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    """Order fresh secrets after all older ones, and after fresh secrets of lower nodes."""
    del then
    if name not in OPERATIONS:
        return {}

    def lower(x: Any, v: Any) -> z3.BoolRef:
        return some(
            (Node,),
            lambda u: And(c.refreshed(u), at_or_below(u, v), u != v, x == c.fresh(u)),
        )

    def earlier(x: Any, y: Any) -> z3.BoolRef:
        leaf = x == c.leaf if name in RENEWALS else z3.BoolVal(val=False)
        fresh = some(
            (Node,),
            lambda v: And(c.refreshed(v), y == c.fresh(v), Or(s.sampled(x), leaf, lower(x, v))),
        )
        return Or(s.earlier(x, y), fresh)

    return {"earlier": earlier}


def ordered_secrets_are_sampled(s: Symbols) -> z3.BoolRef:
    """State that only sampled secrets are in the order."""
    return every(
        (Secret, Secret), lambda x, y: Implies(s.earlier(x, y), And(s.sampled(x), s.sampled(y)))
    )


def the_order_is_strict(s: Symbols) -> z3.BoolRef:
    """State that no secret is earlier than itself."""
    return every((Secret,), lambda x: Not(s.earlier(x, x)))


def the_order_is_transitive(s: Symbols) -> z3.BoolRef:
    """State that the order is transitive."""
    return every(
        (Secret, Secret, Secret),
        lambda x, y, z: Implies(And(s.earlier(x, y), s.earlier(y, z)), s.earlier(x, z)),
    )


def edges_follow_the_order(s: Symbols) -> z3.BoolRef:
    """State that an edge leads from an earlier secret to a later one."""
    return every((Secret, Secret), lambda x, y: Implies(s.edge(x, y), s.earlier(x, y)))


def paths_follow_the_order(s: Symbols) -> z3.BoolRef:
    """State that a path of edges leads from an earlier secret to a later one."""
    return every((Secret, Secret), lambda x, y: Implies(s.leads(x, y), s.earlier(x, y)))


INVARIANT = combined(
    STRUCTURE,
    PLACES,
    named_clauses(
        ordered_secrets_are_sampled,
        the_order_is_strict,
        the_order_is_transitive,
        edges_follow_the_order,
        paths_follow_the_order,
    ),
)
"""The invariant of all reachable states."""


def no_cycles(s: Symbols) -> z3.BoolRef:
    """State that no path leads from a secret to itself."""
    return every((Secret,), lambda x: Not(s.leads(x, x)))


PROPERTIES = named_clauses(no_cycles)
"""The claimed property."""


def system(rules: Rules = RULES) -> System:
    """Return the system that follows paths in the knowledge graph, one edge at a time."""
    pairs = (Secret, Secret, z3.BoolSort())
    return treekem(
        "knowledge graph",
        Ghosts({"earlier": pairs, "leads": pairs}, _order, steps={"lead": _LEADING}),
        INVARIANT,
        PROPERTIES,
        universe={Member: 2, Node: 2, Op: 2, Secret: 6},
        witnesses=(*TRACES, ("create", "confirm", "update", "lead", "lead")),
        constants=(owner,),
        rules=rules,
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(MUTANTS["randomness is not drawn"]), tick)


CLAIM = Claim(
    name="knowledge-acyclic",
    statement="TTKEM: the knowledge graph has no cycles, in all forks together",
    source="Klein et al., IEEE S&P 2021, section 4; specification T6",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="a fresh secret may have been sampled before",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model",
)
