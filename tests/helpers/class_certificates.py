"""Certificates of graph classes, true and false, and what is true of small graphs by networkx."""

from functools import cache
from itertools import combinations, permutations, product

import networkx as nx

from agreement.graph import (
    Graph,
    block_graph,
    bridged,
    chordal,
    complete,
    cycle,
    dismantlable,
    from_networkx,
    hypercube,
    median,
    octahedron,
    path,
    ptolemaic,
    star,
    sun,
    to_networkx,
    tree,
    triangular_grid,
    wheel,
)

EDGELESS = Graph.of(2, [])
PATH_AND_POINT = Graph.of(4, [(0, 1), (1, 2)])
TWO_EDGES = Graph.of(4, [(0, 1), (2, 3)])
TRIANGLE_AND_POINT = Graph.of(4, [(0, 1), (1, 2), (2, 0)])
DIAMOND = Graph.of(4, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)])
PAW = Graph.of(4, [(0, 1), (1, 2), (2, 0), (2, 3)])
GEM = Graph.of(5, [(0, 1), (1, 2), (2, 3), (0, 4), (1, 4), (2, 4), (3, 4)])
BULL = Graph.of(5, [(0, 1), (1, 2), (2, 0), (1, 3), (2, 4)])
SQUARE_AND_POINT = Graph.of(5, [(0, 1), (1, 2), (2, 3), (3, 0)])
THETA = Graph.of(7, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 6), (6, 3)])

BRIDGED = "dismantling, no induced cycle of length 4 or 5"
BLOCK = "maximal cliques meet in at most a vertex"
TREE = "connected with one edge less than vertices"
MEDIAN = "each triple has one median"
NO_MEDIAN = "triple without exactly one median"


# What is true, independently of the library.


def _has_isometric_cycle(g):
    d = dict(nx.all_pairs_shortest_path_length(g))
    return any(
        all(d[c[i]][c[j]] == min(j - i, len(c) - j + i) for i, j in combinations(range(len(c)), 2))
        for c in nx.simple_cycles(g)
        if len(c) >= 4
    )


def _is_connected(g):
    return len(g) > 0 and nx.is_connected(g)


def _cop_wins(g):
    """Whether one cop catches the robber: exactly the dismantlable graphs.

    Nowakowski, Winkler, Discrete Math. 43 (1983).
    """
    moves = {v: {v, *g[v]} for v in g}
    caught = {(v, v) for v in g}  # (cop, robber), it is the robber's turn
    cops = set()
    while True:
        cops = {(c, r) for c in g for r in g if any((d, r) in caught for d in moves[c])}
        more = caught | {(c, r) for c in g for r in g if all((c, s) in cops for s in moves[r])}
        if more == caught:
            return any(all((c, r) in cops for r in g) for c in g)
        caught = more


def _contains(g, small):
    matcher = nx.isomorphism.GraphMatcher(g, small)
    return matcher.subgraph_is_isomorphic()


def _is_median(g):
    if not _is_connected(g):
        return False
    d = dict(nx.all_pairs_shortest_path_length(g))

    def between(u, v):
        return {m for m in g if d[u][m] + d[m][v] == d[u][v]}

    return all(
        len(between(u, v) & between(v, w) & between(w, u)) == 1 for u, v, w in product(g, repeat=3)
    )


def _is_tree(g):
    return len(g) > 0 and nx.is_tree(g)


def _is_chordal(g):
    return not any(_contains(g, nx.cycle_graph(n)) for n in range(4, len(g) + 1))


def _is_block_graph(g):
    return all(
        g.subgraph(block).size() == len(block) * (len(block) - 1) // 2
        for block in nx.biconnected_components(g)
    )


def _has_gem(g):
    return _contains(g, to_networkx(GEM))


SAYS = {
    "perfect elimination order": _is_chordal,
    "induced cycle": lambda g: not _is_chordal(g),
    "dismantling": _cop_wins,
    "core": lambda g: not _cop_wins(g),
    BRIDGED: lambda g: _is_connected(g) and not _has_isometric_cycle(g),
    "isometric cycle": _has_isometric_cycle,
    BLOCK: _is_block_graph,
    "induced diamond": lambda g: not _is_block_graph(g),
    "Ptolemy's inequality": lambda g: _is_connected(g) and _is_chordal(g) and not _has_gem(g),
    "induced gem": _has_gem,
    TREE: _is_tree,
    "cycle": lambda g: len(g) > 0 and not nx.is_forest(g),
    "no path": lambda g: len(g) > 0 and not nx.is_connected(g),
    MEDIAN: _is_median,
    NO_MEDIAN: lambda g: not _is_median(g),
}
"""What each kind of certificate says of the graph."""

HOLDS = {
    "perfect elimination order",
    "dismantling",
    BRIDGED,
    BLOCK,
    "Ptolemy's inequality",
    TREE,
    MEDIAN,
}
IMAGES = {"dismantling", "core", BRIDGED}


@cache
def small_graphs(order):
    """Every graph with this many vertices, once up to isomorphism."""
    return tuple(from_networkx(g) for g in nx.graph_atlas_g() if len(g) == order)


