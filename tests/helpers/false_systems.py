"""Systems that the induction harness must refuse, each for one reason; and some others."""

from dataclasses import replace
from itertools import cycle

import z3
from z3 import And, Implies, Not, Or

from ttkem.verification.system import System, Transition, every

NODE = z3.DeclareSort("Node")
OTHER = z3.DeclareSort("Other")
COLOUR, (RED, BLUE) = z3.EnumSort("Hue", ["red hue", "blue hue"])
TRUTH, NUMBER = z3.BoolSort(), z3.IntSort()
TRUE = z3.BoolVal(val=True)
MARK = "\N{SYMBOL FOR UNIT SEPARATOR}"
HAS = z3.Function("has", NODE, TRUTH)
SOMEBODY = SELF = z3.Const("somebody", NODE)
ARRAY = z3.ArraySort(NODE, TRUTH)
LAMBDA = z3.Lambda([SOMEBODY], SOMEBODY == SELF)
REACHES = z3.TransitiveClosure(z3.Function("likes", NODE, NODE, TRUTH))
AGAIN = z3.RecFunction("holds again", NODE, TRUTH)


def unique(s):
    return {"one token": every((NODE, NODE), lambda a, b: Implies(And(s.has(a), s.has(b)), a == b))}


def passing(**changes):
    """The one transition of `token`: whoever has the token passes it to somebody."""
    plain = Transition(
        {"giver": (NODE,), "taker": (NODE,)},
        lambda s, c: {"has it": s.has(c.giver)},
        lambda s, c: {"has": lambda n: Or(And(s.has(n), n != c.giver), n == c.taker)},
    )
    return replace(plain, **changes)


def token(**changes):
    """One token that is passed on."""
    plain = System(
        name="token",
        state={"has": (NODE, TRUTH), "first": (NODE,)},
        axioms={},
        init=lambda s: {"the first": every((NODE,), lambda n: s.has(n) == (n == s.first))},
        transitions={"pass": passing()},
        invariants=unique,
        properties=unique,
        universe={NODE: 3},
        witnesses=(("pass", "pass"),),
    )
    return replace(plain, **changes)


def says(name, formula):
    """A clause beside the true one."""
    return lambda s: {**unique(s), name: formula}


def changes(**parts):
    return token(transitions={"pass": passing(**parts)})


def then(**meanings):
    return changes(then=lambda s, c: {**passing().then(s, c), **meanings})


def called(step):
    return token(transitions={step: passing()}, witnesses=((step,),))


def has(signature, name="has"):
    return token(state={name: signature, "first": (NODE,)})


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


VARIABLE = z3.Var(0, NODE)
LOOSE = "has a variable that no quantifier binds"
GIVEN = "which is not in its arguments: take what changes"

