"""Elimination carrier by carrier finds exactly the factors that elimination of everything finds."""

import random
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_elimination import contradiction as plain_contradiction
from plain_elimination import plain_obstruction

from agreement.graph import (
    Graph,
    complete_bipartite,
    cycle,
    grid,
    hypercube,
    named,
    octahedron,
    path,
    random_connected,
)
from agreement.solve import graphs
from agreement.solve.chain_map_elimination import contradiction, dependencies
from agreement.solve.obstruction import equations, find_obstruction
from agreement.strategies import graphs as drawn_graphs
from agreement.task import VALIDITIES, Task


def plainly(task, count, prime):
    """Return the factors modulo this prime, by set of inputs and clique."""
    system = equations(task, count)
    found = plain_contradiction(system, prime)
    return found and {(system[i].inputs, system[i].face): f for i, f in found.items()}


def by_carriers(task, count, prime):
    found = contradiction(task, count, (prime,))
    return found and found[1]


@pytest.mark.parametrize(
    ("graph", "count"),
    [
        (path(1), 3), (path(5), 3), (cycle(4), 2), (cycle(4), 3), (cycle(9), 3), (cycle(5), 4),
        (grid(2, 3), 3), (hypercube(3), 3), (complete_bipartite(2, 3), 4), (octahedron(3), 3),
        (octahedron(3), 4), (octahedron(3), 5), (named("triangular:3"), 3), (cycle(4), 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("prime", [2, 3, 5, 7])
def test_known_graphs_modulo_several_primes(graph, count, prime):
    assert by_carriers(Task(graph), count, prime) == plainly(Task(graph), count, prime)


def test_a_sample_of_the_atlas():
    found = []
    for _, graph in graphs()[::120]:
        for validity in VALIDITIES:
            for count in (3, 4):
                task = Task(graph, validity)
                found.append(find_obstruction(task, count))
                assert found[-1] == plain_obstruction(task, count)
    assert 10 < sum(it is not None for it in found) < len(found) - 10


@given(drawn_graphs(max_order=7), st.integers(2, 5), st.sampled_from(VALIDITIES))
@settings(max_examples=40)
def test_any_connected_graph(graph, count, validity):
    if graph.connected:
        task = Task(graph, validity)
        assert find_obstruction(task, count) == plain_obstruction(task, count)


def test_a_complex_that_obstructs_modulo_3_only():
    """The triangulation of a Moore space: a disc whose boundary goes three times round a circle.

    Its first homology is Z/3. A task on it whose carriers were everything would have a loop that
    three times is a boundary, so it is no boundary modulo 3, and one modulo 2 and 5.
    """
    graph = moore_space()
    matrix, faces = boundary_matrix(graph, 2)
    loop = np.zeros(len(faces), np.int64)
    for u, v in ((0, 1), (1, 2), (0, 2)):
        loop[faces.index((u, v))] = -1 if (u, v) == (0, 2) else 1
    for prime, expected in ((2, True), (3, False), (5, True)):
        rows = np.concatenate([matrix.T, loop[None]])
        dependent = [number for number, _ in dependencies(rows, prime)]
        assert (len(rows) - 1 in dependent) == expected
    task = Task(graph, "clique")
    for prime in (2, 3):
        assert by_carriers(task, 3, prime) == plainly(task, 3, prime)


def moore_space():
    """Return a graph whose clique complex is a disc glued to a triangle 0, 1, 2, three times round.

    The disc has a ring of vertices inside, joined to the boundary of nine edges, and a centre.
    """
    outer = [v % 3 for v in range(9)]
    inner = list(range(3, 12))
    edges = {(0, 1), (1, 2), (0, 2)}
    for i in range(9):
        edges |= {(inner[i], inner[(i + 1) % 9]), (inner[i], 12)}
        edges |= {(outer[i], inner[i]), (outer[(i + 1) % 9], inner[i])}
    return Graph.of(13, edges)


def boundary_matrix(graph, dimension):
    """Return the boundary matrix of the discs of `moore_space` without the triangle 0, 1, 2."""
    cells = [c for c in combinations(range(graph.order), dimension + 1) if graph.is_clique(c)]
    cells.remove((0, 1, 2))
    faces = [c for c in combinations(range(graph.order), dimension) if graph.is_clique(c)]
    matrix = np.zeros((len(faces), len(cells)), np.int64)
    for column, cell in enumerate(cells):
        for i in range(len(cell)):
            matrix[faces.index(cell[:i] + cell[i + 1 :]), column] = (-1) ** i
    return matrix, faces


@given(st.integers(1, 5), st.integers(0, 5), st.sampled_from([2, 3, 5]), st.integers(0, 1 << 30))
@settings(max_examples=40)
def test_rows_that_depend_on_earlier_ones(rows, columns, prime, seed):
    """The other rows are independent, and each combination is zero and of the stated form."""
    matrix = np.random.default_rng(seed).integers(-1, 2, (rows, columns))
    found = dict(dependencies(matrix, prime))
    basis = [row for row in range(rows) if row not in found]
    factors_ = np.array(list(product(range(prime), repeat=len(basis))), np.int64)
    zero = ((factors_ @ matrix[basis] % prime) == 0).all(axis=1)
    assert zero.sum() == 1  # only the combination with all factors 0
    for number, factors in found.items():
        assert not (factors @ matrix % prime).any()
        assert factors[number] == 1
        assert not factors[number + 1 :].any()
        assert set(np.flatnonzero(factors)) <= {*basis, number}


def test_dense_graphs_with_twenty_vertices():
    """In one large system this took ten seconds."""
    dense = random_connected(20, 0.7, random.Random(3))
    assert find_obstruction(Task(dense, "clique"), 3) is None