@cache
def says_truth(kind, graph):
    return SAYS[kind](to_networkx(graph))


# True certificates: for each kind those that use each part of its rule.


def _found(recognise, graph):
    it = recognise(graph)
    return graph, it.kind, it.holds, it.vertices, it.images


@cache
def true_certificates():
    connected = [g for n in range(1, 6) for g in small_graphs(n) if g.connected]
    return (
        *(
            _found(recognise, graph)
            for recognise in (chordal, dismantlable, bridged, block_graph, tree, ptolemaic, median)
            for graph in connected
        ),
        _found(chordal, Graph.of(0, [])),
        _found(dismantlable, Graph.of(0, [])),
        _found(chordal, PATH_AND_POINT),
        _found(dismantlable, PATH_AND_POINT),
        _found(tree, PATH_AND_POINT),
        _found(tree, EDGELESS),
        _found(tree, TRIANGLE_AND_POINT),
        _found(block_graph, TWO_EDGES),
        _found(bridged, wheel(6)),
        _found(bridged, triangular_grid(3)),
        _found(bridged, cycle(7)),
        _found(dismantlable, cycle(6)),
        _found(dismantlable, octahedron(3)),
        _found(chordal, cycle(7)),
        _found(block_graph, sun(3)),
        _found(ptolemaic, sun(3)),
        _found(ptolemaic, path(6)),
        _found(median, hypercube(3)),
        (TWO_EDGES, NO_MEDIAN, False, (0, 1, 2), ()),
        (EDGELESS, "core", False, (), ()),
        (SQUARE_AND_POINT, "isometric cycle", False, (0, 1, 2, 3), ()),
        (SQUARE_AND_POINT, "induced cycle", False, (1, 2, 3, 0), ()),
        (SQUARE_AND_POINT, "cycle", False, (3, 2, 1, 0), ()),
        (GEM, "induced gem", False, (3, 2, 1, 0, 4), ()),
        (DIAMOND, "induced diamond", False, (3, 2, 0, 1), ()),
        (DIAMOND, "cycle", False, (0, 2, 1, 3), ()),
        (star(3), "dismantling", True, (1, 2, 0), (0, 0, 3)),
    )


# False certificates: each breaks one condition of its kind, and no other.

