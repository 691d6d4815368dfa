import random
import sys
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.errors import GraphError, ToolError
from agreement.graph import (
    Graph,
    automorphisms,
    block_graph,
    bridged,
    chordal,
    clique_complex,
    complete,
    complete_bipartite,
    cycle,
    dismantlable,
    format_graph6,
    from_networkx,
    geodesic_hull,
    grid,
    hypercube,
    interval,
    king_grid,
    load,
    maximal_cliques,
    median,
    monophonic_hull,
    monophonic_interval,
    named,
    octahedron,
    parse_edge_list,
    parse_graph6,
    path,
    ptolemaic,
    random_block_graph,
    random_chordal,
    random_connected,
    random_tree,
    shortest_path,
    star,
    sun,
    to_networkx,
    to_svg,
    to_text,
    tree,
    triangular_grid,
    wheel,
)
from agreement.graph.generators import named as by_name
from agreement.strategies import KINDS, graphs

RECOGNISERS = {
    "chordal": chordal,
    "bridged": bridged,
    "dismantlable": dismantlable,
    "block": block_graph,
    "tree": tree,
    "ptolemaic": ptolemaic,
    "median": median,
}


@pytest.fixture(scope="module")
def atlas():
    """Return every connected graph with 1 to 6 vertices, once up to isomorphism."""
    every = nx.graph_atlas_g()[1:]
    return [from_networkx(g) for g in every if g.order() <= 6 and nx.is_connected(g)]


# Comparison with networkx.


@given(graphs(max_order=9))
def test_distances_and_intervals_are_networkx_ones(graph):
    oracle = to_networkx(graph)
    for u, lengths in nx.all_pairs_shortest_path_length(oracle):
        assert graph.distances(u) == tuple(lengths[v] for v in range(graph.order))
    assert graph.diameter == nx.diameter(oracle)
    for u, v in combinations(range(graph.order), 2):
        ways = [set(way) for way in nx.all_shortest_paths(oracle, u, v)]
        assert interval(graph, u, v) == set().union(*ways)
        assert set(shortest_path(graph, u, v)) in ways


@given(graphs(max_order=7))
def test_monophonic_intervals_are_those_of_networkx_paths_without_chord(graph):
    oracle = to_networkx(graph)
    for u, v in combinations(range(graph.order), 2):
        ways = [w for w in nx.all_simple_paths(oracle, u, v) if _chordless(oracle, w)]
        assert monophonic_interval(graph, u, v) == set().union(*ways)
    assert monophonic_interval(graph, 0, 0) == {0}


def _chordless(oracle, way):
    return oracle.subgraph(way).size() == len(way) - 1


@given(graphs(max_order=7), st.data())
def test_hulls_are_the_smallest_convex_supersets(graph, data):
    some = data.draw(st.sets(st.integers(0, graph.order - 1), min_size=1))
    subsets = [
        set(s)
        for size in range(graph.order + 1)
        for s in combinations(range(graph.order), size)
        if some <= set(s)
    ]
    for hull, between in (
        (geodesic_hull(graph, some), interval),
        (monophonic_hull(graph, some), monophonic_interval),
    ):
        convex = [s for s in subsets if all(between(graph, u, v) <= s for u in s for v in s)]
        assert hull == min(convex, key=len)


@given(graphs(max_order=9))
def test_cliques_and_the_clique_complex_are_networkx_ones(graph):
    oracle = to_networkx(graph)
    assert set(maximal_cliques(graph)) == {tuple(sorted(c)) for c in nx.find_cliques(oracle)}
    every = {tuple(sorted(c)) for c in nx.enumerate_all_cliques(oracle)}
    levels = clique_complex(graph, graph.order)
    assert {clique for level in levels for clique in level} == every
    assert all(len(c) == d + 1 for d, level in enumerate(levels) for c in level)
    assert len(clique_complex(graph, 1)) <= 2


def test_chordal_trees_and_automorphisms_are_networkx_ones(atlas):
    for graph in atlas:
        oracle = to_networkx(graph)
        assert bool(chordal(graph)) == nx.is_chordal(oracle)
        assert bool(tree(graph)) == nx.is_tree(oracle)
        matcher = nx.isomorphism.GraphMatcher(oracle, oracle)
        assert len(automorphisms(graph)) == sum(1 for _ in matcher.isomorphisms_iter())


def test_every_certificate_on_every_small_graph_checks(atlas):
    for graph in atlas:
        for recognise in RECOGNISERS.values():
            assert recognise(graph).check(graph)


