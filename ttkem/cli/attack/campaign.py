"""Run a campaign of adversaries, and print and write what it found."""

from __future__ import annotations

import json as json_text
import os
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING

from rich.table import Table

from ttkem.adversary import (
    CAUSES,
    IMPORTANT,
    STRATEGIES,
    Campaign,
    Report,
    format_trace,
    run_campaign,
    write_trace,
)
from ttkem.cli.files import check_writable, report_saved, save
from ttkem.cli.screen import console, counted, progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from ttkem.testing.symbolic_model import GivenModel

__all__ = ["run"]

SYMBOLIC_STEPS, REAL_STEPS = 200_000, 5_000
ENOUGH = 50_000
"""The number of steps from which a campaign of all strategies should visit every situation."""


def run(  # noqa: PLR0913 - the options of the command
    *,
    budget: int | None,
    seed: str,
    jobs: int | None,
    protocol: str,
    suite: int,
    strategies: Sequence[str] | None,
    out: Path,
    json: bool,
    model: GivenModel | None = None,
) -> Report:
    """Run and report a campaign with real messages of a cipher suite, or symbolically with suite 0.

    With a ``model``, ``protocol`` is the name under which replay files find it.
    The returned report names unvisited situations only if the campaign was long enough to visit
    them all.
    """
    screen = console(json=json)
    campaign = Campaign(
        seed=seed,
        steps=budget or (REAL_STEPS if suite else SYMBOLIC_STEPS),
        real=bool(suite),
        protocol=protocol,
        suite=suite or 1,
        strategies=tuple(strategies or STRATEGIES),
        model=model,
    )
    check_writable(out)
    with progress(screen) as show:

        def on_progress(report: Report, total: int) -> None:
            show(
                report.runs,
                total,
                f"{counted(report.steps, 'step')}, {counted(report.failed, 'failure')}",
            )

        report = run_campaign(campaign, jobs=jobs or os.cpu_count() or 1, on_progress=on_progress)
    if strategies or report.steps < ENOUGH:
        report = replace(report, enough=False)
    if model is not None:
        report.failures = [replace(trace, protocol=protocol) for trace in report.failures]
    files: dict[str, bytes | str] = {
        f"attack-{number}.json": write_trace(trace) for number, trace in enumerate(report.failures)
    }
    if files:
        save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(json_text.dumps(_machine(campaign, report)))
    else:
        _print(screen, campaign, report)
    if files:
        report_saved(screen, out, files)
    return report


def _print(screen: Console, campaign: Campaign, report: Report) -> None:
    rate = report.steps / max(report.seconds, 1e-9)
    how = f"for real, cipher suite {campaign.suite}" if campaign.real else "symbolic"
    screen.print(
        f"{campaign.protocol}, {how}, seed {campaign.seed}: "
        f"{counted(report.runs, 'run')}, {counted(report.steps, 'step')} "
        f"({report.accepted:,} accepted) in {report.seconds:.1f} s, {rate:,.0f} steps/s",
        highlight=False,
        soft_wrap=True,
    )
    if report.pairs:
        _print_judged(screen, report)
    if campaign.real:
        screen.print(
            f"{counted(report.attacks, 'attack')} executed: "
            f"{counted(report.recovered, 'group key')} computed and compared, "
            f"{report.withheld:,} out of reach",
            highlight=False,
            soft_wrap=True,
        )
    for trace in report.failures:
        finding = trace.found[0]
        screen.print(f"\nFOUND {finding.kind}: {finding.what}", markup=False, soft_wrap=True)
        screen.print(format_trace(trace.steps), markup=False, highlight=False, soft_wrap=True)
    screen.print(counted(report.failed, "failing run"))


def _print_judged(screen: Console, report: Report) -> None:
    table = Table("an operation and an atom of its run", "pairs")
    table.columns[1].justify = "right"
    table.add_row("compared", f"{report.pairs:,}")
    table.add_row("not safe: the atom is in a critical window", f"{report.unsafe:,}")
    table.add_row("known: the group key can be derived", f"{report.known:,}")
    table.add_row("not safe, yet not known", f"{report.unsafe - report.known:,}")
    screen.print(table)
    if report.causes:
        why = Table("not safe, yet not known, because", "pairs, in a sample of runs")
        why.columns[1].justify = "right"
        for cause, meaning in CAUSES.items():
            why.add_row(f"{cause}: {meaning}", f"{report.causes[cause]:,}")
        screen.print(why)
    visits = Table("situation", "visits")
    visits.columns[1].justify = "right"
    for name in IMPORTANT:
        visits.add_row(name, f"{report.visits[name]:,}")
    screen.print(visits)
    challenges = ", ".join(f"{count:,} {name}" for name, count in sorted(report.challenges.items()))
    screen.print(f"Challenges: {challenges or 'none'}", highlight=False, soft_wrap=True)
    if not report.enough:
        screen.print(
            f"Whether an important situation was never visited is judged from {ENOUGH:,} steps "
            f"of all strategies on; this campaign is shorter or has fewer.",
            highlight=False,
            soft_wrap=True,
        )
    if report.unvisited:
        screen.print(f"NEVER VISITED: {', '.join(report.unvisited)}", soft_wrap=True)


def _machine(campaign: Campaign, report: Report) -> dict[str, object]:
    plain: dict[str, object] = {each.name: getattr(report, each.name) for each in fields(report)}
    plain["failures"] = [json_text.loads(write_trace(trace)) for trace in report.failures]
    return {
        "campaign": asdict(campaign),
        **plain,
        "loose": report.unsafe - report.known,
        "unvisited": list(report.unvisited),
    }
