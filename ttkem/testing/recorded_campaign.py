"""Campaigns on any protocol: many adversaries, every run judged from its recorded cryptography.

The adversaries are those of :mod:`ttkem.adversary`: one that acts at random, and six that favour
one kind of attack. Every fifth run has a large group. What a run corrupts does not matter: at its
end every state and every use of randomness of it is an atom, and every group key is tried with each
atom and with sets of them. A run depends only on the campaign's seed and on its own number.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from ttkem.adversary import (
    STRATEGIES,
    Add,
    Create,
    EraseKeys,
    Player,
    Reject,
    Remove,
    Trace,
    Update,
    Violation,
)
from ttkem.crypto.recording import Recorder, recording
from ttkem.errors import LocalError
from ttkem.testing.contract_table import ContractTable
from ttkem.testing.features import Feature, lacking
from ttkem.testing.protocol_import import import_protocol
from ttkem.testing.run import Failure, Run
from ttkem.testing.seen import Seen, seen_in
from ttkem.testing.shrink import replay, shrink, unexpected
from ttkem.workers import map_on_workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.adversary import Step
    from ttkem.cgka import CGKA
    from ttkem.testing.contracts import Contract

__all__ = ["Found", "RecordedCampaign", "RecordedReport", "run_recorded_campaign"]

_RUNS_A_TASK = 2


@dataclass(frozen=True, slots=True)
class RecordedCampaign:
    """The parameters of a campaign on recorded cryptography."""

    protocol: str
    """The protocol as ``module:name``; every worker imports it."""
    contract: Contract
    """What the protocol promises; the campaign tries to break it."""
    seed: str = "0"
    steps: int = 5_000
    """Steps of all runs together; the last run is played to its end."""
    strategies: tuple[str, ...] = tuple(STRATEGIES)
    members: tuple[int, int] = (3, 8)
    """The smallest and the largest number of participants of a run."""
    large: tuple[int, int] = (9, 17)
    """The same for every fifth run."""
    length: int = 150
    """Steps of a run."""

    @property
    def runs(self) -> int:
        """The number of runs."""
        return -(-self.steps // self.length)

    def check(self) -> None:
        """Raise a :class:`~ttkem.errors.LocalError` if a parameter is invalid."""
        for name in self.strategies:
            if name not in STRATEGIES:
                raise LocalError(f"unknown strategy {name!r}: choose from {', '.join(STRATEGIES)}")
        if min(self.steps, self.length, len(self.strategies)) < 1:
            raise LocalError("cannot run a campaign without a step and a strategy")
        lacking(import_protocol(self.protocol))


@dataclass(slots=True)
class Found:
    """A rule that the protocol breaks: the first run that shows it, and how many do."""

    rule: str
    seen: str
    """The observation that breaks the rule."""
    story: tuple[str, ...]
    """For a key that was computed, the derivation in words."""
    trace: Trace
    strategy: str
    runs: int = 1


@dataclass(slots=True)
class RecordedReport:
    """The result of a campaign; the reports of its parts are added up."""

    table: ContractTable
    runs: int = 0
    steps: int = 0
    accepted: int = 0
    operations: int = 0
    keys: int = 0
    """Group keys, each of which was tried with every atom of its run."""
    atoms: int = 0
    pairs: int = 0
    """Compared pairs of a group key and an atom."""
    derivable: int = 0
    sets: int = 0
    """Compared sets of atoms, each of which leaves the key safe."""
    failed: int = 0
    strategies: Counter[str] = field(default_factory=Counter)
    """Runs by strategy."""
    seen: Seen = field(default_factory=Seen)
    found: list[Found] = field(default_factory=list)
    """The broken rules, each with its first run, which is shrunk."""
    seconds: float = 0.0
    interrupted: bool = False

    def add(self, other: RecordedReport) -> None:
        """Add the figures of another part of the campaign."""
        for name in (
            "runs",
            "steps",
            "accepted",
            "operations",
            "keys",
            "atoms",
            "pairs",
            "derivable",
            "sets",
            "failed",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.table.add(other.table)
        self.seen.add(other.seen)
        self.strategies.update(other.strategies)
        known = {found.rule: found for found in self.found}
        for found in other.found:
            if found.rule in known:
                known[found.rule].runs += found.runs
            else:
                self.found.append(found)
                known[found.rule] = found


def run_recorded_campaign(
    campaign: RecordedCampaign,
    *,
    jobs: int = 1,
    on_progress: Callable[[RecordedReport, int], None] | None = None,
) -> RecordedReport:
    """Carry out all runs of a campaign on ``jobs`` processes, then shrink what was found.

    ``on_progress`` is called with the report so far and the total number of runs. Ctrl-C ends the
    campaign early: the report is then marked as interrupted and covers the runs completed so far.
    """
    campaign.check()
    if jobs < 1:
        raise LocalError(f"cannot run a campaign on {jobs} jobs: at least one is needed")
    began = time.perf_counter()
    report = RecordedReport(ContractTable(campaign.contract))
    starts = range(0, campaign.runs, _RUNS_A_TASK)
    tasks = [(campaign, n, min(n + _RUNS_A_TASK, campaign.runs)) for n in starts]
    try:
        for part in map_on_workers(_part, tasks, jobs):
            report.add(part)
            report.seconds = time.perf_counter() - began
            if on_progress is not None:
                on_progress(report, campaign.runs)
        with recording(Recorder()):
            for found in report.found:
                _shrink(campaign, found)
    except KeyboardInterrupt:
        report.interrupted = True
    report.seconds = time.perf_counter() - began
    return report


def _part(task: tuple[RecordedCampaign, int, int]) -> RecordedReport:
    campaign, first, end = task
    protocol = import_protocol(campaign.protocol)
    report = RecordedReport(ContractTable(campaign.contract))
    with recording(Recorder()):  # the primitives are replaced once for all runs of the task
        for number in range(first, end):
            _run(campaign, protocol, number, report)
    return report


def _run(campaign: RecordedCampaign, protocol: CGKA, number: int, report: RecordedReport) -> None:
    """Play and judge one run by one adversary, and add it to the report."""
    seed = f"{campaign.seed}/{number}"
    chance = Random(seed)  # noqa: S311 - the adversary's choices, not keys
    strategy = STRATEGIES[campaign.strategies[number % len(campaign.strategies)]]
    size = campaign.large if number % 5 == 4 else campaign.members  # noqa: PLR2004 - every fifth
    names = tuple(f"m{n}" for n in range(chance.randint(*size)))
    first = chance.randint(2 * len(names) // 3, len(names))
    if Feature.ADD in lacking(protocol):
        first = len(names)  # nobody can come later
    report.runs += 1
    report.strategies[strategy.name] += 1
    run: Run | None = None
    failure = None
    try:
        run = Run(protocol, seed, names, recorded_only=True, contract=campaign.contract)
        run.tabled = True
        player = Player(strategy, run.game.ledger, chance, first)
        for _ in range(campaign.length):
            step = player.step()
            if not _lacked(run, step):
                run.play(step)
        run.judge()
    except Failure as broken:
        failure = broken
    except Exception as error:  # noqa: BLE001 - a protocol under test may raise anything
        failure = unexpected(error)
    trace = Trace(protocol.name, 0, seed, names, ())
    if run is not None:
        trace = run.trace
        _count(run, report)
    if failure is not None:
        report.failed += 1
        trace = replace(trace, protocol=campaign.protocol, found=(_violation(trace, failure),))
        found = Found(failure.rule, failure.seen, failure.story, trace, strategy.name)
        alone = RecordedReport(ContractTable(campaign.contract), found=[found])
        report.add(alone)


def _count(run: Run, report: RecordedReport) -> None:
    """Add the figures of a run to the report."""
    game = run.game
    report.steps += game.ledger.time
    report.accepted += sum(outcome.accepted for outcome in game.outcomes)
    report.operations += len(game.operations)
    judged, together = run.judged_record, run.judged_together
    if judged is None or together is None:
        return
    report.keys += len(judged.numbers)
    report.atoms += len(judged.atoms)
    report.pairs += judged.pairs
    report.derivable += judged.derivable
    report.sets += together.sets
    report.seen.add(seen_in(judged))
    report.table.add_run(judged, together)


def _violation(trace: Trace, failure: Failure) -> Violation:
    return Violation(failure.rule, max(len(trace.steps) - 1, 0), failure.seen)


def _shrink(campaign: RecordedCampaign, found: Found) -> None:
    """Replace the run of a finding by a short one that breaks the same rule."""
    if not found.trace.steps:
        return
    protocol = import_protocol(campaign.protocol)
    run, failure = replay(protocol, found.trace, recorded_only=True, contract=campaign.contract)
    if failure is not None:
        short, last = shrink(protocol, run, failure)
        found.seen, found.story = last.seen, last.story
        found.trace = replace(short, protocol=campaign.protocol)


def _lacked(run: Run, step: Step) -> bool:
    """Return whether a step asks for something that the protocol says it lacks."""
    ledger = run.game.ledger
    if isinstance(step, Create | Add | Remove | Update):
        pending = step.who in ledger.members and bool(ledger.members[step.who].pending)
        if pending and not run.has(Feature.SEVERAL):
            return True
    if isinstance(step, Create | Add) and not run.has(Feature.READD):
        keys = step.keys if isinstance(step, Create) else (step.key,)
        coming = {ledger.keys.get(key) for key in keys}
        coming |= {step.who} if isinstance(step, Create) else set()
        if any(coming & made.roster for made in ledger.made.values()):
            return True
    needed = {
        Add: Feature.ADD,
        Remove: Feature.REMOVE,
        Reject: Feature.REJECT,
        EraseKeys: Feature.DISCARD,
    }.get(type(step))
    return needed is not None and not run.has(needed)
