"""Sperner's lemma for polygons: rainbow triangles on many labellings, and what follows."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysat.card import CardEnc
from pysat.solvers import Cadical195

from agreement.errors import TaskError
from agreement.graph import (
    Graph,
    complete_bipartite,
    cycle,
    dismantlable,
    grid,
    hypercube,
    path,
    wheel,
)
from agreement.solve import Solvability, decide, graphs, rainbow_triangles, subdivided_polygon
from agreement.solve.sperner import retraction_to_cycle
from agreement.task import VALIDITIES, Task


def rainbow(labels, triangle):
    return len({labels[v] for v in triangle}) == 3


@given(st.integers(3, 9), st.integers(0, 2), st.data())
@settings(max_examples=25, deadline=None)
def test_there_are_as_many_rainbow_triangles_as_promised(corners, rounds, data):
    polygon = subdivided_polygon(corners, rounds)
    rng = data.draw(st.randoms(use_true_random=False))
    labels = [rng.choice(sorted(polygon.allowed(v))) for v in range(len(polygon.sides))]
    found = rainbow_triangles(polygon, labels)
    assert len(set(found)) == len(found) == corners - 2
    for middle, triangle in enumerate(found, start=1):
        assert triangle in polygon.triangles
        assert rainbow(labels, triangle)
        assert sorted(labels[v] for v in triangle)[1] == middle
    # The lemma itself, by counting: for each middle label an odd number.
    middles = [sorted(labels[v] for v in t)[1] for t in polygon.triangles if rainbow(labels, t)]
    assert all(middles.count(i) % 2 for i in range(1, corners - 1))


def test_polygons_are_what_they_should_be():
    polygon = subdivided_polygon(5, 1)
    assert len(polygon.triangles) == 3 * 13
    assert [polygon.allowed(polygon.corner(i)) for i in range(5)] == [{i} for i in range(5)]
    edges = [e for t in polygon.triangles for e in combinations(t, 2)]
    boundary = [e for e in set(edges) if edges.count(e) == 1]
    assert len(boundary) == 5 * 3
    for u, v in boundary:
        assert polygon.sides[u] & polygon.sides[v]
    assert max(edges.count(e) for e in edges) == 2


@pytest.mark.parametrize("corners", [3, 4])
def test_the_lemma_for_all_labellings_of_an_undivided_polygon(corners):
    polygon = subdivided_polygon(corners, 0)
    for labels in product(*(sorted(polygon.allowed(v)) for v in range(len(polygon.sides)))):
        assert len(rainbow_triangles(polygon, labels)) == corners - 2


@pytest.mark.parametrize("corners", [3, 4, 5])
def test_the_lemma_for_all_labellings_of_a_subdivided_polygon(corners):
    """CaDiCaL finds no labelling with fewer rainbow triangles than the lemma says."""
    polygon = subdivided_polygon(corners, 1)
    for fewest, exists in [(corners - 2, True), (corners - 3, False)]:
        assert labelling_exists(polygon, fewest) == exists


def labelling_exists(polygon, most):
    """Return whether some labelling has at most `most` rainbow triangles."""
    number = {}

    def variable(*key):
        return number.setdefault(key, len(number) + 1)

    clauses = []
    labels = range(polygon.corners)
    for v in range(len(polygon.sides)):
        allowed = sorted(polygon.allowed(v))
        clauses.append([variable(v, a) for a in allowed])
        clauses += [[-variable(v, a), -variable(v, b)] for a, b in combinations(allowed, 2)]
    rainbows = []
    for triangle in polygon.triangles:
        flag = variable("rainbow", triangle)
        rainbows.append(flag)
        for trio in product(labels, repeat=3):
            if len(set(trio)) == 3 and all(
                a in polygon.allowed(v) for v, a in zip(triangle, trio, strict=True)
            ):
                pairs = zip(triangle, trio, strict=True)
                clauses.append([flag, *(-variable(*pair) for pair in pairs)])
    clauses += CardEnc.atmost(rainbows, most, top_id=len(number)).clauses
    with Cadical195(bootstrap_with=clauses) as solver:
        return solver.solve()


def test_labellings_that_break_the_rules():
    polygon = subdivided_polygon(4, 1)
    labels = [min(polygon.allowed(v)) for v in range(len(polygon.sides))]
    with pytest.raises(TaskError, match=r"there must be \d+ labels"):
        rainbow_triangles(polygon, labels[:-1])
    labels[polygon.corner(2)] = 3
    with pytest.raises(TaskError, match=r"vertex \d+ must not be labelled 3"):
        rainbow_triangles(polygon, labels)
    with pytest.raises(TaskError, match="2 corners 1 times: there must be 3 corners"):
        subdivided_polygon(2, 1)
    with pytest.raises(TaskError, match="-1 times: there must be 3 corners and 0 rounds"):
        subdivided_polygon(4, -1)


def test_without_the_rules_there_may_be_none():
    """The negative twin: a corner labelled like its neighbour, found by counting labels alone."""
    polygon = subdivided_polygon(3, 1)
    labels = [min(polygon.allowed(v)) for v in range(len(polygon.sides))]
    assert sum(rainbow(labels, triangle) for triangle in polygon.triangles) % 2 == 1
    corner = polygon.corner(2)
    assert labels[corner] == 2
    labels[corner] = 0
    assert not any(rainbow(labels, triangle) for triangle in polygon.triangles)
    with pytest.raises(TaskError, match=rf"vertex {corner} must not be labelled 0"):
        rainbow_triangles(polygon, labels)


@pytest.mark.parametrize("corners", range(4, 9))
@pytest.mark.parametrize("rounds", [1, 2])
def test_no_labelling_of_a_cycle_is_a_decision_map(corners, rounds):
    """A labelling with the greatest labels allowed has a triangle whose labels are no clique."""
    polygon = subdivided_polygon(corners, rounds)
    labels = [max(polygon.allowed(v)) for v in range(len(polygon.sides))]
    triangle = rainbow_triangles(polygon, labels)[0]
    graph = cycle(corners)
    assert not graph.is_clique(labels[v] for v in triangle)


# Retractions, and linear algebra.


def test_retractions_to_cycles():
    for graph, length in [(cycle(7), 7), (grid(2, 3), 4), (hypercube(3), 4)]:
        found, images = retraction_to_cycle(graph)
        assert len(found) == length
        assert all(images[v] == v for v in found)
        for u, v in graph.edges:
            assert graph.adjacent_or_equal(images[u], images[v])
        assert set(images) == set(found)
    assert len(retraction_to_cycle(complete_bipartite(2, 3))[0]) == 4
    for graph in (path(5), wheel(5), Graph.of(1, [])):
        assert retraction_to_cycle(graph) is None


def sperner_agrees(graph):
    if retraction_to_cycle(graph) is None:
        return False
    for validity in VALIDITIES:
        assert decide(Task(graph, validity), 3, minimum=False).verdict is Solvability.UNSOLVABLE
    return True


def test_sperner_and_linear_algebra_agree():
    found = [sperner_agrees(graph) for _, graph in graphs() if graph.order <= 6]
    # Among them are all cycles but the triangle; up to 5 vertices, all that are not dismantlable.
    assert sum(found) > 3
    for _, graph in graphs():
        if graph.order <= 5:
            assert sperner_agrees(graph) == (not dismantlable(graph))


@pytest.mark.slow
def test_sperner_and_linear_algebra_agree_on_the_atlas():
    assert sum(sperner_agrees(graph) for _, graph in graphs()) == 490
