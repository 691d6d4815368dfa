"""Schedulers: they choose who moves next, where there are too many schedules to try them all.

A scheduler is called with the processes that can move and the simulation, and returns a block. Each
is made from a seed; the same seed gives the same schedule.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from agreement.errors import ScheduleError
from agreement.memory.operations import WriteScan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agreement.memory.schedule import Block
    from agreement.memory.simulator import Run, Simulation

__all__ = ["SCHEDULERS", "DrivenRun", "Scheduler", "drive", "pct", "round_robin", "solo", "uniform"]

Scheduler: TypeAlias = "Callable[[Sequence[int], Simulation], Block]"


@dataclass(frozen=True, slots=True)
class DrivenRun:
    """A run, and whether it is finished; it is not if it was stopped at its limit of steps."""

    run: Run
    finished: bool


def drive(
    simulation: Simulation,
    scheduler: Scheduler,
    *,
    crashes: Mapping[int, int] | None = None,
    limit: int = 10_000_000,
    progress: Callable[[int], None] | None = None,
) -> DrivenRun:
    """Let `scheduler` choose blocks until no process can move, or `limit` blocks have moved.

    `crashes[p]` is the number of its steps after which process p does not move any more. `progress`
    is called with the number of blocks so far, once per thousand.
    """
    crash_after = crashes or {}
    if not set(crash_after) <= set(range(len(simulation.inputs))):
        raise ScheduleError(
            f"cannot crash processes {sorted(crash_after)}: the processes are "
            f"0 to {len(simulation.inputs) - 1}"
        )
    steps = 0
    while True:
        alive = [
            p for p in simulation.movable if simulation.steps_taken[p] < crash_after.get(p, limit)
        ]
        if not alive or steps >= limit:
            return DrivenRun(simulation.run(), finished=not alive)
        simulation.step(scheduler(alive, simulation))
        steps += 1
        if progress is not None and steps % _NOW_AND_THEN == 0:
            progress(steps)


_NOW_AND_THEN = 1000


def uniform(seed: int, together: float = 0.5) -> Scheduler:
    """Choose every process with the same probability.

    A process that is poised for an immediate snapshot is joined by each other process that can take
    it in the same block, with probability `together`.
    """
    rng = random.Random(seed)  # noqa: S311 - schedules, no secrets

    def choose(alive: Sequence[int], simulation: Simulation) -> Block:
        first = rng.choice(alive)
        mates = [p for p in _mates(first, alive, simulation) if rng.random() < together]
        return tuple(sorted((first, *mates)))

    return choose


def _mates(first: int, alive: Sequence[int], simulation: Simulation) -> list[int]:
    """Return the others that can take an immediate snapshot in one block with `first`."""
    mine = simulation.processes[first].poised
    if not isinstance(mine, WriteScan):
        return []
    poised = ((p, simulation.processes[p].poised) for p in alive if p != first)
    return [p for p, op in poised if isinstance(op, WriteScan) and op.array == mine.array]


def round_robin(seed: int, delays: int = 0, horizon: int = 1000) -> Scheduler:
    """Choose the processes in turn, skipping one at `delays` random ones of `horizon` steps.

    This is delay-bounded scheduling (Emmi, Qadeer, Rakamaric, POPL 2011).
    """
    rng = random.Random(seed)  # noqa: S311 - schedules, no secrets
    skips = set(rng.sample(range(horizon), min(delays, horizon)))
    state = {"step": 0, "turn": 0}

    def choose(alive: Sequence[int], simulation: Simulation) -> Block:
        count = len(simulation.inputs)
        for _ in range(1 + (state["step"] in skips)):
            order = sorted(alive, key=lambda p: (p - state["turn"]) % count)
            state["turn"] = (order[0] + 1) % count
        state["step"] += 1
        return (order[0],)

    return choose


def pct(seed: int, depth: int = 3, steps: int = 1000) -> Scheduler:
    """Choose by probabilistic concurrency testing (PCT).

    The process of highest priority moves. Priorities are random at first, and at `depth` - 1 random
    steps the process that would move gets a low one. In runs of n processes with at most `steps`
    steps, a bug of depth `depth` is found with probability at least 1 / (n steps^(depth - 1)).
    Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010.
    """
    rng = random.Random(seed)  # noqa: S311 - schedules, no secrets
    changes = {rng.randrange(steps): -1 - i for i in range(depth - 1)}
    priorities: dict[int, float] = {}
    state = {"step": 0}

    def choose(alive: Sequence[int], simulation: Simulation) -> Block:
        if not priorities:
            order = rng.sample(range(len(simulation.inputs)), len(simulation.inputs))
            priorities.update({p: float(depth + place) for place, p in enumerate(order)})
        first = max(alive, key=priorities.__getitem__)
        if state["step"] in changes:
            priorities[first] = changes[state["step"]]
            first = max(alive, key=priorities.__getitem__)
        state["step"] += 1
        return (first,)

    return choose


def solo(seed: int) -> Scheduler:
    """Choose the processes one after another, in random order, each until it decides."""
    rng = random.Random(seed)  # noqa: S311 - schedules, no secrets
    order: list[int] = []

    def choose(alive: Sequence[int], simulation: Simulation) -> Block:
        if not order:
            order.extend(rng.sample(range(len(simulation.inputs)), len(simulation.inputs)))
        return (min(alive, key=order.index),)

    return choose


SCHEDULERS: dict[str, Callable[[int], Scheduler]] = {
    "uniform": uniform,
    "round-robin": round_robin,
    "delays": lambda seed: round_robin(seed, delays=20),
    "pct": pct,
    "solo": solo,
}
"""The schedulers by their name on the command line: `SCHEDULERS[name](seed)`."""
