"""Hints are read as if an opponent had written them; no formula with a model is refuted."""

import random

import pytest
from refutations import (
    MALFORMED,
    TRUE,
    has_model,
    parsed,
    random_refutation,
    solved,
    text,
    weakened,
)

from ttkem.verification.sat.hints import HintError, check_hints


@pytest.mark.parametrize(("dimacs", "lines", "added"), TRUE)
def test_true_refutations_are_accepted(dimacs, lines, added):
    assert not has_model(parsed(dimacs))
    assert check_hints(dimacs, lines) == added
    assert check_hints(dimacs, iter(lines)) == added


@pytest.mark.parametrize(("dimacs", "lines", "said"), MALFORMED)
def test_false_refutations_are_refused(dimacs, lines, said):
    with pytest.raises(HintError, match=said):
        check_hints(dimacs, lines)


def test_solvers_refutations_are_accepted():
    for dimacs, lines, added in solved():
        assert not has_model(parsed(dimacs))
        assert check_hints(dimacs, lines) == added


def test_a_refutation_of_a_formula_with_a_model_is_refused():
    assert len(weakened()) > 300
    for dimacs, lines in weakened():
        with pytest.raises(HintError):
            check_hints(dimacs, lines)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_random_is_accepted_of_a_formula_that_has_a_model(seed):
    rng, accepted = random.Random(seed), 0
    for _ in range(3000):
        clauses, lines = random_refutation(rng)
        try:
            check_hints(text(clauses, 3), lines)
        except HintError:
            continue
        accepted += 1
        assert not has_model(clauses), (clauses, lines)
    assert accepted > 0
