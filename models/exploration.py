"""Findings of the explicit-state checker, for the bounded claims about shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.explore import Options, check, check_inputs, swimlanes
from agreement.memory import format_schedule
from agreement.verdict import Verdict
from ttkem.verification.claim import Finding, Refutes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agreement.explore import Counterexample, Judge, Report
    from agreement.memory import Program
    from agreement.protocols import Protocol
    from agreement.task import Task
    from ttkem.verification.claim import Tick

__all__ = ["checked", "checked_from", "explored", "picture"]


def checked(protocol: Protocol, tick: Tick, *, symmetry: bool = False) -> Finding:
    """Check a protocol from all inputs under all schedules, within its own-step bound."""
    bound = protocol.step_complexity
    return explored(protocol.program, protocol.task, protocol.count, bound, tick, symmetry=symmetry)


def explored(
    program: Program,
    task: Task,
    count: int,
    bound: int | None,
    tick: Tick,
    *,
    symmetry: bool = False,
) -> Finding:
    """Check a program from all inputs under all schedules."""

    def progress(done: int, total: int, states: int) -> None:
        tick(f"{done} of {total} inputs, {states:,} states")

    options = Options(symmetry=symmetry, progress=progress)
    report = check(program, task, count, bound=bound, options=options)
    return _finding(report, task.graph.labels)


def checked_from(
    program: Program, inputs: Sequence[int], judge: Judge, bound: int | None = None
) -> Finding:
    """Check a program from one input vector, with any judge."""
    return _finding(check_inputs(program, inputs, judge, bound=bound), ())


def _finding(report: Report, labels: Sequence[str]) -> Finding:
    figures = (
        ("inputs", report.inputs),
        ("states", report.states),
        ("transitions", report.transitions),
        ("outcomes", len(report.outcomes)),
    )
    example = report.counterexample
    if example is not None:
        return Finding(report.verdict, figures, picture(example, labels), Refutes.STATEMENT)
    if report.verdict is Verdict.HOLDS:
        return Finding(report.verdict, figures)
    why = "; ".join(report.notes) or f"stopped at the limit of {report.limit} states"
    return Finding(report.verdict, figures, why)


def picture(example: Counterexample, labels: Sequence[str]) -> str:
    """Draw a counterexample for the terminal."""

    def name(vertex: int) -> str:
        return labels[vertex] if labels else str(vertex)

    schedule = format_schedule(example.schedule)
    return f"{example.what}\nschedule: {schedule}\n{swimlanes(example.run, name)}"
