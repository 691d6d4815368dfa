"""Every protocol is checked exhaustively; embed, average, round by its complete check too."""

import random
from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.generators.atlas import graph_atlas_g

from agreement.errors import TaskError
from agreement.explore import Options, Verdict, check
from agreement.graph import (
    Graph,
    block_graph,
    chordal,
    complete,
    cycle,
    from_networkx,
    grid,
    octahedron,
    path,
    random_block_graph,
    star,
    sun,
    tree,
)
from agreement.memory import Decide, Simulation, iterated, snapshot
from agreement.memory.schedulers import drive, uniform
from agreement.protocols import (
    PROTOCOLS,
    averaging_protocol,
    block_graph_protocol,
    path_protocol,
    subdivision,
    tree_protocol,
    two_process_protocol,
)
from agreement.protocols.averaging import average, contraction, proved_rounds
from agreement.protocols.protocol import halvings, step_complexity
from agreement.protocols.rounding import Rounding, modulus
from agreement.protocols.subdivision import (
    fewest_rounds,
    find_violation,
    labels,
    one_round_views,
    values_after,
)
from agreement.strategies import choices, crashes, follow, graphs, inputs
from agreement.task import VALIDITIES, Task

SMALL = [
    from_networkx(graph)
    for graph in graph_atlas_g()
    if 1 <= len(graph) <= 6 and nx.is_connected(graph)
]
CHORDAL = [graph for graph in SMALL if chordal(graph)]
FAST = Options(engine="compiled", reduce=True, symmetry=True)


def up_to(order, accept=lambda graph: True):
    chosen = [graph for graph in SMALL if graph.order <= order and accept(graph)]
    return pytest.mark.parametrize("graph", chosen, ids=lambda graph: f"{graph.edges}")


def holds(protocol, **how):
    report = check(
        protocol.program, protocol.task, protocol.count, bound=protocol.step_complexity, **how
    )
    assert report.verdict is Verdict.HOLDS, report.counterexample
    assert report.step_complexity <= protocol.step_complexity
    return report


def test_there_are_as_many_graphs_as_there_should_be():
    # OEIS A001349 and A048192: connected graphs, and connected chordal graphs, on n vertices.
    assert [sum(g.order == n for g in SMALL) for n in range(1, 7)] == [1, 1, 2, 6, 21, 112]
    assert [sum(g.order == n for g in CHORDAL) for n in range(1, 7)] == [1, 1, 2, 5, 15, 58]


# Exhaustive checks.


@pytest.mark.sample(16)
@pytest.mark.parametrize("communication", ["collect", "snapshot", "immediate"])
@pytest.mark.parametrize("validity", VALIDITIES)
@up_to(5, lambda g: tree(g) and max(map(g.degree, range(g.order))) <= 2)
def test_paths(graph, validity, communication):
    for count in (1, 2, 3):
        holds(path_protocol(Task(graph, validity), count, communication))


@pytest.mark.sample(19)
@pytest.mark.parametrize("validity", VALIDITIES)
@up_to(5, block_graph)
def test_block_graphs(graph, validity):
    for communication, count in [("snapshot", 2), ("immediate", 3)]:
        holds(block_graph_protocol(Task(graph, validity), count, communication))
        if tree(graph):
            holds(tree_protocol(Task(graph, validity), count, communication))


@pytest.mark.slow
@pytest.mark.parametrize("communication", ["snapshot", "immediate"])
@up_to(6, block_graph)
def test_block_graphs_of_six_vertices(graph, communication):
    for validity in VALIDITIES:
        holds(block_graph_protocol(Task(graph, validity), 3, communication), options=FAST)


def test_four_processes_on_block_graphs():
    holds(block_graph_protocol(Task(star(3)), 4), options=FAST)


@pytest.mark.slow
def test_four_processes_on_a_block_graph_with_a_triangle():
    bull = Graph.of(5, [(0, 1), (1, 2), (0, 2), (1, 3), (2, 4)])
    holds(block_graph_protocol(Task(bull), 4), options=FAST)


