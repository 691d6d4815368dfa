"""Two checkers of propositional refutations: what they accept, and what each must refuse."""

import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysat.examples.genhard import PHP
from refutations import EIGHT, WITH_RAT, has_model, refutation, text

from agreement.graph import cycle, path
from agreement.solve import RefusedError, certificate_checker
from agreement.solve.certificate_checker import Clauses
from agreement.verdict import Verdict
from proofs import refuted_rounds
from proofs.refuted_rounds import Fact
from ttkem.verification.runner import run
from ttkem.verification.sat.backward import _Propagation, with_hints
from ttkem.verification.sat.hints import HintError, check_hints

LARGE = {"P6, n = 3, 2 rounds", "P4, n = 4, 1 round", "3-sun, n = 4, 1 round"}
LARGE |= {"C5, n = 3, 2 rounds"}
C4 = Fact("C4", cycle(4), 3, 1, least=False)


def second(dimacs, drat):
    return check_hints(dimacs, with_hints(dimacs, drat))


def first(dimacs, drat):
    """Run the first checker on a formula as text."""
    clauses = Clauses()
    for line in dimacs.splitlines()[1:]:
        clauses.add([int(word) for word in line.split()[:-1]])
    for line in drat:
        if line[:1] != "d":
            clauses.step([int(word) for word in line.split()[:-1]])
    if not clauses.contradiction:
        raise RefusedError("the refutation does not end in the empty clause")


# The claim.


@pytest.mark.slow
def test_the_claim_holds_and_its_twin_is_refuted():
    result = run(refuted_rounds.CLAIM, lambda how: None)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert dict(result.finding.figures)["refutations"] == len(refuted_rounds.FACTS) + 6
    assert result.twin.verdict is Verdict.REFUTED


@pytest.mark.thorough
def test_the_small_ones_hold_and_the_twin_is_refuted_by_both(monkeypatch):
    few = tuple(fact for fact in refuted_rounds.FACTS if str(fact) not in LARGE)
    monkeypatch.setattr(refuted_rounds, "FACTS", few)
    of_atlas = refuted_rounds.of_atlas
    monkeypatch.setattr(refuted_rounds, "of_atlas", lambda: of_atlas()[:1])
    result = run(refuted_rounds.CLAIM, lambda how: None)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    figures = dict(result.finding.figures)
    assert figures.pop("lemmas needed") > 0
    assert figures == {"refutations": 7, "clauses": 72784, "protocols": 4}
    assert result.twin.verdict is Verdict.REFUTED
    said = r"rejected: the clause \[-1\] does not follow; the clause \[-1\] does not follow, clause"
    assert re.search(said, result.twin.shown), result.twin.shown


def test_rounds_that_are_enough_are_not_refuted():
    finding = refuted_rounds.judged(Fact("P4", path(4), 3, 2))
    assert finding.verdict is Verdict.REFUTED
    assert finding.shown == "P4, n = 3, 2 rounds: there is a decision map"


def test_a_number_that_is_not_the_least_is_not_called_so():
    assert refuted_rounds.judged(replace(C4, least=True)).verdict is Verdict.UNKNOWN


def test_a_refutation_that_a_checker_refuses_is_none(monkeypatch):
    def wrong(task, count, plain, drat):
        return by_refutation(task, count, plain, ["-1 0", *drat])

    by_refutation = refuted_rounds.by_refutation
    monkeypatch.setattr(refuted_rounds, "by_refutation", wrong)
    assert refuted_rounds.judged(C4).shown.endswith("rejected: the clause [-1] does not follow")
    monkeypatch.setattr(refuted_rounds, "by_refutation", by_refutation)
    monkeypatch.setattr(refuted_rounds, "with_hints", lambda *given: [])
    assert refuted_rounds.judged(C4).shown.endswith("rejected: no empty clause")


def test_a_twin_that_one_checker_accepts_holds(monkeypatch):
    monkeypatch.setattr(refuted_rounds, "rejections", lambda found: ("seen", "", 0))
    assert refuted_rounds._refute(lambda how: None).verdict is Verdict.HOLDS


