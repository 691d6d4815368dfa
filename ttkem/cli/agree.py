"""``ttkem agree``: agreement on graphs, checked, run, and the graphs themselves."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from ttkem.cli.screen import Format
from ttkem.errors import LocalError

__all__ = ["agree"]

agree = typer.Typer(no_args_is_help=True, help="Wait-free approximate agreement on graphs.")

GraphArgument = Annotated[
    str, typer.Argument(help="path:9, cycle:4, ...; or a file: graph6 (.g6), else an edge list.")
]
Count = Annotated[int, typer.Option("--processes", "-n", min=1, help="How many processes.")]
ProtocolName = Annotated[
    str | None,
    typer.Option("--protocol", "-p", help="path, tree, block, thirds, average; by default what "
                 "the graph is."),
]  # fmt: skip
ProgramName = Annotated[
    str | None,
    typer.Option(help="Your own program instead: FILE.py:NAME or MODULE:NAME."),
]
Form = Annotated[str | None, typer.Option(help="collect, snapshot, immediate.")]
Rounds = Annotated[int | None, typer.Option(help="Instead of the proved number.")]
Validity = Annotated[str, typer.Option(help="geodesic, hull, monophonic, clique.")]
Inputs = Annotated[str | None, typer.Option(help='Vertices by process, as "0 2 4".')]
Output = Annotated[
    Format, typer.Option("--format", help="What to print: text, or JSON for machines.")
]


class Engine(StrEnum):
    """Which checker."""

    PYTHON = "python"
    COMPILED = "compiled"


class Where(StrEnum):
    """What runs the processes."""

    SIMULATOR = "simulator"
    THREADS = "threads"
    PROCESSES = "processes"


@agree.command()
def check(  # noqa: PLR0913, PLR0917 - one parameter an option
    graph: GraphArgument,
    processes: Count = 3,
    protocol: ProtocolName = None,
    program: ProgramName = None,
    form: Form = None,
    rounds: Rounds = None,
    validity: Validity = "geodesic",
    inputs: Inputs = None,
    bound: Annotated[
        int | None, typer.Option(min=0, help="Own steps within which all must decide.")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="compiled needs numba.")] = Engine.PYTHON,
    reduce: Annotated[bool, typer.Option("--reduce", help="Dynamic ample sets.")] = False,
    symmetry: Annotated[
        bool, typer.Option("--symmetry", help="Search once what renaming is verified to carry.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, help="States for one input vector; beyond: unknown.")
    ] = 5_000_000,
    spin: Annotated[
        bool, typer.Option("--spin", help="Let SPIN search too, and compare; takes --inputs.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the counterexample as SVG, and Promela files.")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Check a protocol: all inputs, all schedules, all crashes.

    Exit status 0 if it holds, 1 with a shortest counterexample if it is refuted, 3 if the limit was
    hit. What a step may compute is bounded by time, so that a process that never moves is found.
    """
    from agreement.explore import Options  # noqa: PLC0415 - heavy, imported where used
    from ttkem.cli import agreeing  # noqa: PLC0415 - likewise

    chosen = agreeing.choose(
        graph, processes, protocol, program, form=form, rounds=rounds, validity=validity
    )
    options = Options(engine=engine.value, reduce=reduce, symmetry=symmetry, limit=limit)
    raise typer.Exit(
        agreeing.check(
            chosen,
            inputs,
            bound=bound,
            options=options,
            spin=spin,
            out=out,
            json=output is Format.JSON,
        )
    )


@agree.command()
def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    graph: GraphArgument,
    processes: Count = 3,
    protocol: ProtocolName = None,
    program: ProgramName = None,
    form: Form = None,
    rounds: Rounds = None,
    validity: Validity = "geodesic",
    inputs: Inputs = None,
    schedule: Annotated[
        str | None, typer.Option(help='Replay this one, as "0 1 0+2"; takes --inputs.')
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="uniform, round-robin, delays, pct, solo.")
    ] = "uniform",
    runs: Annotated[int, typer.Option(min=1, help="How many, with seeds from --seed on.")] = 1,
    crashes: Annotated[
        bool, typer.Option("--crashes", help="Let some processes stop at random steps.")
    ] = False,
    where: Annotated[Where, typer.Option("--on", help="What runs them.")] = Where.SIMULATOR,
    operations: Annotated[
        int, typer.Option(min=1, help="Register operations on real processes, with kills.")
    ] = 20_000,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Steps of a simulated run; beyond: unknown. 1,000,000 or more."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the last run as SVG.")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Run a protocol: in the simulator, on real threads, or on real processes that are killed.

    Exit status 1 if a run went wrong; it is shown, with its seed and its schedule. 3 if one was cut
    short, by --limit or by Ctrl-C: then what was done before is shown.
    """
    from ttkem.cli import agreeing  # noqa: PLC0415 - heavy, imported where used

    chosen = agreeing.choose(
        graph, processes, protocol, program, form=form, rounds=rounds, validity=validity
    )
    json = output is Format.JSON
    if schedule is not None and where is not Where.SIMULATOR:
        raise LocalError("--schedule is replayed in the simulator: leave out --on")
    if schedule is not None:
        status = agreeing.replay(chosen, inputs, schedule, out=out, json=json)
    elif where is Where.PROCESSES:
        status = agreeing.stress(chosen, operations, seed, json=json)
    else:
        inside = None if where is Where.THREADS else scheduler
        plan = agreeing.Runs(runs, inside, seed, crashes, limit)
        status = agreeing.run_many(chosen, inputs, plan, out=out, json=json)
    raise typer.Exit(status)


@agree.command()
def solve(  # noqa: PLR0913, PLR0917 - one parameter an option
    graph: GraphArgument,
    processes: Count = 3,
    validity: Validity = "geodesic",
    rounds: Annotated[
        int | None, typer.Option(min=0, help="Ask for at most so many; by default for any number.")
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=0, help="Look for the least number up to this.")
    ] = 3,
    facets: Annotated[
        int, typer.Option(min=1, help="Facets of a complex; beyond: not searched.")
    ] = 300_000,
    conflicts: Annotated[
        int, typer.Option(min=1, help="Conflicts of one run of the SAT solver; beyond: given up.")
    ] = 200_000,
    twice: Annotated[
        bool, typer.Option("--twice", help="Let z3 decide the formulas too, and compare.")
    ] = False,
    checked: Annotated[
        bool, typer.Option("--check", help="Check the found protocol: all inputs and schedules.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the certificates, and pictures as SVG.")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Decide whether processes can agree on a graph, and in how many rounds at least.

    Every answer has certificates, which the separate checker must accept. Exit status 0 if
    solvable, 1 if not (in any number of rounds, or in --rounds), 3 if unknown.
    """
    from ttkem.cli import solving  # noqa: PLC0415 - heavy, imported where used

    question = solving.Question(graph, processes, validity, rounds, most, facets, conflicts)
    json = output is Format.JSON
    status = solving.solve(question, twice=twice, checked=checked, out=out, json=json)
    raise typer.Exit(status)


