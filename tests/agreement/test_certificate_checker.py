"""The certificate checker: true certificates accepted, false ones refused, each for its reason."""

import json
import random
import re
from functools import cache
from itertools import combinations
from pathlib import Path

import certificate_trials
import pytest
from certificate_trials import refusal, statement
from damaged_certificates import false_texts, random_mutation
from false_certificates import by_hand
from true_certificates import (
    APART,
    BY_SETS,
    EDGE,
    KINDS,
    REFUTED,
    SQUARE_2,
    TRUE,
    carriers,
    complete,
    path,
    protocol,
)

from agreement.graph import Graph, named, shortest_path
from agreement.solve import certificate_checker as checker
from agreement.solve import decide
from agreement.solve.atlas import graphs
from agreement.solve.deciding import Solvability
from agreement.solve.dismantling import dismantle
from agreement.task import VALIDITIES, Task

PAGE = Path(__file__).parents[2] / "docs" / "certificate-format.md"
FALSE = by_hand()


@pytest.mark.parametrize("name", TRUE)
def test_a_true_certificate_is_accepted(name):
    assert checker.check(TRUE[name]) == statement(TRUE[name])
    assert checker.check(checker.read(json.dumps(TRUE[name]).encode())) == statement(TRUE[name])


def test_there_are_true_ones_of_every_kind_and_validity():
    assert {it["proof"]["kind"] for it in TRUE.values()} == set(KINDS)
    assert {it["validity"] for it in TRUE.values()} == set(VALIDITIES)


def test_the_claims_of_the_true_ones_are_true():
    for name, document in TRUE.items():
        assert is_true(json.dumps(document)), name


@pytest.mark.parametrize("it", FALSE, ids=lambda it: it.name)
def test_a_false_certificate_is_refused_for_its_reason(it):
    said = refusal(checker, it.document)
    assert any(part in said for part in it.why.split("|")), said


def test_there_are_many_false_ones():
    assert len(FALSE) >= 300
    assert len({json.dumps(it.document) for it in FALSE}) >= 300


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", TRUE)
def test_values_of_wrong_types_are_refused(name):
    certificate_trials.wrong_types_are_refused(checker, [name])


@pytest.mark.parametrize(("name", "text"), false_texts())
def test_a_false_text_is_refused(name, text):
    with pytest.raises(checker.RefusedError):
        checker.check(checker.read(text))


@cache
def is_true(text):
    """Return whether the claim of a document is true by the decider."""
    document = json.loads(text)
    its_graph = document["graph"]
    task = Task(
        Graph.of(its_graph["vertices"], map(tuple, its_graph["edges"])), document["validity"]
    )
    count, rounds = document["processes"], document["rounds"]
    decision = decide(task, count, rounds=rounds, minimum=rounds is not None)
    if document["claim"] == "solvable":
        return decision.verdict is Solvability.SOLVABLE
    if rounds is None:
        return decision.verdict is Solvability.UNSOLVABLE
    return decision.verdict in {Solvability.UNSOLVABLE, Solvability.NOT_IN_ROUNDS}


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", TRUE)
def test_what_is_accepted_after_random_changes_is_true(name):
    chance = random.Random(name)
    refused = 0
    for _ in range(150):
        document = random_mutation(TRUE[name], chance)
        try:
            checker.check(document)
        except checker.RefusedError:
            refused += 1
            continue
        frame = {key: value for key, value in document.items() if key != "proof"}
        assert is_true(json.dumps(frame)), document
    assert refused > 75


def test_carriers_that_claim_too_much_of_a_triangular_grid():
    """The grid is dismantlable, yet unsolvable: three inputs do not allow all vertices."""
    grid = named("triangular:3")
    entries = []
    for size in (1, 2, 3):
        for chosen in combinations(range(grid.order), size):
            part = range(grid.order) if size == 3 else shortest_path(grid, chosen[0], chosen[-1])
            entries.append((chosen, sorted(part), dismantle(grid, grid.mask(part))))
    its_graph = {"vertices": grid.order, "edges": [list(edge) for edge in grid.edges]}
    assert decide(Task(grid), 3).verdict is Solvability.UNSOLVABLE
    said = refusal(checker, carriers(its_graph, 3, *entries))
    assert said == "the carrier of [0, 1, 2] is not inside D(S)"
    pairs = [entry for entry in entries if len(entry[0]) <= 2]
    assert checker.check(carriers(its_graph, 2, *pairs)).startswith("solvable: 2 processes")


# The page.


def test_the_examples_of_the_page_are_accepted():
    """The page shows parts of these true certificates."""
    page = PAGE.read_text(encoding="utf-8")
    for document in (EDGE, BY_SETS, APART, REFUTED, SQUARE_2):
        assert checker.check(document)
        for key, value in document["proof"].items():
            assert (
                f"`{json.dumps(value)}`" in page or f"`{key}` is {value}" in page or key == "kind"
            )


def test_the_words_of_the_page_are_those_of_the_checker():
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.*?)` \| `(.*?)` \| (`null`|\$k\$) \| (.*) \|$", page, re.MULTILINE)
    assert {
        kind: (claim, rounds == "$k$", set(re.findall("`(.*?)`", keys)))
        for kind, claim, rounds, keys in rows
    } == {
        kind: (claim, in_rounds, set(shape))
        for kind, (claim, in_rounds, shape, _) in checker._KINDS.items()
    }
    assert f"the string `{checker.FORMAT}`" in page


# Limits.


def limits():
    """Read the limits that the format's page states."""
    rows = re.findall(r"^\| (.*?) \| ([0-9,]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {what: int(most.replace(",", "")) for what, most in rows}


def test_the_limits_are_those_of_the_page():
    stated = limits()
    of_page = {
        "MOST_BYTES": "bytes of the file",
        "MOST_BRACKETS": "bytes `[` and `{` in the file",
        "MOST_NUMBER": "any number",
        "MOST_VERTICES": "vertices",
        "MOST_PROCESSES": "processes",
        "MOST_ROUNDS": "rounds",
        "MOST_PATHS": "monophonic validity: induced paths of the graph",
        "MOST_STATES": "decision protocol: states before each round and at the end",
        "MOST_CLAUSES": "propositional refutation: clauses of the formula",
    }
    assert {name: getattr(checker, name) for name in of_page} == {
        name: stated[what] for name, what in of_page.items()
    }


def test_the_carriers_are_those_of_the_task():
    certificate_trials.carriers_are_those_of(checker, [g for _, g in graphs() if g.order <= 5])


def test_every_limit_is_kept(monkeypatch):
    certificate_trials.limits_are_kept(checker, monkeypatch.setattr)


def test_the_largest_that_is_allowed():
    assert checker.check(protocol(path(1), 6))
    assert checker.check(protocol(complete(62), 2))
    assert checker.check(protocol(path(1), 1, *[[(None, (0,), 0)]] * 100))


def test_clauses_follow_by_unit_propagation_only():
    certificate_trials.propagation_is_sound_and_complete(checker, 300)


def test_files(tmp_path, capsys, monkeypatch):
    certificate_trials.files_are_checked(
        checker, tmp_path, lambda: capsys.readouterr().out, monkeypatch.setattr
    )
