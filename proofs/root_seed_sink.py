"""Tainted TreeKEM: from a root seed, edges lead to its own keys only; from a group key, none.

Statement (KPWK21; specification T6): the only edges from the root seed of an operation lead to the
root's key pair and to the group key, and no edge leaves the group key. This speaks of single edges,
not of paths: once the tree has grown, the old root is a child of the new one and is sent its seed,
so that the old root's secret key, hence its seed, gives the next root seed and what follows from
that.

Elsewhere in this catalogue seed, key pair and group key are one secret. Here they are three, so
that this can be stated: later seeds are sent under the root's key, never under its seed. Edges
lead along chains from seed to seed, from a seed to its key pair, and from every key pair that
exists, in whatever fork, to every seed that is being sampled, which is more than is ever sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import combined, named_clauses
from proofs.treekem.tainted import AXIOMS, Node, Op, at_or_below
from ttkem.verification.claim import Claim, Kind, Refutes
from ttkem.verification.induction import induct
from ttkem.verification.system import System, Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ttkem.verification.claim import Finding, Tick
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["CLAIM", "system"]

Vertex = z3.DeclareSort("Vertex")
_TRUTH = z3.BoolSort()


def _make(*, hashed: bool) -> Transition:
    """Return the transition of an operation, of whatever kind."""

    def when(s: Symbols, c: Symbols) -> Formulas:
        def fresh(*vertices: Any) -> z3.BoolRef:
            return And(
                *(Not(s.sampled(x)) for x in vertices), Not(Or(*(s.pair(x) for x in vertices)))
            )

        rules = {
            "new": Not(s.made(c.op)),
            "root": And(
                c.refreshed(c.root),
                every((Node,), lambda v: Implies(c.refreshed(v), at_or_below(v, c.root))),
            ),
            "fresh": And(
                fresh(c.group_key),
                every(
                    (Node,),
                    lambda v: Implies(
                        c.refreshed(v),
                        And(
                            fresh(c.seed(v), c.keys(v)),
                            c.group_key != c.seed(v),
                            c.group_key != c.keys(v),
                        ),
                    ),
                ),
            ),
            "one node, one seed": every(
                (Node, Node),
                lambda u, v: Implies(
                    And(c.refreshed(u), c.refreshed(v), c.seed(u) == c.seed(v)), u == v
                ),
            ),
        }
        if hashed:
            rules["keys are no seeds"] = every(
                (Node, Node),
                lambda u, v: Implies(And(c.refreshed(u), c.refreshed(v)), c.seed(u) != c.keys(v)),
            )
        return rules

    def then(s: Symbols, c: Symbols) -> Mapping[str, Any]:
        def pair(x: Any) -> z3.BoolRef:
            return Or(s.pair(x), some((Node,), lambda v: And(c.refreshed(v), x == c.keys(v))))

        def given(x: Any, y: Any) -> z3.BoolRef:
            """State that ``y`` is fresh, and ``x`` gives it."""
            below = some(
                (Node, Node),
                lambda u, v: And(
                    c.refreshed(u),
                    c.refreshed(v),
                    u != v,
                    at_or_below(u, v),
                    x == c.seed(u),
                    y == c.seed(v),
                ),
            )
            sent = some((Node,), lambda v: And(c.refreshed(v), pair(x), y == c.seed(v)))
            own = some((Node,), lambda v: And(c.refreshed(v), x == c.seed(v), y == c.keys(v)))
            return Or(below, sent, own, And(x == c.seed(c.root), y == c.group_key))

        def sampled(x: Any) -> z3.BoolRef:
            fresh = some(
                (Node,),
                lambda v: And(c.refreshed(v), Or(x == c.seed(v), x == c.keys(v))),
            )
            return Or(s.sampled(x), fresh, x == c.group_key)

        return {
            "made": lambda q: Or(s.made(q), q == c.op),
            "root_seed": lambda q: z3.If(q == c.op, c.seed(c.root), s.root_seed(q)),
            "root_keys": lambda q: z3.If(q == c.op, c.keys(c.root), s.root_keys(q)),
            "group_key": lambda q: z3.If(q == c.op, c.group_key, s.group_key(q)),
            "pair": pair,
            "sampled": sampled,
            "edge": lambda x, y: Or(s.edge(x, y), given(x, y)),
        }

    return Transition(
        {
            "op": (Op,),
            "root": (Node,),
            "refreshed": (Node, _TRUTH),
            "seed": (Node, Vertex),
            "keys": (Node, Vertex),
            "group_key": (Vertex,),
        },
        when,
        then,
    )


_SAMPLE_INIT_KEY = Transition(
    {"keys": (Vertex,)},
    lambda s, c: {"fresh": Not(Or(s.sampled(c.keys), s.pair(c.keys)))},
    lambda s, c: {
        "sampled": lambda x: Or(s.sampled(x), x == c.keys),
        "pair": lambda x: Or(s.pair(x), x == c.keys),
    },
)
"""The step that samples an init key: a key pair that belongs to no node yet."""


def root_seeds_and_group_keys_are_sampled(s: Symbols) -> z3.BoolRef:
    """State that the root seed and the group key of an operation are sampled."""
    return every(
        (Op,),
        lambda q: Implies(s.made(q), And(s.sampled(s.root_seed(q)), s.sampled(s.group_key(q)))),
    )


def edges_leave_what_is_sampled(s: Symbols) -> z3.BoolRef:
    """State that only sampled secrets give anything."""
    return every((Vertex, Vertex), lambda x, y: Implies(s.edge(x, y), s.sampled(x)))


def key_pairs_are_sampled(s: Symbols) -> z3.BoolRef:
    """State that every key pair is sampled."""
    return every((Vertex,), lambda x: Implies(s.pair(x), s.sampled(x)))


def root_seeds_and_group_keys_are_no_key_pairs(s: Symbols) -> z3.BoolRef:
    """State that neither the root seed nor the group key of an operation is a key pair."""
    return every(
        (Op,),
        lambda q: Implies(s.made(q), Not(Or(s.pair(s.root_seed(q)), s.pair(s.group_key(q))))),
    )


def a_root_seed_gives_its_own_keys_only(s: Symbols) -> z3.BoolRef:
    """State that a root seed gives nothing but its key pair and its group key."""
    return every(
        (Op, Vertex),
        lambda q, y: Implies(
            And(s.made(q), s.edge(s.root_seed(q), y)),
            Or(y == s.root_keys(q), y == s.group_key(q)),
        ),
    )


def a_group_key_gives_nothing(s: Symbols) -> z3.BoolRef:
    """State that no edge leaves a group key."""
    return every((Op, Vertex), lambda q, y: Implies(s.made(q), Not(s.edge(s.group_key(q), y))))


PROPERTIES = named_clauses(a_root_seed_gives_its_own_keys_only, a_group_key_gives_nothing)
"""The claimed properties."""

INVARIANT = combined(
    named_clauses(
        root_seeds_and_group_keys_are_sampled,
        edges_leave_what_is_sampled,
        key_pairs_are_sampled,
        root_seeds_and_group_keys_are_no_key_pairs,
    ),
    PROPERTIES,
)
"""The invariant of all reachable states."""


def system(*, hashed: bool = True) -> System:
    """Return the system of operations with their secrets.

    Negative twin: if not ``hashed``, a key pair may be its seed.
    """
    return System(
        name="root seeds",
        state={
            "made": (Op, _TRUTH),
            "root_seed": (Op, Vertex),
            "root_keys": (Op, Vertex),
            "group_key": (Op, Vertex),
            "pair": (Vertex, _TRUTH),
            "sampled": (Vertex, _TRUTH),
            "edge": (Vertex, Vertex, _TRUTH),
        },
        axioms=AXIOMS,
        init=lambda s: {
            "no operations": every((Op,), lambda q: Not(s.made(q))),
            "no secrets": every((Vertex,), lambda x: Not(Or(s.pair(x), s.sampled(x)))),
            "no edges": every((Vertex, Vertex), lambda x, y: Not(s.edge(x, y))),
        },
        transitions={"sample init key": _SAMPLE_INIT_KEY, "make": _make(hashed=hashed)},
        invariants=INVARIANT,
        properties=PROPERTIES,
        universe={Op: 2, Node: 2, Vertex: 8},
        witnesses=(("sample init key", "make", "make"),),
    )


def _check(tick: Tick) -> Finding:
    return induct(system(), tick)


def _refute(tick: Tick) -> Finding:
    return induct(system(hashed=False), tick)


CLAIM = Claim(
    name="root-seed-sink",
    statement="TTKEM: the only edges from a root seed lead to the root's key pair and the group "
    "key; none leaves the group key",
    source="Klein et al., IEEE S&P 2021, section 4; specification T2, T6",
    bound="every number of operations, nodes and forks",
    check=_check,
    twin="H2 is left out: a key pair may be its seed",
    refute=_refute,
    refutes=Refutes.LEMMA,
    kind=Kind.INDUCTIVE,
    trusts="Z3; induction over steps (ttkem.verification.induction); the transitions of this file",
)
