"""Certificates as JSON documents, one for each claim, for `certificate_checker` to check.

`docs/certificate-format.md` defines the format. It fixes the order of all entries, and allows none
that the proof does not use.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeAlias

from agreement.solve.certificate_checker import FORMAT
from agreement.solve.refutation_formula import Numbering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.protocols.synthesised import Tables
    from agreement.solve.consistency import Removal
    from agreement.solve.dismantling import Dismantlings
    from agreement.solve.obstruction import Obstruction
    from agreement.solve.refutation_formula import NamedFormula
    from agreement.task import Task
    from agreement.topology.rounds import ProtocolComplex

__all__ = [
    "Document",
    "by_consistency",
    "by_dismantling",
    "by_obstruction",
    "by_protocol",
    "by_refutation",
]

Document: TypeAlias = dict[str, Any]


def _document(
    task: Task, count: int, claim: str, rounds: int | None, proof: dict[str, Any]
) -> Document:
    return {
        "format": FORMAT,
        "graph": {"vertices": task.graph.order, "edges": [list(edge) for edge in task.graph.edges]},
        "validity": task.validity,
        "processes": count,
        "claim": claim,
        "rounds": rounds,
        "proof": proof,
    }


def by_dismantling(task: Task, count: int, found: Dismantlings) -> Document:
    """Return the certificate of solvability by carriers that are dismantled."""
    carriers = [
        [list(it.inputs), list(it.carrier), [list(step) for step in it.steps]] for it in found
    ]
    proof = {"kind": "contractible carriers", "carriers": carriers}
    return _document(task, count, "solvable", None, proof)


def by_protocol(task: Task, count: int, tables: Tables) -> Document:
    """Return the certificate of solvability in the number of rounds that the tables have."""
    proof = {
        "kind": "decision protocol",
        "tables": [
            sorted([own, list(seen), new] for (own, seen), new in zip(views, numbers, strict=True))
            for views, numbers in zip(tables.views, tables.numbers, strict=True)
        ],
    }
    return _document(task, count, "solvable", tables.rounds, proof)


def by_obstruction(task: Task, count: int, found: Obstruction) -> Document:
    """Return the certificate of unsolvability by an obstruction to a chain map."""
    ordered = sorted(found.factors, key=lambda it: (len(it[1]), *it[1:]))
    factors = [[factor, list(inputs), list(face)] for factor, inputs, face in ordered]
    proof = {"kind": "chain map obstruction", "modulus": found.modulus, "factors": factors}
    return _document(task, count, "unsolvable", None, proof)


def by_consistency(
    task: Task, count: int, stages: Sequence[ProtocolComplex], removals: Sequence[Removal]
) -> Document:
    """Return the certificate of unsolvability in `len(stages)` rounds by arc consistency."""
    numbering = Numbering(stages)
    steps = [
        [numbering.view(step.vertex), step.value, numbering.view(step.because)] for step in removals
    ]
    proof = {"kind": "arc consistency", "views": numbering.views, "removals": steps}
    return _document(task, count, "not solvable", len(stages), proof)


def without_rounds(task: Task, count: int, apart: tuple[int, int]) -> Document:
    """Return the certificate that 0 rounds are too few: two inputs neither adjacent nor equal."""
    views = [[0, apart[0]], [1, apart[1]]]
    proof = {"kind": "arc consistency", "views": views, "removals": [[0, apart[0], 1]]}
    return _document(task, count, "not solvable", 0, proof)


def by_refutation(task: Task, count: int, formula: NamedFormula, drat: Sequence[str]) -> Document:
    """Return the certificate of unsolvability in some rounds by a refuted formula.

    `drat` has the lines of a DRAT proof of it.
    """
    numbering = Numbering(formula.stages)
    numbers = [numbering.view(vertex) for vertex in formula.vertices]
    edges = sorted(sorted([numbers[u], numbers[v]]) for u, v in formula.edges.tolist())
    proof = {
        "kind": "propositional refutation",
        "views": numbering.views,
        "edges": edges,
        "drat": _up_to_the_empty_clause(drat),
    }
    return _document(task, count, "not solvable", len(formula.stages), proof)


def _up_to_the_empty_clause(drat: Sequence[str]) -> list[str]:
    """Return the added clauses up to the empty one; the checker accepts no deletions."""
    added = (" ".join(line.split()) for line in drat if not line.startswith("d"))
    return [*takewhile(lambda line: line != "0", added), "0"]