# Planted errors, in both checkers.


@pytest.fixture(scope="module")
def found():
    return refuted_rounds.refutation(C4)


def both_refuse(dimacs, drat):
    with pytest.raises(RefusedError) as one:
        first(dimacs, drat)
    with pytest.raises(HintError) as other:
        second(dimacs, drat)
    return str(one.value), str(other.value)


@pytest.mark.parametrize("fact", [C4, Fact("P4", path(4), 3, 1), Fact("P5", path(5), 2, 1)])
def test_both_are_about_the_same_formula(monkeypatch, fact):
    """What the first makes of views and edges, and the text that the second reads."""
    made = set()

    class Recorded(Clauses):
        def add(self, literals):
            made.add(frozenset(literals))
            super().add(literals)

    refutation_ = refuted_rounds.refutation(fact)
    proof = refutation_.document["proof"] | {"drat": []}
    monkeypatch.setattr(certificate_checker, "Clauses", Recorded)
    with suppress(RefusedError):  # unless propagation alone is enough, no clauses are no refutation
        certificate_checker.check(refutation_.document | {"proof": proof})
    lines = refutation_.dimacs.splitlines()[1:]
    assert made == {frozenset(map(int, line.split()[:-1])) for line in lines}


def test_both_accept_the_refutation(found):
    first(found.dimacs, found.drat)
    assert second(found.dimacs, found.drat) > 1
    assert refuted_rounds.rejections(found)[:2] == ("", "")


def test_a_formula_without_one_of_the_clauses(found):
    """A clause of a vertex: without it that vertex, and with it everything, may decide nothing."""
    lines = found.dimacs.splitlines()
    needed = {
        int(w)
        for line in with_hints(found.dimacs, found.drat)
        for w in line.split()[1:-1]
        if w.isdigit()
    }
    dropped = next(n for n in sorted(needed) if n and " -" not in lines[n] and lines[n][0] != "-")
    weaker = "\n".join(line for n, line in enumerate(lines) if n != dropped) + "\n"
    saids = both_refuse(weaker, found.drat)
    assert all("does not follow" in said or "empty clause" in said for said in saids), saids


def test_a_clause_that_does_not_follow(found):
    saids = both_refuse(found.dimacs, ["-1 0", "0"])
    assert all(re.match(r"the clause \[-1\] does not follow", said) for said in saids), saids


def test_no_empty_clause(found):
    with pytest.raises(HintError, match="no empty clause"):
        second(found.dimacs, [line for line in found.drat if line != "0"])
    saids = both_refuse(found.dimacs, found.drat[:1])
    assert saids == ("the refutation does not end in the empty clause", "no empty clause")


def test_a_refutation_cut_short(found):
    lines = with_hints(found.dimacs, found.drat)
    with pytest.raises(HintError, match="no empty clause"):
        check_hints(found.dimacs, lines[:-1])
    with pytest.raises(HintError, match="malformed line"):
        check_hints(found.dimacs, [*lines[:-1], lines[-1][:-2]])
    with pytest.raises(HintError, match="malformed line"):
        with_hints(found.dimacs, [*found.drat[:5], found.drat[5][:-2]])
    with pytest.raises(HintError, match="malformed line '1 x 0'"):
        with_hints(found.dimacs, ["1 x 0"])


def test_each_hint_is_needed(found):
    """Leave out one number of the hints, or put another: refused, or the numbers were none."""
    lines = with_hints(found.dimacs, found.drat)
    place = next(i for i, line in enumerate(lines) if line.split()[1] != "d")
    words = lines[place].split()
    for at in range(words.index("0") + 1, len(words) - 1):
        for changed in ([], ["1"]):
            wrong = words[:at] + changed + words[at + 1 :]
            with pytest.raises(HintError):
                check_hints(found.dimacs, [*lines[:place], " ".join(wrong), *lines[place + 1 :]])


# RAT.


