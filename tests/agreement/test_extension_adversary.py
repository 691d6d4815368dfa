"""The adversarial protocol: no prover here beats it, and it answers output queries as proved."""

import pytest

from agreement.errors import GameError
from agreement.extension import (
    BROKEN,
    Adversary,
    Exhaustive,
    Game,
    Random,
    Reason,
    SetAgreement,
    Valency,
    Winner,
    problem_of,
)

TASKS = ["set:3:2", "cycle:4"]
SOME_PROVERS = [Exhaustive(1), Exhaustive(2, 1), *map(Random, range(12))]


def played(task, prover, phases=60, **options):
    game = Game(Adversary(problem_of(task), **options))
    prover.play(game, phases)
    return game


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("prover", SOME_PROVERS, ids=repr)
def test_no_prover_beats_it(task, prover):
    outcome = played(task, prover).outcome
    assert (outcome.winner, outcome.reason) == (Winner.PROTOCOL, Reason.TERMINATED)


@pytest.mark.parametrize(("task", "phases"), [("set:3:2", 60), ("cycle:4", 1)])
def test_valency_does_not_beat_it(task, phases):
    outcome = played(task, Valency(1), phases).outcome
    reached = Reason.TERMINATED if phases == 60 else Reason.BOUND
    assert (outcome.reason, outcome.winner is Winner.PROVER) == (reached, False)


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(25))
def test_many_provers_do_not_beat_it(task, seed):
    for prover in (Valency(seed), Exhaustive(2, seed), Random(seed, chains=8)):
        outcome = played(task, prover).outcome
        assert (outcome.winner, outcome.reason) == (Winner.PROTOCOL, Reason.TERMINATED)


@pytest.mark.parametrize("task", ["consensus:2", "consensus:3"])
@pytest.mark.parametrize("seed", range(5))
def test_for_consensus_it_loses_to_valency(task, seed):
    outcome = played(task, Valency(seed)).outcome
    assert (outcome.winner, outcome.reason) == (Winner.PROVER, Reason.VIOLATION)
    assert outcome.words.startswith("agreement: 2 different outputs")


def test_bivalence_goes_on_for_as_long_as_it_is_played():
    game = Game(BROKEN["postponing"](problem_of("consensus:2")))
    Valency(1).play(game, 60)
    assert (game.outcome.winner, game.outcome.reason) == (Winner.NOBODY, Reason.BOUND)
    game.outcome = None
    (last,) = game.openings
    assert len(game.schedule) == 60
    assert game.active(last) == (0, 1)
    assert all(game.output(last, (0, 1), value) is not None for value in (0, 1))


@pytest.mark.parametrize("task", ["set:4:2", "set:4:3", "cycle:5", "set:2:2"])
def test_other_tasks_that_it_is_good_for(task):
    problem = problem_of(task, 3, "hull")
    for seed in range(6):
        game = Game(Adversary(problem))
        Random(seed).play(game, 60)
        assert game.outcome.reason is Reason.TERMINATED


def test_output_queries_are_answered_by_hand():
    protocol = Adversary(SetAgreement(3, 2))
    game = Game(protocol)
    start = next(c for c in game.openings if game.inputs(c) == (0, 1, 2))
    assert game.output(start, (0,), 1) is None  # alone it never learns of 1
    assert game.output(start, (0,), 0) == ((0,), (0,))
    assert game.output(start, (0,), 0) == ((0,), (0,))  # the same again
    assert game.output(start, (1, 2), 2) == ((2,), (2,))
    assert game.output(start, (1, 2), 0) is None
    assert len(protocol.terminated) == 2
    # Process 1 next to one that has output 0 for good: it must, and does, follow.
    ended = game.query(game.query(start, (0,)), (0,))
    assert game.outputs(ended) == (0, None, None)
    assert game.output(ended, (1,), 1) is None
    follows = game.output(ended, (1,), 0)
    assert follows == ((1,), (1,))
    assert game.outcome is None


def test_it_goes_on_for_two_more_rounds_where_it_must_make_room():
    protocol = Adversary(SetAgreement(3, 2), first_round=1)
    game = Game(protocol)
    start = next(c for c in game.openings if game.inputs(c) == (0, 1, 2))
    for process in range(3):
        schedule = game.output(start, (process,), process)
        assert len(set(schedule)) == 1
    assert protocol.level <= protocol.ceiling()
    assert (protocol.queried, protocol.name) == (1, "adversary")
    both = game.output(start, (0, 1), 1)
    assert both is not None
    assert game.outcome is None


def test_a_query_that_is_too_large_is_an_error():
    protocol = Adversary(SetAgreement(3, 2), limit=0)
    game = Game(protocol)
    with pytest.raises(GameError, match="more than 0 configurations to look at"):
        game.output(0, (0, 1, 2), 0)
