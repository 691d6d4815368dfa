"""Shrinking: reduce a failing trace to a short one that still fails.

Delta debugging (Zeller, Hildebrandt, IEEE TSE 28(2), 2002): blocks of steps are removed, from half
of the trace down to single steps. When no single step can be removed, members are removed from
creates, and then pairs of steps are removed. Last, single steps are rewritten, to see whether more
can then be removed. The result is deterministic, and a local minimum.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ttkem.adversary.steps import Add, Confirm, Create, Deliver, Remove, SampleKey, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ttkem.adversary.steps import Step

__all__ = ["shrink"]

_MAKES = (Create, Add, Remove, Update)
_PAIRS_UP_TO = 40
"""The length of the longest trace in which removing pairs of steps is tried."""


def shrink(steps: Sequence[Step], fails: Callable[[tuple[Step, ...]], bool]) -> tuple[Step, ...]:
    """Return a locally minimal trace that fails, made from ``steps``.

    Removing any single step, any two steps (tried up to 40 steps) or any member of a create makes
    the failure disappear, and rewriting one step allows no further removal. ``fails`` plays a trace
    and returns whether it shows the failure; it must return True for ``steps``.
    """
    now = _reduced(tuple(steps), fails)
    while True:
        for candidate in _rewritings(now):
            if fails(candidate):
                shorter = _reduced(candidate, fails)
                if len(shorter) < len(now):
                    now = shorter
                    break
        else:
            return now


def _reduced(
    steps: tuple[Step, ...], fails: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...]:
    """Remove everything whose removal keeps the failure."""
    now, size = steps, max(len(steps) // 2, 1)
    while True:
        shorter = _without_blocks(now, size, fails)
        if shorter is None and size > 1:
            size //= 2
            continue
        if shorter is None:
            shorter = _with_fewer_keys(now, fails) or _without_pair(now, fails)
        if shorter is None:
            return now
        now = shorter


def _rewritings(steps: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
    """Yield traces of the same length in which one step is replaced by a similar one.

    The recipient of a delivery is replaced in the rest of the trace by the operation's author, who
    confirms it instead, or by another owner of an init key; an add or remove becomes an update; a
    remove gets another target.
    """
    authors = {step.op: step.who for step in steps if isinstance(step, _MAKES)}
    owners = dict.fromkeys(step.who for step in steps if isinstance(step, SampleKey))
    for number, step in enumerate(steps):
        before, after = steps[:number], steps[number + 1 :]
        if isinstance(step, Deliver) and step.op in authors:
            author = authors[step.op]
            yield *before, Confirm(step.op), *(_renamed(each, step.to, author) for each in after)
            for other in owners:
                yield (*before, *(_renamed(each, step.to, other) for each in (step, *after)))
        elif isinstance(step, Add | Remove):
            yield *before, Update(step.who, step.op), *after
        if isinstance(step, Remove):
            for whom in dict.fromkeys(authors.values()):
                yield *before, replace(step, whom=whom), *after


def _renamed(step: Step, old: str, new: str) -> Step:
    """Return the step with member ``old`` replaced by ``new``."""
    changed: dict[str, Any] = {
        name: new for name in ("who", "whom", "to") if getattr(step, name, None) == old
    }
    return replace(step, **changed) if changed else step


def _without_blocks(
    steps: tuple[Step, ...], size: int, fails: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...] | None:
    """Remove as many blocks of ``size`` steps as possible, last first; None if none can go."""
    now = steps
    for start in reversed(range(0, len(steps), size)):
        candidate = now[:start] + now[start + size :]
        if fails(candidate):
            now = candidate
    return now if len(now) < len(steps) else None


def _with_fewer_keys(
    steps: tuple[Step, ...], fails: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...] | None:
    """Remove one member from a create; None if no such trace fails."""
    for number, step in enumerate(steps):
        if isinstance(step, Create):
            for key in step.keys:
                keys = tuple(other for other in step.keys if other != key)
                candidate = (*steps[:number], replace(step, keys=keys), *steps[number + 1 :])
                if fails(candidate):
                    return candidate
    return None


def _without_pair(
    steps: tuple[Step, ...], fails: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...] | None:
    """Remove two steps at once; None if no such trace fails or the trace is too long."""
    if len(steps) > _PAIRS_UP_TO:
        return None
    for first, second in combinations(range(len(steps)), 2):
        candidate = tuple(s for n, s in enumerate(steps) if n not in (first, second))
        if fails(candidate):
            return candidate
    return None
