"""The induction harness on tiny systems whose answers are known."""

from dataclasses import replace

import pytest
import z3
from z3 import And, Implies, Not, Or

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification import induction
from ttkem.verification.induction import find_run, induct, prove
from ttkem.verification.system import Symbols, System, Transition, every, some

NODE = z3.DeclareSort("Node")
TRUTH = z3.BoolSort()


def quiet(how):
    del how


def token(**changes):
    """One token that is passed on: whoever has it passes it to somebody."""
    plain = System(
        name="token",
        state={"has": (NODE, TRUTH), "first": (NODE,)},
        axioms={},
        init=lambda s: {"the first": every((NODE,), lambda n: s.has(n) == (n == s.first))},
        transitions={
            "pass": Transition(
                {"giver": (NODE,), "taker": (NODE,)},
                lambda s, c: {"has it": s.has(c.giver)},
                lambda s, c: {
                    "has": lambda n: Or(And(s.has(n), n != c.giver), n == c.taker),
                },
            )
        },
        invariants=unique,
        properties=unique,
        universe={NODE: 3},
        witnesses=(("pass", "pass"),),
    )
    return replace(plain, **changes)


def unique(s):
    return {"one token": every((NODE, NODE), lambda a, b: Implies(And(s.has(a), s.has(b)), a == b))}


def test_an_inductive_invariant_is_proved_and_the_cores_say_from_what():
    result = prove(token(), quiet)
    assert result.verdict is Verdict.HOLDS
    assert result.used == {
        "start: one token": {"start: the first"},
        "pass: one token": {"invariant: one token", "pass: has it"},
        "any state: one token": {"invariant: one token"},
    }
    assert result.finding.figures == (
        ("questions", 3),
        ("premises used", 3),
        ("witness traces", 1),
    )


def test_a_counterexample_shows_states_and_step_with_short_names():
    first = token(invariants=lambda s: {"the first has it": s.has(s.first)})
    finding = induct(first, quiet)
    assert finding.verdict is Verdict.REFUTED
    title, before, step, after = finding.shown.split("\n")
    assert title == "token: pass: the first has it"
    where = before.partition("first = ")[2]
    other = "n0" if where == "n1" else "n1"
    assert f"has({where})" in before
    assert step == f"pass: giver = {where}, taker = {other}"
    assert f"no longer has({where})" in after


def counter(bound=lambda s: {}):
    """Off, on, off, on; and a lamp that goes on after on, were that ever followed by on."""
    step = Transition(
        {},
        lambda s, c: {},
        lambda s, c: {
            "on": Not(s.on),
            "was": s.on,
            "twice": Or(s.twice, And(s.on, s.was)),
        },
    )
    return System(
        name="lamp",
        state={"on": (TRUTH,), "was": (TRUTH,), "twice": (TRUTH,)},
        axioms={},
        init=lambda s: {"dark": Not(Or(s.on, s.was, s.twice))},
        transitions={"tick": step},
        invariants=lambda s: {"never twice": Not(s.twice), **bound(s)},
        properties=lambda s: {"never twice": Not(s.twice)},
        universe={},
        witnesses=(("tick", "tick", "tick"),),
    )


def test_what_is_true_but_not_inductive_needs_a_stronger_invariant_or_two_steps():
    weak = induct(counter(), quiet)
    assert weak.verdict is Verdict.REFUTED
    assert (
        weak.shown == "lamp: tick: never twice\nbefore: on, was\ntick\nafter: twice, no longer on"
    )
    assert induct(counter(lambda s: {"apart": Not(And(s.on, s.was))}), quiet).verdict is (
        Verdict.HOLDS
    )
    assert induct(counter(), quiet, k=2).verdict is Verdict.HOLDS


def test_two_steps_from_the_start_are_looked_at_too():
    late = replace(counter(), invariants=lambda s: {"never off again": Implies(s.was, s.on)})
    finding = induct(late, quiet, k=3)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.startswith("lamp: start, tick, tick: never off again\nbefore: nothing\n")


def test_a_false_property_is_refuted_though_the_invariant_is_inductive():
    false = token(
        properties=lambda s: {"the first has it": s.has(s.first)},
    )
    finding = induct(false, quiet)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.startswith("token: any state: the first has it\nbefore: ")


def test_a_start_that_breaks_the_invariant_is_refuted():
    false = token(init=lambda s: {"nobody knows": every((NODE,), lambda n: Or(s.has(n), TRUE))})
    finding = induct(false, quiet)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.startswith("token: start: one token\nbefore: has(")


