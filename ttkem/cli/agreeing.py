"""What ``ttkem agree`` does, once its options are read."""

from __future__ import annotations

import importlib
import json as json_text
import random
import sys
import time
import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from agreement.explore import (
    Counterexample,
    Machine,
    Options,
    Report,
    Verdict,
    check_inputs,
    promela,
    run_spin,
    swimlanes,
    swimlanes_svg,
)
from agreement.explore import check as check_all
from agreement.explore.watchdog import Patience, StuckError
from agreement.graph import (
    Graph,
    block_graph,
    bridged,
    chordal,
    dismantlable,
    load,
    median,
    ptolemaic,
    to_text,
    tree,
)
from agreement.memory import Run, Simulation, format_schedule, parse_schedule
from agreement.memory.schedulers import SCHEDULERS, drive
from agreement.memory.stress import Stress, StressReport
from agreement.memory.stress import stress as run_processes
from agreement.memory.threads import run_threads
from agreement.protocols import PROTOCOLS, Protocol
from agreement.task import Task
from ttkem.cli.screen import console, counted, progress, write
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from agreement.explore import SpinResult
    from agreement.graph import Certificate
    from agreement.memory import Block, Program, Schedule, Value
    from agreement.memory.schedulers import Driven, Scheduler

__all__ = ["Chosen", "Runs", "check", "choose", "describe", "replay", "run_many", "stress"]

STEPS, PATIENCE = 1_000_000, Options().seconds
_SHOWN_OUTCOMES, _SHOWN_EVENTS, _SHOWN_PROCESSES = 12, 120, 6


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be checked or run; `protocol` is None for a program of the user's own."""

    name: str
    task: Task
    count: int
    program: Program
    bound: int | None
    protocol: Protocol | None = None

    def inputs(self, text: str) -> tuple[int, ...]:
        """Inputs as the user writes them: labels of vertices."""
        found = tuple(self.task.graph.vertex(word) for word in text.replace(",", " ").split())
        if len(found) != self.count:
            raise LocalError(f"--inputs: {self.count} vertices are wanted, not {len(found)}")
        return found

    def label(self, vertex: Value) -> str:
        """A vertex as the user calls it; anything else as it is."""
        graph = self.task.graph
        if isinstance(vertex, int) and 0 <= vertex < graph.order:
            return graph.labels[vertex]
        return str(vertex)

    def labels(self, vertices: Sequence[Value]) -> list[str | None]:
        """Likewise, by process; None where there is none."""
        return [None if v is None else self.label(v) for v in vertices]


def choose(
    source: str,
    count: int,
    protocol: str | None,
    program: str | None,
    *,
    form: str | None,
    rounds: int | None,
    validity: str,
) -> Chosen:
    """Make sense of what was asked for. LocalError or AgreementError if there is none."""
    task = Task(load(source), validity)
    if program is not None:
        if protocol is not None or form is not None or rounds is not None:
            raise LocalError("--program goes without --protocol, --form and --rounds")
        return Chosen(program, task, count, _imported(program), None)
    name = protocol or _fitting(task.graph, count)
    if name not in PROTOCOLS:
        raise LocalError(f"--protocol {name!r}: choose from {', '.join(PROTOCOLS)}")
    asked: dict[str, Any] = {} if form is None else {"form": form}
    built = PROTOCOLS[name](task, count, rounds=rounds, **asked)
    return Chosen(name, task, count, built.program, built.own_steps, built)


def _fitting(graph: Graph, count: int) -> str:
    """The protocol with the fewest rounds that fits."""
    if count == 2:  # noqa: PLR2004 - that protocol is for two
        return "thirds"
    if tree(graph):
        return "path" if max(map(graph.degree, range(graph.order))) < 3 else "tree"  # noqa: PLR2004
    return "block" if block_graph(graph) else "average"


