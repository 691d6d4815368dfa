"""The induction harness on tiny systems whose answers are known."""

from dataclasses import replace

import pytest
import z3
from false_systems import BLUE, COLOUR, NODE, RED, TRUE, TRUTH, coloured, token
from refusals import quiet
from z3 import And, Implies, Not, Or

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification import induction
from ttkem.verification import refuting_run as refuting_run_module
from ttkem.verification.claim import Finding, Refutes
from ttkem.verification.finite import Universe
from ttkem.verification.induction import find_run, induct, prove
from ttkem.verification.refuting_run import refuting_run
from ttkem.verification.system import Symbols, System, Transition, clauses, every, some


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
    with pytest.raises(AttributeError, match="no symbol is called 'two'"):
        _ = symbols.two
    with pytest.raises(LocalError, match="cannot change three, two: the state has no such symbol"):
        symbols.but({"two": 2, "one": 1, "three": 3})


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
    with pytest.raises(LocalError, match="pass changes 'hass', which is not in the state"):
        induct(token(transitions={"pass": wrong}), quiet)


def test_axioms_do_not_speak_of_the_state():
    has = z3.Function("has", NODE, TRUTH)
    with pytest.raises(LocalError, match="token: axioms or constants mention has"):
        induct(token(axioms={"all have it": every((NODE,), has)}), quiet)


# Systems of which a careless harness would say that they hold.


def switch(**changes):
    """Return the system of a lamp that every choice switches on."""
    plain = System(
        name="switch",
        state={"on": (TRUTH,), "go of step 0": (TRUTH,)},
        axioms={},
        init=lambda s: {"off": Not(s.on), "stuck": Not(getattr(s, "go of step 0"))},
        transitions={
            "flip": Transition(
                {"go": (TRUTH,)}, lambda s, c: {}, lambda s, c: {"on": Or(s.on, c.go)}
            )
        },
        invariants=lambda s: {"off": Not(s.on), "stuck": Not(getattr(s, "go of step 0"))},
        properties=lambda s: {"off": Not(s.on)},
        universe={},
        witnesses=(("flip",),),
    )
    return replace(plain, **changes)


def test_a_symbol_may_be_called_as_choices_were():
    """Were the choice the symbol of this name, it would be false by the invariant."""
    finding = induct(switch(), quiet)
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.startswith("switch: flip: off\nbefore: nothing\nflip: go\nafter: on")
    assert finding.refutes is Refutes.LEMMA


@pytest.mark.parametrize("other", ["has after 1", "has 1", "giver of step 0", "n0", "premise 0"])
def test_names_of_the_state_do_not_matter(other):
    plain = token()
    both = replace(plain, state={**plain.state, other: (NODE, TRUTH)})
    assert induct(both, quiet).figures == induct(plain, quiet).figures
    assert find_run(both, ("pass",), "one token") is None


def test_a_constant_may_be_called_as_a_bound_variable():
    """`every` binds its own variable only: n.1.0 stays free."""
    named = z3.Const("n.1.0", NODE)
    axioms = {"apart": some((NODE,), lambda n: n != named)}
    finding = induct(
        token(axioms=axioms, properties=lambda s: {"at n": every((NODE,), lambda n: n == named)}),
        quiet,
    )
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown.startswith("token: any state: at n\n")


@pytest.mark.parametrize("name", ["n0", "n1"])
def test_a_constant_may_be_called_as_an_element(name):
    """Were the constant the element of this name, another one could not be equal to it."""
    named, other = z3.Const(name, NODE), z3.Const("other", NODE)
    alike = token(axioms={"alike": And(named == other, other != z3.Const("n2", NODE))})
    assert induct(alike, quiet).verdict is Verdict.HOLDS


def test_a_transition_that_is_never_enabled_is_not_proved_by_words_alone():
    never = Transition({}, lambda s, c: {"no": Not(Or(s.on, Not(s.on)))}, lambda s, c: {"on": TRUE})
    alone = switch(transitions={"never": never}, witnesses=(("never",),))
    finding = induct(alone, quiet)
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.shown == (
        "vacuous? switch: no run in which every step changes something is never"
    )
    told = induct(replace(alone, witnesses=(), unwitnessed={"never": "it is broken"}), quiet)
    assert told.verdict is Verdict.HOLDS
    assert told.shown == "no witness trace has 'never': it is broken"
    assert ("transitions without a witness", 1) in told.figures


