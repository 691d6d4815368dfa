"""Inductive proofs about Tainted TreeKEM, and what becomes of them if a rule is broken."""

import pytest
import z3

from agreement.explore import Verdict
from models.running import run
from proofs import safe_not_derivable


def quiet(how):
    del how


@pytest.mark.parametrize("claim", [safe_not_derivable.CLAIM], ids=lambda claim: claim.name)
def test_a_claim_holds_and_its_twin_is_refuted(claim):
    result = run(claim, quiet)
    assert result.finding.verdict is Verdict.HOLDS, result.finding.shown
    assert result.twin.verdict is Verdict.REFUTED, result.twin.shown


@pytest.mark.parametrize("seed", [1, 2])
def test_the_proof_does_not_hang_on_luck(seed):
    z3.set_param("smt.random_seed", seed)
    try:
        assert safe_not_derivable.CLAIM.check(quiet).verdict is Verdict.HOLDS
    finally:
        z3.set_param("smt.random_seed", 0)
