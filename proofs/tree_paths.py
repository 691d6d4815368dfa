"""Tainted TreeKEM: a member holds exactly the secrets of its path, and can read the next node.

Statement (KPWK21's tree invariant; specification T1, T4, T5): in every state, and in each pending
state, a member holds the current secrets of its leaf and of all nodes of its path, the root among
them, and nothing else. Moreover, let a member read a welcome, or an operation that was made on its
history. Take a node of its path whose secret it lacks while it has the secrets of all the node's
children on the path; let the node be the member's leaf or have such a child. Then the member can
keep, decrypt or derive the node's secret.

So no member is stuck, provided that paths are finite and every internal node of a path has a child
on it: as long as a secret is missing there is a lowest such node, which can be read; when none is
missing, the member has finished. These two facts about trees are not in the transitions and not
proved here. Without them, some members wait for ever.

The root's secret stands for the group key too, as in :mod:`proofs.treekem.tainted`. How members
read is defined in :mod:`proofs.treekem.reading`.

The idea: a node that is not refreshed has its former secret; and a ciphertext is under the newest
secret of the child that it is for, which the member has read before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import named_clauses
from proofs.treekem.mutants import READING_MUTANTS
from proofs.treekem.reading import READING, STATE, child, reading_transitions, up
from proofs.treekem.tainted import Member, Node, Op, Secret
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, every, some

if TYPE_CHECKING:
    from proofs.treekem.reading import ReadingRules
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Symbols

__all__ = ["CLAIM", "system"]


def in_one_place(s: Symbols) -> z3.BoolRef:
    """State that a member is at no more than one operation."""
    return every((Member, Op, Op), lambda m, q, p: Implies(And(s.at(m, q), s.at(m, p)), q == p))


def reading_one_thing(s: Symbols) -> z3.BoolRef:
    """State that a member reads no more than one operation at a time."""
    return every(
        (Member, Op, Op), lambda m, q, p: Implies(And(s.reading(m, q), s.reading(m, p)), q == p)
    )


def members_are_where_they_are_members(s: Symbols) -> z3.BoolRef:
    """State that a member belongs to the group of the operation that it is at."""
    return every((Member, Op), lambda m, q: Implies(s.at(m, q), And(s.made(q), s.member(q, m))))


def own_operations_are_pending(s: Symbols) -> z3.BoolRef:
    """State that only own operations are pending, of whose groups their author is a member."""
    return every(
        (Member, Op),
        lambda m, q: Implies(s.pending(m, q), And(s.made(q), s.author(q) == m, s.member(q, m))),
    )


def what_others_made_is_read(s: Symbols) -> z3.BoolRef:
    """State that a member reads operations of others, to whose groups it belongs."""
    return every(
        (Member, Op),
        lambda m, q: Implies(s.reading(m, q), And(s.made(q), s.member(q, m), s.author(q) != m)),
    )


def read_after_the_place(s: Symbols) -> z3.BoolRef:
    """State that a member in a group reads only children of the operation that it is at."""
    return every(
        (Member, Op, Op),
        lambda m, q, p: Implies(And(s.reading(m, q), s.at(m, p)), s.parent(q, p)),
    )


def parents_are_made(s: Symbols) -> z3.BoolRef:
    """State that an operation has a parent only if both are made."""
    return every((Op, Op), lambda q, p: Implies(s.parent(q, p), And(s.made(q), s.made(p))))


def one_parent(s: Symbols) -> z3.BoolRef:
    """State that an operation has at most one parent."""
    return every((Op, Op, Op), lambda q, p, r: Implies(And(s.parent(q, p), s.parent(q, r)), p == r))


def only_members_are_below_nodes(s: Symbols) -> z3.BoolRef:
    """State that only members of an operation that is made are below nodes."""
    return every(
        (Op, Member, Node),
        lambda q, m, v: Implies(s.under(q, m, v), And(s.made(q), s.member(q, m))),
    )


def members_have_a_place(s: Symbols) -> z3.BoolRef:
    """State that a member has a leaf, and is below it."""
    return every(
        (Op, Member),
        lambda q, m: Implies(s.member(q, m), And(s.made(q), s.under(q, m, s.place(q, m)))),
    )


def secrets_stay_where_nothing_is_refreshed(s: Symbols) -> z3.BoolRef:
    """State that a node that is not refreshed keeps its secret and the members below it."""
    return every(
        (Op, Op, Member, Node),
        lambda q, p, m, v: Implies(
            And(
                s.parent(q, p),
                s.under(q, m, v),
                s.member(p, m),
                Not(s.refreshed(q, v)),
            ),
            And(s.under(p, m, v), s.key(q, v) == s.key(p, v)),
        ),
    )


def chains_give(s: Symbols) -> z3.BoolRef:
    """State that along a chain each secret is derived from the one before."""
    return every(
        (Op, Node, Node),
        lambda q, u, v: Implies(
            And(s.made(q), s.chain(q, u, v), s.refreshed(q, u)), s.key(q, v) == up(s.key(q, u))
        ),
    )


def newest_keys(s: Symbols) -> z3.BoolRef:
    """State that a seed is sent to a child under the child's newest key."""
    return every(
        (Op, Node, Node), lambda q, v, u: Implies(s.made(q), s.lock(q, v, u) == s.key(q, u))
    )


