"""The commands ``ttkem agree check`` and ``ttkem agree run`` with their options."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from ttkem.cli.agree.options import (
    SCHEDULERS,
    CommunicationOption,
    Engine,
    GraphArgument,
    InputsOption,
    ProcessesOption,
    ProgramOption,
    ProtocolOption,
    RoundsOption,
    ValidityOption,
    Where,
)
from ttkem.cli.screen import Format, FormatOption, choice, folder
from ttkem.errors import LocalError

__all__ = ["check", "run"]


def check(  # noqa: PLR0913, PLR0917 - one parameter per option
    graph: GraphArgument,
    processes: ProcessesOption = 3,
    protocol: ProtocolOption = None,
    program: ProgramOption = None,
    communication: CommunicationOption = None,
    rounds: RoundsOption = None,
    validity: ValidityOption = "geodesic",
    inputs: InputsOption = None,
    bound: Annotated[
        int | None,
        typer.Option(
            min=0,
            show_default="the proved number, or none",
            help="Set the own-step bound: the steps within which each process must decide.",
        ),
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="Choose the checker; compiled needs numba.")
    ] = Engine.PYTHON,
    reduce: Annotated[
        bool, typer.Option("--reduce", help="Reduce the search by dynamic ample sets.")
    ] = False,
    symmetry: Annotated[
        bool, typer.Option("--symmetry", help="Explore one input per verified symmetry class.")
    ] = False,
    limit: Annotated[
        int,
        typer.Option(
            min=1, help="Set the largest number of states for one input vector; beyond: unknown."
        ),
    ] = 5_000_000,
    most_steps: Annotated[
        int,
        typer.Option(
            min=1, help="Set the largest number of steps of one process; beyond: unknown."
        ),
    ] = 1_000,
    spin: Annotated[
        bool,
        typer.Option("--spin", help="Let SPIN search as well, and compare; needs --inputs."),
    ] = False,
    out: Annotated[
        Path | None,
        folder("the counterexample as SVG, and Promela files"),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check a protocol for all inputs, all schedules and all crashes.

    Exit status 0 if it holds; 1 with a shortest counterexample, replayed in the simulator, if it is
    refuted; 3 if a limit was reached, or if interrupted by Ctrl-C or kill -TERM; 2 if the program
    is nondeterministic or impure, or breaks the rules; 70 if it raises. The computation of a single
    step is limited in time, so that a process that never takes its next step is found.
    """
    from agreement.explore import Options  # noqa: PLC0415 - heavy, imported where used
    from ttkem.cli.agree import model_check, program_failures, selection  # noqa: PLC0415 - likewise

    selected = selection.select_protocol(
        graph,
        processes,
        protocol,
        program,
        communication=communication,
        rounds=rounds,
        validity=validity,
    )
    options = Options(
        engine=engine.value, reduce=reduce, symmetry=symmetry, limit=limit, most_steps=most_steps
    )
    json = output is Format.JSON

    def checked() -> int:
        return model_check.check(
            selected, inputs, bound=bound, options=options, spin=spin, out=out, json=json
        )

    raise typer.Exit(program_failures.status_of(checked, selected, json=json))


def run(  # noqa: PLR0913, PLR0917 - one parameter per option
    graph: GraphArgument,
    processes: ProcessesOption = 3,
    protocol: ProtocolOption = None,
    program: ProgramOption = None,
    communication: CommunicationOption = None,
    rounds: RoundsOption = None,
    validity: ValidityOption = "geodesic",
    inputs: InputsOption = None,
    schedule: Annotated[
        str | None,
        typer.Option(help='Replay this schedule, such as "0 1 0+2"; needs --inputs.'),
    ] = None,
    scheduler: Annotated[
        str, choice(SCHEDULERS, help="Choose the scheduler of the simulator.")
    ] = "uniform",
    runs: Annotated[
        int, typer.Option(min=1, help="Set the number of runs; seeds count up from --seed.")
    ] = 1,
    crashes: Annotated[
        bool, typer.Option("--crashes", help="Stop some processes at random steps.")
    ] = False,
    where: Annotated[
        Where,
        typer.Option("--on", help="Choose the simulator, threads, or processes that are killed."),
    ] = Where.SIMULATOR,
    operations: Annotated[
        int,
        typer.Option(min=1, help="Set the number of register operations with --on processes."),
    ] = 20_000,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default="1,000,000 or more",
            help="Set the largest number of steps of a simulated run; beyond: unknown.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Set the seed of everything random.")] = 0,
    out: Annotated[
        Path | None,
        folder("a drawing of the last run as SVG", "no file"),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Run a protocol in the simulator, on real threads, or on real processes that are killed.

    Exit status 1 if a run violates the task; it is printed with its seed and its schedule. 3 if a
    run was cut short by --limit, Ctrl-C or kill -TERM: the runs before it are printed. 2 if the
    program is nondeterministic or impure, or breaks the rules; 70 if it raises.
    """
    from ttkem.cli.agree import (  # noqa: PLC0415 - heavy
        kill_stress,
        program_failures,
        schedule_replay,
        selection,
    )
    from ttkem.cli.agree import runs as many  # noqa: PLC0415 - likewise

    selected = selection.select_protocol(
        graph,
        processes,
        protocol,
        program,
        communication=communication,
        rounds=rounds,
        validity=validity,
    )
    json = output is Format.JSON
    if schedule is not None and where is not Where.SIMULATOR:
        raise LocalError("--schedule is replayed in the simulator: leave out --on")

    def done() -> int:
        if schedule is not None:
            return schedule_replay.replay_schedule(selected, inputs, schedule, out=out, json=json)
        if where is Where.PROCESSES:
            return kill_stress.run_stress(selected, operations, seed, json=json)
        inside = None if where is Where.THREADS else scheduler
        plan = many.Plan(runs, inside, seed, crashes, limit)
        return many.run_many(selected, inputs, plan, out=out, json=json)

    raise typer.Exit(program_failures.status_of(done, selected, json=json))
