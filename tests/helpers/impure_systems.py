"""Systems whose functions are not pure: they remember a state, or differ from call to call."""

from dataclasses import replace
from itertools import cycle

from false_systems import GIVEN, NODE, TRUE, TRUTH, changes, passing, token, unique
from z3 import Not

from ttkem.verification.system import Transition, every


def remembers(when):
    """Return a system of which a premise is about the state that `invariants` last saw."""
    seen = []

    def invariants(s):
        seen.append(s)
        return unique(s)

    return replace(changes(when=lambda s, c: {"it": when(seen, c)}), invariants=invariants)


def in_turn(*values):
    """Return a function that is another of these at each call, in turn."""
    turn = cycle(values)

    def called(*arguments):
        function = next(turn)
        return function(*arguments)

    return called


def nothing(*arguments):
    del arguments
    return {}


def every_other(clauses=unique):
    """Return a function that gives nothing at every other call."""
    return in_turn(clauses, nothing)


IMPURE = {
    "a premise of a state that is remembered": (
        remembers(lambda seen, c: seen[-1].has(c.giver)),
        f"token: pass: when: 'it' mentions has, {GIVEN}",
    ),
    "a premise of the first state that was seen": (
        remembers(lambda seen, c: seen[0].has(c.giver)),
        f"token: pass: when: 'it' mentions has, {GIVEN}",
    ),
    **{
        f"{field} that are lost": (
            token(**{field: every_other()}),
            f"token: {field}: two calls give different formulas: let them depend on the arguments",
        )
        for field in ("init", "invariants", "properties")
    },
    "formulas in another order": (
        token(
            invariants=in_turn(
                lambda s: {**unique(s), "so": TRUE}, lambda s: {"so": TRUE, **unique(s)}
            )
        ),
        "token: invariants: two calls give different formulas",
    ),
    "formulas of one name": (
        token(properties=in_turn(unique, lambda s: {"one token": every((NODE,), s.has)})),
        "token: properties: two calls give different formulas",
    ),
    "a formula of a symbol's name": (
        token(
            properties=in_turn(
                lambda s: {"it": s.has(s.first)}, lambda s: {"it": Not(s.has(s.first))}
            )
        ),
        "token: properties: two calls give different formulas",
    ),
    "premises that are lost": (
        changes(when=every_other(passing().when)),
        "token: pass: two calls give different formulas",
    ),
    "changes that are lost": (
        changes(then=every_other(passing().then)),
        "token: pass: two calls give different formulas",
    ),
    "a premise that becomes a change": (
        token(
            state={"has": (TRUTH,)},
            init=lambda s: {"it": s.has},
            invariants=lambda s: {"it": s.has},
            properties=lambda s: {"it": s.has},
            universe={},
            witnesses=(("pass",),),
            transitions={
                "pass": Transition(
                    {},
                    in_turn(lambda s, c: {"has": s.has}, lambda s, c: {}),
                    in_turn(lambda s, c: {}, lambda s, c: {"has": s.has}),
                )
            },
        ),
        "token: pass: two calls give different formulas",
    ),
}
"""By what is wrong: the system, and words of the error."""
