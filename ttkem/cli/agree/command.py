"""The commands ``ttkem agree`` and their options."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from ttkem.cli.agree.options import (
    BROKEN,
    HONEST,
    PROVERS,
    GraphArgument,
    ProcessesOption,
    ValidityOption,
)
from ttkem.cli.agree.protocol_commands import check, run
from ttkem.cli.deadline import SecondsOption  # noqa: TC001 - typer reads it
from ttkem.cli.screen import Format, FormatOption, JobsOption, choice, folder
from ttkem.errors import LocalError

__all__ = ["agree"]

agree = typer.Typer(
    no_args_is_help=True,
    help="Check, run and decide wait-free approximate agreement on graphs.",
)


agree.command()(check)
agree.command()(run)


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