def _imported(name: str) -> Program:
    """The program that `FILE.py:NAME` or `MODULE:NAME` is."""
    where, colon, what = name.rpartition(":")
    if not colon:
        raise LocalError(f"--program {name!r}: write FILE.py:NAME or MODULE:NAME")
    file = Path(where)
    folder, module = (file.parent, file.stem) if file.suffix == ".py" else (Path(), where)
    sys.path.insert(0, str(folder.resolve()))
    try:
        found = getattr(importlib.import_module(module), what)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise LocalError(f"--program {name!r}: {error}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's program
        last = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"
        raise LocalError(f"--program {name!r} cannot be imported: {said}") from None
    if not callable(found):
        raise LocalError(f"--program {name!r}: it must be a generator function")
    return found  # type: ignore[no-any-return]


def check(
    chosen: Chosen,
    inputs: str | None,
    *,
    bound: int | None,
    options: Options,
    spin: bool,
    out: Path | None,
    json: bool,
) -> int:
    """Check, print, and say how it ended."""
    screen = console(json=json)
    vector = None if inputs is None else chosen.inputs(inputs)
    if spin and vector is None:
        raise LocalError("--spin searches from one input vector: give --inputs")
    bound = chosen.bound if bound is None else bound
    began = time.perf_counter()
    with progress(screen) as bar:

        def show(done: int, total: int, states: int) -> None:
            bar(done, total, f"{states:,} states")

        options = replace(options, progress=show)
        if vector is None:
            bar(0, chosen.task.graph.order**chosen.count, "inputs")
            report = check_all(
                chosen.program, chosen.task, chosen.count, bound=bound, options=options
            )
        else:
            bar(0, 1, "searching")
            judge = chosen.task.judge(vector)
            report = check_inputs(chosen.program, vector, judge, bound=bound, options=options)
    seconds = time.perf_counter() - began
    files = _drawn(chosen, report.counterexample)
    compared = None
    if vector is not None and (spin or out is not None):
        model = _model(chosen, vector)
        files |= model
        compared = run_spin(model) if spin else None
    if out is not None:
        write(screen, out, dict(files))
    if json:
        print(json_text.dumps(_machine(chosen, report, compared, seconds)))
    else:
        total = chosen.task.graph.order**chosen.count if vector is None else 1
        _print_report(screen, chosen, report, total, compared, seconds)
    if compared is not None and not _agrees(report, compared):
        screen.print("SPIN found something else", style="bold red")
        return REFUTED
    return {Verdict.HOLDS: HOLDS, Verdict.REFUTED: REFUTED, Verdict.UNKNOWN: UNKNOWN}[
        report.verdict
    ]


def _agrees(report: Report, spin: SpinResult) -> bool:
    """SPIN's verdict is ours; and its states are, if both searched everything."""
    if report.verdict is Verdict.REFUTED:
        return spin.errors > 0
    return spin.errors == 0 and spin.states in {report.states, report.states + 1}


def _model(chosen: Chosen, vector: tuple[int, ...]) -> dict[str, str]:
    """The Promela model of the machine, which a full search has to learn first."""
    machine = Machine(chosen.program, vector)
    judge = chosen.task.judge(vector)
    from agreement.explore.engine import explore  # noqa: PLC0415
    from agreement.explore.state_encoding import Packing  # noqa: PLC0415
    from agreement.explore.step_tables import Tables  # noqa: PLC0415

    explore(Tables(Packing(machine, 20, 10)), lambda *_: None, limit=1 << 40)
    return promela(machine, judge)


def _drawn(chosen: Chosen, example: Counterexample | None) -> dict[str, str]:
    if example is None:
        return {}
    return {"counterexample.svg": swimlanes_svg(example.run, chosen.label)}


def _machine(
    chosen: Chosen, report: Report, spin: SpinResult | None, seconds: float
) -> dict[str, object]:
    example = report.counterexample
    return {
        "protocol": chosen.name,
        "processes": chosen.count,
        "validity": chosen.task.validity,
        "verdict": report.verdict.value,
        "inputs": report.inputs,
        "explored": report.explored,
        "states": report.states,
        "transitions": report.transitions,
        "levels": report.levels,
        "own_steps": report.own_steps,
        "outcomes": [chosen.labels(outcome) for outcome in sorted(report.outcomes)],
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
            "inputs": chosen.labels(example.inputs),
            "schedule": format_schedule(example.schedule),
            "loop": format_schedule(example.loop),
            "outputs": chosen.labels(example.run.outputs),
            "what": example.what,
        },
    }


