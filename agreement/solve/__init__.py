"""Decide whether approximate agreement on a graph is wait-free solvable, and in how many rounds.

`decide` gives an answer with certificates. `certificate_checker.check` accepts or refuses these
without using any other code of this package. The `Tables` of an answer run as a protocol
(`agreement.protocols.synthesised`).
"""

from agreement.solve.atlas import Atlas, answer_all, graphs, load_atlas
from agreement.solve.certificate_checker import RefusedError
from agreement.solve.certificate_checker import check as check_certificate
from agreement.solve.certificate_checker import read as read_certificate
from agreement.solve.deciding import Decision, Limits, Solvability, decide, refute_rounds
from agreement.solve.sperner import Triangulation, rainbow_triangles, subdivided_polygon

__all__ = [
    "Atlas",
    "Decision",
    "Limits",
    "RefusedError",
    "Solvability",
    "Triangulation",
    "answer_all",
    "check_certificate",
    "decide",
    "graphs",
    "load_atlas",
    "rainbow_triangles",
    "read_certificate",
    "refute_rounds",
    "subdivided_polygon",
]
