"""Hints are found for refutations in DRAT, and the checker of hints accepts them."""

import pytest
from drat_refutations import DERIVED, MALFORMED, SOLVED, TRUE, WRONG, derived
from refutations import has_model, parsed

from ttkem.verification.sat.backward import _Propagation, with_hints
from ttkem.verification.sat.hints import HintError, check_hints


@pytest.mark.parametrize(("dimacs", "drat", "lines"), TRUE)
def test_the_hints_that_are_found(dimacs, drat, lines):
    assert with_hints(dimacs, drat) == lines
    assert check_hints(dimacs, lines) == sum(" d " not in line for line in lines)


@pytest.mark.parametrize(("clauses", "deleted", "clause", "hints"), DERIVED)
def test_the_hints_of_one_clause(clauses, deleted, clause, hints):
    assert derived(_Propagation(), clauses, deleted, clause) == hints


@pytest.mark.parametrize(("dimacs", "drat", "said"), WRONG)
def test_what_does_not_follow_is_refused(dimacs, drat, said):
    with pytest.raises(HintError, match=said):
        with_hints(dimacs, drat)


@pytest.mark.parametrize(("dimacs", "drat", "said"), MALFORMED)
def test_malformed_refutations_are_refused(dimacs, drat, said):
    with pytest.raises(HintError, match=said):
        with_hints(dimacs, drat)


def test_solvers_refutations_are_accepted():
    for dimacs, drat in SOLVED():
        assert not has_model(parsed(dimacs))
        assert 0 < check_hints(dimacs, with_hints(dimacs, drat)) <= len(drat)
