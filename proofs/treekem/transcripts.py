"""Members, messages and transcripts of any protocol: the system of the proofs about histories.

Source: KPWK21 section 2; specification T5. A message carries the transcript at which its author
made it. A member processes the message if this is its own transcript: it applies the message to its
view, and its new transcript is the hash of the message, which includes the former transcript. The
group key is a function of view and message. A welcome carries its author's view and transcript.

Ghost state, for the proofs alone: ``view_of`` and ``key_of``, the view and the group key that a
transcript determines; ``known``, the transcripts that some message leads to; ``prefix``, which
transcripts a transcript extends; ``was``, where a member has been since it last joined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import z3
from z3 import And, Implies, Not, Or

from proofs.treekem.clauses import named_after, named_clauses
from proofs.treekem.tainted import Member, Op, Secret
from ttkem.verification.system import System, Transition, every, some

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.verification.system import Formulas, Symbols

__all__ = ["HISTORIES", "HistoryRules", "Transcript", "hashed", "histories"]

Transcript, View = map(z3.DeclareSort, ("Transcript", "View"))
_TRUTH = z3.BoolSort()

hashed = z3.Function("hashed", Op, Transcript)
applied = z3.Function("applied", View, Op, View)
group_key = z3.Function("group key", View, Op, Secret)
empty = z3.Const("empty", Transcript)
nothing = z3.Const("nothing", View)

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


def no_hash_is_empty() -> z3.BoolRef:
    """Assume that no message hashes to the empty transcript."""
    return every((Op,), lambda q: hashed(q) != empty)


def hashes_have_no_collisions() -> z3.BoolRef:
    """Assume that different messages have different hashes."""
    return every((Op, Op), lambda q, p: Implies(hashed(q) == hashed(p), q == p))


def message_has_own_transcript(s: Symbols, c: Symbols) -> z3.BoolRef:
    """Require that a message carries the transcript that the member is at (T5)."""
    return s.base(c.op) == c.now


@dataclass(frozen=True, slots=True)
class HistoryRules:
    """The rules that mutants replace, each as a predicate; the defaults are the protocol's."""

    hashes: Callable[[], z3.BoolRef] = hashes_have_no_collisions
    same_transcript: Callable[[Symbols, Symbols], z3.BoolRef] = message_has_own_transcript


HISTORIES = HistoryRules()
"""The protocol's rules."""


def _made(s: Symbols, c: Symbols, base: Any, view: Any) -> Mapping[str, Any]:
    """Return the state with one more message, and the transcript that it leads to."""
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
    """Return the state after the member has applied the message to this view."""
    after = applied(view, c.op)

    def was(m: Any, t: Any) -> z3.BoolRef:
        return Or(t == to, And(not joins, s.was(m, t)))

    return {
        "at": lambda m, t: z3.If(m == c.who, t == to, s.at(m, t)),
        "view": lambda m: z3.If(m == c.who, after, s.view(m)),
        "key": lambda m: z3.If(m == c.who, group_key(after, c.op), s.key(m)),
        "was": lambda m, t: z3.If(m == c.who, was(m, t), s.was(m, t)),
    }


def _transitions(rules: HistoryRules) -> dict[str, Transition]:
    whose = {"who": (Member,), "op": (Op,)}
    where = {**whose, "now": (Transcript,)}

    def outside(s: Symbols, c: Symbols) -> z3.BoolRef:
        return every((Transcript,), lambda t: Not(s.at(c.who, t)))

    def process(s: Symbols, c: Symbols) -> Formulas:
        return {
            "made": s.made(c.op),
            "made by another": s.author(c.op) != c.who,
            "in a group": s.at(c.who, c.now),
            "transcript": rules.same_transcript(s, c),
        }

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


def _everywhere(s: Symbols, holds: Callable[[Any, Any], z3.BoolRef]) -> z3.BoolRef:
    """State that a relation holds of every member and the transcript that it is at."""
    return every((Member, Transcript), lambda m, t: Implies(s.at(m, t), holds(m, t)))


def one_transcript(s: Symbols) -> z3.BoolRef:
    """State that a member is at no more than one transcript."""
    return every(
        (Member, Transcript, Transcript),
        lambda m, t, u: Implies(And(s.at(m, t), s.at(m, u)), t == u),
    )


def transcripts_are_known(s: Symbols) -> z3.BoolRef:
    """State that members are at known transcripts only."""
    return _everywhere(s, lambda m, t: s.known(t))


def the_transcript_determines_the_view(s: Symbols) -> z3.BoolRef:
    """State that a member's view is the one that its transcript determines."""
    return _everywhere(s, lambda m, t: s.view(m) == s.view_of(t))


def the_transcript_determines_the_key(s: Symbols) -> z3.BoolRef:
    """State that a member's group key is the one that its transcript determines."""
    return _everywhere(s, lambda m, t: s.key(m) == s.key_of(t))


