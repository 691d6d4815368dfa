"""Processes as automata: their local states, the next operation of each, and their moves.

A *local state* of a process is the state of its generator together with the contents of its own
registers. Registers have a single writer, so the local states of all processes make up the global
state. Automata grow as the checker asks for moves; no move is computed twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from agreement.errors import ImpureProgramError, ProtocolError
from agreement.explore.environment import Environment
from agreement.explore.exact import exact, plain
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
from agreement.memory.process import check_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from agreement.explore.watchdog import Watchdog

__all__ = [
    "Automaton",
    "FaultError",
    "Local",
    "Machine",
    "StepLimitError",
    "TooManyStepsError",
    "state_of",
    "words_for",
]

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

    @property
    def exact_output(self) -> Value:
        """What stands for the output where it is looked up (see `exact`)."""
        return exact(self.output)


def state_of(process: Process) -> tuple[Operation | None, Value]:
    """Return the operation and the output of a process, as a local state has them."""
    operation = process.poised
    if isinstance(operation, Write | WriteScan):
        operation = replace(operation, value=exact(operation.value))
    return operation, exact(process.output)


def words_for(operation: Operation | None, output: Value) -> str:
    """Return what a process is poised to do, or its output, for people."""
    return f"the output {output!r}" if operation is None else repr(operation)


class FaultError(ProtocolError):
    """Process `me` raised, or broke the rules, by `response` in local state `number`."""

    def __init__(self, me: int, number: int, response: Value | View, cause: ProtocolError) -> None:
        super().__init__(str(cause))
        self.me, self.number, self.response = me, number, response


class StepLimitError(Exception):
    """Process `me` is undecided after the most steps that are followed."""

    def __init__(self, me: int, steps: int) -> None:
        super().__init__(f"process {me} is undecided after {steps} steps")
        self.me, self.steps = me, steps


class TooManyStepsError(Exception):
    """Process `me` is undecided in local state `number`, although its own-step bound is used up."""

    def __init__(self, me: int, number: int, bound: int) -> None:
        super().__init__(f"process {me} exceeds its own-step bound of {bound}")
        self.me, self.number, self.bound = me, number, bound


_REPEATED = 100


class Automaton:
    """The local states of one process, and the moves between them.

    With `counting`, the number of steps taken is a part of the local state. TooManyStepsError is
    raised when a process is undecided after `bound` steps, StepLimitError when it is after `most`.
    `watchdog` limits the time of a step. ImpureProgramError is raised when a step changes what
    `environment` watches.
    `by_history` is the reason why local states are told apart by their history, else None.
    """

    def __init__(  # noqa: PLR0913 - a process, and what watches it
        self,
        program: Program,
        me: int,
        count: int,
        value: int,
        *,
        counting: bool = False,
        bound: int | None = None,
        watchdog: Watchdog | None = None,
        environment: Environment,
        most: int | None = None,
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
        self._environment = environment
        self.most = most
        self._start = (program, me, count, value)
        self._numbers: dict[Hashable, int] = {}
        self._waiting: dict[int, list[Process]] = {}
        self._enter(self._new(), {}, 0, -1, None)

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
        waiting = self._waiting.get(local.number)
        process = waiting.pop() if waiting else self._replay(local)
        registers = local.registers
        if isinstance(local.operation, Write | WriteScan):
            registers = {**registers, local.operation.array: local.operation.value}
        place = process.place
        try:
            self._timed(lambda: process.resume(plain(response)))
        except ProtocolError as error:
            raise FaultError(self.me, local.number, response, error) from error
        finally:
            self._check_environment(place)
        return self._enter(process, registers, local.steps + 1, local.number, response)

    def _new(self) -> Process:
        """Return the process at its start."""
        try:
            process = self._timed(lambda: Process(*self._start))
        except ProtocolError as error:
            self._check_environment("before the first step")
            raise FaultError(self.me, -1, None, error) from error
        self._check_environment(process.start)
        return process

    def _check_environment(self, place: str) -> None:
        changed = self._environment.change()
        if changed is not None:
            raise ImpureProgramError(
                f"{place}: process {self.me} changes {changed}, which all processes share: "
                "processes may share registers only"
            )

    def _timed(self, act: Callable[[], Result]) -> Result:
        if self._watchdog is None:
            return act()
        self._watchdog.begin()
        try:
            return act()
        finally:
            self._watchdog.end()

    def check_deterministic(self) -> None:
        """Replay some paths to a decision. Raises ImpureProgramError if one leads elsewhere."""
        decided = [local for local in self.locals if local.operation is None]
        for local in decided[:: 1 + len(decided) // _REPEATED]:
            self._replay(local)

    def _replay(self, local: Local) -> Process:
        path = [local]
        while path[-1].before >= 0:
            path.append(self.locals[path[-1].before])
        path.reverse()
        process = self._timed(lambda: self._followed(path))
        self._check_environment(process.place)
        return process

    def _followed(self, path: list[Local]) -> Process:
        """Return a new process after the responses of a path.

        A program with loops is followed often, so this does as little as it can at each step.
        """
        process = Process(*self._start)
        for number, met in enumerate(path):
            if number:
                try:
                    process.resume(plain(met.response))
                except ProtocolError as error:
                    raise ImpureProgramError(
                        f"{self._place(path[:number])}: {error}: but not before, after the same "
                        "responses"
                    ) from error
            operation = met.operation
            same = type(operation) is Read and process.poised == operation
            if not same and state_of(process) != (operation, met.exact_output):
                raise ImpureProgramError(
                    f"{self._place(path[:number])}: process {self.me} is not deterministic: after "
                    f"the same responses it came first to {words_for(operation, met.output)}, "
                    f"then to {words_for(process.poised, process.output)}"
                )
        return process

    def _place(self, path: list[Local]) -> str:
        """Return where a process is after the responses of a path."""
        process = Process(*self._start)
        for met in path[1:]:
            process.resume(plain(met.response))
        return process.place

    def longest_path(self, last: int) -> Iterator[Process]:
        """Yield the process at each of the last steps of a longest path that is known."""
        path = [max(self.locals, key=lambda local: local.steps)]
        while path[-1].before >= 0:
            path.append(self.locals[path[-1].before])
        process = self._new()
        for ahead, met in zip(range(len(path) - 1, -1, -1), reversed(path), strict=True):
            if met.before >= 0:
                self._timed(lambda met=met: process.resume(plain(met.response)))  # type: ignore[misc]
            if ahead < last:
                yield process

    def _enter(
        self,
        process: Process,
        registers: dict[int, Value],
        steps: int,
        before: int,
        response: Value | View,
    ) -> int:
        operation, output = state_of(process)
        key = (
            self._state(process, before, response),
            tuple(sorted(registers.items())),
            steps if self._counting else None,
        )
        number = self._numbers.setdefault(key, len(self.locals))
        if number == len(self.locals):
            self.locals.append(
                Local(number, operation, process.output, registers, steps, before, response)
            )
            self.immediate = self.immediate or isinstance(process.poised, WriteScan)
            if process.poised is not None and self.bound is not None and steps >= self.bound:
                raise TooManyStepsError(self.me, number, self.bound)
            if process.poised is not None and self.most is not None and steps >= self.most:
                raise StepLimitError(self.me, steps)
        if output is None:
            # Kept also if the local state is known: equal local states have the same future, and
            # a process at hand saves following its path again, which gets longer and longer.
            self._waiting.setdefault(number, []).append(process)
        self.graded = self.graded and self.locals[number].steps == steps
        return number

    def _state(self, process: Process, before: int, response: Value | View) -> Hashable:
        if process.poised is None:
            return ("decided", exact(process.output))
        if self.by_history is None:
            try:
                return fingerprint(process.steps, self._environment.shared)
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
        environment: Environment | None = None,
        most: int | None = None,
    ) -> None:
        check_inputs(inputs)
        self.inputs = tuple(inputs)
        self.environment = environment or Environment(program)
        self.count = len(self.inputs)
        self.automata = tuple(
            Automaton(
                program,
                me,
                self.count,
                value,
                counting=counting,
                bound=bound,
                watchdog=watchdog,
                environment=self.environment,
                most=most,
            )
            for me, value in enumerate(self.inputs)
        )

    def lift_bound(self) -> None:
        """Remove the own-step bound and the limit of steps of all processes."""
        for automaton in self.automata:
            automaton.bound = automaton.most = None

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
        response = self.response(locals_, me, block)
        return automaton.locals[automaton.move(locals_[me].number, response)]

    def response(self, locals_: Sequence[Local], me: int, block: Block) -> Value | View:
        """Return what `me`, a member of `block`, is sent if `block` moves."""
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
