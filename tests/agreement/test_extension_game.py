"""Extension-based proofs: the rules, the referee, honest protocols, and provers against them."""

import pytest

from agreement.errors import GameError, TaskError
from agreement.extension import (
    HONEST,
    PROVERS,
    Exhaustive,
    Game,
    Honest,
    OnGraph,
    Random,
    Reason,
    SetAgreement,
    States,
    Valency,
    Winner,
    problem_of,
    synthesised,
)
from agreement.extension.honest import Automaton
from agreement.graph import complete_bipartite, path
from agreement.protocols import Tables
from agreement.solve import decide
from agreement.task import Task
from agreement.topology import one_round


def honest(name, count=2, most=1):
    return Honest(SetAgreement(count, most), HONEST[name]())


def where(game, *inputs):
    return next(c for c in game.openings if game.inputs(c) == inputs)


# Problems


def test_problems_are_read():
    assert problem_of("set:4:2") == SetAgreement(4, 2)
    assert problem_of("consensus:2") == SetAgreement(2, 1)
    on_cycle = problem_of("cycle:4", 3, "hull")
    assert (on_cycle.count, on_cycle.task.graph.order, on_cycle.task.validity) == (3, 4, "hull")
    assert on_cycle.name == "cycle:4 for 3, hull validity"
    assert OnGraph(2, Task(path(3))).name == "a graph of 3 vertices for 2, geodesic validity"
    assert SetAgreement(3, 2).name == "set:3:2"
    for bad in ("set:3", "consensus:x", "consensus:2:1"):
        with pytest.raises(TaskError, match="write set:N:K"):
            problem_of(bad)
    with pytest.raises(TaskError, match="0 processes on 1 value: there must be at least 1 process"):
        SetAgreement(0, 1)


def test_what_problems_object_to_and_their_routes():
    three = SetAgreement(3, 2)
    assert three.objection((0, None, 1)) is None
    assert three.objection((0, 2, 1)).startswith("agreement: 3 different outputs, 0, 1, 2")
    assert (three.route(2, 0), three.route(1, 1), three.label(1)) == ((2, 0), (1,), "1")
    cycle = problem_of("cycle:4")
    assert cycle.objection((0, 1, None)) is None
    assert cycle.objection((0, 2, 1)) == "agreement: outputs 0 and 2, at distance 2"
    assert cycle.route(2, 0) == (2, 1, 0)
    assert (cycle.route(3, 0), cycle.route(1, 1), cycle.label(3)) == ((3, 0), (1,), "3")
    assert cycle.allowed(frozenset({0, 1})) == {0, 1}


def test_no_path_within_geodesic_carriers_of_a_graph_that_is_not_convex_enough():
    awkward = OnGraph(3, Task(complete_bipartite(2, 3)))
    with pytest.raises(TaskError, match=r"no path from 0 to 1 stays in every carrier of both"):
        awkward.route(0, 1)
    assert OnGraph(3, Task(complete_bipartite(2, 3), "hull")).route(0, 1) == (0, 2, 1)
    assert problem_of("cycle:6", 3, "hull").route(3, 0) == (3, 2, 1, 0)


# States


def test_what_occurs_together_is_what_the_table_of_one_round_says():
    states = States()
    start = states.start((0, 1, 2))
    views = {
        p: [mask for mask in range(8) if mask >> p & 1] for p in range(3)
    }  # every view a process could have
    state = {
        (p, mask): states.after(p, frozenset(start[q] for q in range(3) if mask >> q & 1))
        for p in range(3)
        for mask in views[p]
    }
    table = set(one_round("immediate", 3))
    for first in views[0]:
        for second in views[1]:
            for third in views[2]:
                members = [state[0, first], state[1, second], state[2, third]]
                assert states.together(members) == ((first, second, third) in table)


