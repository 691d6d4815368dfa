"""Shrinking: the shortest failing trace that can be reached by leaving out what is not needed.

Delta debugging (Zeller, Hildebrandt, IEEE TSE 28(2), 2002): steps are left out by halves first and
then one by one; when no single one can be, members are left out of creates, and then two steps at
once; at last, steps are rewritten, to see whether more can be left out then. Deterministic.
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
"""Pairs are tried in traces no longer than this."""


def shrink(steps: Sequence[Step], fails: Callable[[tuple[Step, ...]], bool]) -> tuple[Step, ...]:
    """The shortest trace like ``steps`` that fails and can be reached.

    No one step of it can be left out, no two (tried up to 40 steps), and no member of a create; nor
    can it be shortened after one rewriting. ``fails`` plays a trace and says whether it shows the
    failure; it must for ``steps``.
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
    """Leave out what can be left out."""
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
    """Traces of the same length, in which another does it, or something simpler is done.

    Somebody who is handed an operation gives way to its author, who has it confirmed, or to another
    who may join; an operation becomes an update; a removal is of somebody else.
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
    """The step with one member in place of another."""
    changed: dict[str, Any] = {
        name: new for name in ("who", "whom", "to") if getattr(step, name, None) == old
    }
    return replace(step, **changed) if changed else step


def _without_blocks(
    steps: tuple[Step, ...], size: int, fails: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...] | None:
    """As many blocks of ``size`` left out as can be, last first; None if none can."""
    now = steps
    for start in reversed(range(0, len(steps), size)):
        candidate = now[:start] + now[start + size :]
        if fails(candidate):
            now = candidate
    return now if len(now) < len(steps) else None


def _with_fewer_keys(
    steps: tuple[Step, ...], fails: Callable[[tuple[Step, ...]], bool]
) -> tuple[Step, ...] | None:
    """A create of a smaller group, so that others need not be there; None if there is none."""
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
    if len(steps) > _PAIRS_UP_TO:
        return None
    for first, second in combinations(range(len(steps)), 2):
        candidate = tuple(s for n, s in enumerate(steps) if n not in (first, second))
        if fails(candidate):
            return candidate
    return None
