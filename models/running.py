"""Running claims, one after another or several at once."""

from __future__ import annotations

import multiprocessing
import signal
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from agreement.errors import AgreementError
from agreement.explore import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from models.claim import Claim, Finding, Tick

__all__ = ["Result", "run", "run_all", "select"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came out for one claim, and for its twin."""

    name: str
    finding: Finding
    twin: Finding
    seconds: float

    @property
    def holds(self) -> bool:
        """The claim holds, whatever its twin does."""
        return self.finding.verdict is Verdict.HOLDS

    @property
    def passes(self) -> bool:
        """The claim holds, and its twin is refuted."""
        return self.holds and self.twin.verdict is Verdict.REFUTED

    @property
    def fails(self) -> bool:
        """The claim is refuted, or its twin holds; neither this nor `passes`: undecided."""
        return self.finding.verdict is Verdict.REFUTED or self.twin.verdict is Verdict.HOLDS


def select(claims: Sequence[Claim], names: Sequence[str]) -> tuple[Claim, ...]:
    """The claims of these names, in their order among `claims`; all of them if none is named."""
    known = [claim.name for claim in claims]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.5) or [*known[:3], "..."]
            raise AgreementError(
                f"there is no claim {name!r} among these {len(known)}: {', '.join(near)}?"
            )
    return tuple(claim for claim in claims if not names or claim.name in names)


def run(claim: Claim, tick: Tick) -> Result:
    """Check a claim and its twin."""
    began = time.perf_counter()
    finding = claim.check(tick)
    twin = claim.refute(tick)
    return Result(claim.name, finding, twin, time.perf_counter() - began)


def run_all(claims: Sequence[Claim], jobs: int, tick: Tick) -> Iterator[Result]:
    """Results as they come; with several jobs in other processes, and without ticks."""
    if jobs == 1:
        for claim in claims:
            yield run(claim, lambda how, name=claim.name: tick(f"{name}: {how}"))  # type: ignore[misc]
        return
    # Ctrl-C is for this process alone, which then ends the others in the middle of their work.
    context, deaf = multiprocessing.get_context("spawn"), (signal.SIGINT, signal.SIG_IGN)
    others = {*multiprocessing.active_children()}
    with ProcessPoolExecutor(jobs, context, signal.signal, deaf) as pool:
        slow_first = sorted(claims, key=lambda claim: not claim.slow)
        tasks = [pool.submit(run, claim, _silent) for claim in slow_first]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BaseException:
            workers = {*multiprocessing.active_children()} - others
            for worker in workers:
                worker.terminate()
            for worker in workers:
                # The pool's own thread waits for it too. If that hears of its end first, `join`
                # returns at once, though the worker still counts as alive for a moment.
                while worker.is_alive():
                    worker.join(0.05)
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _silent(how: str) -> None:
    del how
