"""The schedules of a group of processes from a configuration, until they stop."""

from __future__ import annotations

import random
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agreement.extension.states import Configuration, States
    from agreement.memory import Block, Schedule

_WALKS = 12

__all__ = ["blocks_of", "inputs_in_reach", "runs"]


def blocks_of(
    states: States, now: Configuration, group: Block, goes_on: Callable[[int], bool]
) -> Iterator[Block]:
    """Yield the sets of processes of the group that can move together, small ones first."""
    rounds: dict[int, list[int]] = {}
    for process in group:
        if goes_on(now[process]):
            rounds.setdefault(states.round[now[process]], []).append(process)
    for size in range(1, len(group) + 1):
        for members in rounds.values():
            yield from combinations(members, size)


def runs(
    states: States,
    now: Configuration,
    group: Block,
    goes_on: Callable[[int], bool],
    keep: Callable[[Configuration], bool] = lambda _: True,
) -> Iterator[tuple[Configuration, Schedule]]:
    """Yield all configurations that the group reaches, each with a schedule.

    `goes_on(state)` says whether a process continues from a state. A few runs to the end come
    first, because an answer is often found there: each process alone, all in lockstep, and some
    random ones (with fixed seeds). Then come all configurations, each once, depth first; those for
    which `keep` is false are left out, with all that only they lead to.
    """
    for process in group:
        yield _walk(states, now, (process,), goes_on, None)
    yield _walk(states, now, group, goes_on, None)
    for seed in range(_WALKS if len(group) > 1 else 0):
        yield _walk(states, now, group, goes_on, random.Random(seed))  # noqa: S311 - no key
    seen = {now}
    todo: list[tuple[Configuration, Schedule]] = [(now, ())]
    while todo:
        at, blocks = todo.pop()
        yield at, blocks
        for block in reversed(list(blocks_of(states, at, group, goes_on))):
            after = states.move(at, block)
            if after not in seen and keep(after):
                seen.add(after)
                todo.append((after, (*blocks, block)))


def _walk(
    states: States,
    now: Configuration,
    group: Block,
    goes_on: Callable[[int], bool],
    rng: random.Random | None,
) -> tuple[Configuration, Schedule]:
    """Move the processes in the least round, all or (with `rng`) some, until all have stopped."""
    blocks: list[Block] = []
    while able := [p for p in group if goes_on(now[p])]:
        low = min(states.round[now[p]] for p in able)
        block = [p for p in able if states.round[now[p]] == low]
        if rng is not None:
            block = sorted(rng.sample(block, rng.randint(1, len(block))))
        now = states.move(now, tuple(block))
        blocks.append(tuple(block))
    return now, tuple(blocks)


def inputs_in_reach(states: States, now: Configuration, group: Block) -> frozenset[int]:
    """Return all inputs that the group knows, or can learn if only the group moves.

    Another process that has moved has written its state, so all that it knows is included.
    """
    known = [s for p, s in enumerate(now) if p in group or states.round[s] > 0]
    return frozenset[int]().union(*(states.inputs[s] for s in known))