def test_a_step_that_changes_nothing_is_no_witness():
    idle = Transition({}, lambda s, c: {}, lambda s, c: {"on": s.on})
    none = Transition({}, lambda s, c: {}, lambda s, c: {})
    for step in (idle, none):
        finding = induct(switch(transitions={"idle": step}, witnesses=(("idle",),)), quiet)
        assert finding.verdict is Verdict.UNKNOWN
        assert finding.shown.startswith("vacuous? switch: no run in which every step changes")


def test_a_property_that_cannot_fail_says_nothing():
    empty = token(properties=lambda s: {"some or none": Or(s.has(s.first), Not(s.has(s.first)))})
    finding = induct(empty, quiet)
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.shown == "vacuous? token: 'some or none' fails in no state, reachable or not"


def test_a_start_that_breaks_a_clause_says_so():
    wrong = token(init=lambda s: {"all": every((NODE,), s.has)})
    finding = induct(wrong, quiet)
    assert finding.refutes is Refutes.START
    run = refuting_run(wrong, (), "one token", quiet)
    assert run.refutes is Refutes.START
    assert refuting_run(wrong, ("pass",), "one token", quiet).refutes is Refutes.STATEMENT
    assert refuting_run(token(), ("pass",), "one token", quiet).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("against", [None, 3, ("one token",)])
def test_a_run_refutes_a_property(against):
    """Without a property any run would do, once the proof fails for whatever reason."""
    weak = token(invariants=lambda s: {"the first has it": s.has(s.first)})
    with pytest.raises(LocalError, match="give the name of a property"):
        refuting_run(weak, ("pass",), against, quiet)


def test_a_reachable_failure_refutes_the_statement_only_if_it_is_a_property():
    """In two steps from the start: a clause that is claimed, and one that is not."""
    claimed = replace(counter(), invariants=lambda s: {"dark": Not(s.on)})
    same = replace(claimed, properties=lambda s: {"dark": Not(s.on)})
    assert induct(claimed, quiet, k=2).refutes is Refutes.LEMMA
    assert induct(same, quiet, k=2).refutes is Refutes.STATEMENT


def test_enumerations_numbers_and_booleans_as_arguments():
    finding = induct(coloured(), quiet)
    assert finding.verdict is Verdict.HOLDS
    run = find_run(coloured(), ("paint",))
    before, step, after = run.drawn.split("\n")
    assert before.startswith("before: hue = red hue, count = 0")
    assert step.startswith("paint")
    assert "hue = blue hue" in after
    wrong = replace(coloured(), properties=lambda s: {"red": s.hue == RED})
    assert induct(wrong, quiet).verdict is Verdict.REFUTED
    quantified = replace(
        coloured(),
        properties=lambda s: {"some": some((COLOUR, TRUTH), lambda h, b: And(h == BLUE, s.lit(b)))},
    )
    assert induct(quantified, quiet).verdict is Verdict.REFUTED


def test_a_sort_of_which_there_are_no_elements():
    with pytest.raises(KeyError):
        _ = Universe({}, 1000).elements[z3.IntSort()]


def test_clauses_of_one_name_are_not_lost():
    assert clauses({"a": TRUE}, {"b": TRUE}) == {"a": TRUE, "b": TRUE}
    with pytest.raises(LocalError, match="two clauses are called 'a'"):
        clauses({"a": TRUE}, {"b": TRUE, "a": TRUE})


def test_only_formulas_are_quantified():
    with pytest.raises(LocalError, match="cannot quantify over True"):
        every((NODE,), lambda n: True)
    assert some((NODE,), lambda n: TRUE).body().eq(TRUE)


def test_a_proof_and_a_run_that_disagree_are_an_error_of_the_harness(monkeypatch):
    wrong = token(init=lambda s: {"all": every((NODE,), s.has)})
    proved = Finding(Verdict.HOLDS, (("questions", 1),))
    monkeypatch.setattr(refuting_run_module, "induct", lambda system, tick: proved)
    with pytest.raises(AssertionError, match="was proved and fails"):
        refuting_run(wrong, ("pass",), "one token", quiet)
