"""A finding carries its evidence, and a claim says what its twin refutes."""

import pytest

from agreement.verdict import Verdict
from ttkem.errors import LocalError
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, refuted, together

SOME = (("states", 3),)


def check(tick):
    del tick
    return Finding(Verdict.HOLDS, SOME)


def refute(tick):
    del tick
    return refuted("seen")


def claim(**changes):
    parts = {
        "name": "claim",
        "statement": "it is so",
        "source": "here",
        "bound": "3 states",
        "check": check,
        "twin": "it is not",
        "refute": refute,
        "refutes": Refutes.STATEMENT,
    }
    return Claim(**{**parts, **changes})


NO_FINDINGS = {
    "no verdict": (("holds", SOME), "'holds' is not a Verdict"),
    "a truth": ((True, SOME), "True is not a Verdict"),
    "nothing counted": ((Verdict.HOLDS,), "must count what was examined"),
    "only zeros": ((Verdict.HOLDS, (("states", 0), ("runs", 0))), "must count what was examined"),
    "a float": ((Verdict.HOLDS, (("states", 3.0),)), "'states', 3.0 is not a count"),
    "a true figure": ((Verdict.HOLDS, (("states", True),)), "'states', True is not a count"),
    "a negative figure": ((Verdict.HOLDS, (*SOME, ("runs", -1))), "'runs', -1 is not a count"),
    "a figure without a name": ((Verdict.HOLDS, ((3, 3),)), "3, 3 is not a count"),
    "holds and refutes": (
        (Verdict.HOLDS, SOME, "", Refutes.LEMMA),
        "a finding that says 'holds' refutes nothing",
    ),
    "unknown and refutes": (
        (Verdict.UNKNOWN, SOME, "why", Refutes.LEMMA),
        "a finding that says 'unknown' refutes nothing",
    ),
    "unknown without a reason": ((Verdict.UNKNOWN, SOME, " "), "must give the reason in shown"),
    "nothing refuted": ((Verdict.REFUTED, SOME, "seen"), "must say what it refutes"),
    "refuted by name": ((Verdict.REFUTED, SOME, "seen", "the claim's statement"), "must say what"),
    "nothing shown": (
        (Verdict.REFUTED, SOME, "\n ", Refutes.LEMMA),
        "must show a counterexample in shown",
    ),
    "shown as a list": ((Verdict.REFUTED, SOME, ["seen"], Refutes.LEMMA), "is not a string"),
}


@pytest.mark.parametrize("name", NO_FINDINGS)
def test_a_finding_without_evidence_is_none(name):
    parts, words = NO_FINDINGS[name]
    with pytest.raises(LocalError) as error:
        Finding(*parts)
    assert words in str(error.value)


def test_findings_with_evidence():
    assert Finding(Verdict.HOLDS, (("states", 0), ("runs", 1))).refutes is None
    assert Finding(Verdict.UNKNOWN, (), "timeout").shown == "timeout"
    assert refuted("seen") == Finding(Verdict.REFUTED, (), "seen", Refutes.STATEMENT)
    assert refuted("seen", SOME, Refutes.LEMMA).refutes is Refutes.LEMMA


NO_CLAIMS = {
    **{
        field: (
            {field: " "},
            f"claim {' ' if field == 'name' else 'claim'!r}: {field} says nothing",
        )
        for field in ("name", "statement", "source", "bound", "twin", "trusts")
    },
    "a number": ({"statement": 3}, "statement says nothing: 3"),
    "what is refuted by name": ({"refutes": "the claim's statement"}, "give a Kind as kind and"),
    "the kind by name": ({"kind": "lemma"}, "give a Kind as kind and a Refutes as refutes"),
    "no check": ({"check": "check"}, "check and refute must be two functions"),
    "no twin": ({"refute": None}, "check and refute must be two functions"),
    "one function": ({"refute": check}, "check and refute must be two functions"),
}


@pytest.mark.parametrize("name", NO_CLAIMS)
def test_a_claim_has_the_form_of_one(name):
    changes, words = NO_CLAIMS[name]
    with pytest.raises(LocalError) as error:
        claim(**changes)
    assert words in str(error.value)


def test_a_claim_knows_its_file():
    assert claim().file == f"{__name__.replace('.', '/')}.py"
    assert claim().kind is Kind.BOUNDED


def test_several_findings_are_one():
    good, noted = Finding(Verdict.HOLDS, SOME), Finding(Verdict.HOLDS, (("runs", 1),), "note")
    bad, open_ = refuted("seen"), Finding(Verdict.UNKNOWN, (), "timeout")
    assert together([good, good, noted]) == Finding(
        Verdict.HOLDS, (("states", 6), ("runs", 1)), "note"
    )
    assert together([good, bad, open_]) is bad
    assert together([open_, bad]) is open_
    with pytest.raises(LocalError, match="must count what was examined"):
        together([])