def all_below_can_get_a_seed(s: Symbols) -> z3.BoolRef:
    """State that a member below a refreshed node is sent its seed via the child, or derives it."""
    return every(
        (Op, Member, Node, Node),
        lambda q, m, v, u: Implies(
            And(
                s.refreshed(q, v),
                child(v, u),
                s.under(q, m, u),
                s.under(q, m, v),
                m != s.author(q),
            ),
            Or(s.sent(q, v, u), And(s.chain(q, u, v), s.refreshed(q, u))),
        ),
    )


def leaves_of_others_are_not_refreshed(s: Symbols) -> z3.BoolRef:
    """State that only the author's leaf is refreshed."""
    return every(
        (Op, Member),
        lambda q, m: Implies(
            And(s.made(q), s.member(q, m), m != s.author(q)),
            Not(s.refreshed(q, s.place(q, m))),
        ),
    )


def joiners_have_their_leaf(s: Symbols) -> z3.BoolRef:
    """State that a joiner has the secret of its leaf."""
    return every(
        (Member, Op),
        lambda m, q: Implies(
            And(s.reading(m, q), Not(some((Op,), lambda p: s.at(m, p)))),
            s.got(m, s.place(q, m), s.key(q, s.place(q, m))),
        ),
    )


def paths_of_joiners_are_new(s: Symbols) -> z3.BoolRef:
    """State that all nodes above a joiner's leaf are refreshed."""
    return every(
        (Member, Op, Node),
        lambda m, q, v: Implies(
            And(
                s.reading(m, q),
                s.under(q, m, v),
                Not(some((Op,), lambda p: s.at(m, p))),
                v != s.place(q, m),
            ),
            s.refreshed(q, v),
        ),
    )


def new_paths_are_refreshed(s: Symbols) -> z3.BoolRef:
    """State that all nodes above the leaf of a new member are refreshed."""
    return every(
        (Op, Member, Node),
        lambda q, m, v: Implies(
            And(
                s.made(q),
                m != s.author(q),
                s.under(q, m, v),
                every((Op,), lambda p: Implies(s.parent(q, p), Not(s.member(p, m)))),
                v != s.place(q, m),
            ),
            s.refreshed(q, v),
        ),
    )


def a_member_holds_its_path(s: Symbols) -> z3.BoolRef:
    """State that a member holds the secrets of its leaf and path, and nothing else."""
    return every(
        (Member, Op, Node, Secret),
        lambda m, q, v, x: Implies(
            s.at(m, q), s.holds(m, v, x) == And(s.under(q, m, v), x == s.key(q, v))
        ),
    )


def outsiders_hold_nothing(s: Symbols) -> z3.BoolRef:
    """State that a member in no group holds nothing."""
    return every(
        (Member, Node, Secret),
        lambda m, v, x: Implies(s.holds(m, v, x), some((Op,), lambda q: s.at(m, q))),
    )


def a_pending_state_holds_its_path(s: Symbols) -> z3.BoolRef:
    """State that a pending state holds the secrets of leaf and path, and nothing else."""
    return every(
        (Member, Op, Node, Secret),
        lambda m, q, v, x: Implies(
            s.pending(m, q),
            s.will_hold(m, q, v, x) == And(s.under(q, m, v), x == s.key(q, v)),
        ),
    )


def what_a_member_gets_is_of_its_path(s: Symbols) -> z3.BoolRef:
    """State that a member that reads gets secrets of its path only."""
    return every(
        (Member, Op, Node, Secret),
        lambda m, q, v, x: Implies(
            And(s.reading(m, q), s.got(m, v, x)), And(s.under(q, m, v), x == s.key(q, v))
        ),
    )


def only_readers_get_secrets(s: Symbols) -> z3.BoolRef:
    """State that a member that reads nothing has got nothing."""
    return every(
        (Member, Node, Secret),
        lambda m, v, x: Implies(s.got(m, v, x), some((Op,), lambda q: s.reading(m, q))),
    )


def what_is_not_refreshed_can_be_kept(s: Symbols) -> z3.BoolRef:
    """State that a reader has the secret of a node of its path that is not refreshed."""
    return every(
        (Member, Op, Node),
        lambda m, q, v: Implies(
            And(s.reading(m, q), s.under(q, m, v), Not(s.refreshed(q, v))),
            Or(
                s.holds(m, v, s.key(q, v)),
                And(v == s.place(q, m), s.got(m, v, s.key(q, v))),
            ),
        ),
    )