FALSE = [
    # Distinct vertices.
    (path(2), "induced cycle", (0, 1, 0, 1), ()),
    (cycle(4), "perfect elimination order", (0, 2, 0, 2), ()),
    (cycle(4), BLOCK, (0, 2, 0, 2), ()),
    (complete(2), "cycle", (0, 1, 0, 1), ()),
    (path(1), "no path", (0, 0), ()),
    # Lengths.
    (cycle(4), "perfect elimination order", (0, 1), ()),
    (cycle(4), "perfect elimination order", (), ()),
    (cycle(4), BLOCK, (0, 1), ()),
    (complete(3), "induced cycle", (0, 1, 2), ()),
    (complete(3), "isometric cycle", (0, 1, 2), ()),
    (path(2), "cycle", (0, 1), ()),
    (path(1), "cycle", (0,), ()),
    (path(1), "cycle", (), ()),
    (path(1), "induced cycle", (), ()),
    # Chordal.
    (cycle(4), "perfect elimination order", (0, 1, 2, 3), ()),
    (cycle(5), "perfect elimination order", (0, 2, 1, 3, 4), ()),
    (cycle(4), "perfect elimination order", (3, 2, 1, 0), ()),
    (complete(4), "induced cycle", (0, 1, 2, 3), ()),
    (path(4), "induced cycle", (0, 1, 2, 3), ()),
    (DIAMOND, "induced cycle", (0, 2, 1, 3), ()),
    # Dismantlable.
    (cycle(5), "dismantling", (0,), (1,)),
    (cycle(4), "dismantling", (0, 1), (2, 2)),
    (cycle(4), "dismantling", (0, 1, 2), (2, 3, 3)),
    (cycle(4), "dismantling", (0, 1, 2), (1, 2, 3)),
    (EDGELESS, "dismantling", (0,), (1,)),
    (PATH_AND_POINT, "dismantling", (3, 0, 1), (0, 1, 2)),
    (EDGELESS, "dismantling", (0,), (0,)),
    (EDGELESS, "dismantling", (0, 1), (1, 0)),
    (EDGELESS, "dismantling", (), ()),
    (cycle(5), "dismantling", (), ()),
    (path(3), "core", (), ()),
    (path(3), "core", (0, 2), (1, 1)),
    (path(3), "core", (0,), (1,)),
    (path(3), "core", (1,), (0,)),
    (path(1), "core", (), ()),
    (complete(3), "core", (0, 1), (1, 2)),
    # Bridged.
    (wheel(4), BRIDGED, (1, 3, 2, 4), (0, 0, 0, 0)),
    (wheel(5), BRIDGED, (1, 3, 2, 4, 5), (0, 0, 0, 0, 0)),
    (cycle(4), BRIDGED, (), ()),
    (cycle(6), BRIDGED, (), ()),
    (wheel(6), "isometric cycle", (0, 1, 2), ()),
    (wheel(6), "isometric cycle", (0, 1, 2, 3, 4, 5), ()),
    (path(4), "isometric cycle", (0, 1, 2, 3), ()),
    (complete(4), "isometric cycle", (0, 1, 2, 3), ()),
    (TWO_EDGES, "isometric cycle", (0, 1, 2, 3), ()),
    # Block graphs.
    (complete(4), "induced diamond", (0, 1, 2, 3), ()),
    (PAW, "induced diamond", (0, 3, 1, 2), ()),
    (path(4), "induced diamond", (0, 1, 2, 3), ()),
    (TRIANGLE_AND_POINT, "induced diamond", (0, 3, 1, 2), ()),
    (PATH_AND_POINT, "induced diamond", (0, 2, 1, 3), ()),
    (DIAMOND, BLOCK, (2, 3, 0, 1), ()),
    (cycle(4), BLOCK, (0, 1, 2, 3), ()),
    (cycle(5), BLOCK, (0, 1, 2, 3, 4), ()),
    (sun(3), BLOCK, (3, 4, 5, 0, 1, 2), ()),
    # Ptolemaic.
    (BULL, "induced gem", (3, 1, 2, 4, 0), ()),
    (complete(5), "induced gem", (0, 1, 2, 3, 4), ()),
    (path(5), "induced gem", (0, 1, 2, 3, 4), ()),
    (star(4), "induced gem", (1, 2, 3, 4, 0), ()),
    (wheel(4), "induced gem", (0, 1, 2, 3, 4), ()),
    (cycle(4), "Ptolemy's inequality", (), ()),
    (GEM, "Ptolemy's inequality", (), ()),
    (EDGELESS, "Ptolemy's inequality", (), ()),
    (TRIANGLE_AND_POINT, "Ptolemy's inequality", (), ()),
    # Trees.
    (cycle(4), TREE, (), ()),
    (TRIANGLE_AND_POINT, TREE, (), ()),
    (PATH_AND_POINT, TREE, (), ()),
    (Graph.of(0, []), TREE, (), ()),
    (path(3), "cycle", (0, 1, 2), ()),
    (path(3), "cycle", (1, 2, 0), ()),
    (PATH_AND_POINT, "cycle", (0, 1, 2), ()),
    (path(4), "no path", (0, 3), ()),
    # Median graphs.
    (complete(3), MEDIAN, (), ()),
    (cycle(5), MEDIAN, (), ()),
    (EDGELESS, MEDIAN, (), ()),
    (Graph.of(0, []), MEDIAN, (), ()),
    (octahedron(2), NO_MEDIAN, (0, 1, 2), ()),
    (path(3), NO_MEDIAN, (0, 1, 2), ()),
    (star(3), NO_MEDIAN, (1, 2, 3), ()),
    (hypercube(3), NO_MEDIAN, (0, 3, 5), ()),
]


def malformed(graph, kind, holds, vertices, images):
    """The same certificate, each with something in it that must not be there."""
    yield kind, int(holds), vertices, images
    yield kind, not holds, vertices, images
    yield kind, None, vertices, images
    yield kind.upper(), holds, vertices, images
    yield type("Text", (str,), {})(kind), holds, vertices, images
    yield [kind], holds, vertices, images
    yield None, holds, vertices, images
    yield kind, holds, list(vertices), images
    yield kind, holds, vertices, list(images)
    yield kind, holds, vertices, None
    yield kind, holds, None, images
    yield kind, holds, vertices, (*images, 0)
    if images:
        yield kind, holds, vertices, images[:-1]
    yield kind, holds, (*vertices, graph.order), images
    yield kind, holds, (*vertices, *vertices[:1], graph.order), images
    for part, place in [("vertices", i) for i in range(len(vertices))] + [
        ("images", i) for i in range(len(images))
    ]:
        whole = {"vertices": vertices, "images": images}
        for other in _others(whole[part][place], graph.order):
            changed = (*whole[part][:place], other, *whole[part][place + 1 :])
            new = whole | {part: changed}
            yield kind, holds, new["vertices"], new["images"]


def _others(v, order):
    yield from (float(v), v - order, v + order, str(v), None, (v,))
    if v <= 1:
        yield bool(v)


def sequences(order):
    """Some lists of vertices, among them all without repetition."""
    for length in range(order + 1):
        yield from permutations(range(order), length)
    for length in range(min(order, 3) + 2):
        yield from (s for s in product(range(order), repeat=length) if len(set(s)) < length)


def accepted_falsehoods(certificate, graph, *, images=True):
    """All certificates in a pool that are accepted although what they say of the graph is false."""
    for kind in SAYS:
        if says_truth(kind, graph):
            continue
        holds = kind in HOLDS
        for vertices in sequences(graph.order):
            for chosen in _images(graph.order, len(vertices)) if kind in IMAGES else ((),):
                if not images and chosen:
                    continue
                if certificate(holds, kind, vertices, chosen).check(graph):
                    yield graph, kind, vertices, chosen


def _images(order, length):
    return product(range(order), repeat=length) if length < max(order, 1) else ()
