"""Mutation of the toolkit for claims: no small change of its code goes unnoticed.

`KILLS` has a test of each trusted module, as a function of the module. By default some mutants of
each are tried; `make campaign` tries all.
"""

import inspect
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
import z3
from equivalent_mutants import EQUIVALENT
from false_systems import (
    AGAIN,
    COLOUR,
    FALSE,
    NODE,
    RED,
    TRUE,
    TRUE_ONES,
    coloured,
    token,
)
from impure_systems import IMPURE
from induction_trials import of_countermodel, of_finite, of_induction
from mutation import mutants, survivors
from refusals import pigeons, quiet, refuses
from runner_trials import of_runner
from z3 import And, Implies, Not, Or

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification import (
    claim,
    countermodel,
    finite,
    induction,
    lemma,
    premises,
    refuting_run,
    runner,
    system,
    wellformed,
)
from ttkem.verification.claim import Finding, Refutes

SHARES = [pytest.param(2, id="two"), pytest.param(6, id="six", marks=pytest.mark.thorough)]
"""Mutants of each module that are tried outside the campaign."""


def of_wellformed(module):
    for name in TRUE_ONES:
        module.check_system(TRUE_ONES[name])
    for wrong, words in (*FALSE.values(), *IMPURE.values()):
        refuses(words, module.check_system, wrong)
    for name in ("a term", "a change to no term"):  # the hint is for Booleans of Python alone
        with pytest.raises(LocalError) as error:
            module.check_system(FALSE[name][0])
        assert "BoolVal" not in str(error.value)
    refuses("no transition is called 'no'", module.check_run, token(), ("pass", "no"))
    module.check_run(token(), ("pass", "pass"))
    module.check_run(token(), ["pass"])
    module.check_formulas("here", {"all": every_operator()})
    for formula in (AGAIN(FIRST), system.every((NODE,), lambda n: Not(AGAIN(n)))):
        refuses("is defined by recursion", module.check_formulas, "here", {"it": formula})
    for wrong in ("token", None, token):
        refuses("it is not a System", module.check_system, wrong)
    module.check_system(replace(coloured(), constants=(FIRST,), universe={NODE: 1}))
    module.check_system(
        replace(
            coloured(),
            properties=lambda s: {"all": every_operator(s.count, s.hue)},
            constants=(FIRST, z3.Real("half")),
            universe={NODE: 1},
        )
    )
    for term in (NUMBER_ / 2, NUMBER_ % 2, z3.ToInt(z3.Real("half")), NUMBER_**2):
        hidden = replace(
            coloured(),
            constants=(NUMBER_, z3.Real("half")),
            properties=lambda s, term=term: {"it": term == 0},
        )
        refuses("which is not supported", module.check_system, hidden)
    with pytest.raises(LocalError) as error:
        module.check_system(IMPURE["a premise of a state that is remembered"][0])
    assert "mentions has, which is not in its arguments" in str(error.value)
    module.check_names("here", z3.Bool("on"))
    refuses("here: a symbol", module.check_names, "here", z3.Bool(f"on{finite.RESERVED}"))


FIRST, NUMBER_ = z3.Const("first", NODE), z3.Int("number")


def every_operator(number=NUMBER_, hue=RED):
    """Return a formula with each operator that may occur in a system's formulas."""
    half = z3.Real("half")
    return And(
        Or(z3.BoolVal(val=True), z3.BoolVal(val=False)),
        z3.Xor(number < 3, number <= 2),
        Implies(number > 3, number >= 2),
        Not(z3.Distinct(number, number + 1, number - 1, -number, 2 * number)),
        z3.If(hue == RED, half, half + 1) == half,
        FIRST == FIRST,  # noqa: PLR0124 - an operator
        COLOUR.recognizer(0)(hue),
    )


