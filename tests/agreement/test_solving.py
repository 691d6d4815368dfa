"""The decider: known facts, refutations, obstructions, protocols that run."""

import random

import numpy as np
import pytest

from agreement.errors import TaskError
from agreement.explore import Options, Verdict, check
from agreement.graph import (
    Graph,
    complete,
    cycle,
    grid,
    hypercube,
    named,
    octahedron,
    path,
    star,
    sun,
)
from agreement.memory.stress import Stress, stress
from agreement.memory.threads import run_threads
from agreement.protocols import Tables, synthesised_protocol
from agreement.solve import (
    Limits,
    Solvability,
    check_certificate,
    decide,
    graphs,
    refute_rounds,
)
from agreement.solve import consistency as consistency_module
from agreement.solve.carrier_lists import Neighbourhoods
from agreement.solve.certificates import by_obstruction, by_protocol, by_refutation
from agreement.solve.deciding import refute_far
from agreement.solve.dismantling import find_dismantlings
from agreement.solve.formula import cadical
from agreement.solve.known_protocols import find_rule
from agreement.solve.obstruction import Obstruction, find_obstruction
from agreement.solve.refutation_formula import named_formula
from agreement.task import VALIDITIES, Task
from agreement.topology import after_rounds, all_inputs, anonymous_complex


def accepted(decision):
    return [check_certificate(document) for document in decision.certificates]


# Facts: specification A4.


@pytest.mark.parametrize(
    ("count", "graph", "least"),
    [
        *((2, f"path:{order}", 1 if order <= 4 else 2) for order in range(3, 10)),
        (2, "path:2", 0), (3, "path:2", 0), (3, "path:3", 1), (3, "path:4", 2), (3, "path:5", 2),
        *((3, f"path:{order}", 3) for order in range(6, 10)),
        (3, "complete:3", 0), (3, "complete:4", 0), (3, "star:3", 1), (3, "wheel:4", 1),
        (3, "wheel:5", 1), (3, "wheel:6", 1), (3, "sun:3", 1), (3, "octahedron:3", 1),
        (4, "path:3", 1), (4, "complete:3", 0), (4, "complete:4", 0), (4, "wheel:4", 1),
        (4, "wheel:5", 1), (4, "wheel:6", 1), (4, "path:4", 2), (4, "path:5", 2), (4, "sun:3", 2),
    ],
)  # fmt: skip
def test_the_least_number_of_rounds(count, graph, least):
    # K2, K3 and K4 need no round at all; the specification counts from 1.
    decision = decide(Task(named(graph)), count)
    assert decision.verdict is Solvability.SOLVABLE
    assert decision.least == least
    said = accepted(decision)
    rounds = "1 round" if least == 1 else f"{least} rounds"
    assert any(f"solvable in {rounds}: " in line for line in said)
    fewer = "1 round" if least == 2 else f"{least - 1} rounds"
    assert least == 0 or any(f"not solvable in {fewer}: " in line for line in said)


def test_a_diamond_takes_one_round():
    diamond = Graph.of(4, [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)])
    assert decide(Task(diamond), 3).least == 1


@pytest.mark.parametrize(
    ("count", "graph"),
    [
        *((3, f"cycle:{order}") for order in range(4, 11)), (3, "bipartite:2x3"), (3, "grid:2x3"),
        (3, "hypercube:3"), (3, "triangular:3"), (4, "octahedron:3"), (5, "octahedron:4"),
    ],
)  # fmt: skip
def test_unsolvable_for_every_number_of_rounds(count, graph):
    decision = decide(Task(named(graph)), count)
    assert decision.verdict is Solvability.UNSOLVABLE
    (document,) = decision.certificates
    assert document["rounds"] is None
    assert accepted(decision)[0].startswith("unsolvable: ")


def test_the_triangular_grid_of_side_3_is_bridged_but_unsolvable():
    grid_ = named("triangular:3")
    assert grid_.order == 10
    assert decide(Task(grid_), 3).verdict is Solvability.UNSOLVABLE
    assert decide(Task(grid_, "hull"), 3, minimum=False).verdict is Solvability.SOLVABLE


