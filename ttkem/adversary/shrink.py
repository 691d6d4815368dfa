"""Shrinking: the shortest failing trace that can be reached by leaving out steps.

Delta debugging (Zeller, Hildebrandt, IEEE TSE 28(2), 2002), by halves first and then one by one,
until no single step can be left out; then until no two can. Deterministic.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ttkem.adversary.steps import Step

__all__ = ["shrink"]

_PAIRS_UP_TO = 40
"""Pairs are tried in traces no longer than this."""


def shrink(steps: Sequence[Step], fails: Callable[[tuple[Step, ...]], bool]) -> tuple[Step, ...]:
    """A part of ``steps`` that fails, and no longer does without any one or two of its steps.

    ``fails`` plays a trace and says whether it shows the failure; it must for ``steps``. Pairs are
    tried up to 40 steps only.
    """
    now = tuple(steps)
    size = max(len(now) // 2, 1)
    while True:
        shorter = _without_blocks(now, size, fails)
        if shorter is not None:
            now = shorter
        elif size > 1:
            size //= 2
        else:
            found = _without_pair(now, fails)
            if found is None:
                return now
            now = found


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
