"""A decision is compared with a second method wherever there is one; the two must agree.

The formula of a small number of rounds is decided by CaDiCaL and by z3, and compared with the
decision. Where the graph retracts to a cycle, Sperner's lemma must agree with linear algebra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.errors import AgreementError
from agreement.solve.carrier_lists import Neighbourhoods, carrier_lists
from agreement.solve.deciding import Solvability
from agreement.solve.formula import cadical, formula_of, z3_agrees
from agreement.solve.sperner import retraction_to_cycle
from agreement.topology.anonymous import anonymous_complex
from agreement.wording import counted

if TYPE_CHECKING:
    from agreement.solve.deciding import Decision

__all__ = ["compare"]

_THREE = 3


def compare(decision: Decision, rounds: int = 1, seconds: float = 60.0) -> list[str]:
    """Compare a decision with other methods and return a line for each comparison.

    The formula is that of anonymous views with `rounds` rounds; z3 has `seconds` seconds for it.
    Raise AgreementError if two methods disagree.
    """
    task, count = decision.task, decision.count
    complex_ = anonymous_complex(task.graph.order, count, rounds)
    lists = carrier_lists(task, complex_.seen)
    formula = formula_of(Neighbourhoods(task.graph).near, lists, complex_.edges)
    answer = cadical(formula)
    said = []
    agree = z3_agrees(formula, answer, seconds)
    if agree is False:
        raise AgreementError(f"z3 and CaDiCaL disagree on {counted(rounds, 'round')}")
    word = "a map" if answer.satisfiable else "no map"
    also = "CaDiCaL and z3" if agree else "CaDiCaL"
    said.append(f"{counted(rounds, 'round')} of anonymous views: {word} ({also})")
    if answer.satisfiable and (
        decision.verdict is Solvability.UNSOLVABLE or (decision.refuted or 0) >= rounds
    ):
        raise AgreementError(
            f"SAT finds a map with {counted(rounds, 'round')}, but one was refuted"
        )
    if not answer.satisfiable and decision.rounds is not None and decision.rounds <= rounds:
        raise AgreementError(
            f"SAT finds no map with {counted(rounds, 'round')}, but there is a protocol"
        )
    if count >= _THREE and retraction_to_cycle(task.graph) is not None:
        if decision.verdict is not Solvability.UNSOLVABLE:
            raise AgreementError("Sperner's lemma says unsolvable, but the decision does not")
        said.append("it retracts to a cycle: unsolvable by Sperner's lemma too")
    return said
