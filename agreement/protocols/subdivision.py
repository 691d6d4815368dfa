"""A complete check of embed, average, round, on all values that averaging can give.

Averaging does not depend on the graph: relative to the inputs, the values that n processes can hold
after k rounds are always the same points. `values_after` enumerates all combinations of n values,
round by round; different runs that lead to the same combination merge, so they stay few. Two values
are *neighbours* if two processes hold them in the same run. For n processes, a protocol with k
rounds is correct for all inputs if and only if rounding sends all neighbours after k rounds to
vertices that are adjacent or equal, and every value into the carrier of its support.
`find_violation` checks every one of them. The check is complete, since outputs depend on the last
values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import TaskError
from agreement.graph import shortest_path
from agreement.memory import COMMUNICATION_MODELS, every_run
from agreement.protocols.averaging import average, proved_rounds
from agreement.protocols.rounding import Rounding
from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from agreement.memory import Steps, View
    from agreement.task import Task

__all__ = [
    "RoundingViolation",
    "Values",
    "fewest_rounds",
    "find_violation",
    "labels",
    "one_round_views",
    "values_after",
]


@dataclass(frozen=True, slots=True)
class Values:
    """The values that `count` processes can hold after `rounds` rounds.

    `points`, shape (N, count), holds the weights of the inputs of processes 0, 1, ...;
    `neighbours`, shape (M, 2), pairs of rows of `points`. `combinations` is the number of distinct
    combinations of the values of all processes.
    """

    count: int
    rounds: int
    points: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    combinations: int


def one_round_views(communication: str, count: int) -> frozenset[tuple[frozenset[int], ...]]:
    """Return, for every run of one round of all processes, the set that each process sees."""

    def program(me: int, count: int, value: int) -> Steps:
        view = yield from COMMUNICATION_MODELS[communication](me, count, 0, value)
        return frozenset(p for p, seen in enumerate(view) if seen is not None)

    return frozenset(run.outputs for run in every_run(program, range(count)))  # type: ignore[misc]


@lru_cache(maxsize=32)
def values_after(count: int, rounds: int, communication: str = "snapshot") -> Values:
    """Return all values of `count` processes, 2 or 3, after `rounds` rounds of `communication`.

    Snapshots allow all views that immediate snapshots allow, and more. Raises TaskError if there
    are too many values.
    """
    if count not in (2, 3):
        processes = counted(count, "process", "processes")
        raise TaskError(f"cannot enumerate the values of {processes}: only those of 2 or 3")
    means = np.array(
        sorted({_means(count, seen) for seen in one_round_views(communication, count)})
    )
    held = np.eye(count, dtype=np.int64)[None]
    for done in range(rounds):
        if len(means) * len(held) > _MOST:
            raise TaskError(
                f"cannot enumerate {rounds} rounds, with too many values: ask for at most {done}"
            )
        held = _distinct(np.einsum("wij,njk->wnik", means, held).reshape(-1, count, count))
    points, places = np.unique(held.reshape(-1, count), axis=0, return_inverse=True)
    at = places.reshape(-1, count)
    pairs = np.concatenate([at[:, list(pair)] for pair in combinations(range(count), 2)])
    neighbours = np.unique(np.sort(pairs, axis=1), axis=0)
    return Values(count, rounds, points, neighbours, len(held))


_MOST = 10_000_000
"""The most combinations in one round; their weights are far below 64 bits."""


def _means(count: int, seen: tuple[frozenset[int], ...]) -> tuple[tuple[int, ...], ...]:
    """Return, by process, the weights that `averaging.average` gives to the values seen."""
    rows = []
    for me, others in enumerate(seen):
        view: View = tuple(((p, 1),) if p in others else None for p in range(count))
        weights = dict(average(me, count, view))
        rows.append(tuple(weights.get(p, 0) for p in range(count)))
    return tuple(rows)


def _distinct(held: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct ones of the combinations of values, shape (N, count, count)."""
    count = held.shape[1]
    base = int(held[0, 0].sum()) + 1
    # Weights have the same sum, so the last one is redundant; the others are packed into a number.
    digits = held[:, :, : count - 1].reshape(len(held), -1)
    packed = digits @ (base ** np.arange(digits.shape[1], dtype=np.int64))
    _, first = np.unique(packed, return_index=True)
    return held[first]


