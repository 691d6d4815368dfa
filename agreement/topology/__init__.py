"""Simplicial complexes: clique complexes of graphs, protocol complexes, subdivision, homology.

`Complex` and `ChromaticComplex` are for complexes small enough to look at. `after_rounds` (named
views) and `anonymous_complex`, `barycentric_complex` (anonymous views) build the protocol complexes
of all inputs at once, as numpy arrays.
"""

from agreement.topology.anonymous import (
    AnonymousComplex,
    Table,
    anonymous_complex,
    barycentric_complex,
)
from agreement.topology.complexes import (
    ChromaticComplex,
    Complex,
    cliques_of,
    input_complex,
    is_simplicial,
    one_round_complex,
    subdivide,
)
from agreement.topology.homology import betti_numbers, homology, smith_divisors
from agreement.topology.one_round import one_round, ordered_partitions, view_pairs
from agreement.topology.rounds import ProtocolComplex, Views, after_rounds, all_inputs

__all__ = [
    "AnonymousComplex",
    "ChromaticComplex",
    "Complex",
    "ProtocolComplex",
    "Table",
    "Views",
    "after_rounds",
    "all_inputs",
    "anonymous_complex",
    "barycentric_complex",
    "betti_numbers",
    "cliques_of",
    "homology",
    "input_complex",
    "is_simplicial",
    "one_round",
    "one_round_complex",
    "ordered_partitions",
    "smith_divisors",
    "subdivide",
    "view_pairs",
]
