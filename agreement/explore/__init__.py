"""Exhaustive bounded model checking of shared-memory protocols (specification A7).

`check` asks whether a protocol solves a task: all inputs, all schedules, all crashes. Its layers,
from below: local states of a program (`local_state`, `machine`), whole states as integers
(`packing`, `tables`), the search (`engine`; `compiled`), reductions (`ample`, `symmetry`), and what
is shown to people (`shortest`, `swimlanes`, `promela`).
"""

from agreement.explore.check import (
    Counterexample,
    Options,
    Report,
    Verdict,
    check,
    check_inputs,
)
from agreement.explore.machine import Machine
from agreement.explore.promela import SpinResult, promela, run_spin
from agreement.explore.state_encoding import Judge
from agreement.explore.swimlanes import swimlanes, swimlanes_svg

__all__ = [
    "Counterexample",
    "Judge",
    "Machine",
    "Options",
    "Report",
    "SpinResult",
    "Verdict",
    "check",
    "check_inputs",
    "promela",
    "run_spin",
    "swimlanes",
    "swimlanes_svg",
]
