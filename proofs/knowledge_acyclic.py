"""Tainted TreeKEM: the knowledge graph has no cycles.

Statement (KPWK21; specification T6): no secret leads to itself along edges of the knowledge
graph, whatever is generated, in all forks together.

The idea: an edge goes from what exists, or from what is lower in the tree and sampled in the same
operation, to what is just being sampled. So there is a strict order, *earlier*, that edges follow:
by the operation in which a secret is sampled, then from the leaves up. Edges from a secret to its
key pair, and from the root's to the group key, are inside of what is one secret here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

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
    from ttkem.verification.system import Formulas, Symbols, System

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


def _invariants(s: Symbols) -> Formulas:
    return {
        **STRUCTURE(s),
        **PLACES(s),
        "in order is what is sampled": every(
            (Secret, Secret),
            lambda x, y: Implies(s.earlier(x, y), And(s.sampled(x), s.sampled(y))),
        ),
        "the order is strict": every((Secret,), lambda x: Not(s.earlier(x, x))),
        "the order is transitive": every(
            (Secret, Secret, Secret),
            lambda x, y, z: Implies(And(s.earlier(x, y), s.earlier(y, z)), s.earlier(x, z)),
        ),
        "edges follow the order": every(
            (Secret, Secret), lambda x, y: Implies(s.edge(x, y), s.earlier(x, y))
        ),
        "paths follow the order": every(
            (Secret, Secret), lambda x, y: Implies(s.leads(x, y), s.earlier(x, y))
        ),
    }


def system(rules: Rules = RULES) -> System:
    """Return the system of all paths in the knowledge graph, one edge at a time."""
    pairs = (Secret, Secret, z3.BoolSort())
    return treekem(
        "knowledge graph",
        Ghosts({"earlier": pairs, "leads": pairs}, _order, steps={"lead": _LEADING}),
        _invariants,
        lambda s: {"no cycles": every((Secret,), lambda x: Not(s.leads(x, x)))},
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
    twin="what is drawn may have been drawn before",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model",
)