def _print_report(
    screen: Console,
    chosen: Chosen,
    report: Report,
    total: int,
    spin: SpinResult | None,
    seconds: float,
) -> None:
    table = Table(show_header=False)
    rounds = "" if chosen.protocol is None else f", {counted(chosen.protocol.rounds, 'round')}"
    processes = counted(chosen.count, "process", "processes")
    table.add_row("protocol", f"{chosen.name}{rounds}, {processes}")
    table.add_row("verdict", f"[bold]{report.verdict.value}[/]")
    searched = f"{report.inputs:,}, of which {report.explored:,} were searched"
    if report.verdict is Verdict.REFUTED and report.inputs < total:
        searched = f"{report.inputs:,} of {total:,}, stopped at the first violation"
    table.add_row("inputs", searched)
    table.add_row("states", f"{report.states:,}")
    table.add_row("transitions", f"{report.transitions:,}")
    table.add_row("own steps", "-" if report.own_steps is None else f"at most {report.own_steps}")
    outcomes = sorted(report.outcomes)
    shown = ["(" + " ".join(map(chosen.label, o)) + ")" for o in outcomes[:_SHOWN_OUTCOMES]]
    more = "" if len(outcomes) <= _SHOWN_OUTCOMES else " ..."
    table.add_row("outcomes", f"{len(outcomes):,}: {' '.join(shown)}{more}")
    if spin is not None:
        table.add_row(
            "SPIN", f"{spin.states:,} states, {counted(spin.errors, 'error')}, {spin.seconds} s"
        )
    for note in report.notes:
        table.add_row("note", note)
    if report.limit is not None:
        table.add_row("limit", f"stopped at {report.limit:,} states for one input vector")
    table.add_row("seconds", f"{seconds:.1f}")
    screen.print(table)
    example = report.counterexample
    if example is not None:
        screen.print(f"[bold red]{example.what}[/]", soft_wrap=True)
        screen.print(f"inputs:   {' '.join(map(chosen.label, example.inputs))}", highlight=False)
        screen.print(f"schedule: {format_schedule(example.schedule)}", highlight=False)
        if example.loop:
            screen.print(f"for ever: {format_schedule(example.loop)}", highlight=False)
        _print_run(screen, chosen, example.run)


def _print_run(screen: Console, chosen: Chosen, run: Run) -> None:
    """A swim-lane diagram, unless it is too large to read."""
    if len(run.events) <= _SHOWN_EVENTS and chosen.count <= _SHOWN_PROCESSES:
        diagram = swimlanes(run, chosen.label)
        screen.print(diagram, markup=False, highlight=False, soft_wrap=True)


def replay(
    chosen: Chosen, inputs: str | None, schedule: str, *, out: Path | None, json: bool
) -> int:
    """Run one schedule and judge where it leads."""
    if inputs is None:
        raise LocalError("--schedule replays a run from given inputs: give --inputs too")
    vector = chosen.inputs(inputs)
    run = _replayed(chosen.program, vector, parse_schedule(schedule))
    said = chosen.task.objection(vector, run.outputs, run.participants)
    screen = console(json=json)
    _print_run(screen, chosen, run)
    if out is not None:
        write(screen, out, {"run.svg": swimlanes_svg(run, chosen.label)})
    outputs = chosen.labels(run.outputs)
    if json:
        print(json_text.dumps({"outputs": outputs, "objection": said}))
    else:
        screen.print(f"outputs: {' '.join('-' if o is None else o for o in outputs)}")
        decided = any(out is not None for out in run.outputs)
        fine = "valid, and in agreement" if decided else "nobody has decided yet"
        screen.print(said or fine, style="bold red" if said else "")
    return REFUTED if said else HOLDS


def _replayed(program: Program, vector: tuple[int, ...], schedule: Schedule) -> Run:
    with Patience(PATIENCE) as patience:
        patience.begin()
        simulation = Simulation(program, vector)
        for block in schedule:
            patience.begin()
            simulation.step(block)
        patience.end()
    return simulation.run()


@dataclass(frozen=True, slots=True)
class Runs:
    """What is to be run: `runs` runs with seeds from `seed` on.

    `scheduler` is None for threads. No run in the simulator takes more than `limit` steps; if that
    is None a million, and more if the protocol is proved to take more.
    """

    runs: int
    scheduler: str | None
    seed: int
    crashes: bool
    limit: int | None


@dataclass(slots=True)
class _Tally:
    """What has been run; `vector`, `outputs` and `run` are the last run's."""

    done: int = 0
    steps: int = 0
    crashed: int = 0
    apart: set[int] = field(default_factory=set)
    vector: tuple[int, ...] = ()
    outputs: tuple[Value, ...] = ()
    run: Run | None = None
    said: str | None = None
    cut: str | None = None

    @property
    def status(self) -> int:
        """How it ended."""
        if self.said is not None:
            return REFUTED
        return HOLDS if self.cut is None else UNKNOWN


