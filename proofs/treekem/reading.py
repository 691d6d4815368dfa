"""Members who read messages step by step, up their paths: for the proof of the tree invariant.

Source: KPWK21 section 3; specification T1, T4, T5. Here leaves are nodes too. Processing takes many
steps: in any order, a member keeps a secret that is not refreshed, decrypts one or derives one, and
has finished when it has a secret for every node of its path. In a tree it can do so upwards, as the
lowest missing node has a child that is not missing. Meanwhile it makes and confirms no operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.tainted import Member, Node, Op, Secret
from ttkem.verification.system import Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.verification.system import Formulas, Signature, Symbols

__all__ = ["READING", "STATE", "ReadingRules", "child", "reading_transitions", "up"]

_TRUTH = z3.BoolSort()
child = z3.Function("child", Node, Node, _TRUTH)
"""Relates a node to each of its two children."""
up = z3.Function("up", Secret, Secret)
"""The function that gives the next secret of a chain: H1."""

STATE: Mapping[str, Signature] = {
    "made": (Op, _TRUTH),
    "parent": (Op, Op, _TRUTH),
    "author": (Op, Member),
    "member": (Op, Member, _TRUTH),
    "under": (Op, Member, Node, _TRUTH),
    "place": (Op, Member, Node),
    "key": (Op, Node, Secret),
    "refreshed": (Op, Node, _TRUTH),
    "chain": (Op, Node, Node, _TRUTH),
    "sent": (Op, Node, Node, _TRUTH),
    "lock": (Op, Node, Node, Secret),
    "at": (Member, Op, _TRUTH),
    "holds": (Member, Node, Secret, _TRUTH),
    "pending": (Member, Op, _TRUTH),
    "will_hold": (Member, Op, Node, Secret, _TRUTH),
    "reading": (Member, Op, _TRUTH),
    "got": (Member, Node, Secret, _TRUTH),
}
_OF_OPERATIONS = ("member", "under", "place", "key", "refreshed", "chain", "sent")


def newest_lock(s: Symbols, c: Symbols, u: Any) -> Any:
    """Return the key under which a seed is sent to a child: its newest (T4)."""
    del s
    return c.key(u)


def chain_gives_next_seed(s: Symbols, c: Symbols) -> z3.BoolRef:
    """Require that along a chain each secret is derived from the one before (T2)."""
    del s
    return every(
        (Node, Node),
        lambda u, v: Implies(And(c.chain(u, v), c.refreshed(u)), c.key(v) == up(c.key(u))),
    )


def others_leaves_kept(s: Symbols, c: Symbols) -> z3.BoolRef:
    """Require that only the author's leaf is refreshed (T3)."""
    del s
    return every(
        (Member,), lambda m: Implies(And(c.member(m), m != c.author), Not(c.refreshed(c.place(m))))
    )


def new_paths_refreshed(s: Symbols, c: Symbols, stays: Callable[[Any], z3.BoolRef]) -> z3.BoolRef:
    """Require that the path of every new member is refreshed above the leaf (T3)."""
    del s
    return every(
        (Member, Node),
        lambda m, v: Implies(And(c.under(m, v), Not(stays(m)), v != c.place(m)), c.refreshed(v)),
    )


def only_the_path_is_held(s: Symbols, c: Symbols, v: Any, x: Any) -> z3.BoolRef:
    """Return whether a member holds a secret after reading: what it got, nothing older (T1)."""
    return s.got(c.who, v, x)


def read_on_own_history(s: Symbols, c: Symbols) -> z3.BoolRef:
    """Require that the operation was made on the operation that the member is at (T5)."""
    return s.parent(c.op, c.base)


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """The rules that mutants replace, each as a predicate; the defaults are the protocol's."""

    lock: Callable[[Symbols, Symbols, Any], Any] = newest_lock
    """For all operations but a create, which has nothing older."""
    chains: Callable[[Symbols, Symbols], z3.BoolRef] = chain_gives_next_seed
    others_leaves_kept: Callable[[Symbols, Symbols], z3.BoolRef] = others_leaves_kept
    new_paths_refreshed: Callable[[Symbols, Symbols, Callable[[Any], z3.BoolRef]], z3.BoolRef] = (
        new_paths_refreshed
    )
    held_after_finish: Callable[[Symbols, Symbols, Any, Any], z3.BoolRef] = only_the_path_is_held
    same_history: Callable[[Symbols, Symbols], z3.BoolRef] = read_on_own_history


READING = ReadingRules()
"""The protocol's rules."""


def reading_transitions(rules: ReadingRules = READING) -> dict[str, Transition]:
    """Return all transitions of members who read step by step."""
    return {
        "create": _generate(rules, creates=True),
        "generate": _generate(rules, creates=False),
        **_moves(rules),
        **_reading(),
    }


