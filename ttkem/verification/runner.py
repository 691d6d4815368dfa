"""Run claims, one after another or several at once."""

from __future__ import annotations

import multiprocessing
import signal
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from agreement.errors import AgreementError
from agreement.verdict import Verdict
from ttkem.errors import LocalError, TtkemError
from ttkem.verification.claim import Finding, Refutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ttkem.verification.claim import Claim, Tick

__all__ = ["Result", "run", "run_all", "select"]


@dataclass(frozen=True, slots=True)
class Result:
    """The findings for a claim and for its negative twin."""

    name: str
    finding: Finding
    twin: Finding
    refutes: Refutes
    """What the twin's check must refute."""
    seconds: float

    @property
    def holds(self) -> bool:
        """The claim holds, whatever was found of its twin."""
        return self.finding.verdict is Verdict.HOLDS

    @property
    def passes(self) -> bool:
        """The claim holds, and its twin refutes what the claim says that it refutes."""
        return self.holds and self.twin.refutes is self.refutes

    @property
    def fails(self) -> bool:
        """The claim is refuted, or its twin holds, or refutes something else.

        A claim that neither fails nor passes is undecided.
        """
        if self.finding.verdict is Verdict.REFUTED or self.twin.verdict is Verdict.HOLDS:
            return True
        return self.twin.refutes not in {None, self.refutes}

    @property
    def objection(self) -> str:
        """The reason why the claim does not pass, in words; empty if it passes."""
        if not self.holds:
            return self.finding.shown
        if self.passes:
            return ""
        if self.twin.refutes is not None:
            return f"its twin refutes {self.twin.refutes}, and must refute {self.refutes}"
        reason = self.twin.shown or "that it holds"
        return f"its twin is not refuted, and must refute {self.refutes}; its check says: {reason}"


def select(claims: Sequence[Claim], names: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims of these names, in the order of `claims`; all of them if none is named."""
    known = [claim.name for claim in claims]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.5) or [*known[:3], "..."]
            raise LocalError(
                f"there is no claim {name!r} among these {len(known)}: {', '.join(near)}?"
            )
    return tuple(claim for claim in claims if not names or claim.name in names)


def run(claim: Claim, tick: Tick) -> Result:
    """Check a claim and its negative twin."""
    began = time.perf_counter()
    finding = _found(claim, "check", tick)
    twin = _found(claim, "refute", tick)
    return Result(claim.name, finding, twin, claim.refutes, time.perf_counter() - began)


def _found(claim: Claim, of: str, tick: Tick) -> Finding:
    """Call one of a claim's functions; an error in it is the claim's author's."""
    try:
        finding = getattr(claim, of)(tick)
    except (TtkemError, AgreementError):
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise LocalError(
            f"cannot check claim {claim.name!r}: its {of} raised {type(error).__name__} "
            f"at {where.filename}:{where.lineno}: {error}"
        ) from error
    if not isinstance(finding, Finding):
        raise LocalError(
            f"cannot check claim {claim.name!r}: its {of} returned {finding!r}, not a Finding"
        )
    return finding


def run_all(claims: Sequence[Claim], jobs: int, tick: Tick) -> Iterator[Result]:
    """Yield results as they come; with several jobs in other processes, and without ticks."""
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
