"""What holds in every reachable state of the system besides the invariant of the proof.

The invariant says what a proof needs. To show that a condition makes no difference more is needed:
these clauses, which are inductive together with the invariant (a test proves it by Z3).
"""

from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import named_clauses
from proofs.treekem.tainted import Member, Node, Op, Secret
from ttkem.verification.system import every, some


def all_members_are_below_the_root(s):
    return every((Op, Member), lambda q, m: Implies(s.member(q, m), s.under(q, m, s.root(q))))


def nobody_taints_its_path(s):
    return every(
        (Op, Node, Member), lambda q, v, m: Implies(s.taint(q, v, m), Not(s.under(q, m, v)))
    )


def no_edge_leads_to_a_leaf_secret(s):
    return every(
        (Secret, Op, Member), lambda x, q, m: Implies(s.member(q, m), Not(s.edge(x, s.leaf(q, m))))
    )


def no_edge_leads_to_an_init_secret(s):
    return every((Secret, Secret), lambda x, y: Implies(s.init(y), Not(s.edge(x, y))))


def edges_need_an_operation(s):
    return every((Secret, Secret), lambda x, y: Implies(s.edge(x, y), some((Op,), s.made)))


def an_operation_needs_a_create(s):
    return every((Op,), lambda q: Implies(s.made(q), some((Op,), s.renews)))


def leaf_secrets_give_something(s):
    return every(
        (Op, Member),
        lambda q, m: Implies(s.member(q, m), some((Secret,), lambda y: s.edge(s.leaf(q, m), y))),
    )


def no_edge_is_a_loop(s):
    return every((Secret,), lambda x: Not(s.edge(x, x)))


def no_two_edges_are_a_cycle(s):
    return every((Secret, Secret), lambda x, y: Not(And(s.edge(x, y), s.edge(y, x))))


def no_two_operations_are_parents_of_each_other(s):
    return every((Op, Op), lambda q, p: Not(And(s.parent(q, p), s.parent(p, q))))


def only_sampled_secrets_are_alive_or_known(s):
    return every(
        (Secret,),
        lambda x: Implies(Or(s.alive(x), s.known(x), s.compromised(x)), s.sampled(x)),
    )


def lives_are_of_leaf_secrets(s):
    return every(
        (Secret, Secret), lambda x, y: Implies(s.edge(x, y), Not(Or(s.alive(y), s.compromised(y))))
    )


def two_members_need_an_init_key(s):
    return every(
        (Op, Member, Member),
        lambda q, m, n: Implies(
            And(s.member(q, m), s.member(q, n), m != n), some((Secret,), s.init)
        ),
    )


def renewals_drop_nobody(s):
    return every(
        (Op, Op, Member),
        lambda q, p, m: Implies(
            And(s.parent(q, p), s.member(p, m), Not(s.member(q, m))), Not(s.renews(q))
        ),
    )


def nobody_is_where_its_operation_is_pending(s):
    return every((Member, Op), lambda m, q: Not(And(s.at(m, q), s.pending(m, q))))


def an_author_has_gone_on_to_the_parent(s):
    return every((Op, Op), lambda q, p: Implies(s.parent(q, p), Not(s.pending(s.author(q), p))))


def an_author_has_used_its_leaf_secret(s):
    return every(
        (Op,), lambda q: Implies(s.made(q), Not(s.unused(s.author(q), s.leaf(q, s.author(q)))))
    )


def a_tainter_has_used_its_leaf_secret(s):
    return every(
        (Op, Node, Member),
        lambda q, v, m: Implies(s.taint(q, v, m), Not(s.unused(m, s.leaf(q, m)))),
    )


def a_remove_makes_no_nodes(s):
    return every(
        (Op, Op, Member, Node),
        lambda q, p, m, v: Implies(
            And(s.parent(q, p), s.member(p, m), Not(s.member(q, m)), s.node(q, v)), s.node(p, v)
        ),
    )


def members_stay_in_their_places(s):
    return every(
        (Op, Op, Member, Node),
        lambda q, p, m, v: Implies(
            And(s.parent(q, p), s.member(p, m), s.under(q, m, v), s.node(p, v)), s.under(p, m, v)
        ),
    )


def nobody_taints_the_former_root(s):
    return every(
        (Op, Op, Member), lambda q, p, m: Implies(s.parent(q, p), Not(s.taint(q, s.root(p), m)))
    )


FACTS = named_clauses(
    a_remove_makes_no_nodes,
    members_stay_in_their_places,
    nobody_taints_the_former_root,
    all_members_are_below_the_root,
    nobody_taints_its_path,
    no_edge_leads_to_a_leaf_secret,
    no_edge_leads_to_an_init_secret,
    edges_need_an_operation,
    an_operation_needs_a_create,
    leaf_secrets_give_something,
    no_edge_is_a_loop,
    no_two_edges_are_a_cycle,
    no_two_operations_are_parents_of_each_other,
    only_sampled_secrets_are_alive_or_known,
    lives_are_of_leaf_secrets,
    two_members_need_an_init_key,
    renewals_drop_nobody,
    nobody_is_where_its_operation_is_pending,
    an_author_has_gone_on_to_the_parent,
    an_author_has_used_its_leaf_secret,
    a_tainter_has_used_its_leaf_secret,
)
