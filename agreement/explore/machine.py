"""Processes as automata: their local states, the next operation of each, and their moves.

A *local state* of a process is the state of its generator together with the contents of its own
registers. Registers have a single writer, so the local states of all processes make up the global
state. Automata grow as the checker asks for moves; no move is computed twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from agreement.errors import ProtocolError
from agreement.explore.local_state import HiddenStateError, fingerprint
from agreement.memory import (
    UNWRITTEN,
    Block,
    Operation,
    Process,
    Program,
    Read,
    Scan,
    Value,
    View,
    Write,
    WriteScan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from agreement.explore.watchdog import Watchdog

__all__ = ["Automaton", "Local", "Machine", "TooManyStepsError"]

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Local:
    """A local state: the next operation, and the contents of the process's registers, by array.

    `operation` is None once the process has decided `output`. The state was first reached when the
    process had taken `steps` steps, by `response` in local state `before` (-1 at the start).
    """

    number: int
    operation: Operation | None
    output: Value
    registers: dict[int, Value]
    steps: int
    before: int
    response: Value | View


class TooManyStepsError(Exception):
    """Process `me` is undecided in local state `number`, although it has taken `bound` steps."""

    def __init__(self, me: int, number: int, bound: int) -> None:
        super().__init__(f"process {me} exceeds its own-step bound of {bound}")
        self.me, self.number, self.bound = me, number, bound


_REPEATED = 100


class Automaton:
    """The local states of one process, and the moves between them.

    With `counting`, the number of steps taken is a part of the local state. TooManyStepsError is
    raised when a process is undecided after `bound` steps. `watchdog` limits the time of a step.
    `by_history` is the reason why local states are told apart by their history, else None.
    """

    def __init__(
        self,
        program: Program,
        me: int,
        count: int,
        value: int,
        *,
        counting: bool = False,
        bound: int | None = None,
        watchdog: Watchdog | None = None,
    ) -> None:
        self.me = me
        self.locals: list[Local] = []
        self.moves: dict[tuple[int, Value | View], int] = {}
        self.by_history: str | None = None
        self.immediate = False
        self.graded = True
        self.bound = bound
        self._counting = counting
        self._watchdog = watchdog
        self._start = (program, me, count, value)
        self._numbers: dict[Hashable, int] = {}
        self._waiting: dict[int, Process] = {}
        self._enter(self._timed(lambda: Process(*self._start)), {}, 0, -1, None)

    def move(self, number: int, response: Value | View) -> int:
        """Return the local state that `response` leads to in local state `number`."""
        key = (number, response)
        found = self.moves.get(key)
        if found is None:
            found = self.moves[key] = self._run(self.locals[number], response)
        return found

    def longest(self) -> int | None:
        """Return the length of a longest path of known moves; None if they form a cycle."""
        after: dict[int, set[int]] = {}
        before = [0] * len(self.locals)
        for (number, _), moved in self.moves.items():
            if moved not in after.setdefault(number, set()):
                after[number].add(moved)
                before[moved] += 1
        steps = [0] * len(self.locals)
        todo = [number for number, count in enumerate(before) if count == 0]
        for number in todo:
            for moved in after.get(number, ()):
                steps[moved] = max(steps[moved], steps[number] + 1)
                before[moved] -= 1
                if before[moved] == 0:
                    todo.append(moved)
        return max(steps) if len(todo) == len(self.locals) else None

    def _run(self, local: Local, response: Value | View) -> int:
        process = self._waiting.pop(local.number, None) or self._replay(local)
        registers = local.registers
        if isinstance(local.operation, Write | WriteScan):
            registers = {**registers, local.operation.array: local.operation.value}
        self._timed(lambda: process.resume(response))
        return self._enter(process, registers, local.steps + 1, local.number, response)

    def _timed(self, act: Callable[[], Result]) -> Result:
        if self._watchdog is None:
            return act()
        self._watchdog.begin()
        try:
            return act()
        finally:
            self._watchdog.end()

    def check_deterministic(self) -> None:
        """Replay some paths to a decision. Raises ProtocolError if one now leads elsewhere."""
        decided = [local for local in self.locals if local.operation is None]
        for local in decided[:: 1 + len(decided) // _REPEATED]:
            self._replay(local)

    def _replay(self, local: Local) -> Process:
        path = [local]
        while path[-1].before >= 0:
            path.append(self.locals[path[-1].before])
        process = Process(*self._start)
        for met in reversed(path):
            if met.before >= 0:
                process.resume(met.response)
            if (process.poised, process.output) != (met.operation, met.output):
                raise ProtocolError(
                    f"process {self.me} is not deterministic: after the same responses it came "
                    f"first to {met.operation or met.output}, "
                    f"then to {process.poised or process.output}"
                )
        return process

    def _enter(
        self,
        process: Process,
        registers: dict[int, Value],
        steps: int,
        before: int,
        response: Value | View,
    ) -> int:
        key = (
            self._state(process, before, response),
            tuple(sorted(registers.items())),
            steps if self._counting else None,
        )
        number = self._numbers.setdefault(key, len(self.locals))
        if number == len(self.locals):
            self.locals.append(
                Local(number, process.poised, process.output, registers, steps, before, response)
            )
            self.immediate = self.immediate or isinstance(process.poised, WriteScan)
            if process.poised is not None:
                self._waiting[number] = process
            if process.poised is not None and self.bound is not None and steps >= self.bound:
                raise TooManyStepsError(self.me, number, self.bound)
        self.graded = self.graded and self.locals[number].steps == steps
        return number

    def _state(self, process: Process, before: int, response: Value | View) -> Hashable:
        if process.poised is None:
            return ("decided", type(process.output), process.output)
        if self.by_history is None:
            try:
                return fingerprint(process.steps)
            except HiddenStateError as fault:
                self.by_history = str(fault)
        return (before, response)


class Machine:
    """The automata of all processes, for given inputs."""

    def __init__(
        self,
        program: Program,
        inputs: Sequence[int],
        *,
        counting: bool = False,
        bound: int | None = None,
        watchdog: Watchdog | None = None,
    ) -> None:
        self.inputs = tuple(inputs)
        self.count = len(self.inputs)
        self.automata = tuple(
            Automaton(
                program, me, self.count, value, counting=counting, bound=bound, watchdog=watchdog
            )
            for me, value in enumerate(self.inputs)
        )

    def lift_bound(self) -> None:
        """Remove the own-step bound of all processes."""
        for automaton in self.automata:
            automaton.bound = None

    @property
    def known(self) -> int:
        """The number of moves known so far."""
        return sum(len(automaton.moves) for automaton in self.automata)

    @property
    def acyclic(self) -> bool:
        """True if the known moves of no process form a cycle."""
        return all(automaton.longest() is not None for automaton in self.automata)

    @property
    def graded(self) -> bool:
        """True if every global state is always reached by the same number of steps, so far.

        That is so if it holds for every local state, and each step is that of one process. An
        immediate snapshot of several processes is one step, but several if they move in turn.
        """
        return not self.immediate and all(automaton.graded for automaton in self.automata)

    @property
    def immediate(self) -> bool:
        """True if some process was poised for an immediate snapshot so far."""
        return any(automaton.immediate for automaton in self.automata)

    def blocks(self, locals_: Sequence[Local]) -> list[Block]:
        """Return all blocks that can move, as `Simulation.blocks` does."""
        singles = [(me,) for me, local in enumerate(locals_) if local.operation is not None]
        return [*singles, *self.larger_blocks(locals_)]

    def larger_blocks(self, locals_: Sequence[Local]) -> list[Block]:
        """Return the blocks of several processes poised for an immediate snapshot of one array."""
        together: dict[int, list[int]] = {}
        for me, local in enumerate(locals_):
            if isinstance(local.operation, WriteScan):
                together.setdefault(local.operation.array, []).append(me)
        return [
            block
            for group in together.values()
            for size in range(2, len(group) + 1)
            for block in combinations(group, size)
        ]

    def moved(self, locals_: Sequence[Local], me: int, block: Block) -> Local:
        """Return the local state of `me`, a member of `block`, after `block` has moved."""
        automaton = self.automata[me]
        response = self._response(locals_, me, block)
        return automaton.locals[automaton.move(locals_[me].number, response)]

    def _response(self, locals_: Sequence[Local], me: int, block: Block) -> Value | View:
        match locals_[me].operation:
            case Read(array, owner):
                return locals_[owner].registers.get(array, UNWRITTEN)
            case Scan(array):
                return tuple(local.registers.get(array, UNWRITTEN) for local in locals_)
            case WriteScan(array):
                held = [local.registers.get(array, UNWRITTEN) for local in locals_]
                for other in block:  # all are poised for an immediate snapshot of this array
                    held[other] = locals_[other].operation.value  # type: ignore[union-attr]
                return tuple(held)
        return None