def test_how_many_connected_graphs_of_each_class_there_are(atlas):
    def count(recognise):
        return [sum(1 for g in atlas if g.order == n and recognise(g)) for n in (4, 5, 6)]

    assert count(chordal) == [5, 15, 58]  # OEIS A048192
    assert count(bridged) == [5, 15, 58]  # the smallest bridged graph that is not chordal has 7
    assert count(dismantlable) == [5, 16, 68]
    assert count(block_graph) == [4, 9, 22]  # OEIS A035053
    assert count(tree) == [2, 3, 6]
    assert count(median) == [3, 4, 11]


def test_bridged_beyond_chordal():
    assert bridged(wheel(6))
    assert not chordal(wheel(6))
    grid_ = triangular_grid(3)
    assert bridged(grid_)
    assert not chordal(grid_)
    assert not dismantlable(octahedron(3))


def test_the_definition_of_bridged_on_small_graphs(atlas):
    for graph in atlas:
        oracle = to_networkx(graph)
        isometric = any(
            len(c) >= 4
            and all(
                graph.distance(c[i], c[j]) == min(j - i, len(c) - j + i)
                for i, j in combinations(range(len(c)), 2)
            )
            for c in nx.simple_cycles(oracle)
        )
        assert bool(bridged(graph)) == (not isometric)


def test_ptolemy_by_its_inequality(atlas):
    for graph in atlas:
        d = graph.distance
        holds = all(
            d(u, v) * d(w, x) <= d(u, w) * d(v, x) + d(u, x) * d(v, w)
            for u in range(graph.order)
            for v in range(graph.order)
            for w in range(graph.order)
            for x in range(graph.order)
        )
        assert bool(ptolemaic(graph)) == holds


def test_a_diamond_is_dismantled_whatever_its_certificate_is_called():
    diamond = Graph.of(4, [(0, 1), (1, 2), (2, 3), (3, 0), (1, 3)])
    assert block_graph(diamond).kind == "induced diamond"
    assert ptolemaic(sun(3)).kind == "induced gem"
    assert ptolemaic(cycle(4)).kind == "induced cycle"
    assert tree(Graph.of(3, [(0, 1)])).kind == "no path"
    assert tree(cycle(5)).check(cycle(5))


# Families, random graphs, reading and writing.


def test_families():
    assert path(1).order == 1
    assert (cycle(5).order, cycle(5).size) == (5, 5)
    assert complete(4).size == 6
    assert complete_bipartite(2, 3).size == 6
    assert star(4).degree(0) == 4
    assert wheel(5).order == 6
    assert (sun(3).order, sun(3).size) == (6, 9)
    assert (octahedron(3).order, octahedron(3).size) == (6, 12)
    assert hypercube(3).size == 12
    assert grid(2, 3).size == 7
    assert king_grid(2, 2) == complete(4)
    assert (triangular_grid(3).order, triangular_grid(3).size) == (10, 18)
    assert path(4).eccentricity(0) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_random_graphs_are_what_they_are_called_and_come_from_their_seed(kind):
    for seed in range(20):
        graph = KINDS[kind](1 + seed % 9, random.Random(seed))
        assert graph.connected
        assert graph == KINDS[kind](1 + seed % 9, random.Random(seed))
        if kind != "connected":
            assert RECOGNISERS[kind](graph)
    for make in (random_tree, random_block_graph, random_chordal):
        assert make(5, random.Random(1)).order == 5
    assert random_connected(5, 1.0, random.Random(1)) == complete(5)


@given(graphs(max_order=9))
def test_graph6_is_read_and_written_as_networkx_does(graph):
    text = nx.to_graph6_bytes(to_networkx(graph)).decode()
    assert parse_graph6(text) == graph
    assert format_graph6(graph) == text.strip().removeprefix(">>graph6<<")
    assert from_networkx(to_networkx(graph)) == graph


def test_graph6_of_more_than_62_vertices():
    graph = path(100)
    text = nx.to_graph6_bytes(to_networkx(graph), header=False).decode().strip()
    assert format_graph6(graph) == text
    assert parse_graph6(text) == graph


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("C A", "character 2 is ' ', which is not between"),
        ("C", "edges of 4 vertices take 1 characters, not 0"),
        ("A@", "padding"),
        ("~", "cut short"),
        ("~~???", "more than 258047"),
    ],
)
def test_bad_graph6_is_refused(text, said):
    with pytest.raises(GraphError, match=said.replace("?", r"\?")):
        parse_graph6(text)


