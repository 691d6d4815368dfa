"""Decide whether approximate agreement on a graph is wait-free solvable, and in how many rounds.

`decide` gives an answer with certificates. `check_certificate` asks two checkers, which use no
other code of this package and share none; what one of them refuses proves nothing. The `Tables` of
an answer run as a protocol (`agreement.protocols.synthesised`).
"""

from agreement.solve.atlas import Atlas, answer_all, graphs, load_atlas
from agreement.solve.certificate_checker import RefusedError
from agreement.solve.deciding import Decision, Limits, Solvability, decide, refute_rounds
from agreement.solve.sperner import Triangulation, rainbow_triangles, subdivided_polygon
from agreement.solve.two_checkers import (
    CheckersDisagreeError,
    ask_both_checkers,
    check_certificate,
    check_certificate_text,
)

__all__ = [
    "Atlas",
    "CheckersDisagreeError",
    "Decision",
    "Limits",
    "RefusedError",
    "Solvability",
    "Triangulation",
    "answer_all",
    "ask_both_checkers",
    "check_certificate",
    "check_certificate_text",
    "decide",
    "graphs",
    "load_atlas",
    "rainbow_triangles",
    "refute_rounds",
    "subdivided_polygon",
]
