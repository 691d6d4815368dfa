"""Tainted TreeKEM as a transition system: any number of members, operations and forks.

Source: KPWK21; specification T3 to T6; the symbolic model (:mod:`ttkem.adversary.symbolic`), with
whose runs tests compare every rule below. The model, and where it allows more than the protocol:

* A node has one secret, seed and key pair together, and the root's is the group key too. Whoever
  gets any of them gets all, so the adversary is stronger than the real one.
* An operation *is* the view that results from it: members, nodes, leaf secrets, keys, taints. A
  history is determined by its last operation, as transcript hashes have no collisions.
  A fork is two operations with one parent.
* The refreshed set is any set of nodes that is closed upwards and contains what T3 demands. So
  trees of any shape, resized roots and rules that re-key more are covered.
* The secret of a refreshed node is given by the newest secret of every node below it and by the
  leaf secret of every member below it, which is more than is sent; also if the operation is
  rejected.
* Several adds may use one init key, even one that was used or erased. A member joins with it once.
* A watched use of randomness shows all that an operation refreshes, drawn or derived.

The rules themselves are :data:`proofs.treekem.predicates.RULES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3

from ttkem.verification.system import every, some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.verification.system import Formulas, Signature, Symbols

__all__ = [
    "AXIOMS",
    "STATE",
    "Member",
    "Node",
    "Op",
    "Secret",
    "at_or_below",
    "owner",
    "shows",
    "start",
    "touches",
]

Member, Node, Op, Secret = map(z3.DeclareSort, ("Member", "Node", "Op", "Secret"))
_TRUTH = z3.BoolSort()

at_or_below = z3.Function("at or below", Node, Node, _TRUTH)
"""Relates two internal nodes: the first is at or below the second. Nodes are array indices."""
owner = z3.Function("owner", Secret, Member)
"""The member who samples a leaf secret."""

AXIOMS: Formulas = {
    "at or below is reflexive": every((Node,), lambda v: at_or_below(v, v)),
    "at or below is transitive": every(
        (Node, Node, Node),
        lambda u, v, w: z3.Implies(z3.And(at_or_below(u, v), at_or_below(v, w)), at_or_below(u, w)),
    ),
    "at or below is antisymmetric": every(
        (Node, Node),
        lambda u, v: z3.Implies(z3.And(at_or_below(u, v), at_or_below(v, u)), u == v),
    ),
}

STATE: Mapping[str, Signature] = {
    "made": (Op, _TRUTH),
    "parent": (Op, Op, _TRUTH),
    "author": (Op, Member),
    "renews": (Op, _TRUTH),
    "member": (Op, Member, _TRUTH),
    "node": (Op, Node, _TRUTH),
    "root": (Op, Node),
    "under": (Op, Member, Node, _TRUTH),
    "leaf": (Op, Member, Secret),
    "key": (Op, Node, Secret),
    "taint": (Op, Node, Member, _TRUTH),
    "at": (Member, Op, _TRUTH),
    "pending": (Member, Op, _TRUTH),
    "unused": (Member, Secret, _TRUTH),
    "init": (Secret, _TRUTH),
    "sampled": (Secret, _TRUTH),
    "edge": (Secret, Secret, _TRUTH),
    "guards": (Secret, Secret, _TRUTH),
}
"""Operations: ``renews``, it is a create or an update, which gives its author a fresh leaf
secret; ``under``, a member's leaf is below a node. Members: ``at``, the operation processed
last. ``guards`` is ghost state (:mod:`proofs.treekem.key_guards`)."""


def touches(state: Symbols, op: Any, who: Any, node: Any) -> z3.BoolRef:
    """State that a member is below a node, or taints a node at or below it.

    Only such a member can have seen the node's secret.
    """
    return z3.Or(
        state.under(op, who, node),
        some((Node,), lambda u: z3.And(state.taint(op, u, who), at_or_below(u, node))),
    )


def shows(state: Symbols, who: Any, secret: Any) -> z3.BoolRef:
    """State that the state of ``who`` contains the secret.

    A state contains the leaf secret and the secrets of the path, for the member's operation and for
    each pending one, and unused init secrets. This is the tree invariant, claim `tree-paths`.
    """
    held = some(
        (Op,),
        lambda q: z3.And(
            z3.Or(state.at(who, q), state.pending(who, q)),
            z3.Or(
                secret == state.leaf(q, who),
                some((Node,), lambda v: z3.And(state.under(q, who, v), secret == state.key(q, v))),
            ),
        ),
    )
    return z3.Or(held, state.unused(who, secret))


def start(state: Symbols) -> Formulas:
    """State that nothing has happened yet."""
    s = state
    return {
        "no operations": every(
            (Op, Op), lambda q, p: z3.Not(z3.Or(s.made(q), s.renews(q), s.parent(q, p)))
        ),
        "no members": every((Op, Member), lambda q, m: z3.Not(s.member(q, m))),
        "no nodes": every(
            (Op, Node, Member),
            lambda q, v, m: z3.Not(z3.Or(s.node(q, v), s.under(q, m, v), s.taint(q, v, m))),
        ),
        "nobody in a group": every(
            (Member, Op), lambda m, q: z3.Not(z3.Or(s.at(m, q), s.pending(m, q)))
        ),
        "no secrets": every(
            (Secret, Member),
            lambda x, m: z3.Not(z3.Or(s.sampled(x), s.init(x), s.unused(m, x))),
        ),
        "no edges": every(
            (Secret, Secret), lambda x, y: z3.Not(z3.Or(s.edge(x, y), s.guards(x, y)))
        ),
    }
