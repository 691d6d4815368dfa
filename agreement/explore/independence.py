"""Which registers a process touches now, and which it may still touch: what reduction looks at.

Footprints are *learned*: from the moves that the machine has made so far. `agreement.explore.ample`
says why a search that found no new move has used true ones.
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

__all__ = ["Footprint", "Footprints"]

_WORD = 64


@dataclass(frozen=True, slots=True)
class Footprint:
    """Bit sets of registers: read by the next step, written by it, and by it or any later one."""

    reads: int
    writes: int
    later_reads: int
    later_writes: int


class Footprints:
    """The footprints of all local states that `machine` has by now."""

    def __init__(self, machine: Machine) -> None:
        self.learned = machine.known
        self._count = machine.count
        self._arrays: dict[int, int] = {}
        self._array = np.zeros((4, self._count, 0), np.uint64)
        self._entered = [0] * self._count
        self._table = [self._close(automaton) for automaton in machine.automata]

    def of(self, automaton: Automaton, number: int) -> Footprint:
        """The footprint of a local state; of one met since, what its next step shows."""
        known = self._table[automaton.me]
        if number < len(known):
            return known[number]
        reads, writes = self._now(automaton.me, automaton.locals[number].operation)
        return Footprint(reads, writes, reads, writes)

    def array(self, machine: Machine, length: int) -> NDArray[np.uint64]:
        """Shape (4, processes, `length`), for the kernel; ToolError with over 64 registers."""
        if self._array.shape[2] != length:
            self._array = np.zeros((4, self._count, length), np.uint64)
            self._entered = [0] * self._count
        for me, automaton in enumerate(machine.automata):
            for number in range(self._entered[me], len(automaton.locals)):
                p = self.of(automaton, number)
                if (p.later_reads | p.later_writes) >> _WORD:
                    raise ToolError(
                        f"more than {_WORD} registers are too many for the compiled engine to "
                        "reduce: take the plain engine, or no reduction"
                    )
                self._array[:, me, number] = (p.reads, p.writes, p.later_reads, p.later_writes)
            self._entered[me] = len(automaton.locals)
        return self._array

    def _close(self, automaton: Automaton) -> list[Footprint]:
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
            Footprint(*next_step, reads, writes)
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
