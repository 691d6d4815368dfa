"""Averaging on small chordal graphs: all pairs of values that processes can hold in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.graph import chordal, complete, path, sun
from agreement.graph.examples import DIAMOND
from agreement.protocols.averaging import proved_rounds
from agreement.protocols.rounding import Rounding
from agreement.protocols.subdivision import find_violation, values_after
from agreement.task import VALIDITIES, Task
from agreement.verdict import Verdict
from agreement.wording import counted
from ttkem.verification.claim import Claim, Finding, Refutes, Tick, refuted, together

if TYPE_CHECKING:
    from agreement.graph import Graph

GRAPHS = {"K3": complete(3), "P4": path(4), "diamond": DIAMOND, "3-sun": sun(3)}
ROUNDS = {"K3": 0, "P4": 3, "diamond": 1, "3-sun": 3}
"""The fewest rounds that the complete check accepts; the proof needs 6."""


def faultless(graph: Graph, rounds: int, tick: Tick) -> Finding:
    """Check that values held in one run of `rounds` rounds are rounded to valid outputs."""
    if not chordal(graph):
        raise AssertionError("the claim is about chordal graphs only")
    values = values_after(3, rounds)
    for validity in VALIDITIES:
        tick(
            f"{counted(graph.order, 'vertex', 'vertices')}, {counted(rounds, 'round')}, {validity}"
        )
        fault = find_violation(Rounding(Task(graph, validity), 3), values)
        if fault is not None:
            text = f"{validity}: inputs {fault.inputs}, values {fault.values} give {fault.outputs}"
            return refuted(text, (("points", len(values.points)),))
    pairs = len(values.neighbours) * len(VALIDITIES)
    return Finding(Verdict.HOLDS, (("points", len(values.points)), ("pairs", pairs)))


def _check(tick: Tick) -> Finding:
    proved = {name: proved_rounds(Rounding(Task(graph), 3)) for name, graph in GRAPHS.items()}
    asked = [(GRAPHS[name], rounds) for name in GRAPHS for rounds in (ROUNDS[name], proved[name])]
    return together(faultless(graph, rounds, tick) for graph, rounds in asked)


def _refute(tick: Tick) -> Finding:
    return faultless(GRAPHS["P4"], ROUNDS["P4"] - 1, tick)


CLAIM = Claim(
    name="averaging-3",
    statement="3 processes agree on four chordal graphs by averaging, under all four validities, "
    "in the number of rounds of the protocol's proof and in the fewest that the check accepts",
    source="agreement.protocols.averaging [D]",
    bound="K3, P4, K4 minus an edge, 3-sun; n = 3, all inputs, all pairs of values held in one run",
    check=_check,
    twin="P4 takes one round fewer",
    refute=_refute,
    refutes=Refutes.STATEMENT,
    trusts="agreement.protocols.subdivision: the values that processes can hold in one run",
)
