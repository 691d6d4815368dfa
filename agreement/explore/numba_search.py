"""The exhaustive search with numba: the same states, levels and outcomes as `engine`, but faster.

It needs numba (the extra `fast`), and states that fit into 64 bits. The tables are filled from
Python: a state with a move that is not in the tables yet waits until it is, so that only reachable
moves are ever computed.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from agreement.errors import ToolError
from agreement.explore.independence import DependencyRelation
from agreement.explore.state_encoding import Exploration, Violation
from agreement.memory import Read, Scan, Value, View, Write, WriteScan
from agreement.wording import install_hint

try:
    from agreement.explore import numba_kernel
except ImportError as error:
    raise ToolError(
        f"cannot run the compiled engine without numba: {install_hint('numba', 'fast')}"
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from agreement.explore.machine import Local, Machine
    from agreement.explore.state_encoding import Judge, Progress

__all__ = ["CompiledTables", "compiled_explore", "compiled_reduced_explore"]

_WORD = 64


class CompiledTables:
    """The tables of a machine as arrays (see `numba_kernel`), filled on demand."""

    def __init__(self, machine: Machine) -> None:
        self.bits = min(_WORD // machine.count, _WORD // 2)
        self.machine = machine
        self._dependency: DependencyRelation | None = None
        self._arrays: dict[int, int] = {}
        self._values: dict[Value, int] = {None: 0}
        self._outputs: dict[Value, int] = {None: 1}
        self._allocate(length=64, arrays=4, values=8, moves=1024)
        self.fill()

    def _allocate(self, length: int, arrays: int, values: int, moves: int) -> None:
        """Allocate empty tables for so many local states, arrays, values and moves per process."""
        count = self.machine.count
        if count * length * values**count >= 1 << _WORD - 1 or length > 1 << self.bits:
            raise ToolError(
                f"{length} local states and {values} values for {count} processes are too many "
                "for the compiled engine: use the plain one"
            )
        kinds, written_to, owners, written, self.stages = np.zeros((5, count, length), np.int64)
        contents = np.zeros((count, arrays, length), np.int64)
        self.tables = (kinds, written_to, owners, written, contents)
        self.radix = (np.uint64(values), np.uint64(values**count))
        self.keys = np.full(4 * moves * count, numba_kernel.EMPTY)
        self.nexts = np.zeros(4 * moves * count, np.int64)
        self.bases = np.full((count, length), -1)
        self.direct = np.full(count * length * values, -1)
        self._size = (length, arrays, values, moves)
        self._filled = [0] * count
        self._hashed = [0] * count

    def fill(self) -> None:
        """Add what the machine has learned since the last call."""
        machine = self.machine
        for automaton, filled in zip(machine.automata, self._filled, strict=True):
            for local in islice(automaton.locals, filled, None):
                self._name(local)
        need = (
            max(len(automaton.locals) for automaton in machine.automata),
            len(self._arrays),
            len(self._values),
            max(len(automaton.moves) for automaton in machine.automata),
        )
        if any(needed > size for needed, size in zip(need, self._size, strict=True)):
            grown = [
                max(size, 1 << (needed - 1).bit_length())
                for needed, size in zip(need, self._size, strict=True)
            ]
            self._allocate(*grown)
        for me, automaton in enumerate(machine.automata):
            for local in islice(automaton.locals, self._filled[me], None):
                self._enter(me, local)
            self._filled[me] = len(automaton.locals)
            for (number, response), after in islice(
                automaton.moves.items(), self._hashed[me], None
            ):
                self._hash(me, number, response, after)
            self._hashed[me] = len(automaton.moves)

    def dependency(self) -> DependencyRelation:
        """Return the dependency relation that the machine has learned so far."""
        if self._dependency is None or self._dependency.learned != self.machine.known:
            self._dependency = DependencyRelation(self.machine)
        return self._dependency

    def locals(self, state: int) -> list[Local]:
        """Return the local states of a packed state."""
        return [
            automaton.locals[state >> self.bits * me & (1 << self.bits) - 1]
            for me, automaton in enumerate(self.machine.automata)
        ]

    def make_steps(self, states: Iterable[int]) -> None:
        """Compute all moves from these states that are not known yet."""
        for state in states:
            locals_ = self.locals(state)
            for block in self.machine.blocks(locals_):
                for me in block:
                    self.machine.moved(locals_, me, block)
        self.fill()

    def _name(self, local: Local) -> None:
        for array, value in local.registers.items():
            self._arrays.setdefault(array, len(self._arrays))
            self._values.setdefault(value, len(self._values))
        if local.operation is not None:
            self._arrays.setdefault(local.operation.array, len(self._arrays))
        if isinstance(local.operation, WriteScan):
            self._values.setdefault(local.operation.value, len(self._values))
        self._outputs.setdefault(local.exact_output, len(self._outputs) + 1)

    def _enter(self, me: int, local: Local) -> None:
        kinds, arrays, owners, written, contents = self.tables
        at = (me, local.number)
        for array, value in local.registers.items():
            contents[me, self._arrays[array], local.number] = self._values[value]
        self.stages[at] = (
            min(local.number, 1) if local.output is None else self._outputs[local.exact_output]
        )
        match local.operation:
            case Write():
                kinds[at] = numba_kernel.WRITE
            case Read(array, owner):
                kinds[at], arrays[at], owners[at] = numba_kernel.READ, self._arrays[array], owner
            case Scan(array):
                kinds[at], arrays[at] = numba_kernel.SCAN, self._arrays[array]
            case WriteScan(array, value):
                kinds[at], arrays[at] = numba_kernel.WRITE_SCAN, self._arrays[array]
                written[at] = self._values[value]

    def _hash(self, me: int, number: int, response: Value | View, after: int) -> None:
        """Store a move under the number that `numba_kernel._code` gives it."""
        values, space = (int(part) for part in self.radix)
        seen: tuple[Value, ...]
        match self.machine.automata[me].locals[number].operation:
            case Read():
                seen = (response,)
            case Scan() | WriteScan() if isinstance(response, tuple):
                seen = response
            case _:
                seen = ()
        code = 0
        for value in seen:
            code = code * values + self._values[value]
        if len(seen) <= 1:
            base = self.bases[me, number] = (me * self._size[0] + number) * values
            self.direct[base + code] = after
        key = np.uint64((me * self._size[0] + number) * space + code)
        numba_kernel.store(self.keys, self.nexts, key, after)


def compiled_explore(
    tables: CompiledTables, judge: Judge, *, limit: int, progress: Progress | None = None
) -> Exploration:
    """Search as `engine.explore` does."""
    return _search(tables, judge, None, limit, progress)


def compiled_reduced_explore(
    tables: CompiledTables,
    judge: Judge,
    *,
    participants: frozenset[int],
    limit: int,
    progress: Progress | None = None,
) -> Exploration:
    """Search as `ample.reduced_explore` does, with at most 64 registers."""
    machine = tables.machine
    present = sum(1 << me for me in participants)
    while True:
        dependency = tables.dependency()
        result = _search(tables, judge, (dependency, present), limit, progress)
        if machine.known == dependency.learned or not result.complete:
            return result


def _search(
    tables: CompiledTables,
    judge: Judge,
    reduction: tuple[DependencyRelation, int] | None,
    limit: int,
    progress: Progress | None,
) -> Exploration:
    result = None
    if tables.machine.graded:
        result = _Search(tables, judge, reduction, keep=False).run(limit, progress)
    return result or _Search(tables, judge, reduction, keep=True).run(limit, progress)  # type: ignore[return-value]


class _Search:
    """One search, level by level; see `engine` for when only the last level is kept."""

    def __init__(
        self,
        tables: CompiledTables,
        judge: Judge,
        reduction: tuple[DependencyRelation, int] | None,
        *,
        keep: bool,
    ) -> None:
        self._tables, self._judge, self._keep = tables, judge, keep
        self._reduction = reduction
        self._seen = np.full(1 << 12, numba_kernel.EMPTY)
        self._held = 0
        self._met = np.full(1 << 14, numba_kernel.EMPTY)
        self._vectors = 0
        self._outcomes: set[tuple[Value, ...]] = set()

    def run(self, limit: int, progress: Progress | None) -> Exploration | None:
        """Search; return None if all states must be kept but only the last level was."""
        frontier = np.zeros(1, np.uint64)
        violation = self._look(frontier, 0)
        numba_kernel.insert(self._seen, frontier[0])
        self._held = states = 1
        level = transitions = 0
        while len(frontier) and violation is None and states <= limit:
            if not self._keep:
                self._seen = np.full(
                    1 << max(12, (4 * len(frontier)).bit_length()), numba_kernel.EMPTY
                )
                self._held = 0
            frontier, strange, moves = self._expand(frontier)
            if not self._keep and not self._tables.machine.graded:
                return None
            states += len(frontier)
            transitions += moves
            level += bool(len(frontier))
            violation = self._look(strange, level)
            if progress is not None:
                progress(states, level)
        complete = violation is None and not len(frontier)
        return Exploration(
            states, transitions, level, frozenset(self._outcomes), complete, violation
        )

    def _look(self, strange: NDArray[np.uint64], level: int) -> Violation | None:
        """Judge states with new stages; return the violation of the smallest, or None."""
        for state in sorted(int(state) for state in strange):
            locals_ = self._tables.locals(state)
            outputs = tuple(local.output for local in locals_)
            present = (p for p, x in enumerate(locals_) if x.number or x.output is not None)
            what = self._judge(outputs, frozenset(present))
            if what is not None:
                return Violation(state, level, what)
            if None not in outputs:
                self._outcomes.add(outputs)
        return None

    def _expand(
        self, frontier: NDArray[np.uint64]
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64], int]:
        """Return the new states, those of them with new stages, and the number of transitions."""
        found: list[NDArray[np.uint64]] = []
        strange: list[NDArray[np.uint64]] = []
        transitions = 0
        while len(frontier):
            position, missing, moves = self._sweep(frontier, found, strange)
            transitions += moves
            if len(missing):
                self._tables.make_steps(int(state) for state in missing)
            frontier = np.concatenate([missing, frontier[position:]])
            self._make_room()
        return _joined(found), _joined(strange), transitions

    def _sweep(
        self,
        frontier: NDArray[np.uint64],
        found: list[NDArray[np.uint64]],
        strange: list[NDArray[np.uint64]],
    ) -> tuple[int, NDArray[np.uint64], int]:
        tables = self._tables
        out = np.empty(len(self._seen) // 2, np.uint64)
        odd = np.empty(len(self._met) // 2 - self._vectors, np.uint64)
        missing = np.empty(1 << 12, np.uint64)
        accesses, present = _NO_ACCESSES, (1 << tables.machine.count) - 1
        if self._reduction is not None:
            dependency, present = self._reduction
            accesses = dependency.array(tables.machine, tables.stages.shape[1])
        position, produced, odds, missed, moves = numba_kernel.expand(
            frontier, 0, tables.bits, tables.tables, tables.radix, tables.keys, tables.nexts,
            tables.bases, tables.direct, accesses, self._reduction is not None, present,
            tables.machine.immediate, tables.stages, tables.bits,
            self._seen, self._held, self._met, out, odd, missing,
        )  # fmt: skip
        self._held += produced
        self._vectors += odds
        found.append(out[:produced].copy())
        strange.append(odd[:odds].copy())
        return position, missing[:missed].copy(), moves

    def _make_room(self) -> None:
        """Enlarge a set that is almost half full."""
        spare = 4 << self._tables.machine.count
        if self._held * 2 + spare > len(self._seen):
            self._seen = _enlarged(self._seen)
        if self._vectors * 2 + spare > len(self._met):
            self._met = _enlarged(self._met)


def _enlarged(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    larger = np.full(4 * len(keys), numba_kernel.EMPTY)
    numba_kernel.insert_all(larger, keys[keys != numba_kernel.EMPTY])
    return larger


_NO_ACCESSES = np.zeros((4, 1, 1), np.uint64)


def _joined(parts: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)
