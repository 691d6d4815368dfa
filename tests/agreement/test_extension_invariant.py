"""The adversary's invariant on whole complexes; and each seeded bug is caught by its name."""

from itertools import combinations
from typing import Any

import pytest

from agreement.explore import Verdict
from agreement.extension import (
    BROKEN,
    Adversary,
    Auditor,
    Exhaustive,
    Game,
    Random,
    Reason,
    SetAgreement,
    States,
    Valency,
    Winner,
    audit,
    audit_completion,
    problem_of,
)
from agreement.extension.invariant import Subdivision, _check_regions, _completed, _First
from agreement.topology import input_complex, subdivide


def watched(protocol, limit):
    """Return a game whose first phase is audited after each answer, and the list of audits."""
    found = []

    def watch(game):
        if protocol.default is None:
            found.append(audit(game, protocol, limit))

    return Game(protocol, watch=watch), found


def test_the_invariant_holds_after_each_answer():
    protocol = Adversary(SetAgreement(3, 2))
    game, found = watched(protocol, 6_000)
    Random(1, chains=2).play(game, 1)
    assert {a.verdict for a in found} == {Verdict.HOLDS}
    assert len(found) >= 6
    assert audit_completion(game, protocol, 20_000).verdict is Verdict.HOLDS


def test_the_invariant_holds_on_the_cycle():
    protocol = Adversary(problem_of("cycle:4"))
    game, found = watched(protocol, 0)
    Random(4, chains=2).play(game, 1)
    assert {a.verdict for a in found} == {Verdict.UNKNOWN}
    audited = Adversary(problem_of("cycle:4"))
    game = Game(audited)
    Exhaustive(1).play(game, 1)
    assert audit_completion(game, audited).verdict is Verdict.HOLDS
    audited.default = None
    assert audit(game, audited, 11_000).verdict is Verdict.HOLDS


@pytest.mark.slow
@pytest.mark.parametrize(("task", "limit"), [("set:3:2", 60_000), ("cycle:4", 140_000)])
@pytest.mark.parametrize("seed", range(20))
def test_the_invariant_holds_after_each_answer_of_many(task, limit, seed):
    protocol = Adversary(problem_of(task))
    game, found = watched(protocol, limit)
    Random(seed, chains=3).play(game, 1)
    assert {a.verdict for a in found} <= {Verdict.HOLDS, Verdict.UNKNOWN}
    assert any(a.verdict is Verdict.HOLDS for a in found)
    assert audit_completion(game, protocol, limit).verdict is not Verdict.REFUTED


@pytest.mark.parametrize("task", ["set:3:2", "cycle:4"])
def test_what_the_first_phase_leaves_can_be_completed(task):
    for seed in range(2):
        protocol = Adversary(problem_of(task))
        game = Game(protocol)
        Exhaustive(1, seed).play(game, 1)
        assert audit_completion(game, protocol).verdict is Verdict.HOLDS


def audited_for_two(task, seed, phases):
    """Audit a game of the postponing adversary against valency; two processes are few enough."""
    protocol = BROKEN["postponing"](problem_of(task, 2))
    game, found = watched(protocol, 20_000)
    Valency(seed).play(game, phases)
    assert {a.verdict for a in found} <= {Verdict.HOLDS, Verdict.UNKNOWN}
    return protocol, sum(a.verdict is Verdict.HOLDS for a in found)


def test_the_invariant_holds_for_two_where_room_is_made_again_and_again():
    protocol, looked_at = audited_for_two("consensus:2", 1, 6)
    assert (protocol.queried, protocol.level) == (3, 8)
    assert looked_at >= 40


@pytest.mark.slow
@pytest.mark.parametrize("task", ["consensus:2", "cycle:4"])
@pytest.mark.parametrize("seed", range(4))
def test_the_invariant_holds_for_two_in_many_games(task, seed):
    assert audited_for_two(task, seed, 6)[1] >= 40


def test_the_invariant_holds_where_room_was_made_for_three():
    protocol = Adversary(SetAgreement(3, 2), first_round=1)
    game = Game(protocol)
    start = next(c for c in game.openings if game.inputs(c) == (0, 1, 2))
    for process in range(2):
        game.output(start, (process,), process)
    assert (protocol.level, protocol.queried) == (3, 1)
    assert audit(game, protocol).verdict is Verdict.HOLDS


