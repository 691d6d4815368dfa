"""Complexes, their homology against gudhi, views of one round, and protocol complexes in arrays."""

import random
from itertools import combinations, pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreement.errors import TaskError
from agreement.graph import complete, cycle, octahedron, path, random_connected
from agreement.protocols.subdivision import one_round_views
from agreement.topology import (
    Complex,
    after_rounds,
    all_inputs,
    anonymous_complex,
    barycentric_complex,
    betti_numbers,
    cliques_of,
    homology,
    input_complex,
    is_simplicial,
    one_round,
    one_round_complex,
    ordered_partitions,
    smith_divisors,
    subdivide,
    view_pairs,
)
from agreement.topology import rounds as rounds_module
from agreement.topology.homology import boundary
from agreement.topology.one_round import seen_together

TORUS = Complex.of(
    [tuple((v + i) % 7 for v in offsets) for i in range(7) for offsets in ((0, 1, 3), (0, 2, 3))]
)
PROJECTIVE_PLANE = Complex.of(
    [
        tuple(int(c) for c in word)
        for word in ("012", "023", "034", "045", "051", "124", "235", "341", "452", "513")
    ]
)
complexes = st.lists(st.sets(st.integers(0, 6), min_size=1, max_size=4), min_size=1, max_size=8)


# One round.


@pytest.mark.parametrize(
    ("communication", "count", "facets"),
    [
        ("immediate", 3, 13), ("immediate", 4, 75), ("snapshot", 3, 19), ("snapshot", 4, 207),
        ("collect", 3, 25), ("collect", 4, 543), ("immediate", 5, 541), ("collect", 2, 3),
    ],
)  # fmt: skip
def test_facets_of_one_round(communication, count, facets):
    # specification A2; OEIS A000670, and A003024 for acyclic directed graphs.
    assert len(one_round(communication, count)) == facets
    assert len(one_round_complex(communication, count).complex.facets) == facets


def test_immediate_snapshots_are_snapshots_are_collects():
    for count in (2, 3, 4):
        found = [
            set(one_round(communication, count))
            for communication in ("immediate", "snapshot", "collect")
        ]
        assert found[0] <= found[1] <= found[2]


def test_views_of_real_rounds_are_these():
    for communication in ("immediate", "snapshot"):
        seen = {
            tuple(sum(1 << p for p in view) for view in views)
            for views in one_round_views(communication, 3)
        }
        assert seen == set(one_round(communication, 3))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_who_sees_what_together_by_rule_and_by_listing(count):
    pairs = set(view_pairs("immediate", count))
    for p, q in combinations(range(count), 2):
        for seen, other in product(range(1, 1 << count), repeat=2):
            if seen >> p & 1 and other >> q & 1:
                assert seen_together((p, seen), (q, other)) == ((p, seen, q, other) in pairs)


def test_forms_and_counts_that_are_none():
    with pytest.raises(TaskError, match="no communication model 'magic'"):
        one_round("magic", 3)
    with pytest.raises(TaskError, match="views of 5 processes for 'collect': only those of 1 to 4"):
        one_round("collect", 5)
    assert list(ordered_partitions(())) == [()]


# Complexes.


def test_a_complex_forgets_faces():
    it = Complex.of([(0, 1, 2), (1, 2), (2, 3), (), (3,)])
    assert it.facets == ((0, 1, 2), (2, 3))
    assert (it.dimension, it.f_vector, it.euler) == (2, (4, 4, 1), 1)
    assert it.vertices == (0, 1, 2, 3)
    assert (1, 0) in it
    assert (1, 3) not in it
    assert () not in it
    assert it.link(2).facets == ((0, 1), (3,))
    assert Complex.of([]).dimension == -1


def test_clique_complexes_keep_numbers():
    assert cliques_of(octahedron(3)).f_vector == (6, 12, 8)
    assert cliques_of(cycle(5), [1, 2, 4]).facets == ((1, 2), (4,))


def test_simplicial_maps():
    square, triangle = cliques_of(cycle(4)), cliques_of(complete(3))
    assert is_simplicial([0, 1, 2, 1], square, triangle)
    assert is_simplicial({0: 0, 1: 1, 2: 2, 3: 1}, square, cliques_of(path(3)))
    assert not is_simplicial([0, 1, 2, 0], square, cliques_of(path(3)))


@pytest.mark.parametrize("communication", ["immediate", "snapshot", "collect"])
def test_one_round_complexes_are_chromatic_and_of_the_right_homology(communication):
    it = one_round_complex(communication, 3)
    for facet in it.complex.facets:
        assert {it.process(v) for v in facet} == {0, 1, 2}
    assert betti_numbers(it.complex)[0] == 1
    if communication != "collect":
        assert betti_numbers(it.complex) == (1, 0, 0)