@pytest.mark.parametrize(("order", "rounds"), [(4, 1), (5, 1), (4, 2)])
def test_cycles_are_refuted_by_sat_too(order, rounds):
    plain = named_formula(Task(cycle(order)), all_inputs(order, 3), rounds)
    answer = cadical(plain.formula, proof=True)
    assert answer.satisfiable is False
    said = check_certificate(by_refutation(Task(cycle(order)), 3, plain, answer.proof))
    assert said.startswith(f"not solvable in {rounds} round{'s' * (rounds > 1)}: 3 processes")


def test_octahedra_with_few_processes():
    for count, graph in [(3, octahedron(3)), (4, octahedron(4))]:
        assert decide(Task(graph), count).verdict is Solvability.SOLVABLE


def test_a_single_process_and_a_single_vertex_need_nothing():
    for count, graph in [(1, cycle(5)), (4, path(1))]:
        decision = decide(Task(graph), count)
        assert (decision.least, decision.verdict) == (0, Solvability.SOLVABLE)
        assert accepted(decision)
    assert decide(Task(cycle(6)), 2).least == 1


def test_rounds_that_are_asked_for():
    few = decide(Task(path(6)), 3, rounds=2)
    assert (few.verdict, few.refuted, few.least) == (Solvability.NOT_IN_ROUNDS, 2, None)
    accepted(few)
    assert decide(Task(path(6)), 3, rounds=3).least == 3
    assert decide(Task(path(3)), 3, rounds=0).verdict is Solvability.NOT_IN_ROUNDS
    assert decide(Task(cycle(4)), 3, rounds=0).verdict is Solvability.UNSOLVABLE


def test_limits_that_are_hit_are_told():
    graph = named("king:3x3")
    small = decide(Task(graph), 3, limits=Limits(rounds=2, facets=10))
    assert small.verdict is Solvability.SOLVABLE
    assert small.least is None
    assert any("more than 10 facets of sets" in note for note in small.tried)
    unknown = decide(Task(octahedron(3)), 3, limits=Limits(facets=10))
    assert unknown.verdict is Solvability.UNKNOWN
    assert any("more than 10 facets of sets" in note for note in unknown.tried)
    assert any("neither a protocol nor a refutation" in note for note in unknown.tried)
    assert "all numbers of rounds up to 3 were tried" in unknown.tried
    few = decide(Task(path(9)), 3, limits=Limits(rounds=2))
    assert (few.verdict, few.refuted, few.least) == (Solvability.SOLVABLE, 2, 3)  # by the rule


def test_questions_that_are_none():
    with pytest.raises(TaskError, match="1 to 6 processes"):
        decide(Task(path(3)), 7)
    with pytest.raises(TaskError, match="up to 62 vertices"):
        decide(Task(path(63)), 2)
    with pytest.raises(TaskError, match="cannot decide for -1 rounds: give 0 or more"):
        decide(Task(path(3)), 2, rounds=-1)
    with pytest.raises(TaskError, match="up to 62 vertices"):
        Neighbourhoods(path(63))


def test_graphs_of_more_than_a_byte_of_vertices():
    graph = named("king:3x3")
    around = Neighbourhoods(graph)
    for seed in range(20):
        chosen = random.Random(seed).sample(range(9), 3)
        near = {u for u in range(9) for v in chosen if graph.adjacent_or_equal(u, v)}
        assert int(around(np.array([graph.mask(chosen)]))[0]) == graph.mask(near)


def test_progress_is_told():
    told = []
    decide(Task(cycle(4)), 3, progress=told.append)
    decide(Task(path(3)), 3, progress=told.append)
    first = ["carriers", "chain maps"]
    assert told == [*first, "carriers", "known protocols", "0 rounds", "1 round"]


# Refutations.


def test_far_inputs_refute_paths_and_nothing_else():
    assert refute_far(Task(path(6)), 3, 2)["rounds"] == 2
    assert refute_far(Task(complete(3)), 3, 0) is None
    assert refute_far(Task(path(1)), 3, 0) is None
    assert refute_far(Task(path(3)), 3, 1) is None
    assert refute_rounds(Task(complete(3)), 3, 0) is None
    assert refute_rounds(Task(star(3)), 3, 1) is None


def test_where_far_inputs_are_not_enough():
    assert refute_far(Task(cycle(5)), 3, 1) is None
    document = refute_rounds(Task(cycle(5)), 3, 1)
    assert document["proof"]["kind"] == "arc consistency"
    check_certificate(document)
    document = refute_rounds(Task(cycle(4)), 3, 1)
    assert document["proof"]["kind"] == "propositional refutation"
    check_certificate(document)


