"""Hypothesis strategies for property tests: graphs, inputs, schedules and crashes.

>>> from hypothesis import given
>>> from agreement.memory import Simulation
>>> from agreement.strategies import follow, graphs, choices
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from agreement.graph import (
    Graph,
    random_block_graph,
    random_chordal,
    random_connected,
    random_tree,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agreement.memory import Run, Simulation

__all__ = ["KINDS", "choices", "crashes", "follow", "graphs", "inputs"]

KINDS: dict[str, Callable[[int, random.Random], Graph]] = {
    "tree": random_tree,
    "block": random_block_graph,
    "chordal": random_chordal,
    "connected": lambda order, rng: random_connected(order, 0.3, rng),
}


@st.composite
def graphs(draw: st.DrawFn, kind: str = "connected", max_order: int = 8) -> Graph:
    """Generate connected graphs of one of the `KINDS`, with 1 to `max_order` vertices."""
    order = draw(st.integers(1, max_order))
    seed = draw(st.integers(0, 2**32 - 1))
    return KINDS[kind](order, random.Random(seed))  # noqa: S311 - test data


def inputs(graph: Graph, count: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Generate input vertices for `count` processes."""
    return st.tuples(*[st.integers(0, graph.order - 1)] * count)


def choices(length: int = 200) -> st.SearchStrategy[list[int]]:
    """Generate numbers for `follow`, which makes a schedule of them.

    Smaller numbers give simpler schedules, so shrinking the list simplifies the schedule.
    """
    return st.lists(st.integers(0, 63), max_size=length)


def crashes(count: int, most_steps: int) -> st.SearchStrategy[dict[int, int]]:
    """Generate crashes: for some processes, never all, the number of steps before each stops."""
    some = st.dictionaries(st.integers(0, count - 1), st.integers(0, most_steps))
    return some.filter(lambda chosen: len(chosen) < count)


def follow(
    simulation: Simulation, taken: Sequence[int], crash_after: dict[int, int] | None = None
) -> Run:
    """Run a simulation to its end, choosing each block by the next number of `taken`.

    The number selects, modulo their number, one of the blocks that can move. When the numbers are
    used up, the first process that can move does. `crash_after[p]` is the number of its steps after
    which process p stops. The program must be wait-free.
    """
    stop = crash_after or {}
    rest = list(taken)[::-1]
    while True:
        blocks = [
            block
            for block in simulation.blocks()
            if all(p not in stop or simulation.steps_taken[p] < stop[p] for p in block)
        ]
        if not blocks:
            return simulation.run()
        simulation.step(blocks[(rest.pop() if rest else 0) % len(blocks)])