def test_the_chromatic_subdivision_is_a_subdivision():
    twice = subdivide(subdivide(input_complex([(0, 1, 2)])))
    assert len(twice.complex.facets) == 169
    assert twice.complex.euler == 1
    edges = [edge for facet in twice.complex.facets for edge in combinations(facet, 2)]
    once = [e for e in set(edges) if edges.count(e) == 1]
    # The boundary: three sides, each divided by three twice.
    assert len(once) == 27
    for u, v in once:
        assert (twice.carriers[u] | twice.carriers[v]) != 7


def test_input_complexes_with_absent_processes():
    it = input_complex([(0, None), (0, 1), (2, 1)])
    assert it.names == ((0, 0), (1, 1), (0, 2))
    assert it.complex.facets == ((0, 1), (1, 2))


def test_non_uniform_rounds_leave_who_has_stopped():
    start = input_complex([(0, 1, 2)])
    it = subdivide(start, stopped=[0])
    assert len(it.complex.facets) == 3
    assert betti_numbers(it.complex) == (1, 0, 0)
    stopped = [v for v in it.complex.vertices if it.process(v) == 0]
    assert [it.names[v] for v in stopped] == [(0, frozenset({0}))]
    everybody = subdivide(start, stopped=[0, 1, 2])
    assert everybody.complex.facets == ((0, 1, 2),)
    with pytest.raises(TaskError, match="cannot stop vertices that are not in the complex"):
        subdivide(start, stopped=[9])


# Homology.


def test_homology_of_known_spaces():
    assert homology(TORUS) == ((1, ()), (2, ()), (1, ()))
    assert homology(PROJECTIVE_PLANE) == ((1, ()), (0, (2,)), (0, ()))
    assert betti_numbers(PROJECTIVE_PLANE, 2) == (1, 1, 1)
    assert betti_numbers(PROJECTIVE_PLANE, 3) == (1, 0, 0)
    assert homology(cliques_of(octahedron(4)))[3] == (1, ())


@settings(max_examples=60)
@given(complexes)
def test_homology_against_gudhi(simplices):
    gudhi = pytest.importorskip("gudhi")
    tree = gudhi.SimplexTree()
    for simplex in simplices:
        tree.insert(sorted(simplex))
    it = Complex.of(simplices)
    for prime in (2, 3):
        tree.compute_persistence(homology_coeff_field=prime, persistence_dim_max=True)
        expected = tree.betti_numbers()[: it.dimension + 1]
        assert list(betti_numbers(it, prime)) == expected


@given(complexes)
def test_integers_and_fields_agree_by_universal_coefficients(simplices):
    it = Complex.of(simplices)
    groups = homology(it)
    for prime in (2, 3):
        torsion = [sum(t % prime == 0 for t in group[1]) for group in groups]
        expected = [
            group[0] + torsion[d] + (torsion[d - 1] if d else 0) for d, group in enumerate(groups)
        ]
        assert list(betti_numbers(it, prime)) == expected


@given(st.lists(st.lists(st.integers(-6, 6), min_size=3, max_size=3), min_size=1, max_size=4))
def test_smith_divisors_have_the_determinantal_gcds(matrix):
    rows = [{c: v for c, v in enumerate(row) if v} for row in matrix]
    divisors = smith_divisors(rows)
    assert all(b % a == 0 for a, b in pairwise(divisors))
    product_ = 1
    for size in range(1, 4):
        minors = [
            round(np.linalg.det(np.array(matrix, float)[np.ix_(r, c)]))
            for r in combinations(range(len(matrix)), size)
            for c in combinations(range(3), size)
        ]
        gcd = int(np.gcd.reduce(minors)) if minors else 0
        product_ = product_ * divisors[size - 1] if size <= len(divisors) else 0
        assert product_ == gcd


def test_only_primes():
    for number in (1, 4, 9):
        with pytest.raises(TaskError, match="is not a prime"):
            betti_numbers(TORUS, number)


def test_the_boundary_of_a_boundary_is_nothing():
    edges, triangles = boundary(TORUS, 1), boundary(TORUS, 2)
    for triangle in triangles:
        total: dict[int, int] = {}
        for edge, factor in triangle.items():
            for vertex, sign in edges[edge].items():
                total[vertex] = total.get(vertex, 0) + factor * sign
        assert not any(total.values())


# All inputs at once.


def chromatic(inputs, rounds):
    it = input_complex(inputs)
    for _ in range(rounds):
        it = subdivide(it)
    return it


