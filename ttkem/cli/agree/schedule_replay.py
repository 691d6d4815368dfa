"""Replay one schedule in the simulator: ``ttkem agree run --schedule``."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING

from agreement.explore import Options, swimlanes_svg
from agreement.explore.environment import Environment
from agreement.explore.replay import confirmed, require_unchanged
from agreement.explore.watchdog import Watchdog
from agreement.memory import Run, Simulation, parse_schedule
from ttkem.cli.agree.diagram import print_run
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import console
from ttkem.cli.status import HOLDS, REFUTED
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

    from agreement.memory import Program, Schedule
    from ttkem.cli.agree.selection import Selection

__all__ = ["replay_schedule"]

SECONDS = Options().seconds
"""The time after which a process that takes no step is given up."""


def replay_schedule(
    selection: Selection, inputs: str | None, schedule: str, *, out: Path | None, json: bool
) -> int:
    """Replay one schedule, print the run and its outputs, and return the exit status."""
    if inputs is None:
        raise LocalError("--schedule replays a run from given inputs: give --inputs too")
    vector = selection.inputs(inputs)
    run = _replayed(selection.program, vector, parse_schedule(schedule))
    objection = selection.task.objection(vector, run.outputs, run.participants)
    screen = console(json=json)
    print_run(screen, selection, run)
    if out is not None:
        save_and_report(screen, out, {"run.svg": swimlanes_svg(run, selection.label)})
    outputs = selection.labels(run.outputs)
    if json:
        print(json_text.dumps({"outputs": outputs, "objection": objection}))
    else:
        shown = " ".join("-" if o is None else o for o in outputs)
        screen.print(f"outputs: {shown}", markup=False, soft_wrap=True)
        decided = any(out is not None for out in run.outputs)
        verdict = "valid, and in agreement" if decided else "nobody has decided yet"
        screen.print(objection or verdict, style="bold red" if objection else "", markup=False)
    return REFUTED if objection else HOLDS


def _replayed(program: Program, vector: tuple[int, ...], schedule: Schedule) -> Run:
    """Return the run. Raise ProgramError if a process computes for too long without a step.

    Raise ImpureProgramError if the program changes what all processes share, or if the same
    schedule gives another run the second time.
    """
    environment = Environment(program)
    with Watchdog(SECONDS) as watchdog:
        watchdog.begin()
        simulation = Simulation(program, vector)
        for block in schedule:
            watchdog.begin()
            simulation.step(block)
        require_unchanged(environment)
        watchdog.begin()
        confirmed(program, simulation.run())
        watchdog.end()
    return simulation.run()
