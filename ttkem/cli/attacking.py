"""A campaign, or a replay: run, print, write."""

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
    read_trace,
    run_campaign,
    run_trace,
    write_trace,
)
from ttkem.cli.screen import console, counted, progress, read, ready, save, tell
from ttkem.errors import RemoteError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

__all__ = ["run", "run_replay"]

SYMBOLIC_STEPS, REAL_STEPS = 200_000, 5_000
ENOUGH = 50_000
"""Steps from which a campaign of all strategies should have visited all that is important."""


def run(
    *,
    budget: int | None,
    seed: str,
    jobs: int | None,
    protocol: str,
    suite: int,
    strategies: Sequence[str] | None,
    out: Path,
    json: bool,
) -> Report:
    """Run and report a campaign, for real on a cipher suite, or symbolically with suite 0.

    The report names unvisited situations only where the campaign was long enough to be blamed.
    """
    screen = console(json=json)
    campaign = Campaign(
        seed=seed,
        steps=budget or (REAL_STEPS if suite else SYMBOLIC_STEPS),
        real=bool(suite),
        protocol=protocol,
        suite=suite or 1,
        strategies=tuple(strategies or STRATEGIES),
    )
    ready(out)
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
    files: dict[str, bytes | str] = {
        f"attack-{number}.json": write_trace(trace) for number, trace in enumerate(report.failures)
    }
    if files:
        save(out, files)  # before anything is printed: the reader may go
    if json:
        print(json_text.dumps(_machine(campaign, report)))
    else:
        _print(screen, campaign, report)
    if files:
        tell(screen, out, files)
    return report


def run_replay(path: Path, *, json: bool) -> bool:
    """Play a replay file again, step by step; whether it shows what is wrong once more."""
    try:
        trace = read_trace(read(path))
    except RemoteError as error:
        raise RemoteError(f"{path}: {error}") from None
    if ":" in trace.protocol:
        # Written by `pytest --cgka module:name`: any protocol, judged as a black box.
        from ttkem.testing.replaying import run_black_box  # noqa: PLC0415 - only now is it needed

        played, outcomes = run_black_box(trace)
    else:
        played, outcomes = run_trace(trace)
    same = played.digest == trace.digest
    if json:
        found = [asdict(finding) for finding in played.found]
        print(json_text.dumps({"steps": len(played.steps), "same": same, "found": found}))
    else:
        screen = console(json=json)
        kind = f"cipher suite {played.suite}" if played.suite else "symbolic"
        screen.print(f"{played.protocol}, {kind}, seed {played.seed}", highlight=False)
        notes = ["" if outcome.accepted else f"refused: {outcome.reason}" for outcome in outcomes]
        text = format_trace(played.steps, notes)
        screen.print(text, markup=False, highlight=False, soft_wrap=True)
        for finding in played.found:
            words = f"step {finding.time}: {finding.kind}: {finding.what}"
            screen.print(words, markup=False, highlight=False, soft_wrap=True)
        word = "the same, bit for bit" if same else "NOT the same bytes"
        if trace.digest:
            screen.print(f"Compared with the run in the file: {word}")
        screen.print(counted(len(played.found), "finding"))
    return bool(played.found)


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
            f"of all strategies; this campaign is not.",
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
