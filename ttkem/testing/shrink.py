"""Shrinking and replaying runs that break a rule of a protocol under test."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ttkem import adversary
from ttkem.adversary import Trace, Violation
from ttkem.errors import described
from ttkem.testing.run import Failure, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.adversary import Step
    from ttkem.cgka import CGKA

__all__ = ["replay", "shrink", "unexpected"]


def replay(
    protocol: CGKA,
    trace: Trace,
    *,
    judged: bool = True,
    deep: bool = False,
    recorded_only: bool = False,
) -> tuple[Run, Failure | None]:
    """Replay a trace and judge it; return the run, and the failure or None.

    An unexpected exception of the protocol counts as a failure too.
    """
    run = Run(
        protocol, trace.seed, trace.members, judged=judged, deep=deep, recorded_only=recorded_only
    )
    try:
        run.play(*trace.steps)
        if judged:
            run.judge()
    except Failure as failure:
        return run, failure
    except Exception as error:  # noqa: BLE001 - a protocol under test may raise anything
        return run, unexpected(error)
    return run, None


def unexpected(error: Exception) -> Failure:
    """Return the failure of a protocol that raised an unexpected exception."""
    return Failure("must succeed", described(error))


def shrink(protocol: CGKA, run: Run, failure: Failure) -> tuple[Trace, Failure]:
    """Shrink a failing run; return a short trace that breaks the same rule, and its failure.

    Some checks call members outside the trace, with damaged bytes for example. Replaying the trace
    does not show such a failure; the whole trace is then returned unchanged, since it leads to the
    state in which the failure was seen.
    """
    trace = run.trace
    _, early = replay(protocol, trace, judged=False)
    # A rule that breaks before the end needs no attack at the end, which takes longer.
    judged = run.judged and (early is None or early.rule != failure.rule)

    how = {"deep": run.deep, "recorded_only": run.recorded_only}

    def fails(steps: Sequence[Step]) -> bool:
        shorter = replace(trace, steps=tuple(steps))
        _, again = replay(protocol, shorter, judged=judged, **how)
        return again is not None and again.rule == failure.rule

    if not fails(trace.steps):
        return replace(trace, found=(_finding(trace, failure),)), failure
    steps = adversary.shrink(trace.steps, fails)
    # Every member has its own randomness, so members that no step mentions are not needed.
    spoken = {getattr(step, each.name) for step in steps for each in fields(step)}
    members = tuple(name for name in trace.members if name in spoken)
    shortest = replace(trace, steps=steps, members=members)
    last, again = replay(protocol, shortest, judged=judged, **how)
    found = again or failure
    return replace(last.trace, found=(_finding(last.trace, found),)), found


def _finding(trace: Trace, failure: Failure) -> Violation:
    return Violation(failure.rule, max(len(trace.steps) - 1, 0), failure.seen)
