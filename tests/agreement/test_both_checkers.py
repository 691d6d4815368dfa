"""Two checkers that share no code judge the same certificates alike."""

import json
import random
import re
from typing import Any

import hand_made_false
import hand_made_malformed
import hand_made_true
import pytest
from certificate_trials import statement
from damaged_certificates import false_texts, random_mutation, type_confusions
from false_certificates import by_hand
from true_certificates import TRUE

from agreement.solve import (
    CheckersDisagreeError,
    RefusedError,
    ask_both_checkers,
    certificate_checker,
    check_certificate,
    graphs,
    second_checker,
)
from agreement.solve.deciding import decide
from agreement.solve.two_checkers import Answer, agreed_statement
from agreement.task import VALIDITIES, Task


def as_bytes(text):
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


FALSE = [
    *(json.dumps(it.document).encode() for it in by_hand()),
    *(as_bytes(text) for _, text in false_texts()),
    *(as_bytes(text) for text, *_ in (*hand_made_false.FALSE, *hand_made_malformed.MALFORMED)),
]


def test_true_certificates_are_accepted_by_both():
    for text in (*map(json.dumps, TRUE.values()), *hand_made_true.TRUE.values()):
        answers = ask_both_checkers(text.encode())
        expected = statement(json.loads(text))
        assert [*answers.values()] == [Answer(accepted=True, says=expected)] * 2, text
    for document in TRUE.values():
        assert check_certificate(document) == statement(document)


def test_false_certificates_are_refused_by_both():
    assert len(set(FALSE)) >= 600
    for text in FALSE:
        answers = ask_both_checkers(text)
        assert not any(answer.accepted for answer in answers.values()), (text, answers)
        with pytest.raises(RefusedError, match=re.escape(answers["certificate_checker"].says)):
            agreed_statement(answers)


def judged_alike(original, seed):
    """A damaged certificate is accepted by both or refused by both; else an exception says so."""
    damaged = random_mutation(original, random.Random(seed))
    try:
        check_certificate(damaged)
    except RefusedError:
        return False
    return True


@pytest.mark.parametrize("times", [10, pytest.param(400, marks=pytest.mark.slow)])
def test_damaged_certificates_are_judged_alike(times):
    accepted = [
        judged_alike(document, f"{name} {n}")
        for name, document in TRUE.items()
        for n in range(times)
    ]
    assert {True, False} == set(accepted)


def accepted_by_both(chosen, validity):
    """Return how many certificates there are for three processes on each of the graphs."""
    found = [
        [check_certificate(made) for made in decide(Task(graph, validity), 3).certificates]
        for _, graph in chosen
    ]
    assert all(found)
    return sum(map(len, found))


@pytest.mark.parametrize("at", range(len(VALIDITIES)))
def test_certificates_of_a_sample_of_the_atlas_are_accepted_by_both(at):
    """Every fortieth graph, each with one of the validities."""
    assert accepted_by_both(graphs()[40 * at :: 160], VALIDITIES[at]) >= 7


@pytest.mark.slow
@pytest.mark.parametrize("share", range(10))
@pytest.mark.parametrize("validity", VALIDITIES)
def test_certificates_of_the_whole_atlas_are_accepted_by_both(validity, share):
    chosen = graphs()[share::10]
    assert accepted_by_both(chosen, validity) >= len(chosen)


@pytest.mark.parametrize("name", ["two inputs apart", "sets"])
def test_values_that_json_does_not_have_are_refused(name):
    """Subtypes, tuples and keys that are numbers become JSON's values only when written."""
    for where, document in type_confusions(name, TRUE[name]):
        with pytest.raises(RefusedError):
            raise AssertionError(f"{where}: {check_certificate(document)}")


def test_a_cycle_and_a_deep_nest_are_no_certificates():
    cycle = dict(TRUE["sets"])
    cycle["proof"] = cycle
    deep: Any = None
    for _ in range(100_000):
        deep = [deep]
    for document in (cycle, deep, TRUE["sets"] | {"format": "\ud800"}, float("nan")):
        with pytest.raises(RefusedError):
            check_certificate(document)


@pytest.mark.parametrize("lenient", [certificate_checker, second_checker])
def test_a_disagreement_is_no_acceptance(monkeypatch, lenient):
    monkeypatch.setattr(lenient, "check", lambda document: "anything at all")
    wrong = next(it.document for it in by_hand())
    with pytest.raises(CheckersDisagreeError, match="anything at all"):
        check_certificate(wrong)
    with pytest.raises(CheckersDisagreeError, match="anything at all"):
        check_certificate(TRUE[next(iter(TRUE))])
