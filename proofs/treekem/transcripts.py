"""Members, messages and transcripts, whatever the protocol: for the proofs about histories.

Source: KPWK21 section 2; specification T5. A message carries the transcript on which its author
made it. A member processes it if that is its own transcript and applies it to its view; its new
transcript is the hash of the message, the former transcript included. The group key is a function
of view and message. A welcome carries the view and
the transcript of its author. ``view_of`` and ``prefix`` are there for the proofs alone: the view
that a transcript stands for, and which transcripts it goes on from. ``was``: where a member has
been since it last joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.tainted import Member, Op, Secret
from ttkem.verification.system import System, Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.verification.system import Formulas, Symbols

__all__ = ["BROKEN", "histories"]

Transcript, View = map(z3.DeclareSort, ("Transcript", "View"))
_TRUTH = z3.BoolSort()

hashed = z3.Function("hashed", Op, Transcript)
applied = z3.Function("applied", View, Op, View)
group_key = z3.Function("group key", View, Op, Secret)
empty = z3.Const("empty", Transcript)
nothing = z3.Const("nothing", View)

BROKEN = (
    "neither epoch nor transcript is compared",
    "the transcript hash never changes",
)
"""Rules that can be broken."""

STATE = {
    "made": (Op, _TRUTH),
    "author": (Op, Member),
    "base": (Op, Transcript),
    "base_view": (Op, View),
    "at": (Member, Transcript, _TRUTH),
    "view": (Member, View),
    "key": (Member, Secret),
    "was": (Member, Transcript, _TRUTH),
    "view_of": (Transcript, View),
    "key_of": (Transcript, Secret),
    "known": (Transcript, _TRUTH),
    "prefix": (Transcript, Transcript, _TRUTH),
}


def _axioms(broken: str) -> Formulas:
    not_empty = {"no hash is empty": every((Op,), lambda q: hashed(q) != empty)}
    if broken == "the transcript hash never changes":
        one = every((Op, Op), lambda q, p: hashed(q) == hashed(p))
        return {**not_empty, "all hashes are the same": one}
    return {
        **not_empty,
        "hashes have no collisions": every(
            (Op, Op), lambda q, p: Implies(hashed(q) == hashed(p), q == p)
        ),
    }


def _made(s: Symbols, c: Symbols, base: Any, view: Any) -> Mapping[str, Any]:
    """A message, and the transcript that it leads to."""
    new = hashed(c.op)
    return {
        "made": lambda q: Or(s.made(q), q == c.op),
        "author": lambda q: z3.If(q == c.op, c.who, s.author(q)),
        "base": lambda q: z3.If(q == c.op, base, s.base(q)),
        "base_view": lambda q: z3.If(q == c.op, view, s.base_view(q)),
        "view_of": lambda t: z3.If(t == new, applied(view, c.op), s.view_of(t)),
        "key_of": lambda t: z3.If(t == new, group_key(applied(view, c.op), c.op), s.key_of(t)),
        "known": lambda t: Or(s.known(t), t == new),
        "prefix": lambda t, u: Or(s.prefix(t, u), And(u == new, Or(t == new, s.prefix(t, base)))),
    }


def _moved(s: Symbols, c: Symbols, to: Any, view: Any, *, joins: bool) -> Mapping[str, Any]:
    """The member has applied the message to this view."""
    after = applied(view, c.op)

    def was(m: Any, t: Any) -> z3.BoolRef:
        return Or(t == to, And(not joins, s.was(m, t)))

    return {
        "at": lambda m, t: z3.If(m == c.who, t == to, s.at(m, t)),
        "view": lambda m: z3.If(m == c.who, after, s.view(m)),
        "key": lambda m: z3.If(m == c.who, group_key(after, c.op), s.key(m)),
        "was": lambda m, t: z3.If(m == c.who, was(m, t), s.was(m, t)),
    }


def _rules(broken: str) -> dict[str, Transition]:
    whose = {"who": (Member,), "op": (Op,)}
    where = {**whose, "now": (Transcript,)}

    def outside(s: Symbols, c: Symbols) -> z3.BoolRef:
        return every((Transcript,), lambda t: Not(s.at(c.who, t)))

    def process(s: Symbols, c: Symbols) -> Formulas:
        premises = {
            "made": s.made(c.op),
            "of another": s.author(c.op) != c.who,
            "in a group": s.at(c.who, c.now),
        }
        if broken != "neither epoch nor transcript is compared":
            premises["transcript"] = s.base(c.op) == c.now
        return premises

    return {
        "create": Transition(
            whose,
            lambda s, c: {"new": Not(s.made(c.op)), "in no group": outside(s, c)},
            lambda s, c: _made(s, c, empty, nothing),
        ),
        "generate": Transition(
            where,
            lambda s, c: {"new": Not(s.made(c.op)), "in a group": s.at(c.who, c.now)},
            lambda s, c: _made(s, c, c.now, s.view(c.who)),
        ),
        "confirm": Transition(
            whose,
            lambda s, c: {
                "own": And(s.made(c.op), s.author(c.op) == c.who),
                "pending": Or(s.at(c.who, s.base(c.op)), And(s.base(c.op) == empty, outside(s, c))),
            },
            lambda s, c: _moved(s, c, hashed(c.op), s.base_view(c.op), joins=False),
        ),
        "process": Transition(
            where,
            process,
            lambda s, c: _moved(s, c, hashed(c.op), s.view(c.who), joins=False),
        ),
        "join": Transition(
            whose,
            lambda s, c: {"made": s.made(c.op), "in no group": outside(s, c)},
            lambda s, c: _moved(s, c, hashed(c.op), s.base_view(c.op), joins=True),
        ),
        "leave": Transition(
            {"who": (Member,)},
            lambda s, c: {},
            lambda s, c: {
                "at": lambda m, t: And(s.at(m, t), m != c.who),
                "was": lambda m, t: And(s.was(m, t), m != c.who),
            },
        ),
    }


def _invariants(s: Symbols) -> Formulas:
    def at(what: Callable[[Any, Any], z3.BoolRef]) -> z3.BoolRef:
        return every((Member, Transcript), lambda m, t: Implies(s.at(m, t), what(m, t)))

    return {
        "one transcript": every(
            (Member, Transcript, Transcript),
            lambda m, t, u: Implies(And(s.at(m, t), s.at(m, u)), t == u),
        ),
        "transcripts are known": at(lambda m, t: s.known(t)),
        "the view is the transcript's": at(lambda m, t: s.view(m) == s.view_of(t)),
        "the key is the transcript's": at(lambda m, t: s.key(m) == s.key_of(t)),
        "messages go on from what is known": every(
            (Op,),
            lambda q: Implies(
                s.made(q),
                And(
                    s.known(hashed(q)),
                    Or(
                        And(s.base(q) == empty, s.base_view(q) == nothing),
                        And(s.known(s.base(q)), s.base_view(q) == s.view_of(s.base(q))),
                    ),
                ),
            ),
        ),
        "what a message leads to": every(
            (Op,),
            lambda q: Implies(
                s.made(q),
                And(
                    s.view_of(hashed(q)) == applied(s.base_view(q), q),
                    s.key_of(hashed(q)) == group_key(applied(s.base_view(q), q), q),
                ),
            ),
        ),
        "hashes of what is made are known": every(
            (Op,), lambda q: Implies(s.known(hashed(q)), s.made(q))
        ),
        "the empty one is nobody's": Not(s.known(empty)),
        "prefixes are known": every(
            (Transcript, Transcript),
            lambda t, u: Implies(s.prefix(t, u), And(s.known(t), s.known(u))),
        ),
        "all are prefixes of themselves": every(
            (Transcript,), lambda t: Implies(s.known(t), s.prefix(t, t))
        ),
        "bases are prefixes": every(
            (Op, Transcript),
            lambda q, t: Implies(And(s.made(q), s.prefix(t, s.base(q))), s.prefix(t, hashed(q))),
        ),
        "prefixes are in line": every(
            (Transcript, Transcript, Transcript),
            lambda t, u, w: Implies(
                And(s.prefix(t, w), s.prefix(u, w)), Or(s.prefix(t, u), s.prefix(u, t))
            ),
        ),
        "prefixes of prefixes": every(
            (Transcript, Transcript, Transcript),
            lambda t, u, w: Implies(And(s.prefix(t, u), s.prefix(u, w)), s.prefix(t, w)),
        ),
        "nobody goes back": every(
            (Member, Transcript, Transcript),
            lambda m, t, u: Implies(And(s.was(m, t), s.at(m, u)), s.prefix(t, u)),
        ),
        "who is out was nowhere": every(
            (Member, Transcript),
            lambda m, t: Implies(s.was(m, t), some((Transcript,), lambda u: s.at(m, u))),
        ),
    }


def histories(properties: Callable[[Symbols], Formulas], broken: str = "") -> System:
    """The system with what is claimed of it; one of `BROKEN` broken perhaps."""
    return System(
        name="histories",
        state=STATE,
        axioms=_axioms(broken),
        init=lambda s: {
            "no messages": every((Op,), lambda q: Not(s.made(q))),
            "nobody anywhere": every(
                (Member, Transcript), lambda m, t: Not(Or(s.at(m, t), s.was(m, t)))
            ),
            "no transcripts": every(
                (Transcript, Transcript), lambda t, u: Not(Or(s.known(t), s.prefix(t, u)))
            ),
        },
        transitions=_rules(broken),
        invariants=lambda s: {**properties(s), **_invariants(s)},
        properties=properties,
        universe={Member: 3, Op: 3, Transcript: 4, View: 3, Secret: 3},
        witnesses=(
            ("create", "confirm", "join", "generate", "generate", "confirm", "process"),
            ("create", "confirm", "join", "generate", "confirm", "leave"),
        ),
        constants=(nothing, applied, group_key),
    )
