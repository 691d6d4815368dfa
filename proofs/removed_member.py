"""Tainted TreeKEM: members outside a view cannot derive its keys, even all of them together.

Statement (KPWK21: a removed member is out; specification T6): take any set of members, all secrets
that they ever sample or have in their states, in every fork, before their removal or after they
were added again, and all that can be derived from these. If one of these secrets is that of a node
in a view, then some member of the set is a member of that view. So what a removed member once held
gives no key of a view that it is not in, unless it is added again. The same holds for what members
of other forks hold, and members who are added later.

The idea is that of `safe-not-derivable`: the leaf secrets of the set's members count as compromised
from the beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import combined, named_clauses
from proofs.treekem.key_guards import GUARDS, PLACES, STRUCTURE
from proofs.treekem.mutants import MUTANTS
from proofs.treekem.predicates import RULES
from proofs.treekem.rules import DERIVE, samples
from proofs.treekem.systems import Ghosts, treekem
from proofs.treekem.tainted import Member, Node, Op, Secret, owner, shows
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

together = z3.Function("together", Member, z3.BoolSort())
"""The members who pool all secrets that they ever have."""

_KNOWING = {
    "look": Transition(
        {"who": (Member,)},
        lambda s, c: {"one of them": together(c.who)},
        lambda s, c: {"known": lambda x: Or(s.known(x), shows(s, c.who, x))},
    ),
    "derive": DERIVE,
}


def _known(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    del then
    sampled, who = samples(name, c)
    if who is None:
        return {}
    return {"known": lambda x: Or(s.known(x), And(together(who), sampled(x)))}


def a_known_secret_has_a_guard_of_theirs(s: Symbols) -> z3.BoolRef:
    """State that every known secret is guarded by a leaf secret of one of these members."""
    return every(
        (Secret,),
        lambda x: Implies(
            s.known(x), some((Secret,), lambda y: And(s.guards(y, x), together(owner(y))))
        ),
    )


INVARIANT = combined(STRUCTURE, PLACES, GUARDS, named_clauses(a_known_secret_has_a_guard_of_theirs))
"""The invariant of all reachable states."""


def no_member_among_them_so_no_key_is_known(s: Symbols) -> z3.BoolRef:
    """State that no key of a view is known if none of these members is a member of the view."""
    return every(
        (Op, Node),
        lambda q, v: Implies(
            And(
                s.node(q, v),
                every((Member,), lambda m: Implies(s.member(q, m), Not(together(m)))),
            ),
            Not(s.known(s.key(q, v))),
        ),
    )


PROPERTIES = named_clauses(no_member_among_them_so_no_key_is_known)
"""The claimed property."""


def system(rules: Rules = RULES) -> System:
    """Return the system in which some members remember all their secrets and pool them."""
    return treekem(
        "outsiders",
        Ghosts({"known": (Secret, z3.BoolSort())}, _known, steps=_KNOWING),
        INVARIANT,
        PROPERTIES,
        universe={Member: 2, Node: 2, Op: 2, Secret: 5},
        witnesses=(
            *TRACES,
            ("sample init key", "create", "confirm", "join", "remove", "look"),
            ("sample init key", "create", "confirm", "join", "derive"),
        ),
        constants=(owner, together),
        rules=rules,
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    mutant = system(MUTANTS["a remove does not re-key the path of the removed one"])
    return refuting_run(
        mutant,
        ("sample init key", "create", "join", "remove"),
        "no member among them so no key is known",
        tick,
    )


CLAIM = Claim(
    name="removed-member",
    statement="TTKEM: members outside a view, such as removed ones, never derive its keys",
    source="Klein et al., IEEE S&P 2021, section 4; specification T3, T6",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="a remove does not re-key the path of the removed one",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model; that states show their path, by "
    "claim tree-paths in a model of its own",
)