def run_many(
    chosen: Chosen, inputs: str | None, plan: Runs, *, out: Path | None, json: bool
) -> int:
    """Run, until a run goes wrong or is cut short; print what was done."""
    if plan.scheduler is not None and plan.scheduler not in SCHEDULERS:
        raise LocalError(f"--scheduler {plan.scheduler!r}: choose from {', '.join(SCHEDULERS)}")
    fixed = None if inputs is None else chosen.inputs(inputs)
    screen = console(json=json)
    began = time.perf_counter()
    tally = _Tally()
    with progress(screen) as bar:
        for number in range(plan.runs):
            seed = plan.seed + number

            def tick(taken: int, number: int = number, seed: int = seed) -> None:
                bar(number, plan.runs, f"seed {seed}: {counted(taken, 'step')}")

            tick(0)
            try:
                _add_run(tally, chosen, fixed, plan, seed, tick)
            except KeyboardInterrupt:
                tally.cut = "interrupted"
            if tally.status != HOLDS:
                break
    seconds = round(time.perf_counter() - began, 3)
    run = tally.run
    if out is not None and run is not None:
        write(screen, out, {"run.svg": swimlanes_svg(run, chosen.label)})
    if json:
        print(json_text.dumps(_told(chosen, plan, tally, seconds)))
    else:
        _print_runs(screen, chosen, plan, tally, seconds)
    return tally.status


def _add_run(
    tally: _Tally,
    chosen: Chosen,
    fixed: tuple[int, ...] | None,
    plan: Runs,
    seed: int,
    tick: Callable[[int], None],
) -> None:
    """One more run, or why there is none."""
    rng = random.Random(seed)  # noqa: S311 - workloads, no secrets
    order = chosen.task.graph.order
    vector = fixed or tuple(rng.randrange(order) for _ in range(chosen.count))
    stops = _stops(chosen, rng) if plan.crashes else {}
    if plan.scheduler is None:
        outputs, run = run_threads(chosen.program, vector, crash_after=stops), None
    else:
        most = plan.limit or max(STEPS, chosen.count * (chosen.bound or 0))
        driven = _driven(chosen, vector, SCHEDULERS[plan.scheduler](seed), stops, most, tick)
        if not driven.finished:
            tally.cut = f"not over after {counted(most, 'step')}"
            return
        outputs, run = driven.run.outputs, driven.run
        tally.steps += len(run.events)
    idle = {p for p, after in stops.items() if after == 0 and outputs[p] is None}
    present = frozenset(range(chosen.count)) - idle
    tally.said = chosen.task.objection(vector, outputs, present)
    tally.vector, tally.outputs, tally.run = vector, outputs, run
    tally.done += 1
    tally.crashed += sum(output is None for output in outputs)
    tally.apart |= _distances(chosen, outputs)


def _told(chosen: Chosen, plan: Runs, tally: _Tally, seconds: float) -> dict[str, object]:
    run = tally.run
    return {
        "seed": plan.seed,
        "runs": tally.done,
        "steps": None if run is None else tally.steps,
        "crashed": tally.crashed,
        "distances": sorted(tally.apart),
        "objection": tally.said,
        "cut": tally.cut,
        "inputs": chosen.labels(tally.vector),
        "outputs": chosen.labels(tally.outputs),
        "schedule": None if run is None else format_schedule(run.schedule),
        "seconds": seconds,
    }


def _print_runs(screen: Console, chosen: Chosen, plan: Runs, tally: _Tally, seconds: float) -> None:
    run = tally.run
    if run is not None and (plan.runs == 1 or tally.said is not None):
        _print_run(screen, chosen, run)
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
    if tally.said is not None:
        screen.print(
            f"[bold red]seed {plan.seed + tally.done - 1}: {tally.said}[/]", soft_wrap=True
        )
        screen.print(f"inputs: {' '.join(map(chosen.label, tally.vector))}", highlight=False)
        if run is not None:
            screen.print(f"schedule: {format_schedule(run.schedule)}", highlight=False)


def _driven(
    chosen: Chosen,
    vector: tuple[int, ...],
    scheduler: Scheduler,
    stops: dict[int, int],
    limit: int,
    tick: Callable[[int], None],
) -> Driven:
    """A simulated run. StuckError if a process computes for ever without a step."""
    with Patience(PATIENCE) as patience:

        def next_block(alive: Sequence[int], simulation: Simulation) -> Block:
            patience.begin()  # for the step that comes now
            return scheduler(alive, simulation)

        patience.begin()
        simulation = Simulation(chosen.program, vector)
        driven = drive(simulation, next_block, crashes=stops, limit=limit, progress=tick)
        patience.end()
    return driven


