"""Facts about trees, chains and keys that the proof of `tree-paths` does without.

Every state of every run has them (tests look), so that a premise that follows from them forbids no
step of the protocol.
"""

from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import named_clauses
from proofs.treekem.reading import child
from proofs.treekem.tainted import Member, Node, Op
from ttkem.verification.system import every, some


def nothing_is_its_own_child(s):
    del s
    return every((Node, Node), lambda v, u: Not(And(child(v, u), Or(child(u, v), u == v))))


def a_node_has_one_parent(s):
    del s
    return every((Node, Node, Node), lambda v, w, u: Implies(And(child(v, u), child(w, u)), v == w))


def what_is_refreshed_chained_or_sent_is_of_an_operation(s):
    return every(
        (Op, Node, Node),
        lambda q, v, u: Implies(
            Or(s.refreshed(q, v), s.chain(q, v, u), s.sent(q, v, u)), s.made(q)
        ),
    )


def every_operation_refreshes_something(s):
    return every((Op,), lambda q: Implies(s.made(q), some((Node,), lambda v: s.refreshed(q, v))))


def a_create_has_a_chain(s):
    return every(
        (Op,),
        lambda q: Implies(
            And(s.made(q), Not(some((Op,), lambda p: s.parent(q, p)))),
            some((Node, Node), lambda u, v: s.chain(q, u, v)),
        ),
    )


def an_operation_needs_a_create(s):
    def create(p):
        return And(s.made(p), Not(some((Op,), lambda r: s.parent(p, r))))

    return every((Op,), lambda q: Implies(s.made(q), some((Op,), create)))


def chains_lead_to_parents(s):
    return every(
        (Op, Node, Node),
        lambda q, u, v: Implies(
            s.chain(q, u, v), And(child(v, u), s.refreshed(q, u), s.refreshed(q, v))
        ),
    )


def a_node_is_derived_from_one_child(s):
    return every(
        (Op, Node, Node, Node),
        lambda q, u, w, v: Implies(And(s.chain(q, u, v), s.chain(q, w, v)), u == w),
    )


def ciphertexts_are_for_children(s):
    return every(
        (Op, Node, Node),
        lambda q, v, u: Implies(
            s.sent(q, v, u), And(child(v, u), s.refreshed(q, v), Not(s.chain(q, u, v)))
        ),
    )


def ciphertexts_are_for_others(s):
    """Where somebody but the author is a member, something is sent."""
    return every(
        (Op, Member),
        lambda q, m: Implies(
            And(s.member(q, m), m != s.author(q)),
            some((Node, Node), lambda v, u: s.sent(q, v, u)),
        ),
    )


def a_creator_derives_its_path(s):
    return every(
        (Op, Node, Node),
        lambda q, v, u: Implies(
            And(
                s.made(q),
                Not(some((Op,), lambda p: s.parent(q, p))),
                child(v, u),
                s.under(q, s.author(q), u),
                s.refreshed(q, v),
            ),
            s.chain(q, u, v),
        ),
    )


def who_is_below_a_child_is_below_its_parent(s):
    return every(
        (Op, Member, Node, Node),
        lambda q, m, v, u: Implies(
            And(s.under(q, m, u), child(v, u), s.refreshed(q, v)), s.under(q, m, v)
        ),
    )


def an_author_is_a_member(s):
    return every((Op,), lambda q: Implies(s.made(q), s.member(q, s.author(q))))


def an_author_was_a_member(s):
    return every((Op, Op), lambda q, p: Implies(s.parent(q, p), s.member(p, s.author(q))))


def operations_are_not_their_own_parents(s):
    return every((Op, Op), lambda q, p: Not(And(s.parent(q, p), Or(s.parent(p, q), q == p))))


def nobody_is_where_its_operation_is_pending(s):
    return every((Member, Op), lambda m, q: Not(And(s.at(m, q), s.pending(m, q))))


def a_secret_is_of_one_node_of_a_view(s):
    return every(
        (Op, Member, Node, Node),
        lambda q, m, v, u: Implies(
            And(s.under(q, m, v), s.under(q, m, u), s.key(q, v) == s.key(q, u)), v == u
        ),
    )


def a_refreshed_secret_is_of_one_node(s):
    return every(
        (Op, Op, Member, Node, Node),
        lambda q, p, m, v, u: Implies(
            And(s.refreshed(q, v), s.under(p, m, u), s.key(q, v) == s.key(p, u)), v == u
        ),
    )


def leaves_have_no_children(s):
    return every(
        (Op, Member, Node), lambda q, m, u: Implies(s.member(q, m), Not(child(s.place(q, m), u)))
    )


def refreshed_secrets_are_new(s):
    """State that what an operation refreshes has a secret that its parent has not."""
    return every(
        (Op, Op, Node),
        lambda q, p, v: Implies(And(s.parent(q, p), s.refreshed(q, v)), s.key(q, v) != s.key(p, v)),
    )


def no_two_operations_sample_the_same(s):
    return every(
        (Op, Op, Node),
        lambda q, p, v: Implies(
            And(s.refreshed(q, v), s.refreshed(p, v), s.key(q, v) == s.key(p, v)), q == p
        ),
    )


def creates_refresh_the_path_of_their_author(s):
    return every(
        (Op, Node),
        lambda q, v: Implies(
            And(
                s.made(q),
                Not(some((Op,), lambda p: s.parent(q, p))),
                s.under(q, s.author(q), v),
            ),
            s.refreshed(q, v),
        ),
    )


def pending_operations_go_on_from_where_their_author_is(s):
    return every(
        (Member, Op, Op),
        lambda m, q, p: Implies(s.pending(m, q), s.parent(q, p) == s.at(m, p)),
    )


FACTS = named_clauses(
    nothing_is_its_own_child,
    a_node_has_one_parent,
    what_is_refreshed_chained_or_sent_is_of_an_operation,
    every_operation_refreshes_something,
    a_create_has_a_chain,
    an_operation_needs_a_create,
    chains_lead_to_parents,
    a_node_is_derived_from_one_child,
    ciphertexts_are_for_children,
    ciphertexts_are_for_others,
    a_creator_derives_its_path,
    who_is_below_a_child_is_below_its_parent,
    an_author_is_a_member,
    an_author_was_a_member,
    operations_are_not_their_own_parents,
    nobody_is_where_its_operation_is_pending,
    a_secret_is_of_one_node_of_a_view,
    a_refreshed_secret_is_of_one_node,
    leaves_have_no_children,
    refreshed_secrets_are_new,
    no_two_operations_sample_the_same,
    creates_refresh_the_path_of_their_author,
    pending_operations_go_on_from_where_their_author_is,
)
