"""Z3 finds the proofs of the lemmas on agreement whatever its seed, and in little time."""

import pytest
import z3

from agreement.verdict import Verdict
from proofs import (
    centres,
    crash_projection,
    cycles,
    four_points,
    halving,
    labelled_walks,
    midpoints,
    ridges,
    round_bound,
    set_agreement,
    sperner_parity,
    subdivisions,
    thirds_of_two,
    visibility,
)
from ttkem.verification.lemma import Lemma, prove

LEMMAS = (
    *visibility.LEMMAS,
    *halving.rounds(2),
    *halving.rounds(3),
    midpoints.contraction(midpoints.VIEWS | midpoints.WITHIN),
    *midpoints.validity(),
    *four_points.steps(),
    centres.HALVES,
    centres.ends(),
    *centres.validity(),
    Lemma("a third", thirds_of_two.ROUND, thirds_of_two.NEW <= thirds_of_two.THIRD),
    *thirds_of_two.validity(),
    crash_projection.START,
    crash_projection.STEPS,
    crash_projection.crash(crash_projection.CRASH),
    *crash_projection.judged(),
    crash_projection.irrevocable(),
    *round_bound.one_round(round_bound.DISTINCT, round_bound.THIRD),
    *round_bound.lifting(2),
    *round_bound.lifting(3),
    *round_bound.decisions(),
    *sperner_parity.triangles(),
    *sperner_parity.sides(),
    subdivisions.step(),
    *subdivisions.fan(),
    Lemma("not adjacent", cycles.THREE, z3.Not(cycles.pairwise_adjacent())),
    cycles.carriers(),
    *labelled_walks.along_a_side(),
    *set_agreement.lemmas(),
    *ridges.LEMMAS,
)


@pytest.fixture
def seeded():
    def choose(seed):
        for name in ("smt.random_seed", "sat.random_seed"):
            z3.set_param(name, seed)

    yield choose
    choose(0)


@pytest.mark.sample(3)
@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_every_lemma_is_proved_in_five_seconds(seeded, seed):
    seeded(seed)
    for lemma in LEMMAS:
        proof = prove(lemma, milliseconds=5000)
        assert proof.verdict is Verdict.HOLDS, (lemma.name, proof.shown)
