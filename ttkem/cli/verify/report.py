"""Print claims and the results of their checks, as a table or as JSON."""

from __future__ import annotations

import json as json_text
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table

from ttkem.cli.screen import counted, fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ttkem.verification.claim import Claim
    from ttkem.verification.runner import Result

__all__ = ["document", "print_claims", "print_results"]


def document(done: Sequence[tuple[Claim, Result]]) -> str:
    """Return the results as a JSON document."""
    return json_text.dumps([_fields(*each) for each in done], indent=1)


def print_claims(screen: Console, claims: Sequence[Claim], *, json: bool) -> None:
    """Print the claims, unchecked."""
    if json:
        print(json_text.dumps([_description(claim) for claim in claims]))
        return
    for claim in claims:
        screen.print(f"{claim.name} ({claim.kind})", style="bold", highlight=False)
        shown = {
            key: text for key, text in _description(claim).items() if key not in {"name", "kind"}
        }
        lines = "\n".join(f"{key}: {text}" for key, text in shown.items())
        screen.print(Padding(lines, (0, 0, 1, 2)), markup=False, highlight=False)


def print_results(screen: Console, done: Sequence[tuple[Claim, Result]], *, show: bool) -> None:
    """Print a table of results and the reason if a claim failed; with ``show``, counterexamples."""
    if not done:  # interrupted before the first result, which the command reports
        return
    _print_table(screen, [_row(*each) for each in done])
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


def _row(claim: Claim, result: Result) -> tuple[str, ...]:
    figures = ", ".join(f"{figure:,} {name}" for name, figure in result.finding.figures)
    verdicts = (result.finding.verdict.value, result.twin.verdict.value)
    return (claim.name, claim.kind.value, *verdicts, f"{result.seconds:.1f}", figures)


def _print_table(screen: Console, rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table that wraps only its figures, or a paragraph for each row on a narrow screen."""
    table = Table("claim", "kind", "verdict", "twin", "seconds", "looked at")
    for column in table.columns[:5]:
        column.no_wrap = True
    table.columns[5].min_width = 24
    table.columns[4].justify = "right"
    for row in rows:
        table.add_row(*row)
    if fits(screen, table):
        screen.print(table)
        return
    for name, kind, verdict, twin, seconds, figures in rows:
        words = f"{verdict}, twin {twin}, {seconds} s: {figures}"
        screen.print(f"{name} ({kind}): {words}", markup=False, highlight=False)


def _why(result: Result) -> str:
    word = "FAILS" if result.fails else "is UNDECIDED"
    if not result.holds:
        return f"{word}: {result.finding.shown}"
    return f"{word}: {result.objection}"


def _description(claim: Claim) -> dict[str, str]:
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


def _fields(claim: Claim, result: Result) -> dict[str, object]:
    return {
        **_description(claim),
        "verdict": result.finding.verdict.value,
        "figures": dict(result.finding.figures),
        "twin_verdict": result.twin.verdict.value,
        "counterexample": result.twin.shown,
        "passes": result.passes,
        "seconds": round(result.seconds, 3),
    }