def test_a_value_that_goes_has_a_reason(monkeypatch):
    it = consistency_module.Consistency(Task(path(4)), after_rounds(all_inputs(4, 3), 1)[-1])
    assert not it.run()
    monkeypatch.setattr(it, "_times", dict)
    with pytest.raises(KeyError):
        it.derivation()


# Obstructions.


def test_obstructions_only_where_there_is_no_protocol():
    for graph in [graph for _, graph in graphs() if graph.order <= 5]:
        for validity in VALIDITIES:
            found = find_obstruction(Task(graph, validity), 3)
            solvable = find_dismantlings(Task(graph, validity), 3) is not None
            assert not (found and solvable)


def test_an_obstruction_modulo_a_prime_other_than_2():
    found = find_obstruction(Task(hypercube(3)), 3)
    assert check_certificate(by_obstruction(Task(hypercube(3)), 3, found))
    doubled = Obstruction(4, tuple((2 * f, s, t) for f, s, t in found.factors))
    assert check_certificate(by_obstruction(Task(hypercube(3)), 3, doubled))


def test_fewer_processes_are_obstructed_less():
    for graph, count in [(octahedron(3), 4), (grid(2, 3), 3), (cycle(4), 3)]:
        assert find_obstruction(Task(graph), count)
        assert find_obstruction(Task(graph), count - 1) is None


# Found protocols run.


@pytest.mark.parametrize(
    ("graph", "count"),
    [("path:4", 2), ("path:5", 2), ("octahedron:3", 3), ("sun:3", 3), ("path:4", 3)],
)
def test_found_protocols_before_the_checker(graph, count):
    task = Task(named(graph))
    decision = decide(task, count)
    protocol = synthesised_protocol(task, count, decision.tables)
    assert protocol.rounds == decision.least
    report = check(
        protocol.program,
        task,
        count,
        bound=protocol.step_complexity,
        options=Options(symmetry=True),
    )
    assert report.verdict is Verdict.HOLDS
    assert report.step_complexity == decision.least


def test_a_wrong_table_is_refuted_by_the_checker_too():
    tables = decide(Task(path(3)), 2).tables
    wrong = Tables(tables.views, (tuple(seen[0] for _, seen in tables.views[0]),))
    program = synthesised_protocol(Task(path(3)), 2, wrong).program
    report = check(program, Task(path(3)), 2)
    assert report.verdict is Verdict.REFUTED


@pytest.mark.thorough
def test_found_protocols_on_threads_and_processes():
    task = Task(octahedron(3))
    program = synthesised_protocol(task, 3, decide(task, 3).tables).program
    for seed in range(20):
        inputs = tuple(random.Random(seed).randrange(6) for _ in range(3))
        outputs = run_threads(program, inputs)
        assert task.objection(inputs, outputs, range(3)) is None
    plan = Stress(program, 3, 1, instances=200)
    report = stress(plan, inputs_of, task.objection, operations=12_000, seed=1)
    assert not report.violations
    assert report.kills > 0


def inputs_of(rng):
    return tuple(rng.randrange(6) for _ in range(3))


def test_tables_are_data():
    assert Tables((), ()).rounds == 0
    with pytest.raises(TaskError, match="exactly one number for each view"):
        Tables((((0, (0,)),),), ((),))
    one = synthesised_protocol(Task(path(3)), 3, decide(Task(path(3)), 3).tables).program
    two = synthesised_protocol(Task(path(3)), 3, decide(Task(path(3)), 3).tables).program
    assert one == two
    assert hash(one) == hash(two)
    assert decide(Task(complete(3)), 3).tables.rounds == 0


def test_rules_are_for_block_graphs_with_enough_rounds():
    assert find_rule(Task(sun(3)), 3, 2) is None
    assert find_rule(Task(path(9)), 3, 2) is None
    tables = find_rule(Task(path(9)), 3, 3)
    assert check_certificate(by_protocol(Task(path(9)), 3, tables))
    assert find_rule(Task(path(9)), 4, 3).rounds == 3


def test_anonymous_maps_know_how_often():
    assert anonymous_complex(3, 2, 1).tables[0].own.min() == 0
