"""Simplicial complexes: of graphs, of the views of processes; subdivisions and homology.

Small ones that one can look at (`Complex`, `Chromatic`), and those of all inputs at once in arrays,
plain (`after_rounds`) and anonymous (`anonymous_complex`, `barycentric_complex`).
"""

from agreement.topology.anonymous import (
    Anonymous,
    Table,
    anonymous_complex,
    barycentric_complex,
)
from agreement.topology.complexes import (
    Chromatic,
    Complex,
    cliques_of,
    input_complex,
    is_simplicial,
    one_round_complex,
    subdivide,
)
from agreement.topology.homology import betti_numbers, homology, smith_divisors
from agreement.topology.one_round import one_round, ordered_partitions, view_pairs
from agreement.topology.rounds import Stage, Views, after_rounds, all_inputs

__all__ = [
    "Anonymous",
    "Chromatic",
    "Complex",
    "Stage",
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
