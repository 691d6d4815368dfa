"""The options of ``ttkem verify``."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from ttkem.cli.files import check_writable, report_saved, save
from ttkem.cli.screen import Format, FormatOption, JobsOption, console, counted
from ttkem.cli.status import REFUTED, UNKNOWN
from ttkem.cli.verify.catalogues import Catalogue, check, choose
from ttkem.cli.verify.report import document, print_claims, print_results

__all__ = ["verify"]


def verify(  # noqa: PLR0913, PLR0917 - options
    names: Annotated[
        list[str] | None, typer.Argument(show_default="all", help="The names of claims to check.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Print the claims without checking them.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the counterexample to each negative twin.")
    ] = False,
    catalogue: Annotated[
        Catalogue,
        typer.Option(help="Choose the bounded claims, the proofs, or both."),
    ] = Catalogue.ALL,
    modules: Annotated[
        list[str] | None,
        typer.Option(
            "--claims",
            show_default="the catalogues",
            help="Check CLAIMS of this module, such as mypackage.claims; may be repeated.",
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out claims that take more than some seconds.")
    ] = False,
    jobs: JobsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            show_default="no file",
            help="Set the folder for claims.json with the results; made if it is missing.",
        ),
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Check claims, and check that the negative twin of each claim is refuted.

    --list explains each claim. The exit status is 1 if a claim is refuted, or if a negative twin
    holds or refutes something else than the claim says. It is 3 if a claim could not be decided, or
    after Ctrl-C or kill -TERM; what was checked is printed.
    """
    json = output is Format.JSON
    screen = console(json=json)
    claims, left_out = choose(catalogue, modules or [], names or [], quick=quick)
    if listed:
        print_claims(screen, claims, json=json)
        return
    if out is not None:
        check_writable(out)
    done, interrupted = check(screen, claims, jobs or os.cpu_count() or 1)
    results = document(done)
    files: dict[str, bytes | str] = {"claims.json": results + "\n"}
    if out is not None:
        save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(results)
    else:
        print_results(screen, done, show=show)
    if left_out:
        screen.print(f"left out by --quick: {', '.join(claim.name for claim in left_out)}")
    if interrupted:
        screen.print(
            f"interrupted: {counted(len(claims) - len(done), 'claim')} not checked", style="red"
        )
    if out is not None:
        report_saved(screen, out, files)
    if any(result.fails for _, result in done):
        raise typer.Exit(REFUTED)
    if interrupted or not all(result.passes for _, result in done):
        raise typer.Exit(UNKNOWN)
