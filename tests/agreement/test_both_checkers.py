"""Two checkers that share no code judge the same certificates alike."""

import json
import random

import hand_made_false
import hand_made_malformed
import hand_made_true
import pytest
from damaged_certificates import false_texts, random_mutation
from false_certificates import by_hand
from true_certificates import TRUE

from agreement.solve import (
    CheckersDisagreeError,
    RefusedError,
    certificate_checker,
    check_certificate,
    check_certificate_text,
    graphs,
    second_checker,
)
from agreement.solve.deciding import decide
from agreement.task import VALIDITIES, Task


def as_bytes(text):
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


FALSE = [
    *(json.dumps(it.document).encode() for it in by_hand()),
    *(as_bytes(text) for _, text in false_texts()),
    *(as_bytes(text) for text, *_ in (*hand_made_false.FALSE, *hand_made_malformed.MALFORMED)),
]


def test_true_certificates_are_accepted_by_both():
    for document in TRUE.values():
        assert check_certificate(document).startswith(document["claim"])
    for text in hand_made_true.TRUE.values():
        assert check_certificate_text(as_bytes(text)).startswith(("solvable", "not ", "unsolvable"))


def test_false_certificates_are_refused_by_both():
    assert len(FALSE) >= 300
    for text in FALSE:
        with pytest.raises(RefusedError):
            check_certificate_text(text)


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


@pytest.mark.parametrize("step", [97, pytest.param(7, marks=pytest.mark.slow)])
def test_certificates_of_the_atlas_are_accepted_by_both(step):
    found = 0
    for number, graph in graphs()[::step]:
        validity = VALIDITIES[number % len(VALIDITIES)]
        for certificate in decide(Task(graph, validity), 3).certificates:
            check_certificate(certificate)
            found += 1
    assert found > len(graphs()[::step])


@pytest.mark.parametrize("lenient", [certificate_checker, second_checker])
def test_a_disagreement_is_no_acceptance(monkeypatch, lenient):
    monkeypatch.setattr(lenient, "check", lambda document: "anything at all")
    wrong = next(it.document for it in by_hand())
    with pytest.raises(CheckersDisagreeError, match="anything at all"):
        check_certificate(wrong)
    with pytest.raises(CheckersDisagreeError, match="anything at all"):
        check_certificate(TRUE[next(iter(TRUE))])