def of_premises(module):
    found = module.Premises(10_000)
    x = z3.Int("x")
    found.assume({"positive": x > 0, "small": x < 100})
    found.assume({"even": x % 2 == 0}, "rule")
    assert found.fails(x != 0) == (z3.unsat, None)
    assert found.core == {"positive"}
    assert found.fails(x != 1) == (z3.unsat, None)
    assert found.core == {"rule: even"}
    said, model = found.fails(x != 98)
    assert (said, model[x].as_long()) == (z3.sat, 98)
    assert found.core == {"rule: even"}
    assert found.fails(x > 98)[0] == z3.sat
    assert found.fails(x < 99) == (z3.unsat, None)
    assert "small" in found.core
    found.wait(1)
    found.assume(pigeons())
    assert found.fails(x > 99)[0] == z3.unknown
    late = module.Premises(1)
    late.assume(pigeons())
    assert late.fails(x > 99)[0] == z3.unknown
    named = module.Premises(10_000)
    named.assume({"on": x > 0})
    assert named.fails(z3.Bool("on"))[0] == z3.sat


def of_lemma(module):
    x, y = z3.Ints("x y")
    given = {"x above 2": x > 2, "y above 3": y > 3, "y even": y % 2 == 0}
    made = module.Lemma
    assert module.prove(made("sum", given, x + y > 5)).used == ("x above 2", "y above 3")
    proof = module.prove(made("sum", given, x + y > 7))
    assert proof.verdict is Verdict.REFUTED
    assert proof.shown == "sum: x = 3, y = 4"
    told = made("sum", given, x + y > 7, lambda model: f"{model[x]} and {model[y]}")
    assert module.prove(told).shown == "sum: 3 and 4"
    empty = module.prove(made("no", {"a": x > 2, "b": x < 3}, x > 9))
    assert (empty.verdict, empty.shown) == (Verdict.UNKNOWN, "no: vacuous? its premises are unsat")
    late = module.prove(made("pigeons", {"on": x > 0}, Not(And(*pigeons().values()))), 1)
    assert late.verdict is Verdict.UNKNOWN
    assert late.shown.startswith("pigeons: ")
    assert not late.shown.startswith("pigeons: vacuous")
    ticks = []
    both = [made("one", given, x > 2), made("two", given, y > 3)]
    found = module.prove_all(both, ticks.append)
    assert found == Finding(Verdict.HOLDS, (("lemmas", 2), ("premises used", 2)))
    assert ticks == ["one", "two"]
    false = module.prove_all([both[0], made("sum", given, x + y > 7), both[1]], quiet)
    assert (false.refutes, false.figures) == (Refutes.LEMMA, (("lemmas", 1),))
    assert module.prove_all([made("no", {"a": x > 2, "b": x < 3}, x > 9)], quiet).refutes is None
    refuses("no lemma was given", module.prove_all, [], quiet)
    mark = f"{finite.RESERVED}premise 0"
    refuses("it is not a Lemma", module.prove_all, ["sum"], quiet)
    for wrong, words in (
        (None, "it is not a Lemma"),
        (made(" ", given, x > 0), "a lemma cannot be called"),
        (made(3, given, x > 0), "a lemma cannot be called"),
        (made("sum", {"yes": True}, x > 0), "'yes' is not a formula of Z3"),
        (made("sum", given, then=True), "'then' is not a formula of Z3"),
        (made("sum", given, z3.Bool(mark)), "a symbol cannot be called"),
        (made("sum", {"on": z3.Bool(mark)}, x > 0), "a symbol cannot be called"),
    ):
        refuses(words, module.prove, wrong)
    eight = z3.Ints("q w e r t y u i")
    every = {str(each): each > 0 for each in eight}
    assert module.prove(made("all", every, z3.Sum(eight) > 7)).used == tuple(sorted(every))
    shown = module.prove(made("all", every, z3.Sum(eight) > 8)).shown
    assert shown == "all: " + ", ".join(f"{name} = 1" for name in sorted(every))
    hidden = module.prove(made("on", {"x": x > 0, "made up": z3.Bool("a!1")}, x > 1))
    assert hidden.shown == "on: x = 1"


