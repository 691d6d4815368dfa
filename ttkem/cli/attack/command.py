"""The options of ``ttkem attack``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ttkem.cli.screen import Format, FormatOption, JobsOption, choice
from ttkem.cli.status import REFUTED, UNKNOWN
from ttkem.errors import LocalError

__all__ = ["attack"]

PROTOCOLS = ("TTKEM", "TKEM", "TKEM_commit")
STRATEGIES = ("random", "hoard", "heal", "fork", "replay", "return", "hesitate")


def attack(  # noqa: PLR0913, PLR0917 - one parameter per option
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget",
            "--steps",
            min=1,
            show_default="200,000, or 5,000 with --real",
            help="Set the number of steps of the campaign.",
        ),
    ] = None,
    seed: Annotated[str, typer.Option(help="Set the seed of the campaign.")] = "0",
    jobs: JobsOption = None,
    protocol: Annotated[str, choice(PROTOCOLS, help="Choose the protocol to attack.")] = "TTKEM",
    real: Annotated[
        bool | None,
        typer.Option(
            "--real/--symbolic",
            show_default="symbolic for TTKEM, real for others",
            help="Send real messages and execute attacks, or play the symbolic model alone.",
        ),
    ] = None,
    suite: Annotated[
        int | None,
        typer.Option(
            show_default="1", help="Set the cipher suite, by number, of a campaign with --real."
        ),
    ] = None,
    strategy: Annotated[
        list[str] | None,
        choice(STRATEGIES, show_default="all", help="Choose a kind of adversary; may be repeated."),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Replay this file step by step instead of a campaign.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(help="Set the folder for replay files of failures; made if it is missing."),
    ] = Path("out"),
    output: FormatOption = Format.TABLE,
) -> None:
    """Attack a protocol with adaptive adversaries, and judge every run.

    Exit status 0 if nothing was found; 1 if something was, with a replay file for each failure; 3
    if interrupted by Ctrl-C or kill -TERM, or if important situations were never visited, which is
    judged from 50,000 steps of all strategies.
    """
    from ttkem.cli.attack import campaign  # noqa: PLC0415 - heavy
    from ttkem.cli.attack import replay as replays  # noqa: PLC0415 - likewise

    json = output is Format.JSON
    if replay is not None:
        if replays.run_replay(replay, json=json):
            raise typer.Exit(REFUTED)
        return
    if real is None:
        real = protocol != "TTKEM"
    if suite is not None and not real:
        raise LocalError("--suite goes with --real: a symbolic campaign has no cipher suite")
    if suite is not None and suite < 1:
        raise LocalError(f"cannot use --suite {suite}: the number of a cipher suite is 1 or more")
    report = campaign.run(
        budget=budget,
        seed=seed,
        jobs=jobs,
        protocol=protocol,
        suite=(suite or 1) if real else 0,
        strategies=strategy,
        out=out,
        json=json,
    )
    if report.interrupted:
        print("ttkem: interrupted; what was done is printed", file=sys.stderr)
    if report.failed:
        raise typer.Exit(REFUTED)
    if report.interrupted or report.unvisited:
        raise typer.Exit(UNKNOWN)
