"""Tainted TreeKEM, all steps: init keys, operations, verdicts, deliveries (specification T5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3

from proofs.treekem.operations import OPERATIONS, RENEWALS, operations
from proofs.treekem.tainted import BROKEN, Member, Node, Op, Secret, owner
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.verification.system import Formulas, Symbols

__all__ = ["DERIVE", "observed", "rules", "samples"]

DERIVE = Transition(
    {"secret": (Secret,), "given": (Secret,)},
    lambda s, c: {"edge": z3.And(s.known(c.given), s.edge(c.given, c.secret))},
    lambda s, c: {"known": lambda x: z3.Or(s.known(x), x == c.secret)},
)
"""For a state that has `known`: one edge of the knowledge graph is followed."""


def rules(broken: str = "") -> dict[str, Transition]:
    """All transitions of members and server; with one rule of `BROKEN` broken perhaps."""
    if broken and broken not in BROKEN:
        raise AssertionError(f"no rule is called {broken!r}")
    return {**_init_keys(broken), **operations(broken), **_verdicts(broken), **_deliveries(broken)}


def observed(
    transitions: Mapping[str, Transition],
    watch: Callable[[str, Symbols, Symbols, Symbols], Mapping[str, Any]],
    chooses: Mapping[str, Any],
) -> dict[str, Transition]:
    """The same with something that is told of every step and has no influence on it.

    ``watch`` is given the transition's name, state, choice, and the state after it.
    """

    def told(name: str, plain: Transition) -> Transition:
        def then(s: Symbols, c: Symbols) -> Mapping[str, Any]:
            changed = plain.then(s, c)
            return {**changed, **watch(name, s, c, s.but(changed))}

        return Transition({**plain.chooses, **chooses}, plain.when, then)

    return {name: told(name, plain) for name, plain in transitions.items()}


def samples(name: str, c: Symbols) -> tuple[Callable[[Any], z3.BoolRef], Any]:
    """What a transition samples, drawn or derived, and who does so; None if nobody does."""
    if name == "sample init key":
        return lambda x: x == c.secret, c.who
    if name not in OPERATIONS:
        return lambda x: z3.BoolVal(val=False), None

    def sampled(x: Any) -> z3.BoolRef:
        node = some((Node,), lambda v: z3.And(c.refreshed(v), x == c.fresh(v)))
        return z3.Or(node, x == c.leaf) if name in RENEWALS else node

    return sampled, c.author


def _init_keys(broken: str) -> dict[str, Transition]:
    erases = broken != "discarding key packages does nothing"
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
            lambda s, c: (
                {"unused": lambda m, x: z3.And(s.unused(m, x), m != c.who)} if erases else {}
            ),
        ),
    }


def _verdicts(broken: str) -> dict[str, Transition]:
    keeps = broken == "confirm keeps the other pending operations"
    return {
        "confirm": Transition(
            {"who": (Member,), "op": (Op,)},
            lambda s, c: {"pending": s.pending(c.who, c.op)},
            lambda s, c: {
                "at": _goes_to(s, c),
                "pending": lambda m, q: z3.And(
                    s.pending(m, q), z3.Or(m != c.who, z3.And(keeps, q != c.op))
                ),
            },
        ),
        "reject": Transition(
            {"who": (Member,), "op": (Op,)},
            lambda s, c: {"pending": s.pending(c.who, c.op)},
            lambda s, c: (
                {"pending": lambda m, q: z3.And(s.pending(m, q), z3.Or(m != c.who, q != c.op))}
                if broken != "reject does nothing"
                else {}
            ),
        ),
    }


def _deliveries(broken: str) -> dict[str, Transition]:
    chooses = {"who": (Member,), "op": (Op,), "base": (Op,)}

    def next_one(s: Symbols, c: Symbols) -> Formulas:
        """Made by another on the operation that the member is at: so its transcript says."""
        premises = {
            "made": s.made(c.op),
            "in a group": s.at(c.who, c.base),
            "of another": s.author(c.op) != c.who,
        }
        if broken != "neither epoch nor transcript is compared":
            premises["transcript"] = s.parent(c.op, c.base)
        return premises

    def dropped(s: Symbols, c: Symbols, rule: str) -> Mapping[str, Any]:
        if broken == rule:
            return {}
        return {"pending": lambda m, q: z3.And(s.pending(m, q), m != c.who)}

    def left(s: Symbols, c: Symbols) -> Mapping[str, Any]:
        gone = dropped(s, c, "a removed member keeps pending operations")
        if broken == "a removed member keeps the group":
            return gone
        return {**gone, "at": lambda m, q: z3.And(s.at(m, q), m != c.who)}

    def joined(s: Symbols, c: Symbols) -> Mapping[str, Any]:
        moved = {"at": _goes_to(s, c), **dropped(s, c, "a join keeps what is pending")}
        if broken == "an init secret stays after joining":
            return moved
        return {
            **moved,
            "unused": lambda m, x: z3.And(
                s.unused(m, x), z3.Or(m != c.who, x != s.leaf(c.op, c.who))
            ),
        }

    return {
        "process": Transition(
            chooses,
            lambda s, c: {**next_one(s, c), "stays": s.member(c.op, c.who)},
            lambda s, c: {
                "at": _goes_to(s, c),
                **dropped(s, c, "processing a message keeps what is pending"),
            },
        ),
        "process own removal": Transition(
            chooses,
            lambda s, c: {**next_one(s, c), "removed": z3.Not(s.member(c.op, c.who))},
            left,
        ),
        "join": Transition(
            {"who": (Member,), "op": (Op,)},
            lambda s, c: {
                "made": s.made(c.op),
                "in no group": every((Op,), lambda q: z3.Not(s.at(c.who, q))),
                "let in": s.member(c.op, c.who),
                "unused init key": s.unused(c.who, s.leaf(c.op, c.who)),
            },
            joined,
        ),
    }


def _goes_to(s: Symbols, c: Symbols) -> Callable[..., z3.BoolRef]:
    return lambda m, q: z3.If(m == c.who, q == c.op, s.at(m, q))