def test_states_of_different_rounds_occur_together_if_some_run_has_them():
    states = States()
    start = states.start((0, 1))
    ahead = states.run(start, [(0,), (0,)])
    assert states.together(ahead) is True
    both = states.run(start, [(1,), (0,)])
    assert states.together([ahead[0], both[1]]) is False  # one saw nobody, and so did the other
    assert states.together([ahead[0], start[0]]) is False
    assert states.together([]) is True
    assert states.past(ahead[0], 0) == {start[0]}
    assert states.past(both[0], 0) == set(start)
    assert len(states) == 6


# The rules


def test_illegal_moves_raise_and_change_nothing():
    game = Game(honest("minimum"))
    first = where(game, 0, 1)
    once = game.query(first, (0,))
    before = (len(game.configurations), len(game.events), game.phase, dict(game.here))
    for call, words in [
        (lambda: game.query(once, ()), "name at least one process"),
        (lambda: game.query(once, (0, 0)), "name at least one process, and each once"),
        (
            lambda: game.query(once, (0, 1)),
            "together in c.*: the processes are in different rounds",
        ),
        (lambda: game.query(999, (0,)), "cannot ask about c999: it is not in A"),
        (lambda: game.query(once, (7,)), "cannot move process 7 in c.*: there is no such process"),
        (lambda: game.output(once, (0,), 9), "cannot ask for output 9: it is no value"),
        (lambda: game.extend(first), "was not reached in this phase"),
        (lambda: game.extend(999), "was not reached in this phase"),
    ]:
        with pytest.raises(GameError, match=words):
            call()
        after = (len(game.configurations), len(game.events), game.phase, dict(game.here))
        assert after == before
    assert list(game.blocks(once)) == [(0,), (1,)]


def test_a_process_that_has_output_cannot_move():
    game = Game(honest("own"))
    at = game.query(where(game, 0, 0), (0,))
    with pytest.raises(GameError, match=rf"cannot move process 0 in c{at}: it has output"):
        game.query(at, (0, 1))


def test_a_phase_keeps_what_the_schedule_does_not_tell_apart():
    game = Game(honest("minimum", 3))
    start = where(game, 0, 1, 1)
    moved = game.query(start, (0, 2))
    game.extend(moved)
    assert (game.phase, game.schedule) == (2, ((0, 2),))
    assert {game.inputs(c) for c in game.openings} == {(0, 0, 1), (0, 1, 1)}
    assert moved in game.openings
    with pytest.raises(GameError, match="is not in A"):
        game.query(start, (0,))
    assert game.trail(moved) == ((start, moved), ((0, 2),))


def test_the_protocol_wins_when_everything_has_terminated():
    game = Game(honest("own", 1, 1))
    for _ in range(1):
        game.extend(game.query(0, (0,)))
    assert (game.outcome.winner, game.outcome.reason) == (Winner.PROTOCOL, Reason.TERMINATED)
    with pytest.raises(GameError, match="the game is over"):
        game.stop("enough")


# The referee


def test_a_violation_is_shown_with_its_schedule():
    game = Game(honest("own"))
    game.query(where(game, 0, 1), (0, 1))
    assert game.outcome.reason is Reason.VIOLATION
    assert game.outcome.words.endswith("inputs 0 1, schedule 0+1")


def test_validity_goes_by_who_has_moved():
    game = Game(honest("zero"))
    game.query(where(game, 0, 1), (1,))
    assert game.outcome.words.startswith("validity: process 1 outputs 0, where only 1 may")


class Fickle(Honest):
    """A protocol that decides differently the second time."""

    asked = 0

    def decide(self, state):
        self.asked += 1
        return None if self.asked == 1 else 0


def test_a_protocol_may_not_change_its_mind():
    game = Game(Fickle(SetAgreement(2, 1), HONEST["own"]()))
    start = where(game, 0, 0)
    game.query(start, (0,))
    game.query(start, (0,))
    assert game.outcome.reason is Reason.CONTRADICTION
    assert "in the same state" in game.outcome.words


class Denying(Honest):
    """A protocol that denies every output."""

    def output(self, now, group, value):
        return None