def test_a_clause_that_is_rat_is_for_the_second_checker():
    assert second(EIGHT, WITH_RAT) == 3
    with pytest.raises(RefusedError, match=r"the clause \[-1\] does not follow"):
        first(EIGHT, WITH_RAT)


def test_rat_is_on_the_first_literal_and_on_every_clause():
    one = text([(-2, 3)])
    with pytest.raises(HintError, match=r"the clause \[2, 1\] does not follow, clause 1 left"):
        check_hints(one, ["2 2 1 0 -1 0"])
    with pytest.raises(HintError, match="no empty clause"):
        check_hints(one, ["2 1 2 0 0"])
    lines = with_hints(EIGHT, WITH_RAT)
    assert lines[0].startswith("9 -1 0 -1 ")
    with pytest.raises(HintError, match="does not follow, clause 6 left"):
        check_hints(EIGHT, [lines[0].replace("-6 2 7 ", ""), *lines[1:]])


def test_a_resolvent_that_is_always_true_needs_no_hints():
    """(x or y) on x, with (-x or -y): x becomes a name for not y."""
    square = [(2, x, y) for x, y in product((3, -3), (4, -4))]
    dimacs = text([*square, (-2, 5), (-2, -5), (-1, -2)])
    steps = ["1 2 0", "1 0", "3 0", "0"]
    assert with_hints(dimacs, steps)[0] == "8 1 2 0 0"
    assert second(dimacs, steps) == 4


def test_what_is_forgotten_cannot_be_used():
    contrary = text([(1,), (-1,)])
    assert second(contrary, ["d 5 6 0", "0"]) == 1
    with pytest.raises(HintError, match="the empty clause does not follow"):
        second(contrary, ["d 1 0", "0"])


def test_a_literal_of_the_other_clause_that_is_true_already():
    """(x or z) on x, with (-x or y), where y is given: by y's clause nothing is left."""
    dimacs = text([(-1, 2), (2,)])
    propagation = _Propagation()
    for clause in [(-1, 2), (2,), (1, 3)]:
        number = propagation.add(clause)
    propagation.active[number] = False
    assert propagation.derive(number) == [-1, 2]
    with pytest.raises(HintError, match="no empty clause"):
        check_hints(dimacs, ["3 1 3 0 -1 2 0"])


# Solvers' refutations of other formulas.


def test_pigeons():
    clauses = PHP(nof_holes=5).clauses
    drat = refutation(clauses)
    first(text(clauses), drat)
    assert second(text(clauses), drat) > 10


LITERALS = st.integers(1, 5).flatmap(lambda v: st.sampled_from([v, -v]))
CLAUSES = st.lists(st.lists(LITERALS, min_size=1, max_size=3, unique_by=abs), max_size=24)


@given(CLAUSES)
@settings(max_examples=60)
def test_both_accept_what_cadical_refutes(clauses):
    drat = refutation(clauses)
    assert (drat is None) == has_model(clauses)
    if drat is not None:
        first(text(clauses), drat)
        second(text(clauses), drat)


@given(CLAUSES, st.lists(st.lists(LITERALS, max_size=3, unique_by=abs), max_size=4), st.data())
@settings(max_examples=150)
def test_nothing_is_accepted_that_has_a_model(clauses, steps, data):
    drat = [" ".join(map(str, [*step, 0])) for step in steps]
    if clauses and data.draw(st.booleans()):
        drat.insert(0, "d " + " ".join(map(str, [*data.draw(st.sampled_from(clauses)), 0])))
    for checker in (first, second):
        try:
            checker(text(clauses), [*drat, "0"])
        except (RefusedError, HintError):
            continue
        assert not has_model(clauses)


def test_drat_trim_accepts_them_too(found, tmp_path):
    program = shutil.which("drat-trim")
    if program is None:
        pytest.skip("drat-trim is not installed")
    (tmp_path / "f.cnf").write_text(found.dimacs)
    (tmp_path / "f.drat").write_text("\n".join(found.drat) + "\n")
    said = subprocess.run(  # noqa: S603 - found above
        [program, "f.cnf", "f.drat"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "s VERIFIED" in said.stdout
