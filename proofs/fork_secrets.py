"""Tainted TreeKEM: forks share no secret that was sampled after they parted.

Statement (KPWK21 section 2, "no key is ever shared across forks"; specification T5, made exact): if
nodes of two views have the same secret, it was sampled in an operation that is in the history of
both views. The same holds for leaf secrets that are not init secrets: two operations in two forks
may use one init key. The root's secret, which stands for the group key, is sampled in its own
operation, so that no two operations have one group key.

The idea: an operation keeps what its parent has, or samples. The ghost state ``sampled_in``
records in which operation a secret was sampled; ``follows``, which operations a history contains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import combined, named_clauses
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
    from ttkem.verification.system import Symbols, System

__all__ = ["CLAIM", "system"]


def _history(name: str, s: Symbols, c: Symbols, then: Symbols) -> Mapping[str, Any]:
    """Extend histories: ``follows(p, q)`` says that ``p`` is ``q`` or an ancestor of ``q``."""
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


def histories_are_made(s: Symbols) -> z3.BoolRef:
    """State that histories consist of operations that are made."""
    return every((Op, Op), lambda p, q: Implies(s.follows(p, q), And(s.made(p), s.made(q))))


def what_is_made_follows_itself(s: Symbols) -> z3.BoolRef:
    """State that an operation is in its own history."""
    return every((Op,), lambda q: Implies(s.made(q), s.follows(q, q)))


def what_is_made_follows_its_parent(s: Symbols) -> z3.BoolRef:
    """State that the history of an operation contains that of its parent."""
    return every(
        (Op, Op, Op),
        lambda q, p, o: Implies(And(s.parent(q, p), s.follows(o, p)), s.follows(o, q)),
    )


def keys_are_sampled_in_their_history(s: Symbols) -> z3.BoolRef:
    """State that the secret of a view's node was sampled in the history of the view."""
    return every(
        (Op, Node), lambda q, v: Implies(s.node(q, v), s.follows(s.sampled_in(s.key(q, v)), q))
    )


def leaf_secrets_are_sampled_in_their_history(s: Symbols) -> z3.BoolRef:
    """State that a leaf secret that is no init secret was sampled in the history of the view."""
    return every(
        (Op, Member),
        lambda q, m: Implies(
            And(s.member(q, m), Not(s.init(s.leaf(q, m)))),
            s.follows(s.sampled_in(s.leaf(q, m)), q),
        ),
    )


def a_root_secret_is_sampled_in_its_operation(s: Symbols) -> z3.BoolRef:
    """State that every operation samples the secret of its root."""
    return every((Op,), lambda q: Implies(s.made(q), s.sampled_in(s.key(q, s.root(q))) == q))


INVARIANT = combined(
    STRUCTURE,
    PLACES,
    named_clauses(
        histories_are_made,
        what_is_made_follows_itself,
        what_is_made_follows_its_parent,
        keys_are_sampled_in_their_history,
        leaf_secrets_are_sampled_in_their_history,
        a_root_secret_is_sampled_in_its_operation,
    ),
)
"""The invariant of all reachable states."""


def _in_both_histories(s: Symbols, x: Any, q: Any, p: Any) -> z3.BoolRef:
    return And(s.follows(s.sampled_in(x), q), s.follows(s.sampled_in(x), p))


def shared_keys_are_from_before(s: Symbols) -> z3.BoolRef:
    """State that a secret of nodes of two views was sampled before the views parted."""
    return every(
        (Op, Op, Node, Node),
        lambda q, p, v, u: Implies(
            And(s.node(q, v), s.node(p, u), s.key(q, v) == s.key(p, u)),
            _in_both_histories(s, s.key(q, v), q, p),
        ),
    )


def shared_leaf_secrets_are_from_before(s: Symbols) -> z3.BoolRef:
    """State the same of leaf secrets that are not init secrets."""
    return every(
        (Op, Op, Member, Member),
        lambda q, p, m, n: Implies(
            And(
                s.member(q, m),
                s.member(p, n),
                s.leaf(q, m) == s.leaf(p, n),
                Not(s.init(s.leaf(q, m))),
            ),
            _in_both_histories(s, s.leaf(q, m), q, p),
        ),
    )


def no_two_operations_have_one_group_key(s: Symbols) -> z3.BoolRef:
    """State that different operations have different secrets of the root."""
    return every(
        (Op, Op),
        lambda q, p: Implies(
            And(s.made(q), s.made(p), s.key(q, s.root(q)) == s.key(p, s.root(p))), q == p
        ),
    )


PROPERTIES = named_clauses(
    shared_keys_are_from_before,
    shared_leaf_secrets_are_from_before,
    no_two_operations_have_one_group_key,
)
"""The claimed properties."""


def system(rules: Rules = RULES) -> System:
    """Return the system of operations with their histories."""
    return treekem(
        "forks",
        Ghosts({"follows": (Op, Op, z3.BoolSort()), "sampled_in": (Secret, Op)}, _history),
        INVARIANT,
        PROPERTIES,
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
    statement="TTKEM: forks share no secret sampled after they parted, except init secrets; no two "
    "operations share a group key",
    source="Klein et al., IEEE S&P 2021, section 2; specification T5",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="a fresh secret may have been sampled before",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the symbolic rules of "
    "proofs.treekem, which tests compare with the symbolic model",
)