def what_is_refreshed_can_be_read_from_a_child(s: Symbols) -> z3.BoolRef:
    """State that a child's secret opens or derives the secret of a refreshed node."""
    return every(
        (Member, Op, Node, Node, Secret),
        lambda m, q, v, u, y: Implies(
            And(
                s.reading(m, q),
                s.under(q, m, v),
                s.refreshed(q, v),
                child(v, u),
                s.under(q, m, u),
                s.got(m, u, y),
            ),
            Or(
                And(s.sent(q, v, u), y == s.lock(q, v, u)),
                And(s.chain(q, u, v), s.refreshed(q, u)),
            ),
        ),
    )


def the_lowest_missing_node_can_be_read(s: Symbols) -> z3.BoolRef:
    """State that the secret of the lowest missing node can be kept, opened or derived."""

    def has(m: Any, v: Any) -> z3.BoolRef:
        return some((Secret,), lambda x: s.got(m, v, x))

    def children(m: Any, q: Any, v: Any, u: Any) -> z3.BoolRef:
        return And(child(v, u), s.under(q, m, u))

    def lowest(m: Any, q: Any, v: Any) -> z3.BoolRef:
        return And(
            s.under(q, m, v),
            Not(has(m, v)),
            every((Node,), lambda u: Implies(children(m, q, v, u), has(m, u))),
            Or(v == s.place(q, m), some((Node,), lambda u: children(m, q, v, u))),
        )

    def from_child(m: Any, q: Any, v: Any, u: Any, y: Any) -> z3.BoolRef:
        opens = And(s.sent(q, v, u), y == s.lock(q, v, u))
        derives = And(s.chain(q, u, v), s.refreshed(q, u))
        return And(children(m, q, v, u), s.got(m, u, y), Or(opens, derives))

    return every(
        (Member, Op, Node),
        lambda m, q, v: Implies(
            And(s.reading(m, q), lowest(m, q, v)),
            z3.If(
                s.refreshed(q, v),
                some((Node, Secret), lambda u, y: from_child(m, q, v, u, y)),
                some((Secret,), lambda x: s.holds(m, v, x)),
            ),
        ),
    )


_JOINED = ("create", "confirm", "begin to join", "open", "finish")

HELD = (
    a_member_holds_its_path,
    outsiders_hold_nothing,
    a_pending_state_holds_its_path,
    what_a_member_gets_is_of_its_path,
    only_readers_get_secrets,
)

INVARIANT = named_clauses(
    *HELD,
    in_one_place,
    reading_one_thing,
    members_are_where_they_are_members,
    own_operations_are_pending,
    what_others_made_is_read,
    read_after_the_place,
    parents_are_made,
    one_parent,
    only_members_are_below_nodes,
    members_have_a_place,
    secrets_stay_where_nothing_is_refreshed,
    chains_give,
    newest_keys,
    all_below_can_get_a_seed,
    leaves_of_others_are_not_refreshed,
    joiners_have_their_leaf,
    paths_of_joiners_are_new,
    new_paths_are_refreshed,
)
"""The invariant of all reachable states."""

PROPERTIES = named_clauses(
    *HELD,
    what_is_not_refreshed_can_be_kept,
    what_is_refreshed_can_be_read_from_a_child,
    the_lowest_missing_node_can_be_read,
)
"""The claimed properties."""


def system(rules: ReadingRules = READING) -> System:
    """Return the system of members who read step by step."""
    return System(
        name="paths",
        state=STATE,
        axioms={},
        init=lambda s: {
            "no operations": every((Op, Op), lambda q, p: Not(Or(s.made(q), s.parent(q, p)))),
            "no nodes": every(
                (Op, Member, Node, Node),
                lambda q, m, v, u: Not(Or(s.under(q, m, v), s.member(q, m), s.refreshed(q, v))),
            ),
            "nobody in a group": every(
                (Member, Op), lambda m, q: Not(Or(s.at(m, q), s.pending(m, q), s.reading(m, q)))
            ),
            "nothing held": every(
                (Member, Node, Secret), lambda m, v, x: Not(Or(s.holds(m, v, x), s.got(m, v, x)))
            ),
        },
        transitions=reading_transitions(rules),
        invariants=INVARIANT,
        properties=PROPERTIES,
        universe={Member: 3, Node: 3, Op: 2, Secret: 4},
        witnesses=(
            ("create", "reject"),
            ("create", "confirm", "begin to join", "open", "derive"),
            (*_JOINED, "generate", "begin to process", "keep"),
            (*_JOINED, "generate", "leave"),
        ),
        constants=(up, child),
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(READING_MUTANTS["ciphertexts go to the keys from before"]), tick)


CLAIM = Claim(
    name="tree-paths",
    statement="TTKEM: a member holds exactly the secrets of its path; when it reads a message, it "
    "can keep, decrypt or derive the lowest secret of its path that it lacks",
    source="Klein et al., IEEE S&P 2021, section 3; specification T1, T4, T5",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="ciphertexts go to the keys from before",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the steps of "
    "proofs.treekem.reading; for nobody to be stuck, that paths are finite and every internal node "
    "of a path has a child on it",
)
