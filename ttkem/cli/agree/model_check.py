"""Check a protocol with the explicit-state checker: ``ttkem agree check``."""

from __future__ import annotations

import json as json_text
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from agreement.explore import (
    Counterexample,
    Machine,
    Options,
    Report,
    Verdict,
    check_inputs,
    promela,
    run_spin,
    swimlanes_svg,
)
from agreement.explore import check as check_all
from agreement.explore.engine import explore
from agreement.explore.state_encoding import Packing
from agreement.explore.step_tables import Tables
from ttkem.cli.agree.check_report import document, print_report
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import console, progress
from ttkem.cli.status import BAD_USAGE, HOLDS, REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

    from agreement.explore import SpinResult
    from ttkem.cli.agree.selection import Selection

__all__ = ["check"]

STATUS = {
    Verdict.HOLDS: HOLDS,
    Verdict.REFUTED: REFUTED,
    Verdict.UNKNOWN: UNKNOWN,
    Verdict.IMPURE: BAD_USAGE,
}


def check(
    selection: Selection,
    inputs: str | None,
    *,
    bound: int | None,
    options: Options,
    spin: bool,
    out: Path | None,
    json: bool,
) -> int:
    """Check the program, print and write the report, and return the exit status."""
    screen = console(json=json)
    vector = None if inputs is None else selection.inputs(inputs)
    if spin and vector is None:
        raise LocalError("--spin searches from one input vector: give --inputs")
    bound = selection.bound if bound is None else bound
    total = selection.task.graph.order**selection.count if vector is None else 1
    began = time.perf_counter()
    with progress(screen) as bar:

        def show(done: int, total: int, states: int) -> None:
            bar(done, total, f"{states:,} states")

        options = replace(options, progress=show)
        if vector is None:
            bar(0, total, "inputs")
            report = check_all(
                selection.program, selection.task, selection.count, bound=bound, options=options
            )
        else:
            bar(0, 1, "searching")
            judge = selection.task.judge(vector)
            report = check_inputs(selection.program, vector, judge, bound=bound, options=options)
    seconds = time.perf_counter() - began
    files: dict[str, bytes | str] = dict(_drawing(selection, report.counterexample))
    compared = None
    if report.verdict is Verdict.IMPURE:
        spin, out = False, None  # there is no machine to compare, or to write down
    if vector is not None and (spin or out is not None):
        model = _promela_model(selection, vector)
        files |= model
        compared = run_spin(model) if spin else None
    if out is not None:
        save_and_report(screen, out, files)
    if json:
        print(json_text.dumps(document(selection, report, compared, seconds)))
    else:
        print_report(screen, selection, report, total, compared, seconds)
    if compared is not None and not _agrees(report, compared):
        screen.print("SPIN found something else", style="bold red")
        return REFUTED
    return STATUS[report.verdict]


def _agrees(report: Report, spin: SpinResult) -> bool:
    """Return whether SPIN has the same verdict, and the same states if both searched them all."""
    if report.verdict is Verdict.REFUTED:
        return spin.errors > 0
    return spin.errors == 0 and spin.states in {report.states, report.states + 1}


def _promela_model(selection: Selection, vector: tuple[int, ...]) -> dict[str, str]:
    """Return the Promela model of the program, whose steps a full search has to learn first."""
    machine = Machine(selection.program, vector)
    explore(Tables(Packing(machine, 20, 10)), lambda *_: None, limit=1 << 40)
    return promela(machine, selection.task.judge(vector))


def _drawing(selection: Selection, example: Counterexample | None) -> dict[str, str]:
    if example is None:
        return {}
    return {"counterexample.svg": swimlanes_svg(example.run, selection.label)}
