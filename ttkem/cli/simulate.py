"""``ttkem simulate``: KPWK21's comparison, and recorded activity under each scheme."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ttkem.cli.screen import Format
from ttkem.cli.status import UNKNOWN
from ttkem.errors import LocalError

__all__ = ["simulate"]


def simulate(  # noqa: PLR0913, PLR0917 - one parameter an option
    max_scale: Annotated[
        int, typer.Option(min=3, max=20, help="Largest tree, as a power of two; the paper has 15.")
    ] = 10,
    min_scale: Annotated[int, typer.Option(min=3, max=20, help="Smallest tree, likewise.")] = 3,
    setting: Annotated[
        list[str] | None, typer.Option(help="administrators, uniform, zipf; may be repeated.")
    ] = None,
    scheme: Annotated[
        list[str] | None, typer.Option(help="TKEM, TKEM_commit, TTKEM; may be repeated.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Runs a point; by default more for small trees.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The first seed, or that of a real replay.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default all cores.")
    ] = None,
    trace: Annotated[
        Path | None,
        typer.Option(help="Replay this CSV (time,member) instead of the paper's workloads."),
    ] = None,
    demo_trace: Annotated[
        bool, typer.Option("--demo-trace", help="Replay the invented trace that is shipped.")
    ] = False,
    idle: Annotated[
        float | None,
        typer.Option(help="Days of silence after which a member of the trace leaves."),
    ] = None,
    real: Annotated[
        bool,
        typer.Option("--real", help="Replay with real messages; compare everybody's keys."),
    ] = False,
    cgka: Annotated[
        list[str] | None,
        typer.Option(help="A protocol of yours in a real replay, as module:name; may be repeated."),
    ] = None,
    suite: Annotated[
        int | None, typer.Option(help="Cipher suite number of a real replay; by default 1.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for CSV, JSON and figures.")] = Path("out"),
    output: Annotated[
        Format, typer.Option("--format", help="What to print: tables, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """What Tainted TreeKEM costs beside TreeKEM with blanking: the paper's comparison.

    Without --trace: encryptions per user in KPWK21's three settings, with 95 % confidence
    intervals over seeds. With it: what a recorded group would have spent under each scheme.
    """
    from ttkem.cli import comparison, replaying  # noqa: PLC0415 - heavy, imported where used

    if cgka and not real:
        raise LocalError("--cgka goes with --real: a protocol of yours has no symbolic engine")
    if suite is not None and not real:
        raise LocalError("--suite goes with --real: a symbolic engine has no cipher suite")
    if trace is not None and demo_trace:
        raise LocalError("--trace FILE or --demo-trace, not both")
    if trace is not None or demo_trace:
        interrupted = replaying.run(
            trace,
            scheme,
            cgka or [],
            idle=idle,
            suite=(1 if suite is None else suite) if real else None,
            seed=seed,
            out=out,
            json=output is Format.JSON,
        )
    elif real or idle is not None:
        raise LocalError("--real and --idle go with --trace FILE or --demo-trace")
    else:
        interrupted = comparison.run(
            (min_scale, max_scale),
            setting,
            scheme,
            seeds=seeds,
            first_seed=seed,
            jobs=jobs,
            out=out,
            json=output is Format.JSON,
        )
    if interrupted:
        print("ttkem: interrupted; what was done is printed and written", file=sys.stderr)
        raise typer.Exit(UNKNOWN)
