"""The problems that extension-based proofs are about: inputs, allowed outputs, agreement.

Set agreement (AAEGZ23) and approximate agreement on graphs (AER23) have one interface, `Problem`.
"""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

from agreement.errors import TaskError
from agreement.graph import load
from agreement.task import Task
from agreement.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OnGraph", "Problem", "SetAgreement", "problem_named", "problem_of"]

_TWO = 2
_OPENINGS = 10_000


class Problem(Protocol):
    """A colourless task for `count` processes; inputs and outputs are the integers `values`."""

    @property
    def name(self) -> str:
        """The problem's name on the command line."""
        ...

    @property
    def count(self) -> int:
        """The number of processes."""
        ...

    @property
    def values(self) -> tuple[int, ...]:
        """The possible inputs, which are also the possible outputs."""
        ...

    def allowed(self, inputs: frozenset[int]) -> frozenset[int]:
        """Return the outputs allowed when these inputs are known; they grow with the inputs."""
        ...

    def objection(self, outputs: Sequence[int | None]) -> str | None:
        """Return what is wrong with outputs that occur together; None if nothing is."""
        ...

    def route(self, start: int, end: int) -> tuple[int, ...]:
        """Return values from `start` to `end`; any two consecutive ones may be output together.

        All of them are allowed whenever `start` is allowed and `end` is an input. TaskError if
        there is no such route.
        """
        ...

    def label(self, value: int) -> str:
        """Return a value as people write it."""
        ...


@dataclass(frozen=True, slots=True)
class SetAgreement:
    """(n, k)-set agreement: at most `most` different outputs, each the input of some process.

    Inputs are 0, .., k. Consensus is `most` = 1.
    """

    count: int
    most: int

    def __post_init__(self) -> None:
        if self.count < 1 or self.most < 1:
            processes = counted(self.count, "process", "processes")
            raise TaskError(
                f"cannot play set agreement of {processes} on {counted(self.most, 'value')}: there "
                "must be at least 1 process and 1 value"
            )

    @property
    def name(self) -> str:
        """The source that `problem_of` reads."""
        return f"set:{self.count}:{self.most}"

    @property
    def values(self) -> tuple[int, ...]:
        """The inputs: one more than may be output."""
        return tuple(range(self.most + 1))

    def allowed(self, inputs: frozenset[int]) -> frozenset[int]:
        """Return the inputs themselves."""
        return inputs

    def objection(self, outputs: Sequence[int | None]) -> str | None:
        """Object to more different outputs than allowed."""
        different = sorted({out for out in outputs if out is not None})
        if len(different) <= self.most:
            return None
        return (
            f"agreement: {len(different)} different outputs, "
            f"{', '.join(map(str, different))}; at most {self.most} may be"
        )

    def route(self, start: int, end: int) -> tuple[int, ...]:
        """Return `start` and `end`: any two values may be output together, if two may be at all."""
        return (start, end) if start != end else (start,)

    def label(self, value: int) -> str:
        """Return the number as text."""
        return str(value)


@dataclass(frozen=True, slots=True)
class OnGraph:
    """Approximate agreement of `count` processes on a graph: outputs form a clique.

    `source` is what the graph was read from.
    """

    count: int
    task: Task
    source: str = ""

    @property
    def name(self) -> str:
        """The source of the graph or its size, with the processes and the validity."""
        graph = self.task.graph
        source = self.source or f"a graph of {graph.order} vertices"
        return f"{source} for {self.count}, {self.task.validity} validity"

    @property
    def values(self) -> tuple[int, ...]:
        """The vertices."""
        return tuple(range(self.task.graph.order))

    def allowed(self, inputs: frozenset[int]) -> frozenset[int]:
        """Return the carrier of the inputs."""
        return self.task.carrier(inputs)

    def objection(self, outputs: Sequence[int | None]) -> str | None:
        """Object to two outputs that are neither adjacent nor equal."""
        graph = self.task.graph
        decided = sorted({out for out in outputs if out is not None})
        for u, v in combinations(decided, 2):
            if not graph.adjacent_or_equal(u, v):
                return (
                    f"agreement: outputs {graph.labels[u]} and {graph.labels[v]}, "
                    f"at distance {graph.distance(u, v)}"
                )
        return None

    def route(self, start: int, end: int) -> tuple[int, ...]:
        """Return a shortest path from `start` to `end` inside certain carriers.

        They are the carriers of up to n inputs, `end` among them, that contain `start`. There is
        such a path if carriers are convex; with geodesic validity there need not be one.
        """
        graph, within = self.task.graph, frozenset(self.values)
        for size in range(1, self.count + 1):
            for inputs in combinations(self.values, size):
                carrier = self.task.carrier(inputs)
                if end in inputs and start in carrier:
                    within &= carrier
        before = {end: end}
        todo = deque([end])
        while todo:
            at = todo.popleft()
            for other in sorted(within & set(graph.neighbours(at))):
                if other not in before:
                    before[other] = at
                    todo.append(other)
        if start not in before:
            raise TaskError(
                "the adversarial protocol cannot play this task: no path from "
                f"{graph.labels[start]} to {graph.labels[end]} stays in every carrier of both; "
                "take hull validity"
            )
        path = [start]
        while path[-1] != end:
            path.append(before[path[-1]])
        return tuple(path)

    def label(self, value: int) -> str:
        """Return the vertex's label."""
        return self.task.graph.labels[value]


def problem_of(source: str, count: int = 3, validity: str = "geodesic") -> SetAgreement | OnGraph:
    """Read `set:N:K`, `consensus:N`, or a graph as `agreement.graph.load` does.

    `count` and `validity` are for graphs. TaskError if there are more than 10,000 input vectors,
    because a game begins by listing all of them.
    """
    kind, _, rest = source.partition(":")
    if kind not in {"set", "consensus"}:
        task = Task(load(source), validity)
        _require_playable(source, task.graph.order, count)
        return OnGraph(count, task, source)
    numbers = rest.split(":")
    wanted = _TWO if kind == "set" else 1
    if len(numbers) != wanted or not all(number.isdecimal() for number in numbers):
        raise TaskError(
            f"cannot read {source!r}: write set:N:K for N processes and K values, or consensus:N"
        )
    if any(len(number.lstrip("0")) > len(str(_OPENINGS)) for number in numbers):
        raise TaskError(f"cannot play {source!r}: the numbers are too large")
    most = int(numbers[1]) if kind == "set" else 1
    _require_playable(source, most + 1, int(numbers[0]))
    return SetAgreement(int(numbers[0]), most)


def _require_playable(source: str, values: int, count: int) -> None:
    # Logarithms are compared, because the power itself may have millions of digits.
    if count * math.log2(max(1, values)) > math.log2(_OPENINGS):
        processes = counted(count, "process", "processes")
        raise TaskError(
            f"cannot play {source!r}: {processes} with {counted(values, 'possible input')} have "
            f"more than {_OPENINGS:,} input vectors: take fewer processes or values"
        )


def problem_named(name: str) -> SetAgreement | OnGraph:
    """Return the problem whose `name` this is; transcripts contain it."""
    match = re.fullmatch(r"(.+) for (\d{1,5}), (\w+) validity", name)
    if match is None:
        return problem_of(name)
    return problem_of(match[1], int(match[2]), match[3])
