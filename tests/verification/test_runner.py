"""Claims are run; a twin must refute what the claim says that it refutes."""

import re

import pytest
from refusals import quiet

from agreement.errors import AgreementError
from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification import runner
from ttkem.verification.claim import Claim, Finding, Refutes, refuted

GOOD, OPEN = Finding(Verdict.HOLDS, (("states", 3),)), Finding(Verdict.UNKNOWN, (), "timeout")
RUN, STEP = refuted("a run"), refuted("a step", (), Refutes.LEMMA)
START = refuted("a start", (), Refutes.START)

HOLDS = "but is not refuted: it holds"


def holds(tick):
    tick("looking")
    return GOOD


def claim(check=holds, refute=lambda tick: RUN, refutes=Refutes.STATEMENT):
    return Claim("claim", "it is so", "here", "all", check, "it is not", refute, refutes)


@pytest.mark.parametrize(
    ("finding", "twin", "refutes", "passes", "fails", "objection"),
    [
        (GOOD, RUN, Refutes.STATEMENT, True, False, ""),
        (GOOD, STEP, Refutes.LEMMA, True, False, ""),
        (GOOD, START, Refutes.START, True, False, ""),
        (
            GOOD,
            STEP,
            Refutes.STATEMENT,
            False,
            True,
            "its twin refutes a lemma of its proof, but must refute the claim's statement",
        ),
        (
            GOOD,
            START,
            Refutes.LEMMA,
            False,
            True,
            "its twin refutes its initial condition, but must refute a lemma of its proof",
        ),
        (
            GOOD,
            GOOD,
            Refutes.LEMMA,
            False,
            True,
            f"its twin must refute {Refutes.LEMMA}, {HOLDS}",
        ),
        (
            GOOD,
            OPEN,
            Refutes.LEMMA,
            False,
            False,
            f"its twin must refute {Refutes.LEMMA}, but is not refuted: timeout",
        ),
        (RUN, RUN, Refutes.STATEMENT, False, True, "a run"),
        (OPEN, RUN, Refutes.STATEMENT, False, False, "timeout"),
        (OPEN, GOOD, Refutes.STATEMENT, False, True, "timeout"),
        (OPEN, STEP, Refutes.STATEMENT, False, True, "timeout"),
        (OPEN, OPEN, Refutes.STATEMENT, False, False, "timeout"),
    ],
)
def test_claims_pass_fail_or_are_undecided(finding, twin, refutes, passes, fails, objection):
    result = runner.run(claim(lambda tick: finding, lambda tick: twin, refutes), quiet)
    assert (result.passes, result.fails, result.objection) == (passes, fails, objection)
    assert result.holds is (finding is GOOD)
    assert result.seconds >= 0


def test_progress_has_the_claims_name():
    ticks = []
    (result,) = runner.run_all([claim()], 1, ticks.append)
    assert result.passes
    assert ticks == ["claim: looking"]


@pytest.mark.parametrize("wrong", [None, True, Verdict.REFUTED, "refuted", (Verdict.HOLDS, ())])
def test_a_check_returns_a_finding(wrong):
    words = re.escape(f"claim 'claim': its check returned {wrong!r}, not a Finding")
    with pytest.raises(LocalError, match=words):
        runner.run(claim(lambda tick: wrong), quiet)
    with pytest.raises(LocalError, match="its refute returned"):
        runner.run(claim(refute=lambda tick: wrong), quiet)


def test_an_error_in_a_check_names_the_place():
    def wrong(tick):
        return 1 // 0

    with pytest.raises(LocalError, match=r"its check raised ZeroDivisionError at .*\.py:\d+: inte"):
        runner.run(claim(wrong), quiet)


@pytest.mark.parametrize("error", [LocalError, AgreementError])
def test_errors_that_say_what_to_do_stay(error):
    def wrong(tick):
        raise error("give fewer")

    with pytest.raises(error, match=r"^give fewer$"):
        runner.run(claim(refute=wrong), quiet)
