"""Tainted TreeKEM, all steps: init keys, operations, verdicts, deliveries (specification T5)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import z3

from proofs.treekem.operations import OPERATIONS, RENEWALS, operations
from proofs.treekem.predicates import RULES
from proofs.treekem.tainted import Member, Node, Op, Secret, owner
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from proofs.treekem.predicates import Rules
    from ttkem.verification.system import Formulas, Symbols

__all__ = ["DERIVE", "observed", "samples", "transitions"]

DERIVE = Transition(
    {"secret": (Secret,), "given": (Secret,)},
    lambda s, c: {"edge": z3.And(s.known(c.given), s.edge(c.given, c.secret))},
    lambda s, c: {"known": lambda x: z3.Or(s.known(x), x == c.secret)},
)
"""The step that follows one edge of the knowledge graph, for a state that has `known`."""


def transitions(rules: Rules = RULES) -> dict[str, Transition]:
    """Return all transitions of the members and the delivery service."""
    return {**_init_keys(rules), **operations(rules), **_verdicts(rules), **_deliveries(rules)}


def observed(
    plain: Mapping[str, Transition],
    watch: Callable[[str, Symbols, Symbols, Symbols], Mapping[str, Any]],
    chooses: Mapping[str, Any],
) -> dict[str, Transition]:
    """Return the transitions with ghost state, which no premise reads.

    ``watch`` gets the transition's name, the state, the choice and the state after it, and returns
    the new meaning of each ghost symbol that changes. Every transition also chooses ``chooses``.
    """

    def with_ghosts(name: str, transition: Transition) -> Transition:
        def then(s: Symbols, c: Symbols) -> Mapping[str, Any]:
            changed = transition.then(s, c)
            return {**changed, **watch(name, s, c, s.but(changed))}

        return Transition({**transition.chooses, **chooses}, transition.when, then)

    return {name: with_ghosts(name, transition) for name, transition in plain.items()}


def samples(name: str, c: Symbols) -> tuple[Callable[[Any], z3.BoolRef], Any]:
    """Return which secrets a transition samples or derives, and the member who does; else None."""
    if name == "sample init key":
        return lambda x: x == c.secret, c.who
    if name not in OPERATIONS:
        return lambda x: z3.BoolVal(val=False), None

    def sampled(x: Any) -> z3.BoolRef:
        node = some((Node,), lambda v: z3.And(c.refreshed(v), x == c.fresh(v)))
        return z3.Or(node, x == c.leaf) if name in RENEWALS else node

    return sampled, c.author


def _init_keys(rules: Rules) -> dict[str, Transition]:
    return {
        "sample init key": Transition(
            {"who": (Member,), "secret": (Secret,)},
            lambda s, c: {"fresh": z3.Not(s.sampled(c.secret)), "own": owner(c.secret) == c.who},
            lambda s, c: {
                "sampled": lambda x: z3.Or(s.sampled(x), x == c.secret),
                "init": lambda x: z3.Or(s.init(x), x == c.secret),
                "unused": lambda m, x: z3.Or(s.unused(m, x), z3.And(m == c.who, x == c.secret)),
                "guards": lambda x, y: z3.Or(s.guards(x, y), z3.And(x == c.secret, y == c.secret)),
            },
        ),
        "erase init keys": Transition(
            {"who": (Member,)},
            lambda s, c: {},
            lambda s, c: {"unused": partial(rules.unused_after_erasure, s, c)},
        ),
    }


def _verdicts(rules: Rules) -> dict[str, Transition]:
    whose = {"who": (Member,), "op": (Op,)}
    return {
        "confirm": Transition(
            whose,
            lambda s, c: {"pending": s.pending(c.who, c.op)},
            lambda s, c: {
                "at": _goes_to(s, c),
                "pending": partial(rules.pending_after_confirm, s, c),
            },
        ),
        "reject": Transition(
            whose,
            lambda s, c: {"pending": s.pending(c.who, c.op)},
            lambda s, c: {"pending": partial(rules.pending_after_reject, s, c)},
        ),
    }


def _deliveries(rules: Rules) -> dict[str, Transition]:
    chooses = {"who": (Member,), "op": (Op,), "base": (Op,)}

    def next_one(s: Symbols, c: Symbols) -> Formulas:
        """Require that another member made the operation on the one that this member is at."""
        return {
            "made": s.made(c.op),
            "in a group": s.at(c.who, c.base),
            "made by another": s.author(c.op) != c.who,
            "transcript": rules.same_history(s, c),
        }

    return {
        "process": Transition(
            chooses,
            lambda s, c: {**next_one(s, c), "stays": s.member(c.op, c.who)},
            lambda s, c: {
                "at": _goes_to(s, c),
                "pending": partial(rules.pending_after_process, s, c),
            },
        ),
        "process own removal": Transition(
            chooses,
            lambda s, c: {**next_one(s, c), "removed": z3.Not(s.member(c.op, c.who))},
            lambda s, c: {
                "at": partial(rules.at_after_removal, s, c),
                "pending": partial(rules.pending_after_removal, s, c),
            },
        ),
        "join": Transition(
            {"who": (Member,), "op": (Op,)},
            lambda s, c: {
                "made": s.made(c.op),
                "in no group": every((Op,), lambda q: z3.Not(s.at(c.who, q))),
                "invited": s.member(c.op, c.who),
                "unused init key": s.unused(c.who, s.leaf(c.op, c.who)),
            },
            lambda s, c: {
                "at": _goes_to(s, c),
                "pending": partial(rules.pending_after_join, s, c),
                "unused": partial(rules.unused_after_join, s, c),
            },
        ),
    }


def _goes_to(s: Symbols, c: Symbols) -> Callable[..., z3.BoolRef]:
    return lambda m, q: z3.If(m == c.who, q == c.op, s.at(m, q))
