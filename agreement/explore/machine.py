"""Processes as automata: local states, what each does next, and where each response leads.

A *local state* of a process is its generator's state together with the contents of its own
registers. Registers have a single writer, so the local states of all processes are the whole
global state. Tables fill as the checker asks; what was asked once is never run again.
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
    """A local state: what the process will do next, and what its own registers hold, by array.

    `operation` is None once it has decided `output`. The state was found `steps` own steps from the
    start, by getting `response` in local state `before` (-1 for the start itself).
    """

    number: int
    operation: Operation | None
    output: Value
    registers: dict[int, Value]
    steps: int
    before: int
    response: Value | View


class TooManyStepsError(Exception):
    """Process `me` has reached local state `number` undecided, though its bound is used up."""

    def __init__(self, me: int, number: int) -> None:
        super().__init__(f"process {me} takes more own steps than its bound")
        self.me, self.number = me, number


_REPEATED = 100


class Automaton:
    """The local states of one process and its moves between them.

    `counting` makes the number of own steps a part of the local state. Reaching a local state by
    `bound` own steps undecided raises TooManyStepsError. `watchdog` watches what a step computes.
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
        """The local state after the poised operation of local state `number` got `response`."""
        key = (number, response)
        found = self.moves.get(key)
        if found is None:
            found = self.moves[key] = self._run(self.locals[number], response)
        return found

    def longest(self) -> int | None:
        """The most own steps along the moves made so far; None if they form a cycle."""
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
        """Run some of the ways to a decision once more. ProtocolError if they lead elsewhere."""
        decided = [local for local in self.locals if local.operation is None]
        for local in decided[:: 1 + len(decided) // _REPEATED]:
            self._replay(local)

    def _replay(self, local: Local) -> Process:
        way = [local]
        while way[-1].before >= 0:
            way.append(self.locals[way[-1].before])
        process = Process(*self._start)
        for met in reversed(way):
            if met.before >= 0:
                process.resume(met.response)
            if (process.poised, process.output) != (met.operation, met.output):
                raise ProtocolError(
                    f"process {self.me} is not deterministic: after the same responses it came to "
                    f"{met.operation or met.output}, and now to {process.poised or process.output}"
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
                raise TooManyStepsError(self.me, number)
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
    """All processes of a run with given inputs, as automata."""

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
        """Let processes take any number of steps from now on."""
        for automaton in self.automata:
            automaton.bound = None

    @property
    def known(self) -> int:
        """How many moves have been made so far."""
        return sum(len(automaton.moves) for automaton in self.automata)

    @property
    def acyclic(self) -> bool:
        """Whether no process can come back to a local state by the moves made so far."""
        return all(automaton.longest() is not None for automaton in self.automata)

    @property
    def graded(self) -> bool:
        """Whether every global state was only ever entered after one number of steps.

        It was if that holds of every local state, and each step is one process's: an immediate
        snapshot taken by several at once is one step, and as many if they take theirs in turn.
        """
        return not self.immediate and all(automaton.graded for automaton in self.automata)

    @property
    def immediate(self) -> bool:
        """Whether some process was seen poised to do an immediate snapshot."""
        return any(automaton.immediate for automaton in self.automata)

    def blocks(self, locals_: Sequence[Local]) -> list[Block]:
        """Everything that may move, as `Simulation.blocks` has it."""
        singles = [(me,) for me, local in enumerate(locals_) if local.operation is not None]
        return [*singles, *self.larger_blocks(locals_)]

    def larger_blocks(self, locals_: Sequence[Local]) -> list[Block]:
        """Two or more processes that may do an immediate snapshot of one array together."""
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
        """The local state of `me`, one of `block`, after `block` has moved."""
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
                for other in block:  # all of them poised to do the same
                    held[other] = locals_[other].operation.value  # type: ignore[union-attr]
                return tuple(held)
        return None