FALSE = {
    "a system without a name": (token(name=" "), "a system cannot be called"),
    "a name that is no text": (token(name=3), "a system cannot be called"),
    "no state": (token(state={}), "no symbol in the state"),
    "a state's symbol without a name": (has((NODE, TRUTH), ""), "cannot be called ''"),
    "a state's symbol named by a number": (has((NODE, TRUTH), 7), "cannot be called 7"),
    "a reserved state's symbol": (has((NODE,), f"has{MARK}0"), "cannot be called 'has"),
    "a method's name": (
        has((NODE,), "but"),
        "cannot be called 'but': it is an attribute of Symbols",
    ),
    "a slot's name": (has((NODE,), "_meaning"), "cannot be called '_meaning': it is an attribute"),
    "no sort": (has(()), "the state's 'has' needs a tuple of sorts, not ()"),
    "a list of sorts": (has([NODE, TRUTH]), "the state's 'has' needs a tuple of sorts, not ["),
    "a sort's name": (has(("Node", TRUTH)), "needs a tuple of sorts, and 'Node' is none"),
    "a sort without elements": (has((OTHER, TRUTH)), "'has' is over the sort Other, of which"),
    "a value without elements": (has((NODE, OTHER)), "'has' is over the sort Other, of which"),
    "a number as argument": (has((NUMBER, TRUTH)), "'has' is over the sort Int, of which"),
    "an array": (has((ARRAY,)), "'has' is over the sort Array(Node, Bool), of which"),
    "no transition": (token(transitions={}, witnesses=()), "token: no transition, so that nothing"),
    "a transition without a name": (called(""), "a transition cannot be called ''"),
    "a reserved transition": (called(MARK), "a transition cannot be called"),
    "a transition like a run": (called("one, two"), "a transition cannot be called 'one, two'"),
    "a transition like the start": (called("start"), "a transition cannot be called 'start'"),
    "a transition like the end": (called("any state"), "a transition cannot be called 'any state'"),
    "a transition that is none": (
        token(transitions={"pass": passing}),
        "'pass' is not a Transition: <function",
    ),
    "a choice without a name": (
        changes(chooses={"": (NODE,)}),
        "a choice of pass cannot be called",
    ),
    "a choice with a method's name": (
        changes(chooses={"but": (NODE,)}),
        "a choice of pass cannot be called 'but': it is an attribute",
    ),
    "a choice without elements": (
        changes(chooses={"giver": (OTHER,), "taker": (NODE,)}),
        "pass: its choice 'giver' is over the sort Other",
    ),
    "sizes of numbers": (token(universe={NODE: 3, NUMBER: 2}), "uninterpreted sorts, unlike Int"),
    "sizes of Booleans": (token(universe={NODE: 3, TRUTH: 2}), "uninterpreted sorts, unlike Bool"),
    "sizes of enumerations": (token(universe={NODE: 3, COLOUR: 2}), "sorts, unlike Hue"),
    "sizes by name": (
        token(universe={"Node": 3}),
        "sizes of uninterpreted sorts, unlike Node",
    ),
    "an empty sort": (token(universe={NODE: 0}), "needs 1 element of Node or more, not 0"),
    "a true size": (token(universe={NODE: True}), "needs 1 element of Node or more, not True"),
    "a float size": (token(universe={NODE: 3.0}), "needs 1 element of Node or more, not 3.0"),
    "an axiom of the state": (
        token(axioms={"all": every((NODE,), HAS)}),
        "token: axioms or constants mention has, a symbol of the state",
    ),
    "a constant of the state's name": (
        token(constants=(HAS,)),
        "token: axioms or constants mention has, a symbol of the state",
    ),
    "axioms in a list": (
        token(axioms=[TRUE]),
        "token: axioms: give a mapping from names to formulas, not [",
    ),
    "a reserved constant": (
        token(axioms={"one": z3.Bool(f"on{MARK}1")}),
        "a constant cannot be called 'on",
    ),
    "a constant that is no symbol": (token(constants=("who",)), "symbols of Z3, unlike 'who'"),
    "a constant that is a value": (token(constants=(TRUE,)), "symbols of Z3, unlike True"),
    "a constant without elements": (
        token(constants=(z3.Function("far", OTHER, NODE),)),
        "the constant far is over the sort Other",
    ),
    "a recursive constant": (
        token(constants=(z3.RecFunction("again", NODE, NODE),)),
        "constants must be symbols of Z3, unlike again",
    ),
    "several symbols": (
        token(properties=says("all", And(*z3.Bools("e c b d a")))),
        f"token: properties: 'all' mentions a, {GIVEN}",
    ),
    "a sort below a quantifier": (
        token(
            properties=says(
                "all",
                every(
                    (NODE,), lambda n: Or(n == SELF, z3.Const("x", ARRAY) == z3.Const("y", ARRAY))
                ),
            )
        ),
        "is over the sort Array(Node, Bool), of which the universe has no elements",
    ),
    "a constant of a number": (
        token(constants=(z3.Function("far", NUMBER, NODE),)),
        "the constant far is over the sort Int",
    ),
    "formulas in a list": (
        token(invariants=lambda s: [TRUE]),
        "token: invariants: give a mapping from names to formulas, not [True]",
    ),
    "no formulas at all": (
        token(init=lambda s: None),
        "token: init: give a mapping from names to formulas",
    ),
    "a clause without a name": (
        token(invariants=says(" ", TRUE)),
        "a formula cannot be called ' ': name",
    ),
    "a clause named by a number": (
        token(invariants=says(1, TRUE)),
        "a formula cannot be called 1: name",
    ),
    "a Boolean of Python": (
        token(properties=says("yes", formula=True)),
        "token: properties: 'yes' is not a formula of Z3: True; write z3.BoolVal(...)",
    ),
    "a term": (token(properties=says("yes", SOMEBODY)), "'yes' is not a formula of Z3: somebody"),
    "a lambda": (
        token(properties=says("yes", z3.Lambda([SOMEBODY], HAS(SOMEBODY)))),
        "'yes' is not a formula of Z3: Lambda",
    ),
    "a lambda within": (
        token(properties=says("yes", z3.Lambda([SOMEBODY], HAS(SOMEBODY)) == LAMBDA)),
        "token: properties: 'yes' has a lambda, which no finite universe decides",
    ),
    "a loose variable": (token(properties=says("yes", VARIABLE == SELF)), f"'yes' {LOOSE}"),
    "a variable that is loose below": (
        token(properties=says("yes", every((NODE,), lambda n: n == z3.Var(1, NODE)))),
        f"'yes' {LOOSE}",
    ),
    "a symbol like the state's": (
        token(invariants=says("all", every((NODE,), HAS))),
        f"token: invariants: 'all' mentions has, {GIVEN}",
    ),
    "a property of a symbol like the state's": (
        token(properties=says("all", every((NODE,), HAS))),
        f"token: properties: 'all' mentions has, {GIVEN}",
    ),
    "a start of a symbol like the state's": (
        token(init=says("all", every((NODE,), HAS))),
        f"token: init: 'all' mentions has, {GIVEN}",
    ),
    "a symbol like a bound variable": (
        token(
            properties=says("all", every((NODE,), lambda n: n == z3.Const("n.1.0", NODE))),
        ),
        f"token: properties: 'all' mentions n.1.0, {GIVEN}",
    ),
    "a symbol like one of Z3's": (
        token(properties=says("all", z3.Const("n!0", NODE) == z3.Const("n!0", NODE))),
        f"token: properties: 'all' mentions n!0, {GIVEN}",
    ),
    "a symbol like the harness's": (
        token(properties=says("all", z3.Const(f"first{MARK}0", NODE) == SOMEBODY)),
        f"{GIVEN}",
    ),
    "a premise about another symbol": (
        changes(when=lambda s, c: {"it": c.giver == SOMEBODY}),
        f"token: pass: when: 'it' mentions somebody, {GIVEN}",
    ),
    "a choice of another transition": (
        changes(when=lambda s, c: {"it": z3.Const("giver", NODE) == c.giver}),
        f"token: pass: when: 'it' mentions giver, {GIVEN}",
    ),
    "a premise of Python": (
        changes(when=lambda s, c: {"it": c.giver is c.taker}),
        "token: pass: when: 'it' is not a formula of Z3: False; write z3.BoolVal(...)",
    ),
    "quantified numbers": (
        token(properties=says("all", z3.ForAll([z3.Int("n")], z3.Int("n") == z3.Int("n")))),
        "'all' quantifies and is over the sort Int",
    ),
    "another sort": (
        token(properties=says("all", z3.Const("x", OTHER) == z3.Const("x", OTHER))),
        "is over the sort Other, of which the universe has no elements",
    ),
    "a function of numbers": (
        token(
            state={**token().state, "far": (NUMBER,)},
            properties=lambda s: {"all": z3.Function("f", NUMBER, TRUTH)(s.far)},
        ),
        "'all': f is over the sort Int",
    ),
    "no property": (token(properties=lambda s: {}), "token: no property, so that nothing would be"),
    "no change by name": (
        changes(then=lambda s, c: [s.has]),
        "token: pass: then must give new meanings by name, not [",
    ),
    "an unknown change": (then(hass=HAS), "pass changes 'hass', which is not in the state"),
    "a constant for a relation": (
        then(has=TRUE),
        "pass: 'has' has arguments, so its meaning must be a function",
    ),
    "another sort of change": (
        then(first=TRUE),
        "pass: 'first' becomes True, not a term of sort Node",
    ),
    "a changed Boolean of Python": (
        then(has=lambda n: True),
        "pass: 'has' becomes True, not a term of sort Bool; write z3.BoolVal(...)",
    ),
    "a change to no term": (
        then(first=None),
        "pass: 'first' becomes None, not a term of sort Node",
    ),
    "a change to a loose variable": (
        then(first=VARIABLE),
        "pass: 'first' becomes a term with a variable that nothing binds",
    ),
    "a change to another symbol": (
        then(first=SOMEBODY),
        f"token: pass: the new 'first' mentions somebody, {GIVEN}",
    ),
    "a relation changed to another": (
        then(has=HAS),
        f"token: pass: the new 'has' mentions has, {GIVEN}",
    ),
    "what is no system": ("token", "cannot prove anything about 'token': it is not a System"),
    **{
        f"{field} of {word}": (token(**{field: value}), f"token: {field} must be {words}, not ")
        for field, words in (
            *((each, "a mapping") for each in ("state", "transitions", "universe", "unwitnessed")),
            *((each, "a function of the state") for each in ("init", "invariants", "properties")),
            *((each, "a sequence") for each in ("witnesses", "constants")),
        )
        for word, value in (("nothing", None), ("a number", 3), ("a set", {"pass"}))
    },
    "a trace that is used up": (
        token(witnesses=(iter(("pass",)),)),
        "token: a run is a sequence of transitions, not <",
    ),
    "a trace of nothing": (
        token(witnesses=(None,)),
        "a run is a sequence of transitions, not None",
    ),
    "choices in a list": (
        changes(chooses=["giver"]),
        "token: pass: chooses must be a mapping, not",
    ),
    "no premises": (
        changes(when=None),
        "token: pass: when must be a function of state and choices",
    ),
    "premises without a function": (changes(when={}), "token: pass: when must be a function"),
    "no new meanings": (changes(then=None), "token: pass: then must be a function of state and"),
    "meanings without a function": (changes(then={}), "token: pass: then must be a function"),
    "a recursive relation": (
        token(invariants=lambda s: {**unique(s), "it": AGAIN(s.first)}),
        "token: invariants: 'it' uses holds again, which is defined by recursion: give its",
    ),
    "a recursive meaning": (
        then(has=AGAIN),
        "token: pass: the new 'has' uses the operator holds again, which is not supported",
    ),
    "a relation in another": (
        token(properties=says("all", every((NODE,), lambda n: REACHES(n, n)))),
        "token: properties: 'all' uses the operator transitive-closure, which is not supported",
    ),
    "a premise of the state after": (
        changes(when=lambda s, c: {"it": z3.Function(f"has{MARK}1", NODE, TRUTH)(c.taker)}),
        f"token: pass: when: 'it' mentions has{MARK}1, {GIVEN}",
    ),
    "a premise of the state before": (
        changes(when=lambda s, c: {"it": z3.Function(f"has{MARK}0", NODE, TRUTH)(c.taker)}),
        f"token: pass: when: 'it' mentions has{MARK}0, {GIVEN}",
    ),
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
    "one string of traces": (
        token(witnesses="pass"),
        "a run is a sequence of transitions, not 'p'",
    ),
    "a trace in one string": (token(witnesses=("pass",)), "a run is a sequence of transitions"),
    "an unknown step": (token(witnesses=(("lose",),)), "no transition is called 'lose'; there are"),
    "no trace": (token(witnesses=()), "token: no witness trace has pass: add one, or give"),
    "a reason that says nothing": (
        token(witnesses=(), unwitnessed={"pass": " "}),
        "give the reason in words why 'pass' is in no",
    ),
    "a reason that is no text": (
        token(witnesses=(), unwitnessed={"pass": None}),
        "give the reason in words why 'pass' is in no",
    ),
    "a reason for what occurs": (
        token(unwitnessed={"pass": "never"}),
        "'pass' is in a witness trace: remove it",
    ),
    "a reason for an unknown step": (
        token(unwitnessed={"lose": "never"}),
        "no transition is called 'lose'; there are pass",
    ),
    "a step that is no symbol of a run": (
        token(
            transitions={"pass": passing(), "lose": passing()},
        ),
        "token: no witness trace has lose: add one, or give",
    ),
}
"""By what is wrong: the system, and words of the error."""


