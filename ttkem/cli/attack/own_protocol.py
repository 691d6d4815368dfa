"""Run a campaign on anybody's protocol from its recorded cryptography, and print what it found."""

from __future__ import annotations

import json as json_text
import os
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.table import Table

from ttkem.adversary import STRATEGIES, format_trace, write_trace
from ttkem.cli.attack import campaign as symbolic
from ttkem.cli.files import check_writable, report_saved, save
from ttkem.cli.screen import console, counted, progress
from ttkem.cli.status import HOLDS, REFUTED, UNKNOWN
from ttkem.testing.contracts import contract_of
from ttkem.testing.protocol_import import import_protocol
from ttkem.testing.recorded_campaign import (
    RecordedCampaign,
    RecordedReport,
    run_recorded_campaign,
)
from ttkem.testing.symbolic_model import SYMBOLIC, GivenModel, has_symbolic_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from ttkem.adversary import Report
    from ttkem.cgka import CGKA

__all__ = ["is_symbolic", "run", "run_symbolic"]

LENGTH = 150
"""The steps of a run, if the whole campaign is not shorter."""


def is_symbolic(protocol: str, *, real: bool | None) -> bool:
    """Return whether to play the symbolic model of a protocol: if it gives one, by default."""
    if real is not None:
        return not real
    return has_symbolic_model(import_protocol(protocol))


def run_symbolic(
    protocol: str,
    *,
    budget: int | None,
    seed: str,
    jobs: int | None,
    strategies: Sequence[str] | None,
    out: Path,
    json: bool,
) -> Report:
    """Run and report a campaign on the symbolic model that a protocol gives."""
    return symbolic.run(
        budget=budget,
        seed=seed,
        jobs=jobs,
        protocol=protocol + SYMBOLIC,
        suite=0,
        strategies=strategies,
        out=out,
        json=json,
        model=GivenModel(protocol),
    )


def run(
    protocol: str,
    *,
    contract: str | None,
    budget: int | None,
    seed: str,
    jobs: int | None,
    strategies: Sequence[str] | None,
    out: Path,
    json: bool,
) -> tuple[RecordedReport, int]:
    """Run and report a campaign on recorded cryptography; return its exit status too."""
    screen = console(json=json)
    imported = import_protocol(protocol)
    steps = budget or symbolic.REAL_STEPS
    campaign = RecordedCampaign(
        protocol,
        contract_of(imported, contract),
        seed=seed,
        steps=steps,
        length=min(steps, LENGTH),
        strategies=tuple(strategies or STRATEGIES),
    )
    check_writable(out)
    with progress(screen) as show:

        def on_progress(report: RecordedReport, total: int) -> None:
            show(
                report.runs,
                total,
                f"{counted(report.steps, 'step')}, {counted(report.failed, 'failure')}",
            )

        report = run_recorded_campaign(
            campaign, jobs=jobs or os.cpu_count() or 1, on_progress=on_progress
        )
    files: dict[str, bytes | str] = {
        f"attack-{number}.json": write_trace(found.trace)
        for number, found in enumerate(report.found)
    }
    if files:
        save(out, files)  # before printing, in case the reader closes the pipe
    if json:
        print(json_text.dumps(_machine(campaign, imported, report)))
    else:
        again = "" if contract is None else f" --contract {shlex.quote(contract)}"
        _print(screen, campaign, imported, report, again)
    if files:
        report_saved(screen, out, files)
    return report, _status(report)


def _status(report: RecordedReport) -> int:
    """Return the exit status: nothing found means nothing if it was not seen how keys are made."""
    if report.failed:
        return REFUTED
    return HOLDS if report.seen.complete and not report.interrupted else UNKNOWN


def _print(
    screen: Console,
    campaign: RecordedCampaign,
    protocol: CGKA,
    report: RecordedReport,
    again: str,
) -> None:
    """Print what must be known first, then what was found, then figures; ``again``: options."""

    def say(line: str) -> None:
        screen.print(line, highlight=False, markup=False, soft_wrap=True)

    for line in report.seen.lines():
        say(line[:1].upper() + line[1:] + ".")
    for number, found in enumerate(report.found):
        say(f"\nFOUND {found.rule}: {found.seen}")
        say(f"in {counted(found.runs, 'run')}, first by the adversary {found.strategy!r}; shrunk:")
        say(format_trace(found.trace.steps))
        for line in found.story:
            say(f"  {line}")
        say(f"again: ttkem attack{again} --replay attack-{number}.json\n")
    rate = report.steps / max(report.seconds, 1e-9)
    say(
        f"{protocol.name} ({campaign.protocol}), recorded cryptography, seed {campaign.seed}: "
        f"{counted(report.runs, 'run')}, {counted(report.steps, 'step')} "
        f"({report.accepted:,} accepted) in {report.seconds:.1f} s, {rate:,.0f} steps/s"
    )
    say(
        f"{counted(report.keys, 'group key')} and {counted(report.atoms, 'leak')}: "
        f"{counted(report.pairs, 'pair')} compared, {report.derivable:,} derivable; "
        f"{counted(report.sets, 'set')} of leaks that are harmless one by one"
    )
    _print_contract(screen, report)
    say(report.table.verdict()[:1].upper() + report.table.verdict()[1:] + ".")
    say(counted(report.failed, "failing run"))


def _print_contract(screen: Console, report: RecordedReport) -> None:
    """Print the levels of healing and forward secrecy; a star marks what is promised."""
    table = Table(
        f"contract {report.table.contract.name!r} (*)",
        "one leak: for",
        "against",
        "several: for",
        "against",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for line in report.table.lines():
        table.add_row(
            line.meaning,
            f"{'* ' if line.promised else ''}{line.supported:,}",
            f"{line.contradicted:,}",
            f"{'* ' if line.jointly_promised else ''}{line.jointly_supported:,}",
            f"{line.jointly_contradicted:,}",
        )
    screen.print(table)


def _machine(
    campaign: RecordedCampaign, protocol: CGKA, report: RecordedReport
) -> dict[str, object]:
    contract = report.table.contract
    strongest = report.table.strongest()
    lines = [
        {**asdict(line), "level": line.level.value, "meaning": line.meaning}
        for line in report.table.lines()
    ]
    return {
        "campaign": {
            "protocol": campaign.protocol,
            "name": protocol.name,
            "contract": contract.name,
            "seed": campaign.seed,
            "steps": campaign.steps,
            "strategies": list(campaign.strategies),
            "length": campaign.length,
        },
        "notes": list(report.seen.lines()),
        "seen": asdict(report.seen),
        "runs": report.runs,
        "steps": report.steps,
        "accepted": report.accepted,
        "operations": report.operations,
        "keys": report.keys,
        "atoms": report.atoms,
        "pairs": report.pairs,
        "derivable": report.derivable,
        "sets": report.sets,
        "strategies": dict(report.strategies),
        "seconds": report.seconds,
        "interrupted": report.interrupted,
        "failed": report.failed,
        "contract": lines,
        "strongest": {
            "healing": strongest.healing.value,
            "forward": strongest.forward.value,
            "together": strongest.joint.forward.value,
        },
        "public": report.table.public,
        "found": [
            {
                "rule": found.rule,
                "seen": found.seen,
                "story": list(found.story),
                "runs": found.runs,
                "strategy": found.strategy,
                "replay": json_text.loads(write_trace(found.trace)),
            }
            for found in report.found
        ],
    }
