"""Lemmas: proved, refuted, unknown, vacuous; which premises a proof used."""

import pytest
import z3

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.claim import Refutes
from ttkem.verification.lemma import Lemma, prove, prove_all

X, Y = z3.Ints("x y")
AGAIN = z3.RecFunction("again", z3.IntSort(), z3.BoolSort())
"""Were it defined as its own negation, Z3 would derive it from any premises."""
GIVEN = {"x above 2": X > 2, "y above 3": Y > 3, "y even": Y % 2 == 0}


def test_a_lemma_holds_and_tells_the_premises_it_used():
    proof = prove(Lemma("sum", GIVEN, X + Y > 5))
    assert proof.verdict is Verdict.HOLDS
    assert proof.used == ("x above 2", "y above 3")


def test_a_lemma_is_refuted_by_a_model():
    proof = prove(Lemma("sum", GIVEN, X + Y > 8))
    assert proof.verdict is Verdict.REFUTED
    assert proof.shown in {"sum: x = 3, y = 4", "sum: x = 4, y = 4"}


def test_a_lemma_may_tell_a_model_in_its_own_words():
    told = Lemma("sum", GIVEN, X + Y > 8, lambda model: f"{model[X]} and {model[Y]}")
    assert prove(told).shown in {"sum: 3 and 4", "sum: 4 and 4"}


def test_premises_that_cannot_hold_prove_nothing():
    proof = prove(Lemma("nothing", {"x above 2": X > 2, "x below 3": X < 3}, z3.BoolVal(val=False)))
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.shown == "nothing: vacuous? its premises are unsat"


def test_what_takes_too_long_is_unknown():
    z = z3.Int("z")
    cubes = Lemma("cubes", {"positive": z3.And(X > 2, Y > 2, z > 2)}, z**3 != X**3 + Y**3)
    proof = prove(cubes, milliseconds=50)
    assert proof.verdict is Verdict.UNKNOWN
    assert proof.shown.startswith("cubes: ")


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_several_are_one_finding(wrong):
    bounds = [8 if n == wrong else 5 for n in range(2)]
    lemmas = [Lemma(f"lemma {n}", GIVEN, bound < X + Y) for n, bound in enumerate(bounds)]
    ticks = []
    finding = prove_all(lemmas, ticks.append)
    if wrong == 2:
        assert finding.verdict is Verdict.HOLDS
        assert finding.figures == (("lemmas", 2), ("premises used", 2))
    else:
        assert finding.verdict is Verdict.REFUTED
        assert finding.shown.startswith(f"lemma {wrong}: x = ")
    assert ticks == [f"lemma {n}" for n in range(min(wrong, 1) + 1)]


def test_a_premise_is_not_the_boolean_of_its_name():
    named = Lemma("nonsense", {"positive": X > 0}, z3.Bool("positive"))
    proof = prove(named)
    assert proof.verdict is Verdict.REFUTED
    assert proof.shown == "nonsense: positive = False, x = 1"


def test_no_lemma_proves_nothing():
    with pytest.raises(LocalError, match="no lemma"):
        prove_all([], print)


@pytest.mark.parametrize(
    ("lemma", "words"),
    [
        (Lemma(" ", GIVEN, X > 0), "a lemma cannot be called"),
        (Lemma(3, GIVEN, X > 0), "a lemma cannot be called"),
        (Lemma("sum", [X > 0], X > 0), "sum: give a mapping from names to formulas"),
        (Lemma("sum", {"": X > 0}, X > 0), "a formula cannot be called"),
        (
            Lemma("sum", {"yes": True}, X > 0),
            "'yes' is not a formula of Z3: True; write z3.BoolVal",
        ),
        (Lemma("sum", GIVEN, then=True), "'then' is not a formula of Z3: True; write z3.BoolVal"),
        (Lemma("sum", GIVEN, X), "'then' is not a formula of Z3: x"),
        (Lemma("sum", GIVEN, AGAIN(X)), "'then' uses again, which is defined by recursion: give"),
        (
            Lemma("sum", {"all": z3.ForAll([X], AGAIN(X))}, X > 0),
            "'all' uses again, which is defined by recursion: give its equations as premises",
        ),
        (Lemma("sum", GIVEN, z3.Var(0, z3.IntSort()) > 0), "has a variable that no quantifier"),
        (
            Lemma("sum", {"x above 2": X > 2}, z3.Bool("\N{SYMBOL FOR UNIT SEPARATOR}premise 0")),
            "sum: a symbol cannot be called",
        ),
        (
            Lemma("sum", {"on": z3.Bool("\N{SYMBOL FOR UNIT SEPARATOR}premise 1")}, X > 0),
            "sum: a symbol cannot be called",
        ),
    ],
)
def test_what_is_no_lemma_is_refused(lemma, words):
    with pytest.raises(LocalError) as error:
        prove(lemma)
    assert words in str(error.value)


def test_what_a_finding_of_lemmas_refutes():
    open_ = Lemma("nothing", {"x above 2": X > 2, "x below 3": X < 3}, X > 9)
    assert prove_all([open_], lambda name: None).refutes is None
    false = prove_all([Lemma("sum", GIVEN, X + Y > 8)], lambda name: None)
    assert false.refutes is Refutes.LEMMA