def coloured():
    """Enumerations, Booleans and numbers as values, and Booleans as arguments."""
    paint = Transition(
        {"flag": (TRUTH,)},
        lambda s, c: {"dark": s.hue == RED, "few": s.count < 9},
        lambda s, c: {
            "hue": BLUE,
            "count": s.count + 1,
            "lit": lambda flag: Or(s.lit(flag), flag == c.flag),
        },
    )
    back = Transition({}, lambda s, c: {}, lambda s, c: {"hue": RED, "lit": s.lit})
    return System(
        name="coloured",
        state={"hue": (COLOUR,), "count": (NUMBER,), "lit": (TRUTH, TRUTH)},
        axioms={"limit": z3.Int("limit") == 9},
        init=lambda s: {"red": s.hue == RED, "none": s.count == 0},
        transitions={"paint": paint, "back": back},
        invariants=lambda s: {"not negative": s.count >= 0},
        properties=lambda s: {
            "above": s.count > -1,
            "under": Implies(s.count < -1, Not(s.lit(TRUE))),
        },
        universe={},
        witnesses=(("paint", "back"),),
        constants=(z3.Const("apart", COLOUR), z3.Function("beside", COLOUR, TRUTH, COLOUR)),
    )


TRUE_ONES = {
    "one element": token(universe={NODE: 1}),
    "a quantifier in a meaning": changes(
        then=lambda s, c: {"has": lambda n: every((NODE,), lambda m: Implies(s.has(m), m != n))}
    ),
    "token": token(),
    "coloured": coloured(),
    "in words": token(witnesses=(), unwitnessed={"pass": "nobody passes on"}),
    "an axiom's constant": token(
        axioms={"apart": z3.Const("one", NODE) != SOMEBODY},
        invariants=says("it is somebody", SOMEBODY == SELF),
    ),
    "a constant": token(constants=(SOMEBODY,), invariants=says("it is", SOMEBODY == SELF)),
    "names like marks": token(
        state={**token().state, "giver of step 0": (NODE,), "has after 1": (NODE, TRUTH)}
    ),
    "a function as a meaning": changes(
        chooses={"giver": (NODE,), "taker": (NODE,), "new": (NODE, TRUTH)},
        then=lambda s, c: {"has": c.new},
    ),
}
"""Well-formed, whatever the proof says."""
