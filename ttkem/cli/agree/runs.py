"""Run a protocol in the simulator or on threads, many times: ``ttkem agree run``."""

from __future__ import annotations

import json as json_text
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreement.explore import Options, swimlanes_svg
from agreement.explore.environment import Environment
from agreement.explore.replay import confirmed, require_unchanged
from agreement.explore.watchdog import Watchdog
from agreement.memory import Run, Simulation, format_schedule
from agreement.memory.schedulers import SCHEDULERS, drive
from agreement.memory.threads import run_threads
from ttkem.cli.agree.diagram import print_run
from ttkem.cli.files import save_and_report
from ttkem.cli.screen import console, counted, progress
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rich.console import Console

    from agreement.memory import Block, Value
    from agreement.memory.schedulers import DrivenRun, Scheduler
    from ttkem.cli.agree.selection import Selection

__all__ = ["Plan", "run_many"]

STEPS = 1_000_000
SECONDS = Options().seconds
"""The time after which a process that takes no step is given up."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a command: `runs` runs, whose seeds count up from `seed`.

    `scheduler` is None for threads. A run in the simulator takes at most `limit` steps; None means
    a million, or more if the protocol is proved to take more.
    """

    runs: int
    scheduler: str | None
    seed: int
    crashes: bool
    limit: int | None


@dataclass(slots=True)
class _Tally:
    """Totals of the runs so far; `vector`, `outputs` and `run` belong to the last one."""

    environment: Environment
    done: int = 0
    steps: int = 0
    crashed: int = 0
    apart: set[int] = field(default_factory=set)
    vector: tuple[int, ...] = ()
    outputs: tuple[Value, ...] = ()
    run: Run | None = None
    objection: str | None = None
    cut: str | None = None

    @property
    def status(self) -> int:
        """The exit status."""
        if self.objection is not None:
            return REFUTED
        return HOLDS if self.cut is None else UNKNOWN


def run_many(
    selection: Selection, inputs: str | None, plan: Plan, *, out: Path | None, json: bool
) -> int:
    """Run until a run goes wrong or is cut short, print the totals, and return the exit status."""
    if plan.scheduler is not None and plan.scheduler not in SCHEDULERS:
        raise LocalError(f"--scheduler {plan.scheduler!r}: choose from {', '.join(SCHEDULERS)}")
    fixed = None if inputs is None else selection.inputs(inputs)
    screen = console(json=json)
    began = time.perf_counter()
    tally = _Tally(Environment(selection.program))
    with progress(screen) as bar:
        for number in range(plan.runs):
            seed = plan.seed + number

            def tick(taken: int, number: int = number, seed: int = seed) -> None:
                bar(number, plan.runs, f"seed {seed}: {counted(taken, 'step')}")

            tick(0)
            try:
                _add_run(tally, selection, fixed, plan, seed, tick)
                if tally.objection is not None and tally.run is not None:
                    confirmed(selection.program, tally.run)
            except KeyboardInterrupt:
                tally.cut = "interrupted"
            finally:
                require_unchanged(tally.environment)
            if tally.status != HOLDS:
                break
    seconds = round(time.perf_counter() - began, 3)
    run = tally.run
    if out is not None and run is not None:
        save_and_report(screen, out, {"run.svg": swimlanes_svg(run, selection.label)})
    if json:
        print(json_text.dumps(_document(selection, plan, tally, seconds)))
    else:
        _print_runs(screen, selection, plan, tally, seconds)
    return tally.status


