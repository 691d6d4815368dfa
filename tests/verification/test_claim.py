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
    "a float": ((Verdict.HOLDS, (("states", 3.0),)), "('states', 3.0) in figures is not (name"),
    "a true figure": (
        (Verdict.HOLDS, (("states", True),)),
        "('states', True) in figures is not (name",
    ),
    "a negative figure": (
        (Verdict.HOLDS, (*SOME, ("runs", -1))),
        "('runs', -1) in figures is not (name",
    ),
    "a figure without a name": (
        (Verdict.HOLDS, ((3, 3),)),
        "(3, 3) in figures is not (name, count)",
    ),
    "a count alone": ((Verdict.HOLDS, ("states",)), "'states' in figures is not (name, count)"),
    "a name of two letters": ((Verdict.HOLDS, ("ab",)), "'ab' in figures is not (name, count)"),
    "a count in a list": ((Verdict.HOLDS, (["states", 3],)), "['states', 3] in figures is not"),
    "three parts": ((Verdict.HOLDS, (("states", 3, 3),)), "('states', 3, 3) in figures is not"),
    "figures in a list": ((Verdict.HOLDS, [*SOME]), "figures must be a tuple, not [("),
    "figures in a dictionary": ((Verdict.HOLDS, {"states": 3}), "figures must be a tuple, not {"),
    "no figures": ((Verdict.HOLDS, None), "figures must be a tuple, not None"),
    "figures of one name": (
        (Verdict.HOLDS, (*SOME, ("runs", 2), *SOME)),
        "two of states, runs, states have one name",
    ),
    "holds and refutes": (
        (Verdict.HOLDS, SOME, "", Refutes.LEMMA),
        "a finding 'holds' must not have refutes",
    ),
    "unknown and refutes": (
        (Verdict.UNKNOWN, SOME, "why", Refutes.LEMMA),
        "a finding 'unknown' must not have refutes",
    ),
    "unknown without a reason": ((Verdict.UNKNOWN, SOME, " "), "must give the reason in shown"),
    "nothing refuted": ((Verdict.REFUTED, SOME, "seen"), "must name what it refutes in refutes"),
    "refuted by name": ((Verdict.REFUTED, SOME, "seen", "the claim's statement"), "must name what"),
    "nothing shown": (
        (Verdict.REFUTED, SOME, "\n ", Refutes.LEMMA),
        "must give the counterexample in shown",
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


class Methods:
    def check(self, tick):
        return check(tick)


METHODS = Methods()
NO_CLAIMS = {
    **{
        field: (
            {field: " "},
            f"claim {' ' if field == 'name' else 'claim'!r}: {field} must be text, not ' '",
        )
        for field in ("name", "statement", "source", "bound", "twin", "trusts")
    },
    "a number": ({"statement": 3}, "statement must be text, not 3"),
    "what is refuted by name": ({"refutes": "the claim's statement"}, "give a Kind as kind and"),
    "the kind by name": ({"kind": "lemma"}, "give a Kind as kind and a Refutes as refutes"),
    "no check": ({"check": "check"}, "check and refute must be two functions"),
    "no twin": ({"refute": None}, "check and refute must be two functions"),
    "one method": (
        {"check": METHODS.check, "refute": METHODS.check},
        "check and refute must be two functions",
    ),
    "slow in words": ({"slow": "no"}, "slow must be True or False, not 'no'"),
    "slow by number": ({"slow": 1}, "slow must be True or False, not 1"),
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