def of_system(module):
    every, some = module.every, module.some
    likes = z3.Function("likes", NODE, NODE, z3.BoolSort())
    named = z3.Const("n.1.0", NODE)
    free = every((NODE,), lambda n: likes(n, named))
    assert finite.symbols_of(free) == {likes, named.decl()}
    assert free.is_forall()
    assert some((NODE,), lambda n: likes(n, n)).is_exists()
    nested = every(
        (NODE, NODE), lambda a, b: Implies(likes(a, b), some((NODE,), lambda c: likes(b, c)))
    )
    again = every(
        (NODE, NODE), lambda a, b: Implies(likes(a, b), some((NODE,), lambda c: likes(b, c)))
    )
    assert nested.eq(again)
    assert str(nested).startswith("ForAll([n.1.0, n.1.1]")
    assert "Exists(n.2.0" in str(nested)
    a, b, c = z3.Consts("a b c", NODE)
    plain = z3.ForAll([a, b], Implies(likes(a, b), z3.Exists([c], likes(b, c))))
    solver = z3.Solver()
    solver.add(nested != plain)
    assert solver.check() == z3.unsat
    for _ in range(2):  # an error in a body does not change later names
        refuses("cannot quantify over True", every, (NODE,), lambda n: True)
    assert str(every((NODE,), lambda n: likes(n, n))).startswith("ForAll(n.1.0")
    kept = []

    def keep(n):
        kept.append(n)
        return TRUE

    every((NODE,), keep)
    every((NODE,), keep)
    assert not kept[0].eq(kept[1])
    assert len({module.fresh_mark() for _ in range(9)}) == 9
    mark, other = module.fresh_mark(), module.fresh_mark()
    assert module.unmarked(f"has{mark}, has{other} .1") == "has, has .1"
    assert module.unmarked("has.1") == "has.1"
    symbols = module.Symbols({"one": 1})
    assert (symbols.but({"one": 2}).one, symbols.one) == (2, 1)
    refuses("cannot change a, b, c, d, e:", symbols.but, dict.fromkeys("dbeca", 2))
    assert not hasattr(symbols, "two")
    assert module.clauses({"a": 1}, {"b": 2}) == {"a": 1, "b": 2}
    refuses("two clauses are called 'a'", module.clauses, {"a": 1}, {"a": 1})
    sorts = {"on": (z3.BoolSort(),), "likes": (NODE, NODE, z3.BoolSort())}
    assert module.declare(sorts, " 1").on.eq(z3.Bool("on 1"))
    assert module.declare(sorts).likes == likes


def of_refuting_run(module):
    wrong = token(init=lambda s: {"all": system.every((NODE,), s.has)})
    found = module.refuting_run(wrong, ("pass",), "one token", quiet)
    assert found.refutes is Refutes.STATEMENT
    assert found.shown.startswith("token: not 'one token'\nbefore: ")
    assert "\nand the proof fails:\ntoken: start: one token\n" in found.shown
    assert module.refuting_run(wrong, (), "one token", quiet).refutes is Refutes.START
    true = module.refuting_run(token(), ("pass", "pass"), "one token", quiet)
    assert true.verdict is Verdict.UNKNOWN
    assert true.shown == "token: after pass, pass, 'one token' was not seen to fail\n"
    for against in (None, 3, ("one token",)):
        refuses("give the name of a property", module.refuting_run, wrong, (), against, quiet)
    ticks = []
    module.refuting_run(token(), ("pass", "pass"), "one token", ticks.append)
    assert ticks[0] == "pass, pass"
    proved = Finding(Verdict.HOLDS, (("questions", 1),))
    with (
        patch.object(module, "induct", lambda *_: proved),
        pytest.raises(AssertionError, match="was proved and fails"),
    ):
        module.refuting_run(wrong, ("pass",), "one token", quiet)


