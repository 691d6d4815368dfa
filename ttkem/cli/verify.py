"""``ttkem verify``: check the two catalogues of claims and print the table."""

from __future__ import annotations

import json as json_text
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ttkem.cli.screen import Format, console, progress
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from rich.console import Console

    from models import Claim
    from models.running import Result

__all__ = ["verify"]

FAILED, UNKNOWN = 1, 3


class Catalogue(StrEnum):
    """Which claims."""

    ALL = "all"
    MODELS = "models"
    PROOFS = "proofs"


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Claims; by default all.")] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Print the claims, check nothing.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print what refutes each negative twin.")
    ] = False,
    catalogue: Annotated[
        Catalogue, typer.Option(help="Bounded claims, theorems for every size, or both.")
    ] = Catalogue.ALL,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what takes longer than some seconds.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default all cores.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="What to print: tables, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """Check every claim of the catalogues, and that its broken twin is refuted.

    Exit status 1 if a claim does not hold, or if a twin is not refuted; 3 if Ctrl-C cut it short.
    """
    try:
        import models  # noqa: PLC0415 - heavy, imported where used
        import proofs  # noqa: PLC0415 - likewise
        from models.running import run_all, select  # noqa: PLC0415 - likewise
    except ModuleNotFoundError:
        raise LocalError(
            "the claims are part of the source, not of the package: set up a checkout by `make`"
        ) from None

    json = output is Format.JSON
    screen = console(json=json)
    known = {Catalogue.MODELS: models.CLAIMS, Catalogue.PROOFS: proofs.CLAIMS}
    everything = known.get(catalogue, models.CLAIMS + proofs.CLAIMS)
    chosen = select(everything, names or [])
    claims = tuple(claim for claim in chosen if not (quick and claim.slow))
    if listed:
        _print_claims(screen, claims, json=json)
        return
    results: dict[str, Result] = {}
    jobs = min(jobs or os.cpu_count() or 1, len(claims))
    with progress(screen) as bar:
        bar(0, len(claims), "checking")

        def tick(how: str) -> None:
            bar(len(results), len(claims), how)

        interrupted = False
        try:
            for result in run_all(claims, jobs, tick):
                results[result.name] = result
                tick(f"{result.name} done")
        except KeyboardInterrupt:
            interrupted = True
    done = [(claim, results[claim.name]) for claim in claims if claim.name in results]
    if json:
        print(json_text.dumps([_machine(*each) for each in done]))
    else:
        _print_results(screen, done, show=show)
    if interrupted:
        screen.print(f"interrupted: {len(claims) - len(done)} claims were not checked", style="red")
    if not all(result.passes for _, result in done):
        raise typer.Exit(FAILED)
    if interrupted:
        raise typer.Exit(UNKNOWN)


def _print_claims(screen: Console, claims: tuple[Claim, ...], *, json: bool) -> None:
    if json:
        keys = ("name", "statement", "source", "bound", "twin")
        print(json_text.dumps([{key: getattr(claim, key) for key in keys} for claim in claims]))
        return
    table = Table("claim", "statement", "source", "bound", "twin to be refuted")
    for claim in claims:
        table.add_row(claim.name, claim.statement, claim.source, claim.bound, claim.twin)
    screen.print(table)


def _print_results(screen: Console, done: list[tuple[Claim, Result]], *, show: bool) -> None:
    table = Table("claim", "statement", "verdict", "twin", "looked at", "seconds")
    table.columns[5].justify = "right"
    for claim, result in done:
        figures = ", ".join(f"{figure:,} {name}" for name, figure in result.finding.figures)
        verdicts = (result.finding.verdict.value, result.twin.verdict.value)
        table.add_row(claim.name, claim.statement, *verdicts, figures, f"{result.seconds:.1f}")
    screen.print(table)
    for claim, result in done:
        if not result.passes:
            screen.print(f"\n{claim.name} FAILS: {result.finding.shown or claim.statement}")
        if show:
            screen.print(f"\n{claim.name}, twin: {claim.twin}", style="bold")
            screen.print(result.twin.shown, markup=False, highlight=False, soft_wrap=True)
    passed = sum(result.passes for _, result in done)
    screen.print(f"{passed} of {len(done)} claims hold, each with a twin that is refuted")


def _machine(claim: Claim, result: Result) -> dict[str, object]:
    return {
        "name": claim.name,
        "statement": claim.statement,
        "source": claim.source,
        "bound": claim.bound,
        "verdict": result.finding.verdict.value,
        "figures": dict(result.finding.figures),
        "twin": claim.twin,
        "twin_verdict": result.twin.verdict.value,
        "counterexample": result.twin.shown,
        "passes": result.passes,
        "seconds": round(result.seconds, 3),
    }
