"""Guards of a secret: a part of the invariant that several proofs about Tainted TreeKEM share.

The guards of a node's secret are the leaf secrets, at the moment when it was sampled, of all
members who were below the node or tainted a node at or below it. Whenever one of these members gets
a fresh leaf secret, or is removed, the node is re-keyed. So as long as the node keeps its secret,
its guards are current leaf secrets of members. Moreover, a guard of a secret guards all that the
secret gives. The proof uses only which nodes operations refresh, and who taints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from z3 import And, Implies

from proofs.treekem.clauses import named_clauses
from proofs.treekem.tainted import Member, Node, Op, Secret, at_or_below, owner, touches
from ttkem.verification.system import every

if TYPE_CHECKING:
    import z3

    from ttkem.verification.system import Symbols

__all__ = ["GUARDS", "PLACES", "STRUCTURE"]


def parents_are_made(s: Symbols) -> z3.BoolRef:
    """State that an operation has a parent only if both are made; they differ."""
    return every((Op, Op), lambda q, p: Implies(s.parent(q, p), And(s.made(q), s.made(p), q != p)))


def one_parent(s: Symbols) -> z3.BoolRef:
    """State that an operation has at most one parent."""
    return every((Op, Op, Op), lambda q, p, r: Implies(And(s.parent(q, p), s.parent(q, r)), p == r))


def renewals_are_made(s: Symbols) -> z3.BoolRef:
    """State that only an operation that is made renews its author's leaf."""
    return every((Op,), lambda q: Implies(s.renews(q), s.made(q)))


def members_of_what_is_made(s: Symbols) -> z3.BoolRef:
    """State that only an operation that is made has members."""
    return every((Op, Member), lambda q, m: Implies(s.member(q, m), s.made(q)))


def nodes_of_what_is_made(s: Symbols) -> z3.BoolRef:
    """State that only an operation that is made has nodes."""
    return every((Op, Node), lambda q, v: Implies(s.node(q, v), s.made(q)))


def the_root_is_a_node(s: Symbols) -> z3.BoolRef:
    """State that the root of an operation's tree is one of its nodes."""
    return every((Op,), lambda q: Implies(s.made(q), s.node(q, s.root(q))))


def members_are_below_nodes(s: Symbols) -> z3.BoolRef:
    """State that only members are below nodes, and only below nodes of the tree."""
    return every(
        (Op, Member, Node),
        lambda q, m, v: Implies(s.under(q, m, v), And(s.member(q, m), s.node(q, v))),
    )


def members_are_below_all_above(s: Symbols) -> z3.BoolRef:
    """State that a member below a node is below all its ancestors."""
    return every(
        (Op, Member, Node, Node),
        lambda q, m, u, v: Implies(
            And(s.under(q, m, u), at_or_below(u, v), s.node(q, v)), s.under(q, m, v)
        ),
    )


def members_taint_nodes(s: Symbols) -> z3.BoolRef:
    """State that only members taint nodes, and only nodes of the tree."""
    return every(
        (Op, Member, Node),
        lambda q, m, v: Implies(s.taint(q, v, m), And(s.member(q, m), s.node(q, v))),
    )


def a_leaf_secret_belongs_to_its_member(s: Symbols) -> z3.BoolRef:
    """State that a member's leaf secret is sampled, and the member is its owner."""
    return every(
        (Op, Member),
        lambda q, m: Implies(
            s.member(q, m), And(owner(s.leaf(q, m)) == m, s.sampled(s.leaf(q, m)))
        ),
    )


def keys_are_sampled(s: Symbols) -> z3.BoolRef:
    """State that the secret of every node is sampled."""
    return every((Op, Node), lambda q, v: Implies(s.node(q, v), s.sampled(s.key(q, v))))


def init_secrets_are_sampled(s: Symbols) -> z3.BoolRef:
    """State that init secrets are sampled."""
    return every((Secret,), lambda x: Implies(s.init(x), s.sampled(x)))


def an_author_is_a_member(s: Symbols) -> z3.BoolRef:
    """State that an author is a member of the group that results."""
    return every((Op,), lambda q: Implies(s.made(q), s.member(q, s.author(q))))


def an_author_was_a_member(s: Symbols) -> z3.BoolRef:
    """State that an author was a member of the group before."""
    return every((Op, Op), lambda q, p: Implies(s.parent(q, p), s.member(p, s.author(q))))


def guards_are_sampled(s: Symbols) -> z3.BoolRef:
    """State that a guard and what it guards are sampled."""
    return every(
        (Secret, Secret),
        lambda x, y: Implies(s.guards(x, y), And(s.sampled(x), s.sampled(y))),
    )


def edges_join_what_is_sampled(s: Symbols) -> z3.BoolRef:
    """State that both ends of an edge are sampled."""
    return every(
        (Secret, Secret), lambda x, y: Implies(s.edge(x, y), And(s.sampled(x), s.sampled(y)))
    )