TRUE = z3.BoolVal(val=True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"init": lambda s: {"no": And(s.has(s.first), Not(s.has(s.first)))}},
            "vacuous? token: no initial state",
        ),
        (
            {"axioms": {"one is not itself": some((NODE,), lambda n: n != n)}},  # noqa: PLR0124
            "vacuous? token: no initial state",
        ),
        (
            {
                "invariants": lambda s: {"none": every((NODE,), lambda n: Not(s.has(n)))},
                "init": None,
            },
            "vacuous? token: no run in which every step changes something is pass, pass",
        ),
        (
            {"witnesses": (("pass", "lose"),)},
            "vacuous? token: no run in which every step changes something is pass, lose",
        ),
    ],
)
def test_what_is_vacuous_is_not_proved(changes, told):
    plain = token()
    lose = Transition(
        {"who": (NODE,)},
        lambda s, c: {"two": And(s.has(c.who), some((NODE,), lambda n: And(n != c.who, s.has(n))))},
        lambda s, c: {"has": lambda n: And(s.has(n), n != c.who)},
    )
    if "witnesses" in changes:
        changes = {**changes, "transitions": {**plain.transitions, "lose": lose}}
    if changes.get("init", True) is None:
        changes = {
            **changes,
            "init": lambda s: {"none": every((NODE,), lambda n: Not(s.has(n)))},
        }
    finding = induct(token(**changes), quiet)
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.shown == told


def test_what_z3_cannot_tell_is_unknown(monkeypatch):
    """A counterexample there is, but no finite one."""
    monkeypatch.setattr(induction, "SOON", 50)
    monkeypatch.setattr(induction, "LATE", 50)
    less = z3.Function("less", NODE, NODE, TRUTH)
    endless = {
        "transitive": every(
            (NODE, NODE, NODE), lambda a, b, c: Implies(And(less(a, b), less(b, c)), less(a, c))
        ),
        "irreflexive": every((NODE,), lambda a: Not(less(a, a))),
        "endless": every((NODE,), lambda a: some((NODE,), lambda b: less(a, b))),
    }
    finding = induct(token(axioms=endless, properties=lambda s: {"no": s.has(s.first)}), quiet)
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.shown.startswith("token: any state: no: ")


def test_runs_can_be_shown():
    run = find_run(token(), ("pass", "pass"))
    assert run is not None
    assert run.against is None
    before, *steps = run.drawn.split("\n")
    assert before.startswith("before: has(")
    assert [line.partition(":")[0] for line in steps] == ["pass", "after", "pass", "after"]


def test_values_of_functions_are_shown_where_a_relation_holds_of_their_arguments():
    state = {"made": (NODE, TRUTH), "next": (NODE, NODE)}
    plain = token(
        state=state,
        init=lambda s: {"no": every((NODE,), lambda n: Not(s.made(n)))},
        transitions={
            "make": Transition(
                {"one": (NODE,), "to": (NODE, NODE)},
                lambda s, c: {"new": Not(s.made(c.one)), "on": c.to(c.one) != c.one},
                lambda s, c: {"made": lambda n: Or(s.made(n), n == c.one), "next": c.to},
            )
        },
        invariants=lambda s: {},
        properties=lambda s: {"some": some((NODE,), s.made)},
        universe={NODE: 2},
        witnesses=(("make",),),
    )
    run = find_run(plain, ("make",))
    assert run is not None
    before, step, after = run.drawn.split("\n")
    assert before == "before: nothing"
    assert step.count("to(") == 2
    assert after.count("next(") == 1


def test_symbols_have_the_names_that_they_have():
    symbols = Symbols({"one": 1})
    assert symbols.but({"one": 2}).one == 2
    assert symbols.one == 1
    with pytest.raises(AttributeError, match="nothing is called 'two'"):
        _ = symbols.two


def test_a_formula_put_into_another_captures_nothing():
    has = z3.Function("has", NODE, TRUTH)
    likes = z3.Function("likes", NODE, NODE, TRUTH)

    def liked(n):
        return some((NODE,), lambda by: And(has(by), likes(by, n)))

    one, other = z3.Consts("one other", NODE)
    solver = z3.Solver()
    solver.add(every((NODE,), liked), has(one), Not(has(other)), one != other)
    solver.add(every((NODE, NODE), lambda a, b: likes(a, b) == (a == one)))
    assert solver.check() == z3.sat
    assert every((NODE,), liked).eq(every((NODE,), liked))


def test_a_state_symbol_is_not_the_premise_of_its_name():
    """Were premises tracked by their names, `dark` would be told to hold by its own clause."""
    dark = {"start: lit": (TRUTH,)}
    system = System(
        name="dark",
        state=dark,
        axioms={},
        init=lambda s: {"lit": z3.BoolVal(val=True)},
        transitions={"light": Transition({}, lambda s, c: {}, lambda s, c: {"start: lit": TRUE})},
        invariants=lambda s: {"dark": getattr(s, "start: lit")},
        properties=lambda s: {"dark": getattr(s, "start: lit")},
        universe={NODE: 1},
        witnesses=(("light",),),
    )
    assert induct(system, quiet).verdict is Verdict.REFUTED


def test_a_transition_changes_nothing_but_the_state():
    wrong = Transition({"taker": (NODE,)}, lambda s, c: {}, lambda s, c: {"hass": lambda n: True})
    with pytest.raises(LocalError, match="pass changes 'hass', which the state does not have"):
        induct(token(transitions={"pass": wrong}), quiet)


def test_axioms_do_not_speak_of_the_state():
    has = z3.Function("has", NODE, TRUTH)
    with pytest.raises(LocalError, match="token: axioms speak of has"):
        induct(token(axioms={"all have it": every((NODE,), has)}), quiet)