def test_promises_are_audited():
    protocol = Adversary(SetAgreement(3, 2))
    game, found = watched(protocol, 6_000)
    start = next(c for c in game.openings if game.inputs(c) == (0, 1, 2))
    ended = game.query(game.query(start, (0,)), (0,))
    assert game.output(ended, (1,), 1) is None
    assert game.output(start, (1, 2), 0) is None
    assert [a.verdict for a in found] == [Verdict.HOLDS] * 4
    assert found[0].facets == 27 * 13**2
    # Output 1 is still possible for both of them: a denial of it is caught.
    game._promise(start, (1, 2), 1)
    broken = audit(game, protocol)
    assert (broken.fault, broken.words) == ("promise", "output 1 is possible, which was denied")
    skipped = audit(game, protocol, 5_000)
    assert skipped.verdict is Verdict.REFUTED  # the fault was found before the limit was reached


def test_a_promise_that_has_been_broken_is_found():
    protocol = Adversary(SetAgreement(3, 2))
    game = Game(protocol)
    start = next(c for c in game.openings if game.inputs(c) == (0, 1, 2))
    game.output(start, (0,), 0)
    game._promise(start, (0,), 0)
    assert audit(game, protocol).words == "output 0 is made, which was denied"


def test_promises_about_too_much_are_not_said_to_hold():
    protocol = Adversary(SetAgreement(2, 1))
    game = Game(protocol)
    game._promise(0, (0, 1), 1)  # both have input 0: true, and many configurations to look at
    assert audit(game, protocol, 1_000).verdict is Verdict.HOLDS
    found = audit(game, protocol, 36)
    assert (found.verdict, found.facets) == (Verdict.UNKNOWN, 36)
    assert found.words == "a promise is about too many configurations"


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("hasty", {"touching", "regions"}),
        ("near", {"regions", "carrier"}),
        ("lawless", {"validity"}),
    ],
)
def test_seeded_bugs_are_caught_by_the_audit(name, faults):
    caught = set()
    for seed in range(6):
        protocol = BROKEN[name](SetAgreement(3, 2))
        game = Game(protocol)
        Random(seed, chains=3).play(game, 1)
        protocol.default = None
        caught.add(audit(game, protocol, 6_000).fault)
    assert caught & faults
    assert caught <= {*faults, "", "carrier", "touching"}


def test_a_region_that_is_too_near_is_told():
    """On a path 0 - 1 - 2 of continuing states, the ends are in regions that should be 4 apart."""
    complex_ = Subdivision(SetAgreement(3, 1))
    for v in range(3):
        complex_.vertex(v, 0, frozenset({0, 1}))
    around = {0: {0, 1}, 1: {0, 1, 2}, 2: {1, 2}}
    regions = {0: {0}, 1: {2}}
    for ages, words in [
        ({0: 2, 1: 3}, "from the region of 0 to the region of 1: 2 < 4"),
        ({0: 2, 1: 1}, None),
    ]:
        faults = _First(complex_)
        _check_regions(faults, regions, ages, around, {0, 1, 2})
        assert faults.audit().words == (words or "")
        assert faults.audit().fault == ("distance" if words else "")


def played_to_the_end_by_hand(protocol, *inputs):
    """Let process 0 output its input after process 1 has moved; then run process 1 alone."""
    game = Game(protocol)
    start = next(c for c in game.openings if game.inputs(c) == inputs)
    moved = game.query(start, (1,))
    assert game.output(moved, (0,), inputs[0]) == ((0,), (0,))
    game.extend(moved)
    at = game.query(game.query(moved, (0,)), (0,))
    assert game.outputs(at)[0] == inputs[0]
    while game.outcome is None and 1 in game.active(at):
        at = game.query(at, (1,))
    return game, at


def test_blunt_defaults_are_caught_after_the_first_phase():
    game, _ = played_to_the_end_by_hand(BROKEN["blunt"](problem_of("cycle:4")), 0, 2, 0)
    assert game.outcome.words.startswith("agreement: outputs 0 and 2, at distance 2")
    game, at = played_to_the_end_by_hand(Adversary(problem_of("cycle:4")), 0, 2, 0)
    assert (game.outcome, game.outputs(at)[:2]) == (None, (0, 0))


def test_for_consensus_nothing_can_be_completed():
    protocol = Adversary(SetAgreement(2, 1))
    game, _ = played_to_the_end_by_hand(protocol, 0, 1)
    found = audit_completion(game, protocol)
    assert (found.verdict, found.fault) == (Verdict.REFUTED, "completion")
    assert found.words.startswith("agreement: 2 different outputs, 0, 1")
    assert audit_completion(game, protocol, 0).verdict is Verdict.UNKNOWN