@pytest.mark.sample(9)
@pytest.mark.parametrize("communication", ["collect", "snapshot", "immediate"])
@up_to(5)
def test_two_processes_on_every_graph(graph, communication):
    for validity in VALIDITIES:
        holds(two_process_protocol(Task(graph, validity), 2, communication))


@pytest.mark.parametrize("rounds", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_two_processes_reach_three_to_the_rounds_and_no_farther(rounds):
    holds(two_process_protocol(Task(path(3**rounds + 1)), rounds=rounds))
    far = two_process_protocol(Task(path(3**rounds + 2)), rounds=rounds)
    assert check(far.program, far.task, 2).verdict is Verdict.REFUTED


@pytest.mark.sample(4)
@up_to(4, lambda graph: chordal(graph) and graph.diameter < 3)
def test_embed_average_round_in_all_schedules(graph):
    exactly_enough(graph)


@pytest.mark.slow
def test_embed_average_round_in_all_schedules_of_a_path():
    exactly_enough(path(4))


def exactly_enough(graph):
    """The rounds that the complete check finds suffice; with one fewer both find a violation."""
    for validity, communication in product(VALIDITIES, ("snapshot", "immediate")):
        task = Task(graph, validity)
        rounds = fewest_rounds(task, 3, communication)
        holds(averaging_protocol(task, 3, communication, rounds), options=FAST)
        if rounds:
            hasty = averaging_protocol(task, 3, communication, rounds - 1)
            assert check(hasty.program, task, 3, options=FAST).verdict is Verdict.REFUTED


@pytest.mark.slow
@up_to(6, chordal)
def test_embed_average_round_in_all_schedules_of_six_vertices(graph):
    for validity in VALIDITIES:
        task = Task(graph, validity)
        holds(averaging_protocol(task, 3, rounds=fewest_rounds(task, 3, "immediate")), options=FAST)


@pytest.mark.sample(12)
@up_to(5, chordal)
def test_embed_average_round_on_every_pair_of_values_after_the_proved_rounds(graph):
    every_pair(graph)


@pytest.mark.slow
@up_to(6, chordal)
def test_embed_average_round_on_every_pair_of_values_for_six_vertices(graph):
    every_pair(graph)


def every_pair(graph):
    for validity in VALIDITIES:
        rounding = Rounding(Task(graph, validity), 3)
        proved = proved_rounds(rounding)
        assert find_violation(rounding, values_after(3, proved)) is None
        assert fewest_rounds(Task(graph, validity), 3) <= proved


@pytest.mark.sample(16)
@up_to(6, chordal)
def test_two_processes_embed_average_and_round(graph):
    for validity in VALIDITIES:
        task = Task(graph, validity)
        protocol = averaging_protocol(task, 2, "snapshot")
        holds(protocol, options=FAST)
        assert fewest_rounds(task, 2) <= protocol.rounds


@pytest.mark.parametrize(
    ("graph", "rounds", "proved"),
    [(complete(3), 0, 6), (path(4), 3, 6), (sun(3), 3, 6)],
    ids=["K3", "P4", "3-sun"],
)
def test_fewest_rounds_beside_the_proved_ones(graph, rounds, proved):
    assert fewest_rounds(Task(graph), 3) == rounds
    assert averaging_protocol(Task(graph), 3).rounds == proved


@given(graphs("chordal", max_order=8), st.data())
def test_more_processes_than_can_be_enumerated(graph, data):
    """Four and five processes, with random schedules and crashes."""
    count = data.draw(st.integers(4, 5))
    communication = data.draw(st.sampled_from(["snapshot", "immediate"]))
    protocol = averaging_protocol(Task(graph), count, communication, rounds=12)
    chosen = data.draw(inputs(graph, count))
    simulation = Simulation(protocol.program, chosen)
    crash_after = data.draw(crashes(count, protocol.step_complexity))
    done = follow(simulation, data.draw(choices()), crash_after)
    assert protocol.task.objection(chosen, done.outputs, done.participants) is None
    assert max(simulation.steps_taken) <= protocol.step_complexity


@given(st.integers(0, 2**32), st.sampled_from(["snapshot", "immediate"]))
@settings(max_examples=20)
def test_block_graphs_beyond_exhaustion(seed, communication):
    rng = random.Random(seed)
    graph = random_block_graph(rng.randint(1, 60), rng)
    count = rng.randint(1, 9)
    protocol = block_graph_protocol(Task(graph), count, communication)
    chosen = [rng.randrange(graph.order) for _ in range(count)]
    done = drive(Simulation(protocol.program, chosen), uniform(seed)).run
    assert protocol.task.objection(chosen, done.outputs, done.participants) is None


# The parts of embed, average, round.


@given(graphs("chordal", max_order=7), st.sampled_from(VALIDITIES), st.data())
def test_rounding_is_valid_and_labels_are_its_twin(graph, validity, data):
    count = data.draw(st.integers(1, 4))
    rounding = Rounding(Task(graph, validity), count)
    vertices = tuple(sorted(data.draw(st.sets(st.integers(0, graph.order - 1), min_size=1))))
    vertices = vertices[:count]
    rows = data.draw(
        st.lists(
            st.tuples(*[st.integers(0, 8)] * len(vertices)).filter(any), min_size=1, max_size=20
        )
    )
    found = labels(rounding, vertices, np.array(rows))
    for row, label in zip(rows, found, strict=True):
        point = tuple((v, w) for v, w in zip(vertices, row, strict=True) if w)
        assert rounding(point) == label
        assert label in rounding.task.carrier(v for v, _ in point)


@given(graphs("chordal", max_order=6), st.data())
def test_points_as_close_as_proved_round_to_neighbours(graph, data):
    rounding = Rounding(Task(graph), 3)
    size = min(3, graph.order)
    need = modulus(size, size, rounding.longest, graph.diameter)
    total = int(3 / need) + 1
    vertices = sorted(data.draw(st.permutations(range(graph.order)))[:size])
    cuts = sorted(data.draw(st.tuples(*[st.integers(0, total)] * (size - 1))))
    one = np.diff([0, *cuts, total])
    moved = data.draw(st.lists(st.integers(-1, 1), min_size=size, max_size=size))
    two = one + moved
    if sum(moved) != 0 or (two < 0).any():
        two = one
    ends = [
        rounding(tuple((v, int(w)) for v, w in zip(vertices, point, strict=True) if w))
        for point in (one, two)
    ]
    assert graph.adjacent_or_equal(*ends)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_round_draws_values_together_by_the_contraction_and_no_less(count):
    """Over all pairs of views of one round, for old values at the corners."""
    forms = ["snapshot", "immediate"] if count < 4 else ["immediate"]
    most = 0.0
    for communication in forms:
        for seen in one_round_views(communication, count):
            means = []
            for me, others in enumerate(seen):
                view = tuple(((p, 1),) if p in others else None for p in range(count))
                weights = dict(average(me, count, view))
                total = sum(weights.values())
                means.append([weights.get(p, 0) / total for p in range(count)])
            for a, b in product(means, repeat=2):
                apart = sum(abs(x - y) for x, y in zip(a, b, strict=True)) / 2
                most = max(most, apart)
    assert most == pytest.approx(float(contraction(count)))


@pytest.mark.parametrize(
    ("count", "communication", "views"), [(2, "collect", 3), (3, "snapshot", 19)]
)
def test_views_of_a_round(count, communication, views):
    assert len(one_round_views(communication, count)) == views


def test_closeness_does_not_depend_on_the_order():
    assert modulus(2, 3, 4, 5) == modulus(3, 2, 4, 5)
    assert contraction(1) == 0
    assert averaging_protocol(Task(path(3)), 1).rounds == 0


def test_faults_are_found_where_there_are_some():
    rounding = Rounding(Task(path(4)), 3)
    fault = find_violation(rounding, values_after(3, 1))
    assert not path(4).adjacent_or_equal(*fault.outputs)

    class Outside(Rounding):
        """Round the points of a pair along a path that is not in the carrier."""

        __slots__ = ()

        def steps(self, support):
            return tuple(dict.fromkeys(step, 0) for step in super().steps(support))

    # On the star, the dismantling of three leaves ends in the centre 0; three of four leaves of
    # K_{1,4} with a tail that must not be used.
    tail = Graph.of(6, [(1, 2), (1, 3), (1, 4), (0, 5), (5, 1)])
    assert find_violation(Outside(Task(tail), 3), values_after(3, 6)) is not None


# Iterated protocols, bounds.


@pytest.mark.thorough
def test_step_complexity_is_exact():
    for communication, steps in [("collect", 6), ("snapshot", 4), ("immediate", 2)]:
        assert step_complexity(communication, 2, 3) == steps
        assert holds(path_protocol(Task(path(5)), 3, communication)).step_complexity == steps


def test_halvings_of_more_parts():
    assert [halvings(d, 3) for d in (1, 2, 3, 4, 9, 10)] == [0, 1, 1, 2, 2, 3]


@pytest.mark.thorough
def test_iterated_is_the_same_as_rounds_by_hand():
    def step(number, me, view):
        seen = [v for v in view if v is not None]
        middle = (min(seen) + max(seen)) // 2
        return Decide(middle) if number == 1 else middle

    report = check(iterated(snapshot, step), Task(path(5)), 3)
    assert report.verdict is Verdict.HOLDS
    by_hand = check(path_protocol(Task(path(5)), 3, "snapshot").program, Task(path(5)), 3)
    assert report.outcomes == by_hand.outcomes


def test_a_round_fewer_than_proved_is_refuted_where_rounds_are_optimal():
    for protocol in (
        tree_protocol(Task(path(5)), 3, "snapshot", rounds=1),
        path_protocol(Task(path(5)), 3, rounds=1),
    ):
        assert check(protocol.program, protocol.task, 3).verdict is Verdict.REFUTED


# Invalid calls.


def test_graphs_and_forms_that_a_protocol_is_not_for():
    with pytest.raises(TaskError, match="not a path"):
        path_protocol(Task(star(3)), 3)
    with pytest.raises(TaskError, match="not a tree: cycle 0, 1, 2"):
        tree_protocol(Task(complete(3)), 3)
    with pytest.raises(TaskError, match="not a block graph: "):
        block_graph_protocol(Task(cycle(4)), 3)
    with pytest.raises(TaskError, match="cannot be dismantled"):
        averaging_protocol(Task(cycle(4)), 3)
    with pytest.raises(TaskError, match="cannot be dismantled"):
        averaging_protocol(Task(octahedron(3), "clique"), 3)
    with pytest.raises(TaskError, match="for two processes, not 3"):
        two_process_protocol(Task(path(3)), 3)
    for make in (tree_protocol, block_graph_protocol, averaging_protocol):
        with pytest.raises(TaskError, match="'collect': use snapshot or immediate"):
            make(Task(path(3)), 3, "collect")
    for make in PROTOCOLS.values():
        if make is not two_process_protocol:
            with pytest.raises(TaskError, match="at least one process, not 0"):
                make(Task(path(3)), 0, "immediate")
        with pytest.raises(TaskError, match="rounds must be at least 0, not -1"):
            make(Task(path(3)), 2, "immediate", -1)


def test_values_are_not_enumerated_for_more_processes_or_for_ever(monkeypatch):
    with pytest.raises(TaskError, match="the values of 4 processes: only those of 2 or 3"):
        values_after(4, 1)
    monkeypatch.setattr(subdivision, "_MOST", 1000)
    with pytest.raises(TaskError, match=r"cannot enumerate 40 rounds.*: ask for at most 6"):
        values_after(2, 40)


def test_grids_are_for_two_processes_only():
    holds(two_process_protocol(Task(grid(2, 3))))
    with pytest.raises(TaskError, match="cannot be dismantled"):
        averaging_protocol(Task(grid(2, 2)), 2 + 1)