def _generate(rules: ReadingRules, *, creates: bool) -> Transition:
    """Return the transition by which an author makes an operation that is then pending."""
    nobody = z3.BoolVal(val=False)

    def was_there(s: Symbols, c: Symbols, m: Any) -> z3.BoolRef:
        return nobody if creates else s.member(c.base, m)

    def when(s: Symbols, c: Symbols) -> Formulas:
        common = _required(s, c, rules, lambda m: was_there(s, c, m))
        return {**common, **(_first(s, c) if creates else _next(s, c))}

    def then(s: Symbols, c: Symbols) -> Mapping[str, Any]:
        lock = newest_lock if creates else rules.lock

        def author_holds(v: Any, x: Any) -> z3.BoolRef:
            sampled = And(c.refreshed(v), x == c.key(v))
            kept = And(Not(c.refreshed(v)), s.holds(c.author, v, x))
            return And(c.under(c.author, v), Or(sampled, kept))

        new = {
            **{name: getattr(c, name) for name in _OF_OPERATIONS},
            "author": lambda: c.author,
            "parent": lambda p: nobody if creates else p == c.base,
            "lock": lambda _, u: lock(s, c, u),
        }
        return {
            **{name: _for_one(getattr(s, name), c.op, value) for name, value in new.items()},
            "made": lambda q: Or(s.made(q), q == c.op),
            "pending": lambda m, q: Or(s.pending(m, q), And(m == c.author, q == c.op)),
            "will_hold": lambda m, q, v, x: z3.If(
                And(m == c.author, q == c.op), author_holds(v, x), s.will_hold(m, q, v, x)
            ),
        }

    chooses = {name: STATE[name][1:] for name in ("author", *_OF_OPERATIONS)}
    return Transition({"op": (Op,), **chooses, **({} if creates else {"base": (Op,)})}, when, then)


def _required(
    s: Symbols, c: Symbols, rules: ReadingRules, was_there: Callable[[Any], z3.BoolRef]
) -> Formulas:
    """State the conditions on every operation (specification T3 and T4)."""

    def stays(m: Any) -> z3.BoolRef:
        return Or(And(was_there(m), c.member(m)), m == c.author)

    return {
        "new": Not(s.made(c.op)),
        "author": c.member(c.author),
        "places": every((Member,), lambda m: Implies(c.member(m), c.under(m, c.place(m)))),
        "only members are below nodes": every(
            (Member, Node), lambda m, v: Implies(c.under(m, v), c.member(m))
        ),
        "ciphertexts": every(
            (Member, Node, Node),
            lambda m, v, u: Implies(
                And(c.refreshed(v), child(v, u), c.under(m, u), c.under(m, v), m != c.author),
                Or(c.sent(v, u), And(c.chain(u, v), c.refreshed(u))),
            ),
        ),
        "leaves are their members'": rules.others_leaves_kept(s, c),
        "new paths are refreshed": rules.new_paths_refreshed(s, c, stays),
        "chains": rules.chains(s, c),
    }


def _first(s: Symbols, c: Symbols) -> Formulas:
    """State the further conditions on a create."""
    return {
        "in no group": every((Op,), lambda q: Not(Or(s.at(c.author, q), s.reading(c.author, q)))),
        "all is refreshed": every((Node,), lambda v: Implies(c.under(c.author, v), c.refreshed(v))),
    }


def _next(s: Symbols, c: Symbols) -> Formulas:
    """State the further conditions on all operations but create."""
    return {
        "in a group": s.at(c.author, c.base),
        "not reading": every((Op,), lambda q: Not(s.reading(c.author, q))),
        "the rest stays": every(
            (Member, Node),
            lambda m, v: Implies(
                And(c.under(m, v), Not(c.refreshed(v)), s.member(c.base, m)),
                And(s.under(c.base, m, v), c.key(v) == s.key(c.base, v)),
            ),
        ),
    }


def _for_one(symbol: Any, one: Any, then: Any) -> Any:
    """Return `symbol` changed to `then` where its first argument is `one`."""
    return lambda first, *rest: z3.If(first == one, then(*rest), symbol(first, *rest))


def _none(*of: Any) -> z3.BoolRef:
    del of
    return z3.BoolVal(val=False)


