"""What an extension-based proof is about: inputs, allowed outputs, agreement; and ways between.

Set agreement (AAEGZ23) and approximate agreement on graphs (AER23), in one form.
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

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OnGraph", "Problem", "SetAgreement", "problem_named", "problem_of"]

_TWO = 2
_OPENINGS = 10_000


class Problem(Protocol):
    """A colourless task for `count` processes; inputs and outputs are the integers `values`."""

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        ...

    @property
    def count(self) -> int:
        """How many processes there are."""
        ...

    @property
    def values(self) -> tuple[int, ...]:
        """The inputs, which are the outputs too."""
        ...

    def allowed(self, inputs: frozenset[int]) -> frozenset[int]:
        """What may be output when these inputs are known; grows with them."""
        ...

    def objection(self, outputs: Sequence[int | None]) -> str | None:
        """What is wrong with outputs that occur together; None if nothing."""
        ...

    def route(self, start: int, end: int) -> tuple[int, ...]:
        """Values from `start` to `end`, any two neighbours of which may be output together.

        All are allowed whenever `start` is and `end` is an input. TaskError if there is no route.
        """
        ...

    def label(self, value: int) -> str:
        """A value as people write it."""
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
            raise TaskError("set agreement is for 1 process at least, on 1 value at least")

    @property
    def name(self) -> str:
        """As `problem_of` reads it."""
        return f"set:{self.count}:{self.most}"

    @property
    def values(self) -> tuple[int, ...]:
        """One more than may be output."""
        return tuple(range(self.most + 1))

    def allowed(self, inputs: frozenset[int]) -> frozenset[int]:
        """The inputs themselves."""
        return inputs

    def objection(self, outputs: Sequence[int | None]) -> str | None:
        """Too many different ones."""
        different = sorted({out for out in outputs if out is not None})
        if len(different) <= self.most:
            return None
        return (
            f"agreement: {len(different)} different outputs, "
            f"{', '.join(map(str, different))}; at most {self.most} may be"
        )

    def route(self, start: int, end: int) -> tuple[int, ...]:
        """Straight there: any two values may be output together, if two may be at all."""
        return (start, end) if start != end else (start,)

    def label(self, value: int) -> str:
        """The number."""
        return str(value)


@dataclass(frozen=True, slots=True)
class OnGraph:
    """Approximate agreement of `count` processes on a graph: outputs form a clique."""

    count: int
    task: Task
    source: str = ""

    @property
    def name(self) -> str:
        """What was read, or its size."""
        graph = self.task.graph
        source = self.source or f"a graph of {graph.order} vertices"
        return f"{source} for {self.count}, {self.task.validity} validity"

    @property
    def values(self) -> tuple[int, ...]:
        """The vertices."""
        return tuple(range(self.task.graph.order))

    def allowed(self, inputs: frozenset[int]) -> frozenset[int]:
        """The carrier of the inputs."""
        return self.task.carrier(inputs)

    def objection(self, outputs: Sequence[int | None]) -> str | None:
        """Two that are neither equal nor adjacent."""
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
        """A shortest way within all carriers of up to n inputs that hold `start`, `end` an input.

        There is one if carriers are convex. With geodesic validity there need not be one.
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
                f"no way from {graph.labels[start]} to {graph.labels[end]} stays in every carrier "
                "of both: the adversarial protocol does not know this task; take hull validity"
            )
        way = [start]
        while way[-1] != end:
            way.append(before[way[-1]])
        return tuple(way)

    def label(self, value: int) -> str:
        """The vertex's label."""
        return self.task.graph.labels[value]


def problem_of(source: str, count: int = 3, validity: str = "geodesic") -> SetAgreement | OnGraph:
    """Read `set:N:K`, `consensus:N`, or a graph as `agreement.graph.load` does.

    `count` and `validity` are for graphs. TaskError if there are more than 10,000 ways to choose
    the inputs: a game begins by writing down all of them.
    """
    kind, _, rest = source.partition(":")
    if kind not in {"set", "consensus"}:
        task = Task(load(source), validity)
        _require_playable(source, task.graph.order, count)
        return OnGraph(count, task, source)
    numbers = rest.split(":")
    wanted = _TWO if kind == "set" else 1
    if len(numbers) != wanted or not all(number.isdecimal() for number in numbers):
        raise TaskError(f"{source!r}: write set:N:K for N processes and K values, or consensus:N")
    if any(len(number.lstrip("0")) > len(str(_OPENINGS)) for number in numbers):
        raise TaskError(f"{source!r}: the numbers are too large to play")
    most = int(numbers[1]) if kind == "set" else 1
    _require_playable(source, most + 1, int(numbers[0]))
    return SetAgreement(int(numbers[0]), most)


def _require_playable(source: str, values: int, count: int) -> None:
    # Compared as powers would be, without the powers, which may have millions of digits.
    if count * math.log2(max(1, values)) > math.log2(_OPENINGS):
        raise TaskError(
            f"{source}: {count} processes choose among {values} inputs in more than "
            f"{_OPENINGS:,} ways, which are too many to play: take fewer processes or values"
        )


def problem_named(name: str) -> SetAgreement | OnGraph:
    """The problem of that `name`, which is what transcripts write."""
    match = re.fullmatch(r"(.+) for (\d{1,5}), (\w+) validity", name)
    if match is None:
        return problem_of(name)
    return problem_of(match[1], int(match[2]), match[3])