def _add_run(
    tally: _Tally,
    selection: Selection,
    fixed: tuple[int, ...] | None,
    plan: Plan,
    seed: int,
    tick: Callable[[int], None],
) -> None:
    """Add one run to the totals, or the reason why it was cut short."""
    rng = random.Random(seed)  # noqa: S311 - workloads, no secrets
    order = selection.task.graph.order
    vector = fixed or tuple(rng.randrange(order) for _ in range(selection.count))
    stops = _stops(selection, rng) if plan.crashes else {}
    if plan.scheduler is None:
        outputs, run = run_threads(selection.program, vector, crash_after=stops), None
    else:
        most = plan.limit or max(STEPS, selection.count * (selection.bound or 0))
        driven = _driven(selection, vector, SCHEDULERS[plan.scheduler](seed), stops, most, tick)
        if not driven.finished:
            tally.cut = f"not over after {counted(most, 'step')}"
            return
        outputs, run = driven.run.outputs, driven.run
        tally.steps += len(run.events)
    idle = {p for p, after in stops.items() if after == 0 and outputs[p] is None}
    present = frozenset(range(selection.count)) - idle
    tally.objection = selection.task.objection(vector, outputs, present)
    tally.vector, tally.outputs, tally.run = vector, outputs, run
    tally.done += 1
    tally.crashed += sum(output is None for output in outputs)
    tally.apart |= _distances(selection, outputs)


def _document(selection: Selection, plan: Plan, tally: _Tally, seconds: float) -> dict[str, object]:
    run = tally.run
    return {
        "seed": plan.seed,
        "runs": tally.done,
        "steps": None if run is None else tally.steps,
        "crashed": tally.crashed,
        "distances": sorted(tally.apart),
        "objection": tally.objection,
        "cut": tally.cut,
        "inputs": selection.labels(tally.vector),
        "outputs": selection.labels(tally.outputs),
        "schedule": None if run is None else format_schedule(run.schedule),
        "seconds": seconds,
    }


def _print_runs(
    screen: Console, selection: Selection, plan: Plan, tally: _Tally, seconds: float
) -> None:
    run = tally.run
    if run is not None and (plan.runs == 1 or tally.objection is not None):
        print_run(screen, selection, run)
    taken = "" if run is None else f"{counted(tally.steps, 'step')}, "
    screen.print(
        f"{counted(tally.done, 'run')} with seeds from {plan.seed}: {taken}"
        f"{counted(tally.crashed, 'process', 'processes')} crashed, outputs at "
        f"distance {', '.join(map(str, sorted(tally.apart))) or '-'}; {seconds} s",
        soft_wrap=True,
    )
    if tally.cut is not None:
        cut = f"seed {plan.seed + tally.done}: {tally.cut}: nothing is known of this run"
        screen.print(cut, style="bold red", soft_wrap=True)
    if tally.objection is not None:
        words = f"seed {plan.seed + tally.done - 1}: {tally.objection}"
        screen.print(words, style="bold red", markup=False, soft_wrap=True)
        lines = [f"inputs: {' '.join(map(selection.label, tally.vector))}"]
        if run is not None:
            lines.append(f"schedule: {format_schedule(run.schedule)}")
        for line in lines:
            screen.print(line, markup=False, highlight=False, soft_wrap=True)


def _driven(
    selection: Selection,
    vector: tuple[int, ...],
    scheduler: Scheduler,
    stops: dict[int, int],
    limit: int,
    tick: Callable[[int], None],
) -> DrivenRun:
    """Return a simulated run. Raise StuckError if a process computes too long without a step."""
    with Watchdog(SECONDS) as watchdog:

        def next_block(alive: Sequence[int], simulation: Simulation) -> Block:
            watchdog.begin()  # each step has its own time
            return scheduler(alive, simulation)

        watchdog.begin()
        simulation = Simulation(selection.program, vector)
        driven = drive(simulation, next_block, crashes=stops, limit=limit, progress=tick)
        watchdog.end()
    return driven


def _stops(selection: Selection, rng: random.Random) -> dict[int, int]:
    """Draw some processes, never all, and after how many of its steps each one stops."""
    most = selection.bound or 2 * selection.count
    some = rng.sample(range(selection.count), rng.randrange(selection.count))
    return {p: rng.randrange(most + 1) for p in some}


def _distances(selection: Selection, outputs: Sequence[Value]) -> set[int]:
    """Return the distances between the outputs that are vertices."""
    graph = selection.task.graph
    decided = sorted({v for v in outputs if isinstance(v, int) and 0 <= v < graph.order})
    return {graph.distance(u, v) for u in decided for v in decided if u <= v}
