"""Run a protocol on processes that are killed at random: ``ttkem agree run --on processes``."""

from __future__ import annotations

import json as json_text
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.table import Table

from agreement.memory.stress import Stress, StressReport, stress
from ttkem.cli.screen import console, counted, progress
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    import random

    from ttkem.cli.agree.selection import Selection

__all__ = ["run_stress"]

MOST_VIOLATIONS = 12


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draw inputs at random; a class, because it is sent to other processes."""

    order: int
    count: int

    def __call__(self, rng: random.Random) -> tuple[int, ...]:
        return tuple(rng.randrange(self.order) for _ in range(self.count))


def run_stress(selection: Selection, operations: int, seed: int, *, json: bool) -> int:
    """Run real processes that are killed at random, print what was judged; return the status."""
    if selection.protocol is None:
        raise LocalError("--on processes runs the protocols of this package: omit --program")
    protocol = selection.protocol
    arrays, bound = max(1, protocol.rounds), protocol.register_steps
    plan = Stress(selection.program, selection.count, arrays, bound)
    screen = console(json=json)
    began = time.perf_counter()
    seen = [StressReport(seed)]
    interrupted = False
    with progress(screen) as bar:

        def show(report: StressReport) -> None:
            seen.append(replace(report, violations=[*report.violations]))
            bar(report.operations, operations, counted(report.kills, "kill"))

        try:
            stress(
                plan,
                _Draw(selection.task.graph.order, selection.count),
                selection.task.objection,
                operations=operations,
                seed=seed,
                progress=show,
            )
        except KeyboardInterrupt:
            interrupted = True
    report = seen[-1]
    figures = {
        "seed": seed,
        "operations": report.operations,
        "instances": report.instances,
        "kills": report.kills,
        "crashed": report.crashed,
        "overlapping": report.overlapping,
        "most_steps": report.most_steps,
        "deadlocks": report.deadlocks,
        "violations": report.violations,
        "interrupted": interrupted,
        "seconds": round(time.perf_counter() - began, 3),
    }
    if json:
        print(json_text.dumps(figures))
    else:
        table = Table(show_header=False)
        for name, figure in figures.items():
            if name not in {"violations", "interrupted"}:
                table.add_row(name.replace("_", " "), f"{figure:,}")
        screen.print(table)
        screen.print(counted(len(report.violations), "violation"))
        for text in report.violations[:MOST_VIOLATIONS]:
            screen.print(text, style="bold red", markup=False, soft_wrap=True)
        if interrupted:
            judged = counted(report.operations, "operation")
            screen.print(f"interrupted: {judged} of {operations:,} were judged")
    if report.violations:
        return REFUTED
    return UNKNOWN if interrupted else HOLDS
