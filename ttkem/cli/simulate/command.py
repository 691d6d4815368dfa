"""The options of ``ttkem simulate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ttkem.cli.failures import report_failure
from ttkem.cli.screen import Format, FormatOption, JobsOption, choice
from ttkem.cli.status import REFUTED, UNKNOWN
from ttkem.errors import LocalError

__all__ = ["simulate"]

SETTINGS = ("administrators", "uniform", "zipf")
SCHEMES = ("TKEM", "TKEM_commit", "TTKEM")


def simulate(  # noqa: PLR0913, PLR0917 - one parameter per option
    max_scale: Annotated[
        int,
        typer.Option(
            min=3, max=20, help="Set the largest tree, as a power of two; the paper has 15."
        ),
    ] = 10,
    min_scale: Annotated[
        int, typer.Option(min=3, max=20, help="Set the smallest tree, as a power of two.")
    ] = 3,
    setting: Annotated[
        list[str] | None,
        choice(
            SETTINGS, show_default="all", help="Choose a setting of the paper; may be repeated."
        ),
    ] = None,
    scheme: Annotated[
        list[str] | None,
        choice(SCHEMES, show_default="all", help="Choose a scheme; may be repeated."),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default="more for small trees",
            help="Set the number of runs for each point.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Set the first seed, or the seed of a replay with --real.")
    ] = 0,
    jobs: JobsOption = None,
    trace: Annotated[
        Path | None,
        typer.Option(help="Replay this CSV file (time,member) instead of the paper's workloads."),
    ] = None,
    demo_trace: Annotated[
        bool, typer.Option("--demo-trace", help="Replay the invented trace that is shipped.")
    ] = False,
    idle: Annotated[
        float | None,
        typer.Option(
            show_default="nobody leaves",
            help="Set the days of silence after which a member of the trace leaves.",
        ),
    ] = None,
    real: Annotated[
        bool,
        typer.Option(
            "--real", help="Replay with real messages, and compare the group keys of all members."
        ),
    ] = False,
    cgka: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODULE:NAME",
            help="Add a protocol of your own to a replay with --real; may be repeated.",
        ),
    ] = None,
    suite: Annotated[
        int | None,
        typer.Option(
            show_default="1", help="Set the cipher suite, by number, of a replay with --real."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Set the folder for CSV, JSON and figures; made if it is missing.")
    ] = Path("out"),
    output: FormatOption = Format.TABLE,
) -> None:
    """Simulate what Tainted TreeKEM costs beside TreeKEM with blanking, as KPWK21 compares them.

    Without --trace: count the encryptions per user in the paper's three settings, with 95 %
    confidence intervals over seeds. With --trace: count what a recorded group would have spent
    under each scheme.

    Exit status 1 if two members of a real replay hold different keys; 3 if interrupted by Ctrl-C
    or kill -TERM: what was done is printed and written.
    """
    from ttkem.cli.simulate import paper_comparison, trace_replay  # noqa: PLC0415 - heavy

    json = output is Format.JSON
    if cgka and not real:
        raise LocalError("--cgka goes with --real: a protocol of yours has no symbolic engine")
    if suite is not None and not real:
        raise LocalError("--suite goes with --real: a symbolic engine has no cipher suite")
    if trace is not None and demo_trace:
        raise LocalError("--trace FILE and --demo-trace exclude each other: give one")
    if trace is not None or demo_trace:
        try:
            interrupted = trace_replay.run(
                trace,
                scheme,
                cgka or [],
                idle=idle,
                suite=(1 if suite is None else suite) if real else None,
                seed=seed,
                out=out,
                json=json,
            )
        except trace_replay.Disagreement as found:
            raise typer.Exit(report_failure(str(found), REFUTED, json=json)) from None
    elif real or idle is not None:
        raise LocalError("--real and --idle go with --trace FILE or --demo-trace: give one of them")
    else:
        interrupted = paper_comparison.run(
            (min_scale, max_scale),
            setting,
            scheme,
            seeds=seeds,
            first_seed=seed,
            jobs=jobs,
            out=out,
            json=json,
        )
    if interrupted:
        print("ttkem: interrupted; what was done is printed and written", file=sys.stderr)
        raise typer.Exit(UNKNOWN)
