"""The NIIS model: states of processes, configurations, steps; and which states occur together.

Non-uniform iterated immediate snapshots (AAEGZ23, as recalled). There is a fresh snapshot object
for each round 1, 2, ... A process that continues performs one operation on the next object: it
writes its whole state and sees, at once, what has been written there. Its new state is what it saw.
A process that has output stops and writes nothing more; processes may stop in different rounds. A
protocol is a map from states to an output, or to continuing.

States are numbered as they occur. A *configuration* has one state per process. The contents of the
objects need not be stored: object r + 1 holds the round-r states of all processes beyond round r.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from agreement.memory import Block

__all__ = ["Configuration", "States"]

Configuration: TypeAlias = tuple[int, ...]
"""The number of each process's state."""


class States:
    """All states that have occurred, each once; states are only ever added.

    For the state number s: `process[s]`, `round[s]`, `seen[s]` (the states seen in the last
    operation, including the process's own; empty in an initial state), `own[s]` (the process's
    state before that operation; s itself in an initial state), and `inputs[s]` (the inputs known).
    """

    __slots__ = ("_numbers", "inputs", "own", "process", "round", "seen")

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self.process: list[int] = []
        self.round: list[int] = []
        self.seen: list[frozenset[int]] = []
        self.own: list[int] = []
        self.inputs: list[frozenset[int]] = []

    def __len__(self) -> int:
        """Return the number of states."""
        return len(self.process)

    def initial(self, process: int, value: int) -> int:
        """Return the initial state of a process with this input."""
        new = len(self)
        found = self._numbers.setdefault((process, value), new)
        if found == new:
            self._add(process, 0, frozenset(), new, frozenset({value}))
        return found

    def after(self, process: int, seen: frozenset[int]) -> int:
        """Return the state of a process that has just seen these states, its own among them."""
        new = len(self)
        found = self._numbers.setdefault((process, seen), new)
        if found == new:
            (own,) = (s for s in seen if self.process[s] == process)
            known = frozenset[int]().union(*(self.inputs[s] for s in seen))
            self._add(process, self.round[own] + 1, seen, own, known)
        return found

    def _add(
        self, process: int, number: int, seen: frozenset[int], own: int, inputs: frozenset[int]
    ) -> None:
        self.process.append(process)
        self.round.append(number)
        self.seen.append(seen)
        self.own.append(own)
        self.inputs.append(inputs)

    def ancestor(self, state: int, number: int) -> int:
        """Return the process's earlier state in round `number`, or `state` if it is no later."""
        while self.round[state] > number:
            state = self.own[state]
        return state

    def past(self, state: int, number: int) -> frozenset[int]:
        """Return the states of round `number` that are known in `state`, itself among them."""
        now = frozenset({state})
        for _ in range(self.round[state] - number):
            now = frozenset[int]().union(*(self.seen[s] for s in now))
        return now

    def start(self, inputs: Iterable[int]) -> Configuration:
        """Return the initial configuration with these inputs, by process."""
        return tuple(self.initial(process, value) for process, value in enumerate(inputs))

    def move(self, now: Configuration, block: Block) -> Configuration:
        """Return the configuration after the block's processes, all in one round, move together."""
        number = self.round[now[block[0]]]
        written = {self.ancestor(state, number) for state in now if self.round[state] > number}
        seen = frozenset(written | {now[process] for process in block})
        after = list(now)
        for process in block:
            after[process] = self.after(process, seen)
        return tuple(after)

    def run(self, now: Configuration, blocks: Iterable[Block]) -> Configuration:
        """Return the configuration after these blocks, one after another."""
        for block in blocks:
            now = self.move(now, block)
        return now

    def together(self, members: Iterable[int]) -> bool:
        """Return whether some configuration has all these states, that is, they form a simplex.

        Members in earlier rounds than others have stopped there. In one round of immediate
        snapshots, views occur together if of any two one contains the other, and if a process that
        another one sees has seen no more than that one [D: order the views by size; a process whose
        view is not given moves together with the first process that sees it]. The states in the
        greatest view must in turn occur together with those that stopped earlier.
        """
        now = frozenset(members)
        while True:
            if len({self.process[s] for s in now}) < len(now):
                return False
            top = max((self.round[s] for s in now), default=0)
            if top == 0:
                return True
            last = [s for s in now if self.round[s] == top]
            if not all(self._one_round(s, other) for s, other in combinations(last, 2)):
                return False
            greatest = max((self.seen[s] for s in last), key=len)
            now = (now - frozenset(last)) | greatest

    def _one_round(self, state: int, other: int) -> bool:
        first, second = self.seen[state], self.seen[other]
        if not (first <= second or second <= first):
            return False
        sees, seen = self.own[other] in first, self.own[state] in second
        return (not sees or second <= first) and (not seen or first <= second)
