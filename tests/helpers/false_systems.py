"""Systems that the induction harness must refuse, each for one reason; and some others."""

from dataclasses import replace

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


VARIABLE = z3.Var(0, NODE)
LOOSE = "has a variable that no quantifier binds"
GIVEN = "which it was not given: take what changes from the state"

FALSE = {
    "a system without a name": (token(name=" "), "a system needs a name that says something"),
    "a name that is no text": (token(name=3), "a system needs a name that says something"),
    "no state": (token(state={}), "no symbol in the state"),
    "a state's symbol without a name": (has((NODE, TRUTH), ""), "cannot be called ''"),
    "a state's symbol named by a number": (has((NODE, TRUTH), 7), "cannot be called 7"),
    "a reserved state's symbol": (has((NODE,), f"has{MARK}0"), "cannot be called 'has"),
    "a method's name": (
        has((NODE,), "but"),
        "cannot be called 'but', which Symbols has for itself",
    ),
    "a slot's name": (has((NODE,), "_meaning"), "cannot be called '_meaning', which Symbols has"),
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
    "a transition like a run": (called("one, two"), "no transition can be called 'one, two'"),
    "a transition like the start": (called("start"), "no transition can be called 'start'"),
    "a transition like the end": (called("any state"), "no transition can be called 'any state'"),
    "a transition that is none": (
        token(transitions={"pass": passing}),
        "'pass' is no Transition: <function",
    ),
    "a choice without a name": (
        changes(chooses={"": (NODE,)}),
        "a choice of pass cannot be called",
    ),
    "a choice with a method's name": (
        changes(chooses={"but": (NODE,)}),
        "a choice of pass cannot be called 'but', which Symbols has",
    ),
    "a choice without elements": (
        changes(chooses={"giver": (OTHER,), "taker": (NODE,)}),
        "pass: its choice 'giver' is over the sort Other",
    ),
    "sizes of numbers": (token(universe={NODE: 3, NUMBER: 2}), "uninterpreted sorts, and Int is"),
    "sizes of Booleans": (token(universe={NODE: 3, TRUTH: 2}), "uninterpreted sorts, and Bool is"),
    "sizes of enumerations": (token(universe={NODE: 3, COLOUR: 2}), "sorts, and Hue is none"),
    "sizes by name": (
        token(universe={"Node": 3}),
        "sizes of uninterpreted sorts, and Node is none",
    ),
    "an empty sort": (token(universe={NODE: 0}), "needs 1 element of Node or more, not 0"),
    "a true size": (token(universe={NODE: True}), "needs 1 element of Node or more, not True"),
    "a float size": (token(universe={NODE: 3.0}), "needs 1 element of Node or more, not 3.0"),
    "an axiom of the state": (
        token(axioms={"all": every((NODE,), HAS)}),
        "token: axioms or constants speak of has, which the state has",
    ),
    "a constant of the state's name": (
        token(constants=(HAS,)),
        "token: axioms or constants speak of has, which the state has",
    ),
    "axioms in a list": (token(axioms=[TRUE]), "token: axioms: formulas by name are wanted, not ["),
    "a reserved constant": (
        token(axioms={"one": z3.Bool(f"on{MARK}1")}),
        "a constant cannot be called 'on",
    ),
    "a constant that is no symbol": (token(constants=("who",)), "symbols of Z3, and 'who' is none"),
    "a constant that is a value": (token(constants=(TRUE,)), "symbols of Z3, and True is none"),
    "a constant without elements": (
        token(constants=(z3.Function("far", OTHER, NODE),)),
        "the constant far is over the sort Other",
    ),
    "a recursive constant": (
        token(constants=(z3.RecFunction("again", NODE, NODE),)),
        "constants are symbols of Z3, and again is none",
    ),
    "several symbols": (
        token(properties=says("all", And(*z3.Bools("e c b d a")))),
        f"token: properties: 'all' speaks of a, {GIVEN}",
    ),
    "a sort below a quantifier": (
        token(
            properties=says(
                "all", every((NODE,), lambda n: z3.Const("x", ARRAY)[n] == z3.Const("x", ARRAY)[n])
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
        "token: invariants: formulas by name are wanted, not [True]",
    ),
    "no formulas at all": (token(init=lambda s: None), "token: init: formulas by name are wanted"),
    "a clause without a name": (
        token(invariants=says(" ", TRUE)),
        "the name of a formula must say something, unlike ' '",
    ),
    "a clause named by a number": (
        token(invariants=says(1, TRUE)),
        "the name of a formula must say something, unlike 1",
    ),
    "a Boolean of Python": (
        token(properties=says("yes", formula=True)),
        "token: properties: 'yes' is no formula of Z3: True; write z3.BoolVal(...)",
    ),
    "a term": (token(properties=says("yes", SOMEBODY)), "'yes' is no formula of Z3: somebody"),
    "a lambda": (
        token(properties=says("yes", z3.Lambda([SOMEBODY], HAS(SOMEBODY)))),
        "'yes' is no formula of Z3: Lambda",
    ),
    "a lambda within": (
        token(
            properties=says("yes", z3.Lambda([SOMEBODY], SOMEBODY == SELF)[z3.Const("it", NODE)])
        ),
        "token: properties: 'yes' has a lambda, of which a universe cannot decide",
    ),
    "a loose variable": (token(properties=says("yes", VARIABLE == SELF)), f"'yes' {LOOSE}"),
    "a variable that is loose below": (
        token(properties=says("yes", every((NODE,), lambda n: n == z3.Var(1, NODE)))),
        f"'yes' {LOOSE}",
    ),
    "a symbol like the state's": (
        token(invariants=says("all", every((NODE,), HAS))),
        f"token: invariants: 'all' speaks of has, {GIVEN}",
    ),
    "a property of a symbol like the state's": (
        token(properties=says("all", every((NODE,), HAS))),
        f"token: properties: 'all' speaks of has, {GIVEN}",
    ),
    "a start of a symbol like the state's": (
        token(init=says("all", every((NODE,), HAS))),
        f"token: init: 'all' speaks of has, {GIVEN}",
    ),
    "a symbol like a bound variable": (
        token(
            properties=says("all", every((NODE,), lambda n: n == z3.Const("n.1.0", NODE))),
        ),
        f"token: properties: 'all' speaks of n.1.0, {GIVEN}",
    ),
    "a symbol like one of Z3's": (
        token(properties=says("all", z3.Const("n!0", NODE) == z3.Const("n!0", NODE))),
        f"token: properties: 'all' speaks of n!0, {GIVEN}",
    ),
    "a symbol like the harness's": (
        token(properties=says("all", z3.Const(f"first{MARK}0", NODE) == SOMEBODY)),
        f"{GIVEN}",
    ),
    "a premise about another symbol": (
        changes(when=lambda s, c: {"it": c.giver == SOMEBODY}),
        f"token: pass: when: 'it' speaks of somebody, {GIVEN}",
    ),
    "a choice of another transition": (
        changes(when=lambda s, c: {"it": z3.Const("giver", NODE) == c.giver}),
        f"token: pass: when: 'it' speaks of giver, {GIVEN}",
    ),
    "a premise of Python": (
        changes(when=lambda s, c: {"it": c.giver is c.taker}),
        "token: pass: when: 'it' is no formula of Z3: False; write z3.BoolVal(...)",
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
    "an unknown change": (then(hass=HAS), "pass changes 'hass', which the state does not have"),
    "a constant for a relation": (
        then(has=TRUE),
        "pass: 'has' has arguments, so its meaning is a function",
    ),
    "another sort of change": (
        then(first=TRUE),
        "pass: 'first' becomes True, no term of sort Node",
    ),
    "a changed Boolean of Python": (
        then(has=lambda n: True),
        "pass: 'has' becomes True, no term of sort Bool; write z3.BoolVal(...)",
    ),
    "a change to no term": (then(first=None), "pass: 'first' becomes None, no term of sort Node"),
    "a change to a loose variable": (
        then(first=VARIABLE),
        "pass: 'first' becomes a term with a variable that nothing binds",
    ),
    "a change to another symbol": (
        then(first=SOMEBODY),
        f"token: pass: the new 'first' speaks of somebody, {GIVEN}",
    ),
    "a relation changed to another": (
        then(has=HAS),
        f"token: pass: the new 'has' speaks of has, {GIVEN}",
    ),
    "one string of traces": (token(witnesses="pass"), "sequences of transitions, not one string"),
    "a trace in one string": (token(witnesses=("pass",)), "a run is a sequence of transitions"),
    "an unknown step": (token(witnesses=(("lose",),)), "no transition is called 'lose'; there are"),
    "no trace": (token(witnesses=()), "token: no witness trace has pass: give one, or say why"),
    "a reason that says nothing": (
        token(witnesses=(), unwitnessed={"pass": " "}),
        "say in words why 'pass' occurs in no witness trace",
    ),
    "a reason that is no text": (
        token(witnesses=(), unwitnessed={"pass": None}),
        "say in words why 'pass' occurs in no witness trace",
    ),
    "a reason for what occurs": (
        token(unwitnessed={"pass": "never"}),
        "'pass' occurs in a witness trace: give no reason why it does not",
    ),
    "a reason for an unknown step": (
        token(unwitnessed={"lose": "never"}),
        "no transition is called 'lose'; there are pass",
    ),
    "a step that is no symbol of a run": (
        token(
            transitions={"pass": passing(), "lose": passing()},
        ),
        "token: no witness trace has lose: give one, or say why",
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