def a_leaf_secret_guards_itself(s: Symbols) -> z3.BoolRef:
    """State that a member's leaf secret guards itself."""
    return every(
        (Op, Member),
        lambda q, m: Implies(s.member(q, m), s.guards(s.leaf(q, m), s.leaf(q, m))),
    )


def a_leaf_secret_has_no_other_guard(s: Symbols) -> z3.BoolRef:
    """State that nothing else guards a member's leaf secret."""
    return every(
        (Op, Member, Secret),
        lambda q, m, x: Implies(And(s.member(q, m), s.guards(x, s.leaf(q, m))), x == s.leaf(q, m)),
    )


def an_init_secret_guards_itself(s: Symbols) -> z3.BoolRef:
    """State that an init secret guards itself."""
    return every((Secret,), lambda x: Implies(s.init(x), s.guards(x, x)))


def an_init_secret_has_no_other_guard(s: Symbols) -> z3.BoolRef:
    """State that nothing else guards an init secret."""
    return every((Secret, Secret), lambda x, y: Implies(And(s.init(x), s.guards(y, x)), x == y))


def guards_are_still_there(s: Symbols) -> z3.BoolRef:
    """State that a guard of a node's secret is a leaf secret of a member that touches the node."""
    return every(
        (Op, Node, Secret),
        lambda q, v, x: Implies(
            And(s.node(q, v), s.guards(x, s.key(q, v))),
            And(
                s.member(q, owner(x)),
                s.leaf(q, owner(x)) == x,
                touches(s, q, owner(x), v),
            ),
        ),
    )


def whoever_is_below_guards(s: Symbols) -> z3.BoolRef:
    """State that the leaf secret of whoever is below a node guards the node's secret."""
    return every(
        (Op, Member, Node),
        lambda q, m, v: Implies(s.under(q, m, v), s.guards(s.leaf(q, m), s.key(q, v))),
    )


def guards_guard_what_is_given(s: Symbols) -> z3.BoolRef:
    """State that a guard of a secret guards what the secret gives."""
    return every(
        (Secret, Secret, Secret),
        lambda x, y, z: Implies(And(s.edge(x, y), s.guards(z, x)), s.guards(z, y)),
    )


def members_are_where_they_are_members(s: Symbols) -> z3.BoolRef:
    """State that a member belongs to the group of the operation that it is at."""
    return every((Member, Op), lambda m, q: Implies(s.at(m, q), And(s.made(q), s.member(q, m))))


def in_one_place(s: Symbols) -> z3.BoolRef:
    """State that a member is at no more than one operation."""
    return every((Member, Op, Op), lambda m, q, p: Implies(And(s.at(m, q), s.at(m, p)), q == p))


def own_operations_are_pending(s: Symbols) -> z3.BoolRef:
    """State that only a member's own operations are pending."""
    return every(
        (Member, Op), lambda m, q: Implies(s.pending(m, q), And(s.made(q), s.author(q) == m))
    )


def pending_after_the_place(s: Symbols) -> z3.BoolRef:
    """State that a pending operation's parent is the operation that its author is at."""
    return every(
        (Member, Op, Op),
        lambda m, q, p: Implies(And(s.pending(m, q), s.at(m, p)), s.parent(q, p)),
    )


def pending_nowhere_else(s: Symbols) -> z3.BoolRef:
    """State that the author of a pending operation is at its parent, if it has one."""
    return every(
        (Member, Op, Op),
        lambda m, q, p: Implies(And(s.pending(m, q), s.parent(q, p)), s.at(m, p)),
    )


def unused_are_init_secrets(s: Symbols) -> z3.BoolRef:
    """State that a member's unused secrets are its own init secrets."""
    return every(
        (Member, Secret),
        lambda m, x: Implies(s.unused(m, x), And(s.init(x), owner(x) == m)),
    )


STRUCTURE = named_clauses(
    parents_are_made,
    one_parent,
    renewals_are_made,
    members_of_what_is_made,
    nodes_of_what_is_made,
    the_root_is_a_node,
    members_are_below_nodes,
    members_are_below_all_above,
    members_taint_nodes,
    a_leaf_secret_belongs_to_its_member,
    keys_are_sampled,
    init_secrets_are_sampled,
    an_author_is_a_member,
    an_author_was_a_member,
)
"""The clauses on operations and their trees."""

GUARDS = named_clauses(
    guards_are_sampled,
    edges_join_what_is_sampled,
    a_leaf_secret_guards_itself,
    a_leaf_secret_has_no_other_guard,
    an_init_secret_guards_itself,
    an_init_secret_has_no_other_guard,
    guards_are_still_there,
    whoever_is_below_guards,
    guards_guard_what_is_given,
)
"""The clauses on guards: they are leaf secrets of the view, and guard what secrets give."""

PLACES = named_clauses(
    members_are_where_they_are_members,
    in_one_place,
    own_operations_are_pending,
    pending_after_the_place,
    pending_nowhere_else,
    unused_are_init_secrets,
)
"""The clauses on where members are, what is pending, and which init secrets are unused."""
