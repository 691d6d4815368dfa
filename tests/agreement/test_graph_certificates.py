"""No certificate of a graph class is accepted for a false statement; networkx says what is true."""

import random

import pytest
from class_certificates import (
    FALSE,
    HOLDS,
    IMAGES,
    SAYS,
    accepted_falsehoods,
    malformed,
    says_truth,
    small_graphs,
    true_certificates,
)

from agreement.graph import Certificate, complete, path, random_connected


def test_true_certificates_are_accepted():
    for graph, kind, holds, vertices, images in true_certificates():
        assert says_truth(kind, graph)
        assert Certificate(holds, kind, vertices, images).check(graph), (kind, graph, vertices)


def test_each_kind_has_a_true_and_a_false_certificate():
    assert {kind for _, kind, _, _, _ in true_certificates()} == set(SAYS)
    assert {kind for _, kind, _, _ in FALSE} == set(SAYS)


@pytest.mark.parametrize(("graph", "kind", "vertices", "images"), FALSE)
def test_false_certificates_are_refused(graph, kind, vertices, images):
    assert not says_truth(kind, graph)
    assert not Certificate(kind in HOLDS, kind, vertices, images).check(graph)
    assert not Certificate(kind not in HOLDS, kind, vertices, images).check(graph)


def test_a_cycle_that_repeats_its_vertices_is_none():
    assert not Certificate(holds=False, kind="induced cycle", vertices=(0, 1, 0, 1)).check(path(2))


def test_malformed_certificates_are_refused():
    """Each malformed certificate differs from a true one in one value only."""
    count = 0
    for graph, *true in true_certificates():
        for kind, holds, vertices, images in malformed(graph, *true):
            count += 1
            wrong = Certificate(holds, kind, vertices, images)
            assert not wrong.check(graph), (wrong, graph)
    assert count > 5000


def test_a_vertex_less_or_one_twice_is_refused():
    for graph, kind, holds, vertices, images in true_certificates():
        if vertices and kind != "core":  # a shorter cycle may still be one; it must be true
            for shorter in (vertices[1:], vertices[:-1]):
                it = Certificate(holds, kind, shorter, images)
                assert not it.check(graph) or says_truth(kind, graph)
            assert not Certificate(holds, kind, (*vertices, vertices[0]), images).check(graph)


@pytest.mark.parametrize("order", range(5))
def test_nothing_false_is_accepted_on_graphs_of_up_to_four_vertices(order):
    for graph in small_graphs(order):
        assert list(accepted_falsehoods(Certificate, graph)) == []


def test_nothing_false_is_accepted_on_graphs_of_five_vertices():
    for graph in small_graphs(5):
        assert list(accepted_falsehoods(Certificate, graph, images=False)) == []


def test_no_random_dismantling_is_accepted_for_a_false_statement():
    rng = random.Random(5)
    for graph in small_graphs(5):
        for kind in sorted(IMAGES):
            if not says_truth(kind, graph):
                for _ in range(150):
                    order = rng.sample(range(5), 5)
                    length = rng.randint(0, 4)
                    images = tuple(rng.choice(order) for _ in range(length))
                    it = Certificate(kind in HOLDS, kind, tuple(order[:length]), images)
                    assert not it.check(graph), (it, graph)


def test_true_certificates_of_other_graphs_prove_nothing_false():
    rng = random.Random(6)
    graphs = [random_connected(6, density / 5, rng) for density in range(5)]
    pool = [true for graph, *true in true_certificates() if graph.order == 6]
    pool += [true for graph, *true in true_certificates() if graph.order == 5]
    for graph in graphs:
        for kind, holds, vertices, images in pool:
            if Certificate(holds, kind, vertices, images).check(graph):
                assert says_truth(kind, graph)


def test_a_certificate_is_as_true_as_it_says():
    assert Certificate(holds=True, kind="dismantling", vertices=(0,), images=(1,))
    assert not Certificate(holds=False, kind="cycle", vertices=(0, 1, 2))
    assert Certificate(holds=False, kind="cycle", vertices=(0, 1, 2)).check(complete(3))
