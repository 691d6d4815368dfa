"""Campaigns: many runs by many adversaries, all judged; what fails is shrunk and kept.

A run depends on the campaign's seed and its own number only, so the results do not depend on the
number of processes, but for how many runs fit when Ctrl-C ends a campaign early.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from random import Random
from typing import TYPE_CHECKING

from ttkem.adversary.runs import new_run, run_trace
from ttkem.adversary.shrink import shrink
from ttkem.adversary.strategies import STRATEGIES, Player
from ttkem.adversary.visits import Visits
from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ttkem.adversary.replay_file import Trace
    from ttkem.adversary.runs import Judged, Run
    from ttkem.adversary.steps import Step
    from ttkem.adversary.symbolic import SymbolicGame

__all__ = ["Campaign", "Report", "run_campaign", "shrink_trace"]

_RUNS_A_TASK = 32
_MOST_KEPT = 8
"""Failures that a campaign keeps; the others are counted."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be done."""

    seed: str = "0"
    steps: int = 20_000
    """All runs together; the last is played to its end."""
    real: bool = False
    """Real messages, for TTKEM beside the symbolic model, and executed attacks."""
    protocol: str = "TTKEM"
    suite: int = 1
    strategies: tuple[str, ...] = tuple(STRATEGIES)
    members: tuple[int, int] = (3, 8)
    """Fewest and most who take part in a run."""
    length: int = 150
    """Steps of a run."""
    attacked: int = 2
    """Of a real run: exposures on which single attacks are executed."""
    explain: int = 15
    """Of so many symbolic runs one is looked at for causes of looseness."""

    @property
    def runs(self) -> int:
        """How many runs it takes."""
        return -(-self.steps // self.length)

    def check(self) -> None:
        """Raise a :class:`~ttkem.errors.LocalError` for what cannot be done."""
        for name in self.strategies:
            if name not in STRATEGIES:
                raise LocalError(f"no strategy {name!r}: choose from {', '.join(STRATEGIES)}")
        few, many = self.members
        if not 1 <= few <= many or min(self.steps, self.length, len(self.strategies)) < 1:
            raise LocalError("a campaign has a member, a step and a strategy at least")
        new_run(self.protocol, self.suite if self.real else 0, "", ())


@dataclass(slots=True)
class Report:
    """What came out; reports of parts are added up."""

    runs: int = 0
    steps: int = 0
    accepted: int = 0
    operations: int = 0
    atoms: int = 0
    pairs: int = 0
    """Operations times atoms, over all runs: what was compared."""
    unsafe: int = 0
    known: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    """Of loose pairs, in the runs that were looked at."""
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
    """Whether it was long and varied enough to have been everywhere."""

    def add(self, other: Report) -> None:
        """Add the figures of another part."""
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
        """Important situations that no run was in, if it was long enough to be asked."""
        if not self.enough or self.interrupted:
            return ()
        return tuple(sorted(name for name, count in self.visits.items() if not count))


def run_campaign(
    campaign: Campaign,
    *,
    jobs: int = 1,
    on_progress: Callable[[Report, int], None] | None = None,
) -> Report:
    """Do all runs of a campaign on ``jobs`` processes.

    ``on_progress`` hears the report so far, and how many runs there will be. Ctrl-C ends it early:
    the report then says so, and has all that was done.
    """
    campaign.check()
    if jobs < 1:
        raise LocalError("at least one job is needed")
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
    if jobs == 1:
        yield from map(_part, tasks)
        return
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(jobs, get_context("spawn"), signal.signal, ignore) as pool:
        try:
            yield from pool.map(_part, tasks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _part(task: tuple[Campaign, int, int]) -> Report:
    campaign, first, end = task
    report = Report()
    for number in range(first, end):
        _run(campaign, number, report)
    return report


def _run(campaign: Campaign, number: int, report: Report) -> None:
    """One run by one adversary, judged, and added to the report."""
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
    """Who taints something in a member's view; nobody, where no model can tell."""

    def find(who: str) -> set[str]:
        view = None if model is None else model.view(who)
        if view is None:
            return set()
        return {name for leaf in {*view.taints.values()} if (name := view.leaves[leaf])}

    return find


def _play(run: Run, player: Player, length: int, report: Report) -> int:
    """The steps of a run; how many were accepted."""
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
    """The shortest trace like a failing one that shows a finding of the same kind, played.

    Attacks by single atoms, which take long, are executed only if it does not show without them.
    """
    kind = trace.found[0].kind

    def fails(steps: tuple[Step, ...], *, every_atom: bool) -> bool:
        played, _ = run_trace(replace(trace, steps=steps), every_atom=every_atom)
        return any(finding.kind == kind for finding in played.found)

    needed = not fails(trace.steps, every_atom=False)
    steps = shrink(trace.steps, lambda steps: fails(steps, every_atom=needed))
    return run_trace(replace(trace, steps=steps))[0]
