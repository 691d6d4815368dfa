"""Shrinking and replaying runs that break a rule of a protocol under test."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypedDict

from ttkem import adversary
from ttkem.adversary import Add, Create, Deliver, Remove, SampleKey, Trace, Update, Violation
from ttkem.errors import described
from ttkem.testing.run import Failure, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ttkem.adversary import Step
    from ttkem.cgka import CGKA
    from ttkem.testing.contracts import Contract

__all__ = ["REPLAYS", "replay", "shrink", "unexpected"]

REPLAYS = 400
"""The greatest number of replays by which a failing run is shrunk.

A replay of a larger group takes longer: with 8 n members it counts n * n + 1 times.
"""


class _How(TypedDict):
    """How a run is judged."""

    deep: bool
    recorded_only: bool
    contract: Contract


def replay(
    protocol: CGKA,
    trace: Trace,
    *,
    judged: bool = True,
    deep: bool = False,
    recorded_only: bool = False,
    contract: Contract | None = None,
) -> tuple[Run, Failure | None]:
    """Replay a trace and judge it; return the run, and the failure or None.

    It is judged by ``contract``, or by that of the protocol.

    An unexpected exception of the protocol counts as a failure too.
    """
    run = Run(
        protocol,
        trace.seed,
        trace.members,
        judged=judged,
        deep=deep,
        recorded_only=recorded_only,
        contract=contract,
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

    Members are removed first, with all that they do, since that makes every further replay cheaper.
    After :data:`REPLAYS` replays the shortest failing trace so far is returned.

    Some checks call members outside the trace, with damaged bytes for example. Replaying the trace
    does not show such a failure; the whole trace is then returned unchanged, since it leads to the
    state in which the failure was seen.
    """
    trace = run.trace
    _, early = replay(protocol, trace, judged=False)
    # A rule that breaks before the end needs no attack at the end, which takes longer.
    judged = run.judged and (early is None or early.rule != failure.rule)

    how: _How = {
        "deep": run.deep,
        "recorded_only": run.recorded_only,
        "contract": run.contract,
    }

    left = REPLAYS

    def fails(steps: Sequence[Step]) -> bool:
        nonlocal left
        if left <= 0:
            return False
        left -= 1 + (sum(isinstance(step, SampleKey) for step in steps) // 8) ** 2
        shorter = replace(trace, steps=tuple(steps))
        _, again = replay(protocol, shorter, judged=judged, **how)
        return again is not None and again.rule == failure.rule

    if not fails(trace.steps):
        return replace(trace, found=(_finding(trace, failure),)), failure
    steps = trace.steps
    confirmed_only = [step for step in steps if not isinstance(step, Deliver)]
    if fails(confirmed_only):  # most attacks need no deliveries, and these take the longest
        steps = tuple(confirmed_only)
    steps = _with_fewer_members(steps, trace.members, fails)
    steps = adversary.shrink(steps, fails)
    # Every member has its own randomness, so members that no step mentions are not needed.
    spoken = {getattr(step, each.name) for step in steps for each in fields(step)}
    members = tuple(name for name in trace.members if name in spoken)
    shortest = replace(trace, steps=steps, members=members)
    last, again = replay(protocol, shortest, judged=judged, **how)
    found = again or failure
    return replace(last.trace, found=(_finding(last.trace, found),)), found


def _with_fewer_members(
    steps: tuple[Step, ...], members: Sequence[str], fails: Callable[[Sequence[Step]], bool]
) -> tuple[Step, ...]:
    """Remove members and everything that mentions them, from half of them down to single ones."""
    staying = list(members)
    size = len(staying) // 2
    while size:
        for start in reversed(range(0, len(staying), size)):
            gone = staying[start : start + size]
            candidate = _without_members(steps, frozenset(gone))
            if len(candidate) < len(steps) and fails(candidate):
                steps = candidate
                del staying[start : start + size]
        size //= 2
    return steps


def _without_members(steps: Sequence[Step], gone: frozenset[str]) -> tuple[Step, ...]:
    """Return the steps that mention none of these members, nor any operation of theirs."""
    kept: list[Step] = []
    keys: set[int] = set()
    ops: set[int] = set()
    for step in steps:
        named = {getattr(step, name, None) for name in ("who", "whom", "to")}
        key, op = getattr(step, "key", None), getattr(step, "op", None)
        if isinstance(step, SampleKey) and step.who in gone:
            keys.add(step.key)
        elif isinstance(step, Add) and key in keys:
            ops.add(step.op)
        elif named & gone:
            if isinstance(step, Create | Add | Remove | Update):
                ops.add(step.op)
        elif op not in ops:
            if isinstance(step, Create):
                left = tuple(each for each in step.keys if each not in keys)
                kept.append(replace(step, keys=left))
            else:
                kept.append(step)
    return tuple(kept)


def _finding(trace: Trace, failure: Failure) -> Violation:
    return Violation(failure.rule, max(len(trace.steps) - 1, 0), failure.seen)
