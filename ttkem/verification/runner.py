"""Run claims, one after another or several at once."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
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
        """Whether the claim holds, regardless of its twin."""
        return self.finding.verdict is Verdict.HOLDS

    @property
    def passes(self) -> bool:
        """Whether the claim holds and its twin refutes what the claim's `refutes` names."""
        return self.holds and self.twin.refutes is self.refutes

    @property
    def fails(self) -> bool:
        """Whether the claim is refuted, or its twin holds or refutes something else.

        A claim that neither fails nor passes is undecided.
        """
        if self.finding.verdict is Verdict.REFUTED or self.twin.verdict is Verdict.HOLDS:
            return True
        return self.twin.refutes not in {None, self.refutes}

    @property
    def objection(self) -> str:
        """The reason why the claim does not pass; empty if it passes."""
        if not self.holds:
            return self.finding.shown
        if self.passes:
            return ""
        if self.twin.refutes is not None:
            return f"its twin refutes {self.twin.refutes}, but must refute {self.refutes}"
        reason = self.twin.shown or "it holds"
        return f"its twin must refute {self.refutes}, but is not refuted: {reason}"


def select(claims: Sequence[Claim], names: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims with these names in the order of `claims`, or all if no name is given."""
    known = [claim.name for claim in claims]
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.5) or [*known[:3], "..."]
            raise LocalError(
                f"unknown claim {name!r} among these {len(known)}: did you mean {', '.join(near)}?"
            )
    return tuple(claim for claim in claims if not names or claim.name in names)


def run(claim: Claim, tick: Tick) -> Result:
    """Check a claim and its negative twin."""
    began = time.perf_counter()
    finding = _found(claim, "check", tick)
    twin = _found(claim, "refute", tick)
    return Result(claim.name, finding, twin, claim.refutes, time.perf_counter() - began)


def _found(claim: Claim, of: str, tick: Tick) -> Finding:
    """Call one of a claim's functions; raise LocalError if it raises or returns no Finding."""
    try:
        finding = getattr(claim, of)(tick)
    except (TtkemError, AgreementError):
        raise
    except (Exception, SystemExit) as error:  # an exit with status 0 would pass for a verdict
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise LocalError(
            f"cannot check claim {claim.name!r}: its {of} raised {type(error).__name__} "
            f"at {where.filename}:{where.lineno}: {error}"
        ) from error
    if type(finding) is not Finding:  # a subclass need not carry evidence
        raise LocalError(
            f"cannot check claim {claim.name!r}: its {of} returned {finding!r}, not a Finding"
        )
    return finding


def run_all(claims: Sequence[Claim], jobs: int, tick: Tick) -> Iterator[Result]:
    """Yield results as they come, with several jobs from other processes and without ticks.

    Raise LocalError if the functions of a claim are not those of a module, so that other processes
    cannot import them, or if a process ends in the middle of a check.
    """
    if jobs == 1:
        for claim in claims:
            yield run(claim, lambda how, name=claim.name: tick(f"{name}: {how}"))  # type: ignore[misc]
        return
    for claim in claims:
        _check_importable(claim)
    # Only this process handles Ctrl-C; it then ends the others in the middle of their work.
    context, deaf = multiprocessing.get_context("spawn"), (signal.SIGINT, signal.SIG_IGN)
    others = {*multiprocessing.active_children()}
    with ProcessPoolExecutor(jobs, context, signal.signal, deaf) as pool:
        slow_first = sorted(claims, key=lambda claim: not claim.slow)
        tasks = [pool.submit(run, claim, _silent) for claim in slow_first]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BrokenProcessPool as error:
            raise LocalError(
                "cannot check the claims: a process ended in the middle of a check, killed or out "
                "of memory; give --jobs 1 to see which"
            ) from error
        except BaseException:
            workers = {*multiprocessing.active_children()} - others
            for worker in workers:
                worker.terminate()
            for worker in workers:
                # The pool's own thread waits for it too. If that thread learns of its end first,
                # `join` returns at once, though the worker still counts as alive for a moment.
                while worker.is_alive():
                    worker.join(0.05)
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _check_importable(claim: Claim) -> None:
    try:
        pickle.dumps(claim)
    except Exception as error:
        raise LocalError(
            f"cannot check claim {claim.name!r} in another process: {error}; "
            "define check and refute as functions of a module, or give --jobs 1"
        ) from error


def _silent(_how: str) -> None:
    """Ignore progress: other processes have no screen."""
