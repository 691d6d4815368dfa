"""``ttkem verify``: check the two catalogues of claims and print the table."""

from __future__ import annotations

import json as json_text
import os
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer
from rich.padding import Padding
from rich.table import Table

from ttkem.cli.screen import Format, console, counted, progress, ready, save, tell
from ttkem.cli.status import REFUTED, UNKNOWN
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ttkem.verification.claim import Claim
    from ttkem.verification.runner import Result

__all__ = ["verify"]


class Catalogue(StrEnum):
    """Which claims."""

    ALL = "all"
    MODELS = "models"
    PROOFS = "proofs"


def verify(  # noqa: PLR0913, PLR0917 - options
    names: Annotated[list[str] | None, typer.Argument(help="Claims; by default all.")] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Print the claims, check nothing.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print what refutes each negative twin.")
    ] = False,
    catalogue: Annotated[
        Catalogue, typer.Option(help="Bounded claims, proofs, or both.")
    ] = Catalogue.ALL,
    modules: Annotated[
        list[str] | None,
        typer.Option(
            "--claims", help="Check CLAIMS of this module (mypackage.claims), no catalogue; repeat."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what takes longer than some seconds.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; by default all cores.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for claims.json, what came out; made if missing.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="What to print: tables, or JSON for machines.")
    ] = Format.TABLE,
) -> None:
    """Check every claim, and that its negative twin is refuted; --list says more of each.

    Exit status 1 if a claim is refuted, or a twin holds or refutes something else; 3 if something
    could not be decided, or if Ctrl-C cut it short.
    """
    json = output is Format.JSON
    screen = console(json=json)
    claims, left_out = _chosen(catalogue, modules or [], names or [], quick=quick)
    if listed:
        _print_claims(screen, claims, json=json)
        return
    if out is not None:
        ready(out)
    done, interrupted = _check(screen, claims, jobs or os.cpu_count() or 1)
    told = json_text.dumps([_machine(*each) for each in done], indent=1)
    files: dict[str, bytes | str] = {"claims.json": told + "\n"}
    if out is not None:
        save(out, files)  # before anything is printed: the reader may go
    if json:
        print(told)
    else:
        _print_results(screen, done, show=show)
    if left_out:
        screen.print(f"left out by --quick: {', '.join(claim.name for claim in left_out)}")
    if interrupted:
        screen.print(
            f"interrupted: {counted(len(claims) - len(done), 'claim')} not checked", style="red"
        )
    if out is not None:
        tell(screen, out, files)
    if any(result.fails for _, result in done):
        raise typer.Exit(REFUTED)
    if interrupted or not all(result.passes for _, result in done):
        raise typer.Exit(UNKNOWN)


def _chosen(
    catalogue: Catalogue, modules: Sequence[str], names: Sequence[str], *, quick: bool
) -> tuple[list[Claim], list[Claim]]:
    """Return the claims to check, and those that are left out for being slow."""
    from ttkem.verification.catalogue import checked_names, load  # noqa: PLC0415 - heavy
    from ttkem.verification.runner import select  # noqa: PLC0415 - likewise

    if modules and catalogue is not Catalogue.ALL:
        raise LocalError("give --claims or --catalogue, not both")
    every = [claim for module in modules for claim in load(module)] or _catalogues(catalogue)
    named = select(checked_names(every), names)
    left_out = [claim for claim in named if quick and claim.slow]
    claims = [claim for claim in named if claim not in left_out]
    if not claims:
        raise LocalError(f"--quick leaves out all of {', '.join(names)}: drop it")
    return claims, left_out


def _catalogues(catalogue: Catalogue) -> tuple[Claim, ...]:
    """Return the claims of this project's catalogues."""
    try:
        import models  # noqa: PLC0415 - heavy, imported where used
        import proofs  # noqa: PLC0415 - likewise
    except ModuleNotFoundError:
        raise LocalError(
            "the catalogues are part of the source, not of the package: set up a checkout by "
            "`make`, or give claims of your own by --claims"
        ) from None
    known = {Catalogue.MODELS: models.CLAIMS, Catalogue.PROOFS: proofs.CLAIMS}
    return known.get(catalogue, models.CLAIMS + proofs.CLAIMS)


def _check(
    screen: Console, claims: Sequence[Claim], jobs: int
) -> tuple[list[tuple[Claim, Result]], bool]:
    """What came out, in the order of the claims; whether Ctrl-C cut it short."""
    from ttkem.verification.runner import run_all  # noqa: PLC0415 - heavy, imported where used

    results: dict[str, Result] = {}
    interrupted = False
    with progress(screen) as bar:
        bar(0, len(claims), "checking")

        def tick(how: str) -> None:
            bar(len(results), len(claims), how)

        try:
            for result in run_all(claims, min(jobs, len(claims)), tick):
                results[result.name] = result
                tick(f"{result.name} done")
        except KeyboardInterrupt:
            interrupted = True
    return [(each, results[each.name]) for each in claims if each.name in results], interrupted


def _print_claims(screen: Console, claims: Sequence[Claim], *, json: bool) -> None:
    if json:
        print(json_text.dumps([_described(claim) for claim in claims]))
        return
    for claim in claims:
        screen.print(f"{claim.name} ({claim.kind})", style="bold", highlight=False)
        told = {key: text for key, text in _described(claim).items() if key not in {"name", "kind"}}
        lines = "\n".join(f"{key}: {text}" for key, text in told.items())
        screen.print(Padding(lines, (0, 0, 1, 2)), markup=False, highlight=False)


def _print_results(screen: Console, done: Sequence[tuple[Claim, Result]], *, show: bool) -> None:
    table = Table("claim", "kind", "verdict", "twin", "seconds", "looked at")
    table.columns[0].no_wrap = True
    table.columns[5].min_width = 24
    table.columns[4].justify = "right"
    for claim, result in done:
        figures = ", ".join(f"{figure:,} {name}" for name, figure in result.finding.figures)
        verdicts = (result.finding.verdict.value, result.twin.verdict.value)
        table.add_row(claim.name, claim.kind, *verdicts, f"{result.seconds:.1f}", figures)
    screen.print(table)
    for claim, result in done:
        if not result.passes:
            screen.print(f"\n{claim.name} {_why(result)}", markup=False)
        if show:
            if result.finding.shown:
                screen.print(f"\n{claim.name}: {result.finding.shown}", markup=False)
            refutes = f"refutes {claim.refutes}"
            screen.print(f"\n{claim.name}, twin: {claim.twin} ({refutes})", style="bold")
            screen.print(result.twin.shown, markup=False, highlight=False, soft_wrap=True)
    passed = sum(result.passes for _, result in done)
    screen.print(
        f"{passed} of {counted(len(done), 'claim')} passed: held, with a twin that is refuted"
    )


def _why(result: Result) -> str:
    word = "FAILS" if result.fails else "is UNDECIDED"
    return f"{word}: {result.objection}"


def _described(claim: Claim) -> dict[str, str]:
    return {
        "name": claim.name,
        "kind": claim.kind.value,
        "statement": claim.statement,
        "source": claim.source,
        "bound": claim.bound,
        "trusts": claim.trusts,
        "twin": claim.twin,
        "refutes": claim.refutes.value,
        "file": claim.file,
    }


def _machine(claim: Claim, result: Result) -> dict[str, object]:
    return {
        **_described(claim),
        "verdict": result.finding.verdict.value,
        "figures": dict(result.finding.figures),
        "twin_verdict": result.twin.verdict.value,
        "counterexample": result.twin.shown,
        "passes": result.passes,
        "seconds": round(result.seconds, 3),
    }