def _moves(rules: ReadingRules) -> dict[str, Transition]:
    whose = {"who": (Member,), "op": (Op,)}

    def idle(s: Symbols, c: Symbols) -> z3.BoolRef:
        return every((Op,), lambda q: Not(s.reading(c.who, q)))

    def finished(s: Symbols, c: Symbols) -> Mapping[str, Any]:
        return {
            "at": _for_one(s.at, c.who, lambda q: q == c.op),
            "holds": _for_one(s.holds, c.who, partial(rules.held_after_finish, s, c)),
            "reading": _for_one(s.reading, c.who, _none),
            "got": _for_one(s.got, c.who, _none),
            "pending": _for_one(s.pending, c.who, _none),
        }

    def next_one(s: Symbols, c: Symbols) -> Formulas:
        return {
            "made": And(s.made(c.op), s.author(c.op) != c.who),
            "in a group": s.at(c.who, c.base),
            "idle": idle(s, c),
            "transcript": rules.same_history(s, c),
        }

    return {
        "confirm": Transition(
            whose,
            lambda s, c: {"pending": s.pending(c.who, c.op), "idle": idle(s, c)},
            lambda s, c: {
                "at": _for_one(s.at, c.who, lambda q: q == c.op),
                "holds": _for_one(s.holds, c.who, lambda v, x: s.will_hold(c.who, c.op, v, x)),
                "pending": _for_one(s.pending, c.who, _none),
            },
        ),
        "reject": Transition(
            whose,
            lambda s, c: {"pending": s.pending(c.who, c.op)},
            lambda s, c: {
                "pending": _for_one(s.pending, c.who, lambda q: And(s.pending(c.who, q), q != c.op))
            },
        ),
        "begin to process": Transition(
            {**whose, "base": (Op,)},
            lambda s, c: {**next_one(s, c), "stays": s.member(c.op, c.who)},
            lambda s, c: {"reading": _for_one(s.reading, c.who, lambda q: q == c.op)},
        ),
        "begin to join": Transition(
            whose,
            lambda s, c: {
                "in no group": every((Op,), lambda q: Not(s.at(c.who, q))),
                "invited": And(
                    s.made(c.op),
                    s.member(c.op, c.who),
                    s.author(c.op) != c.who,
                    every((Op,), lambda p: Implies(s.parent(c.op, p), Not(s.member(p, c.who)))),
                ),
                "idle": idle(s, c),
            },
            lambda s, c: {
                "reading": _for_one(s.reading, c.who, lambda q: q == c.op),
                "got": _for_one(
                    s.got,
                    c.who,
                    lambda v, x: And(v == s.place(c.op, c.who), x == s.key(c.op, v)),
                ),
            },
        ),
        "finish": Transition(
            whose,
            lambda s, c: {
                "reading": s.reading(c.who, c.op),
                "all of the path": every(
                    (Node,),
                    lambda v: Implies(
                        s.under(c.op, c.who, v), some((Secret,), lambda x: s.got(c.who, v, x))
                    ),
                ),
            },
            finished,
        ),
        "leave": Transition(
            {**whose, "base": (Op,)},
            lambda s, c: {**next_one(s, c), "removed": Not(s.member(c.op, c.who))},
            lambda s, c: {
                "at": _for_one(s.at, c.who, _none),
                "holds": _for_one(s.holds, c.who, _none),
                "pending": _for_one(s.pending, c.who, _none),
            },
        ),
    }


def _reading() -> dict[str, Transition]:
    """Return the transitions by which a member gets the secrets of its path, from below."""
    one = {"who": (Member,), "op": (Op,), "node": (Node,), "secret": (Secret,)}

    def here(s: Symbols, c: Symbols) -> z3.BoolRef:
        return And(s.reading(c.who, c.op), s.under(c.op, c.who, c.node))

    def from_child(s: Symbols, c: Symbols) -> Formulas:
        return {
            "here": And(here(s, c), s.refreshed(c.op, c.node)),
            "child": And(child(c.node, c.below), s.under(c.op, c.who, c.below)),
            "has its secret": s.got(c.who, c.below, c.secret),
        }

    def gets(s: Symbols, c: Symbols, secret: Any) -> Mapping[str, Any]:
        return {
            "got": lambda m, v, x: Or(s.got(m, v, x), And(m == c.who, v == c.node, x == secret))
        }

    return {
        "keep": Transition(
            one,
            lambda s, c: {
                "here": And(here(s, c), Not(s.refreshed(c.op, c.node))),
                "held": s.holds(c.who, c.node, c.secret),
            },
            lambda s, c: gets(s, c, c.secret),
        ),
        "open": Transition(
            {**one, "below": (Node,)},
            lambda s, c: {
                **from_child(s, c),
                "ciphertext": s.sent(c.op, c.node, c.below),
                "opens": c.secret == s.lock(c.op, c.node, c.below),
            },
            lambda s, c: gets(s, c, s.key(c.op, c.node)),
        ),
        "derive": Transition(
            {**one, "below": (Node,)},
            lambda s, c: {
                **from_child(s, c),
                "chain": And(s.chain(c.op, c.below, c.node), s.refreshed(c.op, c.below)),
            },
            lambda s, c: gets(s, c, up(c.secret)),
        ),
    }
