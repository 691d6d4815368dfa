"""Exhaustive bounded model checking of shared-memory protocols (specification A7).

`check` decides whether a protocol solves a task, for all inputs, schedules and crashes. Its layers,
from below: local states of a program (`local_state`, `machine`), global states as integers and
their steps (`state_encoding`, `step_tables`), the search (`engine`, `numba_search`), reductions
(`ample`, `symmetry`), and what is shown to people (`shortest`, `swimlanes`, `promela`).
"""

from agreement.explore.check import check, check_inputs
from agreement.explore.machine import Machine
from agreement.explore.promela import SpinResult, promela, run_spin
from agreement.explore.report import Counterexample, Options, Report
from agreement.explore.state_encoding import Judge
from agreement.explore.swimlanes import swimlanes, swimlanes_svg
from agreement.verdict import Verdict

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
