"""Tainted TreeKEM: a member holds exactly the secrets of its path, and can read the next node.

Statement (KPWK21's tree invariant; specification T1, T4, T5): in every state a member holds, of
every node that it is below, leaf and root among them, the secret that the node has in its view, and
nothing else; likewise in each pending state. And let a member read an operation that was made on
its history, or a welcome. A node of its path whose secret it does not have yet, but has those of
all its children on the path, it can keep, open or derive: with no such child if it is the member's
leaf, with one at least if it is another.

So no member is stuck, if trees are as they should be: paths are finite, and every inner node of a
path has a child on it. Then as long as a secret is missing there is a lowest such node, and it is
as just said; once none is missing the member is done. These two things about trees are not in the
transitions, and not proved here: without them there are members who wait for ever.

The root's secret stands for the group key too, as in :mod:`proofs.treekem.tainted`. How members
read is said in :mod:`proofs.treekem.reading`.

The idea: what is not refreshed is as before; and a ciphertext is under the newest secret of the
child that it is for, which the member has, since it has come through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.reading import STATE, child, reading_rules, up
from proofs.treekem.tainted import Member, Node, Op, Secret
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, every, some

if TYPE_CHECKING:
    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["CLAIM", "system"]


def _invariants(s: Symbols) -> Formulas:
    return {
        **_held(s),
        "in one place": every(
            (Member, Op, Op), lambda m, q, p: Implies(And(s.at(m, q), s.at(m, p)), q == p)
        ),
        "reading one thing": every(
            (Member, Op, Op), lambda m, q, p: Implies(And(s.reading(m, q), s.reading(m, p)), q == p)
        ),
        "members are where they are members": every(
            (Member, Op), lambda m, q: Implies(s.at(m, q), And(s.made(q), s.member(q, m)))
        ),
        "own operations are pending": every(
            (Member, Op),
            lambda m, q: Implies(s.pending(m, q), And(s.made(q), s.author(q) == m, s.member(q, m))),
        ),
        "what others made is read": every(
            (Member, Op),
            lambda m, q: Implies(s.reading(m, q), And(s.made(q), s.member(q, m), s.author(q) != m)),
        ),
        "read after the place": every(
            (Member, Op, Op),
            lambda m, q, p: Implies(And(s.reading(m, q), s.at(m, p)), s.parent(q, p)),
        ),
        "whose parent": every(
            (Op, Op), lambda q, p: Implies(s.parent(q, p), And(s.made(q), s.made(p)))
        ),
        "one parent": every(
            (Op, Op, Op), lambda q, p, r: Implies(And(s.parent(q, p), s.parent(q, r)), p == r)
        ),
        "only members are below nodes": every(
            (Op, Member, Node),
            lambda q, m, v: Implies(s.under(q, m, v), And(s.made(q), s.member(q, m))),
        ),
        "members have a place": every(
            (Op, Member),
            lambda q, m: Implies(s.member(q, m), And(s.made(q), s.under(q, m, s.place(q, m)))),
        ),
        "secrets stay where nothing is refreshed": every(
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
        ),
        "chains give": every(
            (Op, Node, Node),
            lambda q, u, v: Implies(
                And(s.made(q), s.chain(q, u, v), s.refreshed(q, u)), s.key(q, v) == up(s.key(q, u))
            ),
        ),
        "newest keys": every(
            (Op, Node, Node), lambda q, v, u: Implies(s.made(q), s.lock(q, v, u) == s.key(q, u))
        ),
        "a way to all": every(
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
        ),
        "others' leaves are not refreshed": every(
            (Op, Member),
            lambda q, m: Implies(
                And(s.made(q), s.member(q, m), m != s.author(q)),
                Not(s.refreshed(q, s.place(q, m))),
            ),
        ),
        "joiners have their leaf": every(
            (Member, Op),
            lambda m, q: Implies(
                And(s.reading(m, q), Not(some((Op,), lambda p: s.at(m, p)))),
                s.got(m, s.place(q, m), s.key(q, s.place(q, m))),
            ),
        ),
        "joiners' paths are new": every(
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
        ),
        "new paths are refreshed": every(
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
        ),
    }


def _held(s: Symbols) -> Formulas:
    return {
        "a member holds its path": every(
            (Member, Op, Node, Secret),
            lambda m, q, v, x: Implies(
                s.at(m, q), s.holds(m, v, x) == And(s.under(q, m, v), x == s.key(q, v))
            ),
        ),
        "who is in no group holds nothing": every(
            (Member, Node, Secret),
            lambda m, v, x: Implies(s.holds(m, v, x), some((Op,), lambda q: s.at(m, q))),
        ),
        "a pending state holds its path": every(
            (Member, Op, Node, Secret),
            lambda m, q, v, x: Implies(
                s.pending(m, q),
                s.will_hold(m, q, v, x) == And(s.under(q, m, v), x == s.key(q, v)),
            ),
        ),
        "what a member gets is of its path": every(
            (Member, Op, Node, Secret),
            lambda m, q, v, x: Implies(
                And(s.reading(m, q), s.got(m, v, x)), And(s.under(q, m, v), x == s.key(q, v))
            ),
        ),
        "who reads nothing gets nothing": every(
            (Member, Node, Secret),
            lambda m, v, x: Implies(s.got(m, v, x), some((Op,), lambda q: s.reading(m, q))),
        ),
    }


def _properties(s: Symbols) -> Formulas:
    return {
        **_held(s),
        "what is not refreshed can be kept": every(
            (Member, Op, Node),
            lambda m, q, v: Implies(
                And(s.reading(m, q), s.under(q, m, v), Not(s.refreshed(q, v))),
                Or(
                    s.holds(m, v, s.key(q, v)),
                    And(v == s.place(q, m), s.got(m, v, s.key(q, v))),
                ),
            ),
        ),
        "what is refreshed can be read from a child": every(
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
        ),
        "the lowest missing node can be read": _goes_on(s),
    }


def _goes_on(s: Symbols) -> z3.BoolRef:
    """A node that is missing, unlike what is below, can be kept, opened or derived."""

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


def system(broken: str = "") -> System:
    """Members who process step by step; with a broken rule perhaps."""
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
            "nobody anywhere": every(
                (Member, Op), lambda m, q: Not(Or(s.at(m, q), s.pending(m, q), s.reading(m, q)))
            ),
            "nothing held": every(
                (Member, Node, Secret), lambda m, v, x: Not(Or(s.holds(m, v, x), s.got(m, v, x)))
            ),
        },
        transitions=reading_rules(broken),
        invariants=_invariants,
        properties=_properties,
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
    return induct(system("ciphertexts go to the keys from before"), tick)


CLAIM = Claim(
    name="tree-paths",
    statement="TTKEM: a member holds exactly its path's secrets; of what it reads, the lowest node "
    "of its path that it lacks can be kept, opened or derived",
    source="Klein et al., IEEE S&P 2021, section 3; specification T1, T4, T5",
    bound="every number of members, nodes, operations and forks, every schedule",
    check=_check,
    twin="ciphertexts go to the keys from before",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the steps of "
    "proofs.treekem.reading; for nobody to be stuck, that paths are finite and every inner node "
    "of a path has a child on it",
)
