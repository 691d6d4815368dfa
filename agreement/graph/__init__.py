"""Immutable graphs: metric, convexity, cliques, certified recognition, generators, reading."""

from agreement.graph.certificates import Certificate
from agreement.graph.classes import (
    automorphisms,
    block_graph,
    bridged,
    chordal,
    dismantlable,
    median,
    ptolemaic,
    tree,
)
from agreement.graph.cliques import clique_complex, maximal_cliques
from agreement.graph.conversion import from_networkx, to_networkx
from agreement.graph.convexity import (
    geodesic_hull,
    interval,
    monophonic_hull,
    monophonic_interval,
    shortest_path,
)
from agreement.graph.drawing import to_svg, to_text
from agreement.graph.edge_list import parse_dimacs, parse_edge_list
from agreement.graph.generators import (
    complete,
    complete_bipartite,
    cycle,
    grid,
    hypercube,
    king_grid,
    named,
    octahedron,
    path,
    random_block_graph,
    random_chordal,
    random_connected,
    random_tree,
    star,
    sun,
    triangular_grid,
    wheel,
)
from agreement.graph.graph import Graph, require_connected
from agreement.graph.graph6 import format_graph6, parse_graph6, parse_sparse6
from agreement.graph.reading import load

__all__ = [
    "Certificate", "Graph", "automorphisms", "block_graph", "bridged", "chordal", "clique_complex",
    "complete", "complete_bipartite", "cycle", "dismantlable", "format_graph6", "from_networkx",
    "geodesic_hull", "grid", "hypercube", "interval", "king_grid", "load", "maximal_cliques",
    "median", "monophonic_hull", "monophonic_interval", "named", "octahedron", "parse_dimacs",
    "parse_edge_list", "parse_graph6", "parse_sparse6", "path", "ptolemaic",
    "random_block_graph", "random_chordal", "random_connected", "random_tree",
    "require_connected", "shortest_path", "star", "sun", "to_networkx", "to_svg", "to_text",
    "tree", "triangular_grid", "wheel",
]  # fmt: skip
