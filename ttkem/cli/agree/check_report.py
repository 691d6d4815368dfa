"""Print what the explicit-state checker found: a table for people, or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from agreement.explore import Verdict
from agreement.memory import format_schedule
from ttkem.cli.agree.diagram import print_run
from ttkem.cli.screen import counted

if TYPE_CHECKING:
    from rich.console import Console

    from agreement.explore import Report, SpinResult
    from ttkem.cli.agree.selection import Selection

__all__ = ["document", "print_report"]

MOST_OUTCOMES = 12


def document(
    selection: Selection, report: Report, spin: SpinResult | None, seconds: float
) -> dict[str, object]:
    """Return the report as a JSON document."""
    example = report.counterexample
    return {
        "protocol": selection.name,
        "processes": selection.count,
        "validity": selection.task.validity,
        "verdict": report.verdict.value,
        "inputs": report.inputs,
        "explored": report.explored,
        "states": report.states,
        "transitions": report.transitions,
        "levels": report.levels,
        "step_complexity": report.step_complexity,
        "outcomes": [selection.labels(outcome) for outcome in sorted(report.outcomes)],
        "notes": list(report.notes),
        "limit": report.limit,
        "seconds": round(seconds, 3),
        "spin": None
        if spin is None
        else {
            "states": spin.states,
            "transitions": spin.transitions,
            "errors": spin.errors,
            "seconds": spin.seconds,
        },
        "counterexample": None
        if example is None
        else {
            "inputs": selection.labels(example.inputs),
            "schedule": format_schedule(example.schedule),
            "loop": format_schedule(example.loop),
            "outputs": selection.labels(example.run.outputs),
            "what": example.what,
        },
    }


def print_report(
    screen: Console,
    selection: Selection,
    report: Report,
    total: int,
    spin: SpinResult | None,
    seconds: float,
) -> None:
    """Print a report on ``total`` input vectors, and the counterexample if there is one."""
    table = Table(show_header=False)
    rounds = (
        "" if selection.protocol is None else f", {counted(selection.protocol.rounds, 'round')}"
    )
    processes = counted(selection.count, "process", "processes")
    table.add_row("protocol", f"{selection.name}{rounds}, {processes}")
    table.add_row("verdict", f"[bold]{report.verdict.value}[/]")
    searched = f"{report.inputs:,}, of which {report.explored:,} were searched"
    if report.verdict is Verdict.REFUTED and report.inputs < total:
        searched = f"{report.inputs:,} of {total:,}, stopped at the first violation"
    table.add_row("inputs", searched)
    table.add_row("states", f"{report.states:,}")
    table.add_row("transitions", f"{report.transitions:,}")
    table.add_row(
        "step complexity",
        "-" if report.step_complexity is None else f"at most {report.step_complexity}",
    )
    outcomes = sorted(report.outcomes)
    shown = ["(" + " ".join(map(selection.label, o)) + ")" for o in outcomes[:MOST_OUTCOMES]]
    more = "" if len(outcomes) <= MOST_OUTCOMES else " ..."
    table.add_row("outcomes", f"{len(outcomes):,}: {' '.join(shown)}{more}")
    if spin is not None:
        table.add_row(
            "SPIN",
            f"{counted(spin.states, 'state')}, {counted(spin.errors, 'error')}, {spin.seconds} s",
        )
    for note in report.notes if report.verdict is not Verdict.IMPURE else ():
        table.add_row("note", escape(note))
    if report.limit is not None:
        table.add_row("limit", f"stopped at {counted(report.limit, 'state')} for one input vector")
    table.add_row("seconds", f"{seconds:.1f}")
    screen.print(table)
    if report.verdict is Verdict.IMPURE:
        for note in report.notes:
            screen.print(note, style="bold red", markup=False, soft_wrap=True)
    example = report.counterexample
    if example is not None:
        screen.print(example.what, style="bold red", markup=False, soft_wrap=True)
        lines = [
            f"inputs:   {' '.join(map(selection.label, example.inputs))}",
            f"schedule: {format_schedule(example.schedule)}",
        ]
        if example.loop:
            lines.append(f"for ever: {format_schedule(example.loop)}")
        for line in lines:
            screen.print(line, markup=False, highlight=False, soft_wrap=True)
        print_run(screen, selection, example.run)