def messages_extend_known_transcripts(s: Symbols) -> z3.BoolRef:
    """State that a message extends the empty transcript, or a known one with its view."""
    return every(
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
    )


def a_message_determines_view_and_key(s: Symbols) -> z3.BoolRef:
    """State that a message's hash determines the view and the key that the message leads to."""
    return every(
        (Op,),
        lambda q: Implies(
            s.made(q),
            And(
                s.view_of(hashed(q)) == applied(s.base_view(q), q),
                s.key_of(hashed(q)) == group_key(applied(s.base_view(q), q), q),
            ),
        ),
    )


def only_hashes_of_what_is_made_are_known(s: Symbols) -> z3.BoolRef:
    """State that a hash is known only if its message is made."""
    return every((Op,), lambda q: Implies(s.known(hashed(q)), s.made(q)))


def the_empty_transcript_is_unknown(s: Symbols) -> z3.BoolRef:
    """State that the empty transcript is not among the known ones."""
    return Not(s.known(empty))


def prefixes_are_known(s: Symbols) -> z3.BoolRef:
    """State that only known transcripts are prefixes, and only of known ones."""
    return every(
        (Transcript, Transcript),
        lambda t, u: Implies(s.prefix(t, u), And(s.known(t), s.known(u))),
    )


def all_are_prefixes_of_themselves(s: Symbols) -> z3.BoolRef:
    """State that a known transcript is a prefix of itself."""
    return every((Transcript,), lambda t: Implies(s.known(t), s.prefix(t, t)))


def bases_are_prefixes(s: Symbols) -> z3.BoolRef:
    """State that a prefix of a message's base is a prefix of what the message leads to."""
    return every(
        (Op, Transcript),
        lambda q, t: Implies(And(s.made(q), s.prefix(t, s.base(q))), s.prefix(t, hashed(q))),
    )


def prefixes_of_one_are_comparable(s: Symbols) -> z3.BoolRef:
    """State that of two prefixes of one transcript, one is a prefix of the other."""
    return every(
        (Transcript, Transcript, Transcript),
        lambda t, u, w: Implies(
            And(s.prefix(t, w), s.prefix(u, w)), Or(s.prefix(t, u), s.prefix(u, t))
        ),
    )


def prefixes_of_prefixes(s: Symbols) -> z3.BoolRef:
    """State that a prefix of a prefix is a prefix."""
    return every(
        (Transcript, Transcript, Transcript),
        lambda t, u, w: Implies(And(s.prefix(t, u), s.prefix(u, w)), s.prefix(t, w)),
    )


def nobody_goes_back(s: Symbols) -> z3.BoolRef:
    """State that a member has only been at prefixes of its transcript since it joined."""
    return every(
        (Member, Transcript, Transcript),
        lambda m, t, u: Implies(And(s.was(m, t), s.at(m, u)), s.prefix(t, u)),
    )


def outsiders_were_nowhere(s: Symbols) -> z3.BoolRef:
    """State that a member in no group has been nowhere since it joined."""
    return every(
        (Member, Transcript),
        lambda m, t: Implies(s.was(m, t), some((Transcript,), lambda u: s.at(m, u))),
    )


INVARIANT = named_clauses(
    one_transcript,
    transcripts_are_known,
    the_transcript_determines_the_view,
    the_transcript_determines_the_key,
    messages_extend_known_transcripts,
    a_message_determines_view_and_key,
    only_hashes_of_what_is_made_are_known,
    the_empty_transcript_is_unknown,
    prefixes_are_known,
    all_are_prefixes_of_themselves,
    bases_are_prefixes,
    prefixes_of_one_are_comparable,
    prefixes_of_prefixes,
    nobody_goes_back,
    outsiders_were_nowhere,
)
"""The invariant of all reachable states."""


def histories(properties: Callable[[Symbols], Formulas], rules: HistoryRules = HISTORIES) -> System:
    """Return the system, with the properties that are claimed of it."""
    return System(
        name="histories",
        state=STATE,
        axioms={
            "no hash is empty": no_hash_is_empty(),
            named_after(rules.hashes): rules.hashes(),
        },
        init=lambda s: {
            "no messages": every((Op,), lambda q: Not(s.made(q))),
            "nobody in a group": every(
                (Member, Transcript), lambda m, t: Not(Or(s.at(m, t), s.was(m, t)))
            ),
            "no transcripts": every(
                (Transcript, Transcript), lambda t, u: Not(Or(s.known(t), s.prefix(t, u)))
            ),
        },
        transitions=_transitions(rules),
        invariants=lambda s: {**properties(s), **INVARIANT(s)},
        properties=properties,
        universe={Member: 3, Op: 3, Transcript: 4, View: 3, Secret: 3},
        witnesses=(
            ("create", "confirm", "join", "generate", "generate", "confirm", "process"),
            ("create", "confirm", "join", "generate", "confirm", "leave"),
        ),
        constants=(nothing, applied, group_key),
    )
