"""Who guards a secret: the part of the invariant that several proofs about Tainted TreeKEM share.

Guards of a node's secret are the leaf secrets, at the moment when it was sampled, of all members
who were below the node, or tainted a node at or below it. Whoever of them gets a fresh leaf secret,
or is removed, has the node re-keyed; so while the node keeps its secret, its guards are the leaf
secrets of members still. And a guard of a child's secret, or of a leaf secret, guards all that it
gives. This needs nothing but the sets that operations refresh, and their taints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from z3 import And, Implies

from proofs.treekem.tainted import Member, Node, Op, Secret, at_or_below, owner, touches
from ttkem.verification.system import every

if TYPE_CHECKING:
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["guarding", "places", "structure"]


def structure(s: Symbols) -> Formulas:
    """Operations and their trees."""
    return {
        "whose parent": every(
            (Op, Op), lambda q, p: Implies(s.parent(q, p), And(s.made(q), s.made(p), q != p))
        ),
        "one parent": every(
            (Op, Op, Op), lambda q, p, r: Implies(And(s.parent(q, p), s.parent(q, r)), p == r)
        ),
        "renewals are made": every((Op,), lambda q: Implies(s.renews(q), s.made(q))),
        "members of what is made": every(
            (Op, Member), lambda q, m: Implies(s.member(q, m), s.made(q))
        ),
        "nodes of what is made": every((Op, Node), lambda q, v: Implies(s.node(q, v), s.made(q))),
        "the root is a node": every((Op,), lambda q: Implies(s.made(q), s.node(q, s.root(q)))),
        "members are below nodes": every(
            (Op, Member, Node),
            lambda q, m, v: Implies(s.under(q, m, v), And(s.member(q, m), s.node(q, v))),
        ),
        "members are below all above": every(
            (Op, Member, Node, Node),
            lambda q, m, u, v: Implies(
                And(s.under(q, m, u), at_or_below(u, v), s.node(q, v)), s.under(q, m, v)
            ),
        ),
        "members taint nodes": every(
            (Op, Member, Node),
            lambda q, m, v: Implies(s.taint(q, v, m), And(s.member(q, m), s.node(q, v))),
        ),
        "a leaf secret is its member's": every(
            (Op, Member),
            lambda q, m: Implies(
                s.member(q, m), And(owner(s.leaf(q, m)) == m, s.sampled(s.leaf(q, m)))
            ),
        ),
        "keys are sampled": every(
            (Op, Node), lambda q, v: Implies(s.node(q, v), s.sampled(s.key(q, v)))
        ),
        "init secrets are sampled": every((Secret,), lambda x: Implies(s.init(x), s.sampled(x))),
        "an author is a member": every(
            (Op,), lambda q: Implies(s.made(q), s.member(q, s.author(q)))
        ),
        "an author was a member": every(
            (Op, Op), lambda q, p: Implies(s.parent(q, p), s.member(p, s.author(q)))
        ),
    }


def guarding(s: Symbols) -> Formulas:
    """Guards are where they should be, and know what their secrets give."""
    return {
        "guards are sampled": every(
            (Secret, Secret),
            lambda x, y: Implies(s.guards(x, y), And(s.sampled(x), s.sampled(y))),
        ),
        "edges join what is sampled": every(
            (Secret, Secret), lambda x, y: Implies(s.edge(x, y), And(s.sampled(x), s.sampled(y)))
        ),
        "a leaf secret guards itself": every(
            (Op, Member),
            lambda q, m: Implies(s.member(q, m), s.guards(s.leaf(q, m), s.leaf(q, m))),
        ),
        "a leaf secret has no other guard": every(
            (Op, Member, Secret),
            lambda q, m, x: Implies(
                And(s.member(q, m), s.guards(x, s.leaf(q, m))), x == s.leaf(q, m)
            ),
        ),
        "an init secret guards itself": every(
            (Secret,), lambda x: Implies(s.init(x), s.guards(x, x))
        ),
        "an init secret has no other guard": every(
            (Secret, Secret), lambda x, y: Implies(And(s.init(x), s.guards(y, x)), x == y)
        ),
        "guards are still there": every(
            (Op, Node, Secret),
            lambda q, v, x: Implies(
                And(s.node(q, v), s.guards(x, s.key(q, v))),
                And(
                    s.member(q, owner(x)),
                    s.leaf(q, owner(x)) == x,
                    touches(s, q, owner(x), v),
                ),
            ),
        ),
        "whoever is below guards": every(
            (Op, Member, Node),
            lambda q, m, v: Implies(s.under(q, m, v), s.guards(s.leaf(q, m), s.key(q, v))),
        ),
        "guards guard what is given": every(
            (Secret, Secret, Secret),
            lambda x, y, z: Implies(And(s.edge(x, y), s.guards(z, x)), s.guards(z, y)),
        ),
    }


def places(s: Symbols) -> Formulas:
    """Where members are, what is pending, which init secrets are unused."""
    return {
        "members are where they are members": every(
            (Member, Op), lambda m, q: Implies(s.at(m, q), And(s.made(q), s.member(q, m)))
        ),
        "in one place": every(
            (Member, Op, Op), lambda m, q, p: Implies(And(s.at(m, q), s.at(m, p)), q == p)
        ),
        "own operations are pending": every(
            (Member, Op), lambda m, q: Implies(s.pending(m, q), And(s.made(q), s.author(q) == m))
        ),
        "pending after the place": every(
            (Member, Op, Op),
            lambda m, q, p: Implies(And(s.pending(m, q), s.at(m, p)), s.parent(q, p)),
        ),
        "pending nowhere else": every(
            (Member, Op, Op),
            lambda m, q, p: Implies(And(s.pending(m, q), s.parent(q, p)), s.at(m, p)),
        ),
        "unused are init secrets": every(
            (Member, Secret),
            lambda m, x: Implies(s.unused(m, x), And(s.init(x), owner(x) == m)),
        ),
    }
