"""The state of a game: configurations, decisions and promises. `Game` has the moves."""

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
    """The protocol's answer that no schedule of `group` from `where` leads to output `value`.

    `where` is the number of a configuration. `within` are the configurations known to be reached by
    such schedules; this set grows.
    """

    where: int
    group: Block
    value: int
    within: set[int]


class Board:
    """Configurations, numbered as they are reached, and the decisions of `protocol`.

    `configurations` and `parents` are by number; a parent is the number and the block by which the
    configuration was first reached, None for initial ones. `decisions` are by state: the output, or
    None if the process continues. `openings` is A(f) for the present `phase` f, and `promises` are
    the outputs that the protocol denied.
    """

    def __init__(self, protocol: Answerer) -> None:
        """Begin with all initial configurations of the protocol's problem."""
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
        """Return the inputs of a configuration, by process."""
        states = self.states
        return tuple(
            next(iter(states.inputs[states.ancestor(s, 0)])) for s in self.configurations[where]
        )

    def outputs(self, where: int) -> tuple[int | None, ...]:
        """Return the outputs in a configuration, by process; None where there is none yet."""
        return tuple(self.decisions[s] for s in self.configurations[where])

    def active(self, where: int) -> Block:
        """Return the processes that have not output."""
        return tuple(p for p, out in enumerate(self.outputs(where)) if out is None)

    def blocks(self, where: int) -> Iterator[Block]:
        """Yield all sets of processes that a query may move together, small ones first."""
        now, rounds = self.configurations[where], dict[int, list[int]]()
        for process in self.active(where):
            rounds.setdefault(self.states.round[now[process]], []).append(process)
        for size in range(1, self.problem.count + 1):
            for members in rounds.values():
                yield from combinations(members, size)

    def trail(self, where: int) -> tuple[tuple[int, ...], Schedule]:
        """Return the configurations from an initial one to this one, and the blocks between."""
        numbers, blocks = [where], list[tuple[int, ...]]()
        while (parent := self.parents[numbers[-1]]) is not None:
            numbers.append(parent[0])
            blocks.append(parent[1])
        return tuple(reversed(numbers)), tuple(reversed(blocks))

    def number(self, now: Configuration, parent: tuple[int, Block] | None) -> int:
        """Return the number of a configuration, adding it if it is new."""
        found = self._numbers.setdefault(now, len(self.configurations))
        if found == len(self.configurations):
            self.configurations.append(now)
            self.parents.append(parent)
        return found
