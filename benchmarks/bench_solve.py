"""The decision tool on one core: the times promised, and ratios where a second way exists."""

from time import process_time

import numpy as np
import pytest

from agreement.graph import named
from agreement.solve import Solvability, decide, graphs
from agreement.solve.carrier_lists import Neighbourhoods, carrier_lists
from agreement.solve.certificates import by_consistency
from agreement.solve.consistency import refute
from agreement.solve.formula import cadical, formula_of, z3_agrees
from agreement.solve.maps import find_map
from agreement.task import Task
from agreement.topology import after_rounds, all_inputs, anonymous_complex, input_complex, subdivide


def seconds(function):
    start = process_time()
    function()
    return process_time() - start


def test_the_atlas_with_seven_vertices(benchmark):
    """Decide 853 graphs, three processes, geodesic validity, with the least number of rounds."""
    seven = [graph for _, graph in graphs() if graph.order == 7]
    assert len(seven) == 853

    def run(*, minimum):
        return [decide(Task(graph), 3, minimum=minimum).verdict for graph in seven]

    verdicts = benchmark.pedantic(lambda: run(minimum=True), rounds=1)
    assert Solvability.UNKNOWN not in verdicts
    least = benchmark.stats.stats.max
    only = seconds(lambda: run(minimum=False))
    print(f"\nverdicts in {only:.1f} s, with least numbers of rounds in {least:.1f} s")
    assert least < 20


def test_a_path_of_nine_in_three_rounds(benchmark):
    def search():
        return find_map(Task(named("path:9")), 3, 3)

    search_ = benchmark.pedantic(search, rounds=1)
    assert search_.values is not None
    print(f"\n{len(search_.complex):,} views, {len(search_.complex.edges):,} edges")
    assert benchmark.stats.stats.max < 10


def test_consistency_of_a_million_views(benchmark):
    """Build and propagate the formula of P6 with four processes and two rounds, from nothing."""
    inputs = all_inputs(6, 4)
    assert after_rounds(inputs, 2)[-1].next_vertices == 1_080_024
    task = Task(named("path:6"))
    stages, removals = benchmark.pedantic(lambda: refute(task, inputs, 2), rounds=3)
    assert by_consistency(task, 4, stages, removals)["rounds"] == 2
    assert benchmark.stats.stats.max < 1


@pytest.mark.parametrize("graph", ["sun:3", "king:2x3", "wheel:5", "path:6"])
def test_four_processes_two_rounds_six_values(benchmark, graph):
    import resource  # noqa: PLC0415 - not on every system

    task = Task(named(graph))
    found = benchmark.pedantic(lambda: find_map(task, 4, 2), rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
    print(f"\n{graph}: {found.how}, at most {peak:.1f} GB so far")
    assert benchmark.stats.stats.max < 15
    assert peak < 4


def test_arrays_against_one_facet_at_a_time():
    inputs = all_inputs(4, 3)

    def by_hand():
        it = input_complex([tuple(map(int, row)) for row in inputs[:16]])
        return subdivide(subdivide(it))

    slow = seconds(by_hand) * len(inputs) / 16
    fast = min(seconds(after_rounds(inputs, 2)[-1].after) for _ in range(3))
    print(f"\narrays are {slow / fast:.0f} times as fast (by hand: a quarter, times four)")
    assert slow > 10 * fast


def test_cadical_against_z3():
    complex_ = anonymous_complex(6, 3, 2)
    graph = named("octahedron:3")
    lists = carrier_lists(Task(graph), complex_.seen)
    formula = formula_of(Neighbourhoods(graph).near, lists, np.asarray(complex_.edges))
    one = seconds(lambda: cadical(formula))
    answer = cadical(formula)
    two = seconds(lambda: z3_agrees(formula, answer))
    print(f"\nCaDiCaL takes {one:.2f} s, z3 {two:.2f} s")
    assert z3_agrees(formula, answer) is True
