"""The dependency relation that partial-order reduction uses: which registers steps access.

Two steps of different processes are dependent if one writes a register that the other accesses.
Which registers a process accesses, now and later, is *learned* from the moves that the machine has
made so far. `agreement.explore.ample` says why the result of a search that met no new move is
correct all the same.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import ToolError
from agreement.memory import Operation, Read, Scan, Write

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from agreement.explore.machine import Automaton, Machine

__all__ = ["Accesses", "DependencyRelation"]

_WORD = 64


@dataclass(frozen=True, slots=True)
class Accesses:
    """The registers that a process accesses from one local state on, as bit sets.

    `reads` and `writes` are those of the next step; `later_reads` and `later_writes` those of the
    next step and of any step after it.
    """

    reads: int
    writes: int
    later_reads: int
    later_writes: int


class DependencyRelation:
    """The accesses of all local states that `machine` has by now."""

    def __init__(self, machine: Machine) -> None:
        self.learned = machine.known
        self._count = machine.count
        self._arrays: dict[int, int] = {}
        self._array = np.zeros((4, self._count, 0), np.uint64)
        self._entered = [0] * self._count
        self._table = [self._closure(automaton) for automaton in machine.automata]

    def accesses(self, automaton: Automaton, number: int) -> Accesses:
        """Return the accesses of a local state.

        For a local state that is newer than this object, they are those of its next step alone.
        """
        known = self._table[automaton.me]
        if number < len(known):
            return known[number]
        reads, writes = self._now(automaton.me, automaton.locals[number].operation)
        return Accesses(reads, writes, reads, writes)

    def array(self, machine: Machine, length: int) -> NDArray[np.uint64]:
        """Return all accesses as an array of shape (4, processes, `length`), for the kernel.

        Raises ToolError if there are more than 64 registers.
        """
        if self._array.shape[2] != length:
            self._array = np.zeros((4, self._count, length), np.uint64)
            self._entered = [0] * self._count
        for me, automaton in enumerate(machine.automata):
            for number in range(self._entered[me], len(automaton.locals)):
                found = self.accesses(automaton, number)
                if (found.later_reads | found.later_writes) >> _WORD:
                    raise ToolError(
                        f"the compiled engine cannot reduce a search over more than {_WORD} "
                        "registers: use the plain engine, or no reduction"
                    )
                self._array[:, me, number] = (
                    found.reads,
                    found.writes,
                    found.later_reads,
                    found.later_writes,
                )
            self._entered[me] = len(automaton.locals)
        return self._array

    def _closure(self, automaton: Automaton) -> list[Accesses]:
        """Return the accesses of each local state, propagated backwards along the known moves."""
        now = [self._now(automaton.me, local.operation) for local in automaton.locals]
        later_reads = [reads for reads, _ in now]
        later_writes = [writes for _, writes in now]
        before = defaultdict(set)
        for (number, _), after in automaton.moves.items():
            before[after].add(number)
        todo = list(range(len(now)))
        while todo:
            after = todo.pop()
            for number in before[after]:
                reads = later_reads[number] | later_reads[after]
                writes = later_writes[number] | later_writes[after]
                if (reads, writes) != (later_reads[number], later_writes[number]):
                    later_reads[number], later_writes[number] = reads, writes
                    todo.append(number)
        return [
            Accesses(*next_step, reads, writes)
            for next_step, reads, writes in zip(now, later_reads, later_writes, strict=True)
        ]

    def _now(self, me: int, operation: Operation | None) -> tuple[int, int]:
        match operation:
            case None:
                return 0, 0
            case Read(array, owner):
                return self._bit(array, owner), 0
            case Write(array):
                return 0, self._bit(array, me)
            case Scan(array):
                return self._all(array), 0
        return self._all(operation.array), self._bit(operation.array, me)

    def _bit(self, array: int, owner: int) -> int:
        place = self._arrays.setdefault(array, len(self._arrays))
        return 1 << place * self._count + owner

    def _all(self, array: int) -> int:
        return sum(self._bit(array, owner) for owner in range(self._count))