def of_claim(module):
    made, verdict, kinds = module.Finding, Verdict, module.Refutes
    some = (("states", 3),)
    for parts, words in (
        (("holds", some), "is not a Verdict"),
        ((verdict.HOLDS,), "must count"),
        ((verdict.HOLDS, (("a", 0), ("b", 0))), "must count"),
        ((verdict.HOLDS, (("a", 1.0),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (("a", True),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (*some, ("a", -1))), "in figures is not (name, count)"),
        ((verdict.HOLDS, ((3, 3),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, some, "", kinds.LEMMA), "must not have refutes"),
        ((verdict.UNKNOWN, some, "why", kinds.LEMMA), "must not have refutes"),
        ((verdict.UNKNOWN, some, " "), "must give the reason"),
        ((verdict.REFUTED, some, "seen"), "must name what it refutes"),
        ((verdict.REFUTED, some, "seen", "the claim's statement"), "must name what it refutes"),
        ((verdict.REFUTED, some, " ", kinds.LEMMA), "must give the counterexample"),
        ((verdict.HOLDS, some, 3), "is not a string"),
        ((verdict.HOLDS, [*some]), "figures must be a tuple"),
        ((verdict.HOLDS, ("ab",)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (["states", 3],)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (("states", 3, 3),)), "in figures is not (name, count)"),
        ((verdict.HOLDS, (*some, ("runs", 2), *some)), "have one name"),
    ):
        refuses(words, made, *parts)
    good = made(verdict.HOLDS, (("states", 3), ("runs", 0)))
    noted = made(verdict.HOLDS, (("runs", 1),), "note")
    unknown = made(verdict.UNKNOWN, (), "why")
    bad = module.refuted("seen")
    assert bad == made(verdict.REFUTED, (), "seen", kinds.STATEMENT)
    assert module.refuted("seen", some, kinds.LEMMA).figures == some
    both = made(verdict.HOLDS, (("states", 6), ("runs", 1)), "note")
    assert module.together([good, good, noted]) == both
    assert module.together([good, bad, unknown]) is bad
    assert module.together([unknown, bad]) is unknown
    refuses("must count", module.together, [])

    def check(tick):
        return good

    def refute(tick):
        return bad

    fields: dict[str, Any] = dict.fromkeys(
        ("name", "statement", "source", "bound", "twin", "trusts"), "words"
    )
    fields |= {"check": check, "refute": refute, "refutes": kinds.LEMMA}
    plain = module.Claim(**fields)
    assert (plain.kind, plain.slow) == (module.Kind.BOUNDED, False)
    assert plain.file == f"{__name__.replace('.', '/')}.py"
    for field in ("name", "statement", "source", "bound", "twin", "trusts"):
        refuses(f"{field} must be text", module.Claim, **{**fields, field: " "})
        refuses(f"{field} must be text", module.Claim, **{**fields, field: 3})
    for wrong in ({"refutes": "x"}, {"kind": "lemma"}):
        refuses("give a Kind as kind", module.Claim, **{**fields, **wrong})
    methods = module.Claim(**fields)
    alike = {"check": methods.__eq__, "refute": methods.__eq__}
    for other in ({"check": 1}, {"refute": 1}, {"refute": check}, alike):
        refuses("two functions", module.Claim, **{**fields, **other})
    assert module.Claim(**fields, slow=True).slow
    for slow in (1, 0, "no"):
        refuses("slow must be", module.Claim, **fields, slow=slow)


KILLS = {
    claim: of_claim,
    countermodel: of_countermodel,
    finite: of_finite,
    induction: of_induction,
    lemma: of_lemma,
    premises: of_premises,
    refuting_run: of_refuting_run,
    runner: of_runner,
    system: of_system,
    wellformed: of_wellformed,
}


def name_of(module):
    return module.__name__.rpartition(".")[2]


@pytest.mark.parametrize("count", SHARES)
@pytest.mark.parametrize("module", KILLS, ids=name_of)
def test_a_share_of_the_mutants_dies(module, count):
    every = sum(1 for _ in mutants(inspect.getsource(module)))
    share = slice(every // (2 * count), None, every // count)
    equivalent = EQUIVALENT.get(name_of(module), {})
    assert survivors(module, KILLS[module], share=share, equivalent=equivalent) == []


@pytest.mark.slow
@pytest.mark.parametrize("module", KILLS, ids=name_of)
def test_every_mutant_dies(module):
    equivalent = EQUIVALENT.get(name_of(module), {})
    assert survivors(module, KILLS[module], equivalent=equivalent) == []