def test_graph6_beyond_its_size_is_not_written():
    class Huge(Graph):
        order = 300_000

    with pytest.raises(GraphError, match="at most 258047"):
        format_graph6(Huge((0,)))


def test_without_networkx_one_is_told_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ToolError, match="pip install networkx"):
        to_networkx(path(2))


def test_edge_lists():
    graph = parse_edge_list("b a  # an edge\n\na c\n")
    assert graph.labels == ("b", "a", "c")
    assert graph.edges == ((0, 1), (1, 2))
    assert parse_edge_list("10 2\n2 1").labels == ("1", "2", "10")
    assert graph.vertex("c") == 2
    with pytest.raises(GraphError, match="line 2: an edge is two words, not 3"):
        parse_edge_list("a b\na b c")
    with pytest.raises(GraphError, match="line 1: an edge joins 'a' to itself"):
        parse_edge_list("a a")
    with pytest.raises(GraphError, match="no vertex has the label 'x'"):
        graph.vertex("x")


def test_load(tmp_path):
    (tmp_path / "g.g6").write_text(format_graph6(cycle(5)))
    (tmp_path / "two.g6").write_text("A_\nA_\n")
    (tmp_path / "edges.txt").write_text("0 1\n1 2\n")
    (tmp_path / "headed.txt").write_text(">>graph6<<" + format_graph6(cycle(5)))
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe")
    assert load(str(tmp_path / "g.g6")) == cycle(5)
    assert load(str(tmp_path / "headed.txt")) == cycle(5)
    assert load(str(tmp_path / "edges.txt")) == path(3)
    assert load("grid:2x3") == grid(2, 3)
    with pytest.raises(GraphError, match="it has 2 lines: graph6 and sparse6"):
        load(str(tmp_path / "two.g6"))
    with pytest.raises(GraphError, match=r"cannot read .*: it looks like UTF-16 text"):
        load(str(tmp_path / "bytes.txt"))
    with pytest.raises(GraphError, match="there is no file of that name"):
        load("nowhere.txt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path", "is not the name of a graph"),
        ("snake:3", "is not the name of a graph"),
        ("grid:3", "two sizes"),
        ("path:3x3", "one size"),
        ("path:0", "at least 1"),
        ("cycle:2", "at least 3"),
    ],
)
def test_bad_names_are_refused(text, said):
    with pytest.raises(GraphError, match=said):
        by_name(text)
    assert named("star:3") == star(3)


def test_drawings():
    graph = path(3)
    assert to_text(graph) == "0: 1\n1: 0 2\n2: 1"
    assert to_text(Graph.of(1, [])) == "0:"
    picture = to_svg(graph, {1: "red"})
    assert picture.startswith("<svg")
    assert picture.count("<circle") == 3
    assert picture.count("<line") == 2
    assert "red" in picture


# Invalid graphs.


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Graph.of(-1, []), "cannot have -1 vertices"),
        (lambda: Graph.of(2, [(0, 2)]), "edge 0-2 has an end that is not an int in 0 .. 1"),
        (lambda: Graph((2, 0)), "one direction only"),
        (lambda: Graph((1,)), "an edge to itself"),
        (lambda: Graph((2,)), "have neighbours in 0 .. 0 only"),
        (lambda: Graph.of(2, [], ["a", "a"]), "distinct labels"),
        (lambda: Graph.of(2, [], ["a"]), "distinct labels"),
        (lambda: path(3).neighbours(3), "no vertex 3"),
        (lambda: path(3).distance(0, -1), "no vertex -1"),
        (lambda: Graph.of(0, []).diameter, "no vertex"),
        (lambda: Graph.of(2, []).eccentricity(0), "not connected: no path from 0 to 1"),
        (lambda: bridged(Graph.of(2, [])), "not connected"),
        (lambda: from_networkx(nx.DiGraph([(0, 1)])), "undirected"),
        (lambda: from_networkx(nx.MultiGraph([(0, 1)])), "undirected"),
    ],
)
def test_bad_graphs_are_refused(make, said):
    with pytest.raises(GraphError, match=said):
        make()


def test_graphs_are_equal_by_their_edges_and_hash_alike():
    one, two = Graph.of(2, [(0, 1)], ["a", "b"]), Graph.of(2, [(1, 0), (0, 1)])
    assert one == two
    assert hash(one) == hash(two)
    assert one.induced([1]).labels == ("b",)
    assert not Graph.of(0, []).connected
    assert maximal_cliques(Graph.of(0, [])) == ()
    assert shortest_path(Graph.of(2, []), 0, 1) == ()
    assert interval(Graph.of(2, []), 0, 1) == frozenset()
