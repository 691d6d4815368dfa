"""The claims on extension-based proofs: they go through, and broken rules break them as named."""

import pytest
import z3

from agreement.extension import Adversary, SetAgreement, Valency, problem_of
from agreement.verdict import Verdict
from proofs import (
    extension_carriers,
    extension_distances,
    extension_play,
    extension_regions,
    extension_valency,
)
from ttkem.verification.lemma import prove

FAST = [extension_carriers, extension_regions, extension_distances, extension_valency]


def ignore(words):
    assert words


@pytest.mark.parametrize("module", FAST)
def test_claims_hold(module):
    assert module.CLAIM.check(ignore).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (extension_carriers, "collect: views "),
        (extension_regions, "deciding: "),
        (extension_distances, "the last round: "),
        (extension_valency, "2 processes: views (1, 3) and (3, 2) are not connected"),
    ],
)
def test_twins_are_refuted_as_named(module, words):
    found = module.CLAIM.refute(ignore)
    assert found.verdict is Verdict.REFUTED
    assert found.shown.startswith(words)


def test_the_game_is_played_and_its_twin_caught():
    found = extension_play.CLAIM.check(ignore)
    assert found.verdict is Verdict.HOLDS
    assert dict(found.figures)["games"] == 9
    assert dict(found.figures)["facets audited"] > 20_000
    found = extension_play.CLAIM.refute(ignore)
    assert found.verdict is Verdict.REFUTED
    assert "touching" in found.shown or "regions" in found.shown


@pytest.mark.parametrize("seed", range(3))
def test_the_proofs_do_not_depend_on_luck(seed):
    z3.set_param("smt.random_seed", seed)
    try:
        assert extension_regions.CLAIM.check(ignore).verdict is Verdict.HOLDS
    finally:
        z3.set_param("smt.random_seed", 0)


@pytest.mark.parametrize(
    "missing", ["nested", "regions are disjoint", "A and B are disjoint", "rule 1"]
)
def test_each_premise_of_deciding_is_needed_or_is_not_used(missing):
    lemma = extension_regions.deciding()
    given = {name: premise for name, premise in lemma.given.items() if name != missing}
    found = prove(type(lemma)(lemma.name, given, lemma.then))
    needed = missing in {"nested", "rule 1"}
    assert found.verdict is (Verdict.REFUTED if needed else Verdict.HOLDS)


def test_views_that_have_no_process_in_common():
    assert extension_carriers.fault((0b01, 0b10)) == "views 1 and 10 are not nested"
    assert extension_carriers.fault((0b00, 0b10)) == "no process is seen by all"
    assert extension_carriers.fault((0b01, 0b11)) == ""


def test_without_nested_carriers_distances_need_not_double():
    first, *_ = extension_distances.doubling(nested=False)
    assert prove(first).verdict is Verdict.REFUTED


class Shortcut(SetAgreement):
    """Set agreement whose routes are not paths between the values asked for."""

    path = (0, 0)

    def route(self, start, end):
        return self.path


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ((0, 1), "the path from 0 to 0 is (0, 1)"),
        ((0, 2, 1, 0), "(0, 2, 1, 0) is not allowed for the inputs {0}"),
    ],
)
def test_wrong_paths_are_found(path, words, monkeypatch):
    monkeypatch.setattr(Shortcut, "path", path)
    assert extension_distances.fault(Shortcut(3, 2)) == words


def test_wrong_paths_refute_the_claim(monkeypatch):
    assert extension_distances.fault(SetAgreement(3, 1)).startswith("neighbours on (0, 1) must not")
    assert extension_distances.fault(problem_of("cycle:4")) == ""
    monkeypatch.setattr(extension_distances, "fault", lambda _: "no path")
    found = extension_distances.CLAIM.check(ignore)
    assert (found.verdict, found.shown) == (Verdict.REFUTED, "no path")


def test_games_that_are_lost_are_told():
    words, _ = extension_play.played(Adversary(SetAgreement(2, 1)), Valency(1), ignore)
    assert words.startswith("agreement: 2 different outputs, 0, 1")