def labels(
    rounding: Rounding, vertices: tuple[int, ...], weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Round many points at once, given by `weights`, shape (N, len(vertices)).

    This is the optimised implementation of `Rounding.__call__`.
    """
    out = np.empty(len(weights), np.int64)
    present = weights > 0
    patterns, group = np.unique(present, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(group.reshape(-1) == number)
        support = tuple(v for v, there in zip(vertices, pattern, strict=True) if there)
        out[rows] = _inside(rounding, support, weights[np.ix_(rows, np.flatnonzero(pattern))])
    return out


def _inside(
    rounding: Rounding, support: tuple[int, ...], weights: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Round as `labels` does, for points whose weights are all positive."""
    found = np.full(len(weights), support[0], np.int64)
    if len(support) == 1:
        return found
    if len(support) == 2:  # noqa: PLR2004 - a segment
        path = np.array(shortest_path(rounding.task.graph, *support))
        place = len(path) * weights[:, 1] // weights.sum(axis=1)
        return path[np.minimum(place, len(path) - 1)]  # type: ignore[no-any-return]
    steps = rounding.steps(frozenset(support))
    least = weights.min(axis=1)
    taken = np.minimum(len(steps), 2 * len(support) * least * len(steps) // weights.sum(axis=1))
    remainder = weights - least[:, None]
    rest = np.flatnonzero(remainder.any(axis=1))
    found[rest] = labels(rounding, support, remainder[rest])
    for number, step in enumerate(steps):
        image = np.arange(rounding.task.graph.order)
        image[list(step)] = list(step.values())
        found = np.where(taken > number, image[found], found)
    return found


@dataclass(frozen=True, slots=True)
class RoundingViolation:
    """Inputs, and the values and outputs of two processes in one run that violate the task."""

    inputs: tuple[int, ...]
    values: tuple[tuple[int, ...], tuple[int, ...]]
    outputs: tuple[int, int]


def find_violation(rounding: Rounding, values: Values) -> RoundingViolation | None:
    """Return a violation of agreement or validity by these values; None if there is none."""
    graph = rounding.task.graph
    order = graph.order
    compatible = np.array(
        [[graph.adjacent_or_equal(u, v) for v in range(order)] for u in range(order)]
    )
    for inputs in _input_vectors(order, values.count):
        vertices = tuple(sorted(set(inputs)))
        columns = [[p for p, v in enumerate(inputs) if v == vertex] for vertex in vertices]
        weights = np.stack([values.points[:, c].sum(axis=1) for c in columns], axis=1)
        outputs = labels(rounding, vertices, weights)
        one, two = values.neighbours.T
        wrong = ~compatible[outputs[one], outputs[two]]
        wrong |= _invalid(rounding.task, vertices, weights, outputs)[one]
        if wrong.any():
            i, j = values.neighbours[int(np.argmax(wrong))]
            pair = (tuple(map(int, values.points[i])), tuple(map(int, values.points[j])))
            return RoundingViolation(inputs, pair, (int(outputs[i]), int(outputs[j])))
    return None


def _invalid(
    task: Task, vertices: tuple[int, ...], weights: NDArray[np.int64], outputs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return, for each point, whether its output is outside the carrier of its support."""
    wrong = np.zeros(len(weights), bool)
    patterns, group = np.unique(weights > 0, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        support = [v for v, there in zip(vertices, pattern, strict=True) if there]
        allowed = np.array(sorted(task.carrier(support)))
        wrong |= (group.reshape(-1) == number) & ~np.isin(outputs, allowed)
    return wrong


def _input_vectors(order: int, count: int) -> Iterator[tuple[int, ...]]:
    """Return all input vectors up to permutation, since averaging treats processes alike."""
    return combinations_with_replacement(range(order), count)


def fewest_rounds(task: Task, count: int, communication: str = "snapshot") -> int:
    """Return the least number of rounds with which embed, average, round is correct.

    It is found by complete check, for 2 or 3 processes, and is at most `proved_rounds`.
    """
    rounding = Rounding(task, count)
    most = proved_rounds(rounding)
    return next(
        (
            rounds
            for rounds in range(most)
            if find_violation(rounding, values_after(count, rounds, communication)) is None
        ),
        most,
    )