def test_a_denied_output_that_is_reached_is_a_contradiction_before_and_after():
    game = Game(Denying(SetAgreement(2, 1), HONEST["own"]()))
    start = where(game, 0, 0)
    assert game.output(start, (0,), 1) is None
    assert game.output(start, (0,), 0) is None
    game.query(start, (1,))
    assert game.outcome is None  # process 1 is none of those who were asked about
    game.query(start, (0,))
    assert "the protocol said that none of them does" in game.outcome.words
    again = Game(Denying(SetAgreement(2, 1), HONEST["own"]()))
    start = where(again, 0, 0)
    again.query(again.query(start, (1,)), (0,))
    again.output(start, (0, 1), 0)
    assert again.outcome.reason is Reason.CONTRADICTION


class Lying(Honest):
    """A protocol that names schedules which do not lead to the output."""

    answer = ((0,),)

    def output(self, now, group, value):
        return self.answer


@pytest.mark.parametrize("answer", [((0,),), ((1,),), ((),), ((0,), (0, 1)), ()])
def test_a_named_schedule_must_do_what_was_asked(answer):
    protocol = Lying(SetAgreement(2, 1), HONEST["minimum"]())
    protocol.answer = answer
    game = Game(protocol)
    game.output(where(game, 0, 0), (0,), 0)
    assert game.outcome.reason is Reason.CONTRADICTION
    assert "which does not do it" in game.outcome.words


def test_a_violation_along_a_named_schedule_ends_the_game():
    protocol = Lying(SetAgreement(2, 1), HONEST["own"]())
    protocol.answer = ((0, 1), (0,))
    game = Game(protocol)
    game.output(where(game, 0, 1), (0, 1), 0)
    assert game.outcome.reason is Reason.VIOLATION


def test_what_is_watched_is_each_answer():
    seen = []
    game = Game(honest("own"), watch=lambda game: seen.append(game.events[-1].kind))
    start = where(game, 0, 0)
    game.output(start, (0,), 1)
    game.extend(game.query(start, (0,)))
    assert seen == ["output", "query", "extend"]


class Boasting(Honest):
    def ceiling(self):
        return 1


def test_a_word_given_on_rounds_is_kept():
    game = Game(Boasting(SetAgreement(2, 1), HONEST["minimum"]()))
    once = game.query(where(game, 0, 0), (0,))
    assert game.outcome is None
    game.query(once, (0,))
    assert game.outcome is None  # it outputs in round 2, and does not go on
    game = Game(Boasting(SetAgreement(2, 1), HONEST["commit-adopt"]()))
    at = game.query(where(game, 0, 1), (0, 1))
    game.query(at, (0, 1))
    assert game.outcome.reason is Reason.CEILING
    assert "goes on in round 2; no round after 1" in game.outcome.words


def test_a_long_chain_is_not_an_infinite_one():
    game = Game(honest("commit-adopt"))
    at = where(game, 0, 1)
    for block in ((0,), (1,)):
        at = game.query(at, block)
    assert game.outcome is None
    at = game.query(game.query(at, (1,)), (0,))
    assert game.outcome.reason is Reason.INFINITE
    assert "the schedule 0 1 1 0 brings back" in game.outcome.words


def test_what_recurs_is_replayed_for_a_while():
    """A chain that the referee calls infinite goes on: ten more turns, digest by digest."""
    game = Game(honest("commit-adopt", 3))
    Valency(1).play(game, 30)
    assert game.outcome.reason is Reason.INFINITE
    last = len(game.configurations) - 1
    from agreement.extension.referee import lasso  # noqa: PLC0415

    begin, blocks = lasso(game, last)
    now, digest = game.configurations[begin], game.protocol.digest
    moving = {p for block in blocks for p in block}
    wanted = [digest(now[p]) for p in sorted(moving)]
    for _ in range(10):
        now = game.states.run(now, blocks)
        assert [digest(now[p]) for p in sorted(moving)] == wanted
        assert all(game.protocol.decide(now[p]) is None for p in moving)


