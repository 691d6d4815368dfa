"""Campaigns: many runs by many adversaries, all judged; failing runs are shrunk and kept.

A run depends only on the campaign's seed and on its own number, so the results do not depend on the
number of processes. Only where Ctrl-C cuts a campaign short does that number matter: it decides how
many runs were completed.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from ttkem.adversary.runs import new_run, run_trace
from ttkem.adversary.shrink import shrink
from ttkem.adversary.strategies import STRATEGIES, Player
from ttkem.adversary.visits import Visits
from ttkem.errors import LocalError
from ttkem.workers import map_on_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ttkem.adversary.replay_file import Trace
    from ttkem.adversary.runs import Judged, Run
    from ttkem.adversary.steps import Step
    from ttkem.adversary.symbolic import SymbolicGame

__all__ = ["Campaign", "Report", "run_campaign", "shrink_trace"]

_RUNS_A_TASK = 32
_MOST_KEPT = 8
"""The number of failing runs that a campaign keeps; further ones are only counted."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """The parameters of a campaign."""

    seed: str = "0"
    steps: int = 20_000
    """Steps of all runs together; the last run is played to its end."""
    real: bool = False
    """Whether to play with real messages and executed attacks (TTKEM beside its model)."""
    protocol: str = "TTKEM"
    suite: int = 1
    strategies: tuple[str, ...] = tuple(STRATEGIES)
    members: tuple[int, int] = (3, 8)
    """The smallest and the largest number of participants of a run."""
    length: int = 150
    """Steps of a run."""
    attacked: int = 2
    """The number of exposures of a real run that are attacked one by one."""
    explain: int = 15
    """One of this many symbolic runs is examined for the causes of its loose pairs."""

    @property
    def runs(self) -> int:
        """The number of runs."""
        return -(-self.steps // self.length)

    def check(self) -> None:
        """Raise a :class:`~ttkem.errors.LocalError` if a parameter is invalid."""
        for name in self.strategies:
            if name not in STRATEGIES:
                raise LocalError(f"unknown strategy {name!r}: choose from {', '.join(STRATEGIES)}")
        few, many = self.members
        if not 1 <= few <= many:
            raise LocalError(
                f"cannot run a campaign with {few} to {many} members: "
                "the first number must be at least 1 and at most the second"
            )
        if min(self.steps, self.length, len(self.strategies)) < 1:
            raise LocalError("cannot run a campaign without a step and a strategy")
        new_run(self.protocol, self.suite if self.real else 0, "", ())


@dataclass(slots=True)
class Report:
    """The result of a campaign; the reports of its parts are added up."""

    runs: int = 0
    steps: int = 0
    accepted: int = 0
    operations: int = 0
    atoms: int = 0
    pairs: int = 0
    """Compared pairs of an operation and an atom, over all runs."""
    unsafe: int = 0
    known: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    """Causes of loose pairs, in the runs that were examined."""
    challenges: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)
    strategies: Counter[str] = field(default_factory=Counter)
    """Runs by strategy."""
    attacks: int = 0
    recovered: int = 0
    withheld: int = 0
    failed: int = 0
    failures: list[Trace] = field(default_factory=list)
    """The first few failing runs, shrunk."""
    seconds: float = 0.0
    interrupted: bool = False
    enough: bool = True
    """Whether the campaign was long and varied enough to be judged by the situations it visited."""

    def add(self, other: Report) -> None:
        """Add the figures of another part of the campaign."""
        for name in (
            "runs",
            "steps",
            "accepted",
            "operations",
            "atoms",
            "pairs",
            "unsafe",
            "known",
            "attacks",
            "recovered",
            "withheld",
            "failed",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("causes", "challenges", "visits", "strategies"):
            getattr(self, name).update(getattr(other, name))
        self.failures = (self.failures + other.failures)[:_MOST_KEPT]

    @property
    def unvisited(self) -> tuple[str, ...]:
        """The important situations that no run visited; empty if the campaign was too short."""
        if not self.enough or self.interrupted:
            return ()
        return tuple(sorted(name for name, count in self.visits.items() if not count))


def run_campaign(
    campaign: Campaign,
    *,
    jobs: int = 1,
    on_progress: Callable[[Report, int], None] | None = None,
) -> Report:
    """Carry out all runs of a campaign on ``jobs`` processes.

    ``on_progress`` is called with the report so far and the total number of runs. Ctrl-C ends the
    campaign early: the report is then marked as interrupted and covers the runs completed so far.
    """
    campaign.check()
    if jobs < 1:
        raise LocalError(f"cannot run a campaign on {jobs} jobs: at least one is needed")
    began = time.perf_counter()
    report = Report()
    try:
        for part in _parts(campaign, jobs):
            report.add(part)
            report.seconds = time.perf_counter() - began
            if on_progress is not None:
                on_progress(report, campaign.runs)
    except KeyboardInterrupt:
        report.interrupted = True
    report.seconds = time.perf_counter() - began
    return report


def _parts(campaign: Campaign, jobs: int) -> Iterator[Report]:
    size = 1 if campaign.real else _RUNS_A_TASK
    starts = range(0, campaign.runs, size)
    tasks = [(campaign, start, min(start + size, campaign.runs)) for start in starts]
    return map_on_workers(_part, tasks, jobs)


def _part(task: tuple[Campaign, int, int]) -> Report:
    campaign, first, end = task
    report = Report()
    for number in range(first, end):
        _run(campaign, number, report)
    return report


def _run(campaign: Campaign, number: int, report: Report) -> None:
    """Play and judge one run by one adversary, and add it to the report."""
    seed = f"{campaign.seed}/{number}"
    chance = Random(seed)  # noqa: S311 - the adversary's choices, not keys
    strategy = STRATEGIES[campaign.strategies[number % len(campaign.strategies)]]
    names = tuple(f"m{n}" for n in range(chance.randint(*campaign.members)))
    suite = campaign.suite if campaign.real else 0
    run = new_run(campaign.protocol, suite, seed, names)
    first = chance.randint(1, len(names))
    player = Player(strategy, run.ledger, chance, first, _tainters(run.model))
    report.accepted += _play(run, player, campaign.length, report)
    attacked = [chance.randrange(campaign.length) for _ in range(campaign.attacked)]
    judged = run.judge(attacked, explain=number % campaign.explain == 0)
    report.strategies[strategy.name] += 1
    _count(judged, report)
    if judged.findings:
        report.failed += 1
        if len(report.failures) < _MOST_KEPT:
            report.failures.append(shrink_trace(replace(run.trace(), found=judged.findings)))


def _tainters(model: SymbolicGame | None) -> Callable[[str], set[str]]:
    """Return a function from a member to the tainters in its view; to none without a model."""

    def find(who: str) -> set[str]:
        view = None if model is None else model.view(who)
        if view is None:
            return set()
        return {name for leaf in {*view.taints.values()} if (name := view.leaves[leaf])}

    return find


def _play(run: Run, player: Player, length: int, report: Report) -> int:
    """Play the steps of a run; return how many were accepted."""
    visits = None if run.model is None else Visits()
    accepted = 0
    for _ in range(length):
        if run.over:
            break
        step = player.step()
        if visits is not None and run.model is not None:
            visits.before(run.model, step)
            outcome = run.play(step)
            visits.after(run.model, step, outcome)
        else:
            outcome = run.play(step)
        accepted += outcome.accepted
    report.runs += 1
    report.steps += run.ledger.time
    if visits is not None:
        report.visits.update(visits.counts)
    return accepted


def _count(judged: Judged, report: Report) -> None:
    attacks, compared = judged.attacks, judged.judgement
    report.attacks += attacks.attacks
    report.recovered += attacks.recovered
    report.withheld += attacks.withheld
    if compared is not None:
        report.operations += compared.operations
        report.atoms += compared.atoms
        report.pairs += compared.pairs
        report.unsafe += compared.unsafe
        report.known += compared.known
        report.causes.update(compared.causes)
        report.challenges.update(compared.challenges)


def shrink_trace(trace: Trace) -> Trace:
    """Shrink a failing trace to a short one with a violation of the same kind; return it played.

    Attacks by single atoms take long; they are executed only if the violation does not occur
    without them.
    """
    kind = trace.found[0].kind

    def fails(steps: tuple[Step, ...], *, every_atom: bool) -> bool:
        played, _ = run_trace(replace(trace, steps=steps), every_atom=every_atom)
        return any(finding.kind == kind for finding in played.found)

    needed = not fails(trace.steps, every_atom=False)
    steps = shrink(trace.steps, lambda steps: fails(steps, every_atom=needed))
    return run_trace(replace(trace, steps=steps))[0]
