"""Tasks unsolvable in any number of rounds: certificates that there is no chain map.

By `agreement.solve.obstruction` (in prose; claim chain-map checks its steps in a few cases) a
protocol for n processes, with any number of rounds, gives a solution of a linear system over every
Z/m. A certificate lists factors for equations of the system, with which their left sides add up to
0 and their right sides do not. Both certificate checkers build these equations anew from the graph
and add them up. Only they and the theorem must be trusted, not the linear algebra that found the
factors.

The claim also checks that related tasks, with a chord more or a process less, are solvable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.graph import (
    Graph,
    complete_bipartite,
    cycle,
    grid,
    hypercube,
    octahedron,
    triangular_grid,
)
from agreement.graph.examples import DIAMOND
from agreement.solve import RefusedError, Solvability, check_certificate, decide
from agreement.solve.certificates import by_obstruction
from agreement.solve.obstruction import find_obstruction
from agreement.task import Task
from agreement.verdict import Verdict
from ttkem.verification.claim import Claim, Finding, Kind, Refutes, Tick, refuted, together

if TYPE_CHECKING:
    from agreement.solve.certificates import Document

CASES: tuple[tuple[str, Graph, int], ...] = (
    *((f"C{length}", cycle(length), 3) for length in range(4, 13)),
    ("K2,3", complete_bipartite(2, 3), 3),
    ("grid 2x3", grid(2, 3), 3),
    ("cube", hypercube(3), 3),
    ("triangular grid of side 3", triangular_grid(3), 3),
    ("octahedron", octahedron(3), 4),
    ("K2,2,2,2", octahedron(4), 5),
)
SOLVABLE: tuple[tuple[str, Graph, int], ...] = (
    ("C4", cycle(4), 2),
    ("C4 with a chord", DIAMOND, 3),
    ("octahedron", octahedron(3), 3),
)


def certificate(graph: Graph, count: int) -> Document | None:
    """Return the certificate of an obstruction, or None if none is found."""
    task = Task(graph)
    found = find_obstruction(task, count)
    return None if found is None else by_obstruction(task, count, found)


def accepted(name: str, document: Document | None) -> Finding:
    """Check that there is a certificate, and that both checkers accept it."""
    if document is None:
        return refuted(f"{name}: no certificate")
    try:
        check_certificate(document)
    except RefusedError as error:
        return refuted(f"{name}: rejected: {error}", refutes=Refutes.CERTIFICATE)
    factors = len(document["proof"]["factors"])
    return Finding(Verdict.HOLDS, (("certificates", 1), ("factors", factors)))


def solvable(name: str, graph: Graph, count: int) -> Finding:
    """Check that there is no obstruction, and that both checkers accept a protocol."""
    decision = decide(Task(graph), count)
    if certificate(graph, count) or decision.verdict is not Solvability.SOLVABLE:
        return refuted(f"{name}, n = {count}: not solvable")
    for document in decision.certificates:
        check_certificate(document)
    return Finding(Verdict.HOLDS, (("solvable neighbours", 1),))


def _check(tick: Tick) -> Finding:
    found = []
    for name, graph, count in CASES:
        tick(f"{name}, n = {count}")
        found.append(accepted(name, certificate(graph, count)))
    return together([*found, *(solvable(*case) for case in SOLVABLE)])


def with_another_modulus(document: Document) -> Document:
    """Return the certificate with its modulus changed by 1: the unknowns no longer cancel out."""
    proof = document["proof"]
    return document | {"proof": proof | {"modulus": proof["modulus"] + 1}}


def _refute(tick: Tick) -> Finding:
    tick("C5, another modulus")
    found = certificate(cycle(5), 3)
    return accepted("C5", None if found is None else with_another_modulus(found))


CLAIM = Claim(
    name="obstructions",
    statement="there is no chain map carried by D, hence, by a theorem in prose, no protocol in "
    "any number of rounds: C4 to C12, K2,3, the grid 2x3, the cube and the triangular grid of side "
    "3 for 3 processes, the octahedron for 4, K2,2,2,2 for 5",
    source="agreement.solve.obstruction [D]; Alistarh, Ellen, Rybicki, TCS 2023 for cycles",
    bound="these graphs and numbers of processes, geodesic validity; more processes and every "
    "number of rounds by the theorem",
    check=_check,
    twin="a certificate for C5 with its modulus changed",
    refute=_refute,
    refutes=Refutes.CERTIFICATE,
    kind=Kind.CERTIFICATE,
    trusts="the two checkers of certificates, of which one is enough; the theorem of "
    "agreement.solve.obstruction, which is in prose: claim chain-map checks its steps in a few "
    "cases only",
)
