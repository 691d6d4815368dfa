"""The commands ``ttkem agree`` and their options."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from ttkem.cli.agree.options import (
    BROKEN,
    HONEST,
    PROVERS,
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
from ttkem.cli.deadline import SecondsOption  # noqa: TC001 - typer reads it
from ttkem.cli.screen import Format, FormatOption, JobsOption, choice, folder
from ttkem.errors import LocalError

__all__ = ["agree"]

agree = typer.Typer(
    no_args_is_help=True,
    help="Check, run and decide wait-free approximate agreement on graphs.",
)


@agree.command()
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


@agree.command()
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


@agree.command()
def solve(  # noqa: PLR0913, PLR0917 - one parameter per option
    graph: GraphArgument,
    processes: ProcessesOption = 3,
    validity: ValidityOption = "geodesic",
    rounds: Annotated[
        int | None,
        typer.Option(
            min=0, show_default="any number", help="Set the largest number of rounds allowed."
        ),
    ] = None,
    most: Annotated[
        int,
        typer.Option("--most", min=0, help="Search for the least number of rounds up to this."),
    ] = 3,
    facets: Annotated[
        int,
        typer.Option(min=1, help="Set the largest complex, in facets; beyond: not searched."),
    ] = 300_000,
    seconds: SecondsOption = None,
    conflicts: Annotated[
        int,
        typer.Option(min=1, help="Set the conflicts after which a run of the SAT solver ends."),
    ] = 200_000,
    twice: Annotated[
        bool,
        typer.Option("--twice", help="Decide the formulas with z3 as well, and compare."),
    ] = False,
    checked: Annotated[
        bool,
        typer.Option("--check", help="Check the found protocol for all inputs and schedules."),
    ] = False,
    out: Annotated[
        Path | None,
        folder("the certificates, and pictures as SVG"),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Decide whether processes can agree on a graph, and find the least number of rounds.

    Every answer has certificates, which two separate checkers must accept. Beside the number of
    rounds found, the best known protocol gives an upper bound. When --seconds are over, or after
    Ctrl-C or kill -TERM, what is known by then is printed. Exit status 0 if the task is solvable; 1
    if it is not (in any number of rounds, or in --rounds); 3 if that is unknown, or if interrupted.
    """
    from ttkem.cli.agree import solvability  # noqa: PLC0415 - heavy, imported where used

    question = solvability.Question(
        graph, processes, validity, rounds, most, facets, conflicts, seconds
    )
    json = output is Format.JSON
    raise typer.Exit(
        solvability.solve(question, cross_check=twice, checked=checked, out=out, json=json)
    )


@agree.command()
def certificate(
    files: Annotated[list[Path], typer.Argument(help="The certificates, as JSON files.")],
    output: FormatOption = Format.TABLE,
) -> None:
    """Check certificates with two separate checkers. Exit status 1 if one is refused.

    A certificate is accepted only if both checkers, which share no code, accept it. Exit status 70
    if they disagree about one: then one of them is wrong.
    """
    from ttkem.cli.agree import certificates  # noqa: PLC0415 - heavy, imported where used

    raise typer.Exit(certificates.certify(files, json=output is Format.JSON))


@agree.command()
def atlas(
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Compute the atlas again instead of showing the shipped one."),
    ] = False,
    order: Annotated[
        int, typer.Option(min=1, max=7, help="Set the largest number of vertices.")
    ] = 7,
    jobs: JobsOption = None,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="dask://HOST:PORT",
            show_default="this machine",
            help="Compute on a Dask cluster.",
        ),
    ] = None,
    checked: Annotated[
        bool, typer.Option("--check", help="Check every certificate, which is much slower.")
    ] = False,
    seconds: SecondsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            show_default="no files",
            help="Set the folder for the data; answers that are there already are kept.",
        ),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show the atlas: the answers for all connected graphs with up to 7 vertices.

    It covers 3 and 4 processes and all validity conditions. With --anew, Ctrl-C, kill -TERM or the
    end of --seconds keeps what is done in --out, and the same command continues from there. Exit
    status 1 if a new answer differs from the shipped one; 3 if interrupted.
    """
    from ttkem.cli.agree import atlas as small_graphs  # noqa: PLC0415 - heavy, imported where used

    json = output is Format.JSON
    if anew:
        plan = small_graphs.Plan(order, jobs, executor, out, checked=checked, seconds=seconds)
        raise typer.Exit(small_graphs.compute(plan, json=json))
    given = {
        "--jobs": jobs,
        "--executor": executor,
        "--check": checked or None,
        "--out": out,
        "--seconds": seconds,
    }
    unused = [name for name, value in given.items() if value is not None]
    if unused:
        raise LocalError(f"{unused[0]} is for computing the atlas: give --anew too")
    small_graphs.show(order, json=json)


@agree.command()
def game(  # noqa: PLR0913, PLR0917 - one parameter per option
    task: Annotated[
        str | None,
        typer.Argument(
            show_default="what --replay names",
            help="A task as set:N:K or consensus:N, or a graph as cycle:4.",
        ),
    ] = None,
    processes: ProcessesOption = 3,
    validity: ValidityOption = "geodesic",
    protocol: Annotated[
        str | None,
        choice(
            ("adversary", *BROKEN, *HONEST),
            "--protocol",
            "-p",
            show_default="adversary, or what --replay names",
            help=f"Choose the protocol; {', '.join(BROKEN)} are mutants of the adversary.",
        ),
    ] = None,
    prover: Annotated[str, choice(PROVERS, help="Choose the prover.")] = "valency",
    phases: Annotated[int, typer.Option(min=1, help="Set the largest number of phases.")] = 60,
    depth: Annotated[
        int, typer.Option(min=1, help="Set the queries in a row of the exhaustive prover.")
    ] = 2,
    seed: Annotated[int, typer.Option(help="Set the seed of the prover's choices.")] = 0,
    play: Annotated[
        bool, typer.Option("--play", help="Be the prover: type moves, or pipe them in.")
    ] = False,
    replay: Annotated[
        Path | None, typer.Option(help="Replay a transcript, and compare the answers.")
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Check the adversary's invariant after each answer.")
    ] = False,
    seconds: SecondsOption = None,
    out: Annotated[
        Path | None,
        folder("the transcript, and a picture as SVG"),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Play an extension-based proof: a prover asks a protocol questions.

    Exit status 0 if the protocol wins, because every process has output; 1 if the prover wins, or
    an audit finds a fault; 3 if nobody has won within the bounds, or if interrupted.
    """
    from ttkem.cli.agree import game as games  # noqa: PLC0415 - heavy, imported where used
    from ttkem.cli.agree import moves  # noqa: PLC0415 - likewise

    setting = games.Setting(task, processes, validity, protocol)
    json = output is Format.JSON
    if replay is not None:
        status = games.replay_file(setting, replay, json=json)
    elif play:
        status = moves.play(setting, out=out, json=json)
    else:
        plan = games.Plan(prover, phases, depth, seed, audited=audit, seconds=seconds)
        status = games.prove(setting, plan, out=out, json=json)
    raise typer.Exit(status)


@agree.command()
def graph(graph: GraphArgument, output: FormatOption = Format.TABLE) -> None:
    """Describe a graph: its size, and each graph class with its certificate."""
    from ttkem.cli.agree import graph_classes  # noqa: PLC0415 - heavy, imported where used

    graph_classes.describe(graph, json=output is Format.JSON)