def test_what_a_last_round_must_be():
    complex_ = Subdivision(SetAgreement(2, 1))
    facet = tuple(complex_.vertex(p, p, frozenset({p})) for p in range(2))
    assert _completed(complex_, facet, {0: 0}) == "a process continues after the last round"
    assert _completed(complex_, facet, {0: 1, 1: 1}) == "output 1 where only {0} are known"
    assert _completed(complex_, facet, {0: 0, 1: 1}).startswith("agreement: 2 different")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("hasty", Reason.VIOLATION),
        ("lawless", Reason.VIOLATION),
        ("restless", Reason.CEILING),
    ],
)
def test_seeded_bugs_are_caught_by_provers(name, reason):
    """Some prover of a few catches each bug, and for the reason that belongs to it."""
    caught = set()
    provers: list[Any] = [Exhaustive(2), Valency(1), *map(Random, range(4))]
    for prover in provers:
        game = Game(BROKEN[name](SetAgreement(3, 2)))
        prover.play(game, 60)
        if game.outcome.winner is Winner.PROVER:
            caught.add(game.outcome.reason)
    assert reason in caught


def test_the_subdivision_is_the_one_that_topology_has():
    built = Subdivision(SetAgreement(3, 1))
    built.start([(0, 1, 1)])
    base = input_complex([(0, 1, 1)])
    built.divide(set())
    base = subdivide(base)
    alone = (0, frozenset({0}))  # process 0, having seen itself
    built.divide({built.numbers[alone]})
    base = subdivide(base, stopped=[base.names.index(alone)])
    assert len(built.facets) == len(base.complex.facets) == 139
    assert all(v in around for v, around in built.neighbours().items())


def test_what_occurs_together_is_what_the_subdivision_has():
    """Pairs and facets of two rounds, one state having stopped after the first."""
    states = States()
    built = Subdivision(SetAgreement(3, 1))
    built.start([(0, 1, 1)])
    built.divide(set())
    stopped = built.numbers[1, frozenset({0, 1})]  # process 1, having seen itself and process 0
    built.divide({stopped})
    number = {0: states.initial(0, 0), 1: states.initial(1, 1), 2: states.initial(2, 1)}
    for (p, name), v in built.numbers.items():
        if not isinstance(name, int):
            number[v] = states.after(p, frozenset(number[u] for u in name))
    around = built.neighbours()
    for v, w in combinations(sorted(around), 2):
        assert states.together([number[v], number[w]]) == (w in around[v])
    for triple in combinations(sorted(around), 3):
        found = states.together([number[v] for v in triple])
        by_process = tuple(sorted(triple, key=built.process.__getitem__))
        assert found == (by_process in built.facets)


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("task", "prover", "limit"),
    [
        ("set:3:2", Random(1, chains=2), 6_000),
        ("set:3:2", Exhaustive(1), 6_000),
        ("set:2:2", Exhaustive(2), 60_000),
        ("consensus:2", Valency(1), 60_000),
        ("cycle:4", Random(4, chains=1), 11_000),
    ],
)
@pytest.mark.parametrize("make", [Adversary, BROKEN["near"], BROKEN["postponing"]])
def test_audits_one_after_another_are_those_of_each_position(task, prover, limit, make):
    """An auditor that keeps what it built says at each position what an audit from nothing says."""
    protocol = make(problem_of(task, 2 if task.startswith("cycle") else 3))
    seen = []

    def watch(game):
        auditor = seen[0] if seen else Auditor(game, protocol, limit)
        seen.append(auditor) if not seen else None
        if protocol.default is None and len(seen) < 60:
            seen.append(auditor.audit())
            if len(seen) < 12 or seen[-1] != seen[-2]:
                assert seen[-1] == audit(game, protocol, limit)

    prover.play(Game(protocol, watch=watch), 2)
    assert len(seen) > 3


def test_a_whole_game_is_audited():
    """Each of more than a thousand answers of the exhaustive prover on (3, 2)-set agreement."""
    protocol = Adversary(SetAgreement(3, 2))
    auditors, verdicts, positions = [], [], set()

    def watch(game):
        if not auditors:
            auditors.append(Auditor(game, protocol))
        if protocol.default is None:
            verdicts.append(auditors[0].audit().verdict)
            positions.add((protocol.level, len(protocol.terminated), len(game.promises)))

    Exhaustive(2).play(Game(protocol, watch=watch), 60)
    assert set(verdicts) == {Verdict.HOLDS}
    assert len(verdicts) > 1_000
    assert len(positions) < 40