@pytest.mark.parametrize(
    ("order", "count", "rounds"), [(2, 2, 1), (3, 2, 2), (2, 3, 1), (3, 3, 1), (2, 3, 2)]
)
def test_arrays_have_as_many_vertices_as_the_complex_by_hand(order, count, rounds):
    inputs = all_inputs(order, count)
    by_hand = chromatic([tuple(map(int, row)) for row in inputs], rounds)
    stages = after_rounds(inputs, rounds)
    assert stages[-1].next_vertices == len(by_hand.complex.vertices)
    assert len(stages[-1].after().facets) == len(by_hand.complex.facets)
    # The inputs that views depend on, as multisets over the vertices.
    value = [name[1] for name in chromatic([tuple(map(int, row)) for row in inputs], 0).names]
    expected = sorted(
        sum({1 << v for i, v in enumerate(value) if carrier >> i & 1})
        for carrier in by_hand.carriers
    )
    after = stages[-1].after()
    assert sorted(int(x) for seen in after.seen for x in seen) == expected


@pytest.mark.parametrize("communication", ["snapshot", "collect"])
def test_other_forms_in_arrays(communication):
    stage = after_rounds([(0, 1, 2)], 1)[0].after(communication)
    assert len(stage.facets) == len(one_round(communication, 3))
    two = after_rounds([(0, 1, 2)], 2, communication)
    assert len(two) == 2
    assert len(two[1].facets) == len(one_round(communication, 3))


def test_views_can_be_looked_up():
    stage = after_rounds(all_inputs(3, 2), 1)[0]
    mask, seen = stage.find(1, stage.first[1, 3] + 4)
    assert (mask, seen) == (3, (1, 1))
    assert stage.find(0, 2) == (1, (2,))
    assert stage.restricted(3, 1).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert stage.count == 2
    assert len(stage.views[3]) == 9


def orbit(vertex, names):
    """Return a named view without the names of processes, as nested tuples."""
    process, what = names[-1][vertex]
    if len(names) == 1:
        return what
    own = [v for v in what if names[-2][v][0] == process]
    return orbit(own[0], names[:-1]), tuple(sorted((orbit(v, names[:-1]) for v in what), key=repr))


@pytest.mark.parametrize(("order", "count", "rounds"), [(3, 2, 1), (3, 2, 2), (2, 3, 2), (3, 3, 1)])
def test_anonymous_views_are_plain_ones_without_names(order, count, rounds):
    names, it = [], input_complex([tuple(map(int, row)) for row in all_inputs(order, count)])
    names.append(it.names)
    for _ in range(rounds):
        it = subdivide(it)
        names.append(it.names)
    classes = {v: orbit(v, names) for v in it.complex.vertices}
    edges = {
        frozenset((classes[u], classes[v]))
        for u, v in it.complex.simplices(1)
        if classes[u] != classes[v]
    }
    found = anonymous_complex(order, count, rounds)
    assert len(found) == len(set(classes.values()))
    assert len(found.edges) == len(edges)


@pytest.mark.parametrize(("order", "count", "vertices"), [(3, 3, 7), (4, 3, 14), (5, 2, 15)])
def test_sets_are_barycentric_subdivisions(order, count, vertices):
    it = barycentric_complex(order, count, 1)
    assert len(it) == len(it.tables[0]) == vertices
    assert max(int(s).bit_count() for s in it.seen) == min(order, count)
    twice = barycentric_complex(order, count, 2)
    # A flag complex: its vertices are the simplices of the first subdivision.
    complex_ = Complex.of(
        [chain for top in combinations(range(order), min(order, count)) for chain in flags(top, it)]
    )
    assert len(twice) == sum(complex_.f_vector)


def flags(top, it):
    place = {int(mask): v for v, mask in enumerate(it.seen)}
    for order in permutations(top):
        yield [place[sum(1 << v for v in order[: i + 1])] for i in range(len(order))]


def test_bounds_and_bad_calls(monkeypatch):
    for build in (anonymous_complex, barycentric_complex):
        with pytest.raises(TaskError, match="rounds must be at least 1, not 0"):
            build(3, 2, 0)
    with pytest.raises(TaskError, match="rounds must be at least 1, not 0"):
        after_rounds([(0, 1)], 0)
    with pytest.raises(TaskError, match="numbers up to 61"):
        after_rounds([(0, 62)], 1)
    monkeypatch.setattr(rounds_module, "MOST_FACETS", 10)
    with pytest.raises(TaskError, match="cannot enumerate 52 facets: at most 10"):
        after_rounds(all_inputs(2, 3)[:4], 2)
    with pytest.raises(TaskError, match="facets: at most 10"):
        anonymous_complex(5, 3, 2)


def test_rows_of_huge_numbers_are_told_apart():
    rows = np.array([[1 << 40, 1 << 40, 3], [1 << 40, 1 << 40, 2], [1 << 40, 1 << 40, 3]])
    first, place = rounds_module.distinct_rows(rows)
    assert len(first) == 2
    assert place[0] == place[2] != place[1]


def test_random_clique_complexes_have_the_euler_number_of_their_homology():
    for seed in range(20):
        it = cliques_of(random_connected(8, 0.4, random.Random(seed)))
        assert it.euler == sum((-1) ** d * b for d, b in enumerate(betti_numbers(it)))
