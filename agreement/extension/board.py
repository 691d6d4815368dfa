"""What is known in a game: configurations, decisions, what was promised. Moves are `Game`'s."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agreement.extension.protocol import Answerer
    from agreement.extension.states import Configuration
    from agreement.memory import Block, Schedule

__all__ = ["Board", "Promise"]


@dataclass(frozen=True, slots=True)
class Promise:
    """That no schedule of `group` from configuration `where` makes one of them output `value`.

    `within`: the configurations that are known to be reached so; it grows.
    """

    where: int
    group: Block
    value: int
    within: set[int]


class Board:
    """Configurations, numbered as they are reached, and what `protocol` said of their states.

    `configurations`, `parents` (by number: the number and block it was first reached by; None for
    initial ones), `decisions` (by state: the output, or None for going on), `phase`, `openings`
    (A(f)), `promises`.
    """

    def __init__(self, protocol: Answerer) -> None:
        """All initial configurations of the protocol's problem."""
        self.protocol = protocol
        self.problem = protocol.problem
        self.states = protocol.states
        self.configurations: list[Configuration] = []
        self.parents: list[tuple[int, Block] | None] = []
        self.decisions: dict[int, int | None] = {}
        self.phase = 1
        self.promises: list[Promise] = []
        self._numbers: dict[Configuration, int] = {}
        initial = product(self.problem.values, repeat=self.problem.count)
        starts = [self.states.start(inputs) for inputs in initial]
        self.decisions.update(dict.fromkeys(s for start in starts for s in start))
        self.openings = tuple(self.number(start, None) for start in starts)

    def inputs(self, where: int) -> tuple[int, ...]:
        """The inputs of a configuration, by process."""
        states = self.states
        return tuple(
            next(iter(states.inputs[states.ancestor(s, 0)])) for s in self.configurations[where]
        )

    def outputs(self, where: int) -> tuple[int | None, ...]:
        """The outputs in a configuration, by process."""
        return tuple(self.decisions[s] for s in self.configurations[where])

    def active(self, where: int) -> Block:
        """The processes that go on."""
        return tuple(p for p, out in enumerate(self.outputs(where)) if out is None)

    def blocks(self, where: int) -> Iterator[Block]:
        """All sets of processes that may be asked to move together, small ones first."""
        now, rounds = self.configurations[where], dict[int, list[int]]()
        for process in self.active(where):
            rounds.setdefault(self.states.round[now[process]], []).append(process)
        for size in range(1, self.problem.count + 1):
            for members in rounds.values():
                yield from combinations(members, size)

    def trail(self, where: int) -> tuple[tuple[int, ...], Schedule]:
        """The configurations from an initial one to this one, and the blocks between them."""
        numbers, blocks = [where], list[tuple[int, ...]]()
        while (parent := self.parents[numbers[-1]]) is not None:
            numbers.append(parent[0])
            blocks.append(parent[1])
        return tuple(reversed(numbers)), tuple(reversed(blocks))

    def number(self, now: Configuration, parent: tuple[int, Block] | None) -> int:
        """The number of a configuration, a new one if it is new."""
        found = self._numbers.setdefault(now, len(self.configurations))
        if found == len(self.configurations):
            self.configurations.append(now)
            self.parents.append(parent)
        return found