def _stops(chosen: Chosen, rng: random.Random) -> dict[int, int]:
    """Some processes, never all, with the own steps after which they stop."""
    most = chosen.bound or 2 * chosen.count
    some = rng.sample(range(chosen.count), rng.randrange(chosen.count))
    return {p: rng.randrange(most + 1) for p in some}


def _distances(chosen: Chosen, outputs: Sequence[Value]) -> set[int]:
    graph = chosen.task.graph
    decided = sorted({v for v in outputs if isinstance(v, int) and 0 <= v < graph.order})
    return {graph.distance(u, v) for u in decided for v in decided if u <= v}


@dataclass(frozen=True, slots=True)
class _Draw:
    order: int
    count: int

    def __call__(self, rng: random.Random) -> tuple[int, ...]:
        return tuple(rng.randrange(self.order) for _ in range(self.count))


def stress(chosen: Chosen, operations: int, seed: int, *, json: bool) -> int:
    """Real processes that are killed at random."""
    if chosen.protocol is None:
        raise LocalError("--on processes runs the protocols of this package: give --protocol")
    protocol = chosen.protocol
    arrays, bound = max(1, protocol.rounds), protocol.register_steps
    plan = Stress(chosen.program, chosen.count, arrays, bound)
    screen = console(json=json)
    began = time.perf_counter()
    seen = [StressReport(seed)]
    interrupted = False
    with progress(screen) as bar:

        def show(report: StressReport) -> None:
            seen.append(replace(report, violations=[*report.violations]))
            bar(report.operations, operations, counted(report.kills, "kill"))

        try:
            run_processes(
                plan,
                _Draw(chosen.task.graph.order, chosen.count),
                chosen.task.objection,
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
        for text in report.violations[:_SHOWN_OUTCOMES]:
            screen.print(f"[bold red]{text}[/]")
        if interrupted:
            screen.print(
                f"interrupted: judged so far are {counted(report.operations, 'operation')} "
                f"of {operations:,}"
            )
    if report.violations:
        return REFUTED
    return UNKNOWN if interrupted else HOLDS


_CLASSES = {
    "chordal": chordal,
    "bridged": bridged,
    "dismantlable": dismantlable,
    "block": block_graph,
    "tree": tree,
    "ptolemaic": ptolemaic,
    "median": median,
}


LONG = 10.0


def _recognised(screen: Console, graph: Graph) -> dict[str, Certificate | None]:
    """Each class's certificate; None if it took too long: some take exponentially long."""
    found: dict[str, Certificate | None] = {}
    with progress(screen) as bar:
        for number, (name, recognise) in enumerate(_CLASSES.items()):
            bar(number, len(_CLASSES), name)
            try:
                with Patience(LONG) as patience:
                    patience.begin()
                    found[name] = recognise(graph)
                    patience.end()
            except StuckError:
                found[name] = None
    return found


def describe(source: str, *, json: bool) -> None:
    """The graph, and its classes with certificates."""
    graph = load(source)
    task = Task(graph)
    found = _recognised(console(json=json), graph)
    late = f"not found out within {LONG:g} seconds"
    if json:
        classes = {
            name: {
                "holds": None if it is None else bool(it),
                "kind": late if it is None else it.kind,
                "vertices": [] if it is None else [graph.labels[v] for v in it.vertices],
            }
            for name, it in found.items()
        }
        print(
            json_text.dumps(
                {
                    "vertices": graph.order,
                    "edges": graph.size,
                    "diameter": task.graph.diameter,
                    "classes": classes,
                }
            )
        )
        return
    screen = console(json=False)
    vertices, edges = counted(graph.order, "vertex", "vertices"), counted(graph.size, "edge")
    screen.print(f"{vertices}, {edges}, diameter {graph.diameter}")
    screen.print(to_text(graph), markup=False, highlight=False)
    table = Table("class", "", "certificate")
    for name, it in found.items():
        if it is None:
            table.add_row(name, "unknown", late)
            continue
        vertices = " ".join(graph.labels[v] for v in it.vertices)
        table.add_row(name, "yes" if it else "no", f"{it.kind}: {vertices}")
    screen.print(table)
