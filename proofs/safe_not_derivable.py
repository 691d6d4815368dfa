"""Tainted TreeKEM: a safe key cannot be derived, for every number of members, operations and forks.

Statement (KPWK21: the safe predicate; specification T6): let the adversary make any steps in any
order, deliver different operations to different members, corrupt any members at any times, and
derive all that it can. If it knows the secret of a node of a view, such as the root's, which stands
for the group key, then it has corrupted a member of that view while that member's leaf secret of
the view was alive. So if every member is safe, the key is not derivable.

A corruption from one moment to another shows the state at its beginning, and from then on the
randomness of every step and the state after it. So it is modelled as single moments: *corrupt*
shows one state, *watched* the randomness of one step. Both compromise every leaf secret of the
member that is alive then. Lives follow the rules of the windows (:mod:`proofs.treekem.windows`).
That states hold a leaf secret only while it is alive is a part of what is proved.

The relation `known` grows by one edge at a time. In every state it is a subset of all that is
derivable, and each derivable secret is in it in some state.

The idea: every known secret has a compromised guard (:mod:`proofs.treekem.key_guards`). For what a
state shows, this is the member's own leaf secret, which is alive. For watched randomness it is the
author's, who is below the node or taints it. An edge keeps all guards. But guards of a key of a
view are leaf secrets of members of that view.
"""

from __future__ import annotations

from functools import partial
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
from proofs.treekem.windows import LIVES, WINDOWS, alive_after
from proofs.treekem.witnesses import TRACES
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proofs.treekem.predicates import Rules
    from proofs.treekem.windows import Windows
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols, System

__all__ = ["CLAIM", "system"]

_TRUTH = z3.BoolSort()


def _watched(
    windows: Windows, name: str, s: Symbols, c: Symbols, then: Symbols
) -> Mapping[str, Any]:
    """Return which leaf secrets are alive, and what watched randomness shows and compromises."""
    alive = alive_after(windows, name, s, c, then)
    sampled, who = samples(name, c)
    if who is None:
        return {"alive": alive}
    return {
        "alive": alive,
        "known": lambda x: Or(s.known(x), And(c.watched, sampled(x))),
        "compromised": lambda x: Or(s.compromised(x), And(c.watched, alive(x), owner(x) == who)),
    }


_ADVERSARY = {
    "corrupt": Transition(
        {"who": (Member,)},
        lambda s, c: {},
        lambda s, c: {
            "known": lambda x: Or(s.known(x), shows(s, c.who, x)),
            "compromised": lambda x: Or(s.compromised(x), And(s.alive(x), owner(x) == c.who)),
        },
    ),
    "derive": DERIVE,
}


def a_known_secret_has_a_compromised_guard(s: Symbols) -> z3.BoolRef:
    """State that every known secret is guarded by a compromised leaf secret."""
    return every(
        (Secret,),
        lambda x: Implies(
            s.known(x), some((Secret,), lambda y: And(s.guards(y, x), s.compromised(y)))
        ),
    )


INVARIANT = combined(
    STRUCTURE, PLACES, GUARDS, LIVES, named_clauses(a_known_secret_has_a_compromised_guard)
)
"""The invariant of all reachable states."""


def _safe(s: Symbols, q: Any) -> z3.BoolRef:
    return every((Member,), lambda m: Implies(s.member(q, m), Not(s.compromised(s.leaf(q, m)))))


def the_group_key_of_a_safe_operation_is_not_known(s: Symbols) -> z3.BoolRef:
    """State that the root's secret is not known if all members of the view are safe."""
    return every(
        (Op,), lambda q: Implies(And(s.made(q), _safe(s, q)), Not(s.known(s.key(q, s.root(q)))))
    )


def no_key_of_a_safe_operation_is_known(s: Symbols) -> z3.BoolRef:
    """State that no node's secret is known if all members of the view are safe."""
    return every(
        (Op, Node), lambda q, v: Implies(And(s.node(q, v), _safe(s, q)), Not(s.known(s.key(q, v))))
    )


PROPERTIES = named_clauses(
    the_group_key_of_a_safe_operation_is_not_known,
    no_key_of_a_safe_operation_is_known,
)
"""The claimed properties."""


def system(rules: Rules = RULES, windows: Windows = WINDOWS) -> System:
    """Return the system of the security game."""
    ghosts = Ghosts(
        {"alive": (Secret, _TRUTH), "known": (Secret, _TRUTH), "compromised": (Secret, _TRUTH)},
        partial(_watched, windows),
        chooses={"watched": (_TRUTH,)},
        steps=_ADVERSARY,
    )
    return treekem(
        "safe keys",
        ghosts,
        INVARIANT,
        PROPERTIES,
        universe={Member: 2, Node: 2, Op: 2, Secret: 5},
        witnesses=(
            *TRACES,
            ("sample init key", "create", "confirm", "join", "corrupt", "derive"),
        ),
        constants=(owner,),
        rules=rules,
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    mutant = system(MUTANTS["an update does not re-key what its author taints"])
    return refuting_run(
        mutant,
        ("create", "confirm", "update", "derive"),
        "the group key of a safe operation is not known",
        tick,
    )


CLAIM = Claim(
    name="safe-not-derivable",
    statement="TTKEM: if no member of a view is corrupted within the critical window of its leaf "
    "secret, no key of the view can be derived",
    source="Klein et al., IEEE S&P 2021, section 4; specification T6 [D]",
    bound="every number of members, nodes, operations, forks and corruptions, every schedule",
    check=_check,
    twin="an update does not re-key what its author taints",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model; that states show their path, by "
    "claim tree-paths in a model of its own",
)
