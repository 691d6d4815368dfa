"""``ttkem attack``: campaigns of adversaries, and the replay of what they found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ttkem.cli.screen import Format
from ttkem.cli.status import REFUTED, UNKNOWN
from ttkem.errors import LocalError

__all__ = ["attack"]


def attack(  # noqa: PLR0913, PLR0917 - one parameter an option
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget", "--steps", min=1, help="Steps; by default 200,000, or 5,000 for real."
        ),
    ] = None,
    seed: Annotated[str, typer.Option(help="Seed of the campaign.")] = "0",
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default all cores.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="TTKEM, TKEM or TKEM_commit.")] = "TTKEM",
    real: Annotated[
        bool | None,
        typer.Option("--real/--symbolic", help="Real messages and executed attacks, or names."),
    ] = None,
    suite: Annotated[
        int | None, typer.Option(help="Cipher suite number of a real campaign; by default 1.")
    ] = None,
    strategy: Annotated[
        list[str] | None, typer.Option(help="Kind of adversary; may be repeated. Default: all.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Play this replay file again, step by step.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for replay files of failures.")] = Path("out"),
    output: Annotated[
        Format, typer.Option("--format", help="What to print: tables, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """Let adaptive adversaries attack a protocol, and judge every run.

    Exit status 0: nothing was found; 1: something was, with a replay file each; 3: interrupted, or
    important situations were never visited, which is judged from 50,000 steps of all strategies.
    """
    from ttkem.cli import attacking  # noqa: PLC0415 - heavy, imported where used

    json = output is Format.JSON
    if replay is not None:
        if attacking.run_replay(replay, json=json):
            raise typer.Exit(REFUTED)
        return
    if real is None:
        real = protocol != "TTKEM"
    if suite is not None and not real:
        raise LocalError("--suite goes with --real: a symbolic campaign has no cipher suite")
    if suite is not None and suite < 1:
        raise LocalError("--suite is the number of a cipher suite, 1 or more")
    verdict = attacking.run(
        budget=budget,
        seed=seed,
        jobs=jobs,
        protocol=protocol,
        suite=(suite or 1) if real else 0,
        strategies=strategy,
        out=out,
        json=json,
    )
    if verdict.interrupted:
        print("ttkem: interrupted; what was done is printed", file=sys.stderr)
    if verdict.failed:
        raise typer.Exit(REFUTED)
    if verdict.interrupted or verdict.unvisited:
        raise typer.Exit(UNKNOWN)