@agree.command()
def certificate(
    files: Annotated[list[Path], typer.Argument(help="Certificates, as JSON.")],
    output: Output = Format.TABLE,
) -> None:
    """Check certificates with the separate checker. Exit status 1 if one is refused."""
    from ttkem.cli import solving  # noqa: PLC0415 - heavy, imported where used

    status = solving.certify(files, json=output is Format.JSON)
    raise typer.Exit(status)


@agree.command()
def atlas(
    anew: Annotated[
        bool, typer.Option("--anew", help="Compute it again; by default show the shipped one.")
    ] = False,
    order: Annotated[
        int, typer.Option(min=1, max=7, help="Graphs with up to so many vertices.")
    ] = 7,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default all cores.")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(help="A Dask cluster instead, as dask://host:port.")
    ] = None,
    checked: Annotated[
        bool, typer.Option("--check", help="Check every certificate: much slower.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the data; what is there already is kept.")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """The atlas: all connected graphs with up to 7 vertices, 3 and 4 processes, all validities.

    Ctrl-C keeps what is done in --out; the same command goes on from there. Exit status 1 if a new
    answer differs from the shipped one, 3 if interrupted.
    """
    from ttkem.cli import charting  # noqa: PLC0415 - heavy, imported where used

    json = output is Format.JSON
    if anew:
        plan = charting.Plan(order, jobs, executor, out, checked=checked)
        raise typer.Exit(charting.compute(plan, json=json))
    given = {"--jobs": jobs, "--executor": executor, "--check": checked or None, "--out": out}
    unused = [name for name, value in given.items() if value is not None]
    if unused:
        raise LocalError(f"{unused[0]} is for computing the atlas: give --anew too")
    charting.show(order, json=json)


@agree.command()
def game(  # noqa: PLR0913, PLR0917 - one parameter an option
    task: Annotated[
        str | None,
        typer.Argument(help="set:N:K, consensus:N, or a graph as cycle:4; --replay knows it."),
    ] = None,
    processes: Count = 3,
    validity: Validity = "geodesic",
    protocol: Annotated[
        str | None,
        typer.Option(
            "--protocol",
            "-p",
            help="adversary; broken ones: hasty, near, lawless, restless, postponing, blunt; "
            "honest ones: own, leader, minimum, majority, zero, commit-adopt, never. By default "
            "adversary, or what --replay names.",
        ),
    ] = None,
    prover: Annotated[str, typer.Option(help="exhaustive, valency, random.")] = "valency",
    phases: Annotated[int, typer.Option(min=1, help="Phases to play at most.")] = 60,
    depth: Annotated[
        int, typer.Option(min=1, help="Queries in a row, for the exhaustive prover.")
    ] = 2,
    seed: Annotated[int, typer.Option(help="Of the prover's choices.")] = 0,
    play: Annotated[
        bool, typer.Option("--play", help="Be the prover: type moves, or pipe them in.")
    ] = False,
    replay: Annotated[
        Path | None, typer.Option(help="Play a transcript again, and compare the answers.")
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit", help="Check the adversary's invariant after each answer.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the transcript, and a picture as SVG.")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Play an extension-based proof: a prover's questions to a protocol.

    Exit status 0 if the protocol wins, as everything has output; 1 if the prover does, or an audit
    finds a fault; 3 if nobody has within the bounds.
    """
    from ttkem.cli import gaming  # noqa: PLC0415 - heavy, imported where used

    setting = gaming.Setting(task, processes, validity, protocol)
    json = output is Format.JSON
    if replay is not None:
        status = gaming.replay_file(setting, replay, json=json)
    elif play:
        status = gaming.play(setting, out=out, json=json)
    else:
        status = gaming.prove(
            setting,
            prover,
            phases=phases,
            depth=depth,
            seed=seed,
            audited=audit,
            out=out,
            json=json,
        )
    raise typer.Exit(status)


@agree.command()
def graph(graph: GraphArgument, output: Output = Format.TABLE) -> None:
    """Say what a graph is: its size, and each class with its certificate."""
    from ttkem.cli import agreeing  # noqa: PLC0415 - heavy, imported where used

    agreeing.describe(graph, json=output is Format.JSON)