# Provers against honest protocols


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("own", Reason.VIOLATION),
        ("leader", Reason.VIOLATION),
        ("minimum", Reason.VIOLATION),
        ("majority", Reason.VIOLATION),
        ("zero", Reason.VIOLATION),
        ("commit-adopt", Reason.INFINITE),
        ("never", Reason.INFINITE),
    ],
)
def test_every_protocol_for_consensus_loses_to_valency(name, count, reason):
    for seed in range(4):
        game = Game(honest(name, count))
        Valency(seed).play(game, 30)
        assert (game.outcome.winner, game.outcome.reason) == (Winner.PROVER, reason)


@pytest.mark.parametrize("name", HONEST)
def test_every_protocol_for_two_loses_to_the_exhaustive_prover(name):
    game = Game(honest(name))
    Exhaustive(4).play(game, 30)
    assert game.outcome.winner is Winner.PROVER


def test_some_seed_of_the_random_prover_wins():
    for name in HONEST:
        games = [Game(honest(name)) for _ in range(20)]
        for seed, game in enumerate(games):
            Random(seed).play(game, 30)
        assert any(game.outcome.winner is Winner.PROVER for game in games), name


def test_a_right_protocol_beats_every_prover():
    task = Task(path(3))
    tables = decide(task, 2).tables
    assert tables.rounds == 1
    for make in PROVERS.values():
        game = Game(Honest(OnGraph(2, task), synthesised(tables)))
        make(0, 2).play(game, 10)
        assert (game.outcome.winner, game.outcome.reason) == (Winner.PROTOCOL, Reason.TERMINATED)


def test_provers_are_called_by_their_names():
    assert {name: make(0, 2).name for name, make in PROVERS.items()} == {n: n for n in PROVERS}


def test_tables_with_all_numbers_seen_and_with_different_ones():
    plain = Tables((((0, (0,)), (1, (1,)), (0, (0, 1)), (1, (0, 1))),), ((0, 1, 0, 1),))
    found = synthesised(plain)
    assert found.step(1, {0: (0, 0), 1: (0, 1)}) == (1, 1)
    assert found.decision((1, 1)) == 1
    assert found.decision((0, 1)) is None
    with pytest.raises(TaskError, match="a protocol of 0 rounds"):
        synthesised(Tables((), ()))


def test_bounds_are_told():
    game = Game(honest("minimum", 3))
    Random(2, chains=1, length=1).play(game, 1)
    assert (game.outcome.winner, game.outcome.reason) == (Winner.NOBODY, Reason.BOUND)
    assert game.outcome.words == "stopped after 1 phase, which is the bound"
    game = Game(honest("minimum", 3))
    Exhaustive(1, most=2).play(game, 1)
    told = "stopped after 1 phase, played to depth 1; cut off after 2 queries in phases [1]"
    assert game.outcome.words == told
    game = Game(honest("minimum", 3))
    Exhaustive(1).play(game, 1)
    assert game.outcome.words == "stopped after 1 phase, played to depth 1"


def test_an_output_query_that_is_too_large_is_an_error():
    protocol = Honest(SetAgreement(3, 1), HONEST["minimum"](), limit=5)
    game = Game(protocol)
    with pytest.raises(GameError, match="more than 5 configurations"):
        game.output(where(game, 1, 1, 1), (0, 1, 2), 0)


def stubborn():
    """Return an automaton that outputs 0 after 300 rounds; no prover runs one process so long."""
    return Automaton(
        "stubborn",
        lambda _, value: (0, value),
        lambda me, seen: (seen[me][0] + 1, seen[me][1]),
        lambda digest: 0 if digest[0] == 300 else None,
    )


def test_valency_runs_processes_alone_where_one_output_is_left():
    protocol = Denying(SetAgreement(1, 1), stubborn())
    protocol.output = lambda now, group, value: None
    game = Game(protocol)
    Valency(0).play(game, 1)
    assert game.outcome.reason is Reason.BOUND
    game = Game(Honest(SetAgreement(1, 1), HONEST["minimum"]()))
    Valency(0).play(game, 3)
    assert game.outcome.reason is Reason.TERMINATED
