"""The NIIS model: states of processes, configurations, steps; and which states occur together.

Non-uniform iterated immediate snapshots (AAEGZ23, as recalled). There is a fresh snapshot object
for each round 1, 2, ... A process that goes on does one operation on the next object: it writes its
whole state and sees, at once, what has been written there. Its new state is what it saw. A process
that has output stops, and writes nothing any more; so processes may stop in different rounds. All
that a protocol chooses is a map from states to outputs, or to going on.

States are numbered as they occur. A *configuration* has one state a process. What is written in the
objects needs no place of its own: object r + 1 holds the round-r states of all who are beyond it.
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
    """All states that have occurred, each once; they only become more.

    By number: `process[s]`, `round[s]`, `seen[s]` (the states seen in the last operation, one's own
    among them; empty at first), `own[s]` (one's own state before; itself at first), `inputs[s]`
    (the inputs known).
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
        """How many there are."""
        return len(self.process)

    def initial(self, process: int, value: int) -> int:
        """The state of a process that has only its input."""
        new = len(self)
        found = self._numbers.setdefault((process, value), new)
        if found == new:
            self._add(process, 0, frozenset(), new, frozenset({value}))
        return found

    def after(self, process: int, seen: frozenset[int]) -> int:
        """The state of a process that has seen these, its own among them."""
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
        """The same process's state in round `number`, not after `state`."""
        while self.round[state] > number:
            state = self.own[state]
        return state

    def past(self, state: int, number: int) -> frozenset[int]:
        """The states of round `number` that are known in `state`: itself, if of that round."""
        now = frozenset({state})
        for _ in range(self.round[state] - number):
            now = frozenset[int]().union(*(self.seen[s] for s in now))
        return now

    def start(self, inputs: Iterable[int]) -> Configuration:
        """The initial configuration with these inputs, by process."""
        return tuple(self.initial(process, value) for process, value in enumerate(inputs))

    def move(self, now: Configuration, block: Block) -> Configuration:
        """The processes of the block, all in one round, do their operation together."""
        number = self.round[now[block[0]]]
        written = {self.ancestor(state, number) for state in now if self.round[state] > number}
        seen = frozenset(written | {now[process] for process in block})
        after = list(now)
        for process in block:
            after[process] = self.after(process, seen)
        return tuple(after)

    def run(self, now: Configuration, blocks: Iterable[Block]) -> Configuration:
        """One block after another."""
        for block in blocks:
            now = self.move(now, block)
        return now

    def together(self, members: Iterable[int]) -> bool:
        """Whether some configuration has all these states: whether they are a simplex.

        Members in earlier rounds than others have stopped there. In one round of immediate
        snapshots, views occur together if each two contain one another, and who is seen has seen no
        more than who sees it [D: order them by size; whom nobody knows more of moves along with the
        first who sees it]. What the greatest view holds must in turn occur together with those who
        stopped before.
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
