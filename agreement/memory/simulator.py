"""The simulator: it runs processes in simulated shared memory, under a given schedule."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from agreement.errors import ProgramError, ProtocolError, RaisedError, ScheduleError
from agreement.memory.operations import (
    UNWRITTEN,
    Operation,
    Read,
    Scan,
    Value,
    View,
    Write,
    WriteScan,
)
from agreement.memory.process import Program, start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agreement.memory.schedule import Block, Schedule

__all__ = ["Event", "Run", "Simulation", "every_run", "run"]


@dataclass(frozen=True, slots=True)
class Event:
    """One operation of one process, its response, and the output if the process then decided.

    `step` is the position of the event in the run; `output` is None if nothing was decided.
    """

    step: int
    process: int
    operation: Operation
    response: Value | View
    output: Value


@dataclass(frozen=True, slots=True)
class Run:
    """A run, finished or not.

    `outputs` is by process, None for those that have not decided: they have crashed, or have not
    been scheduled. `events` is in order; the members of a block follow one another.
    """

    inputs: tuple[int, ...]
    schedule: Schedule
    events: tuple[Event, ...]
    outputs: tuple[Value, ...]

    @property
    def participants(self) -> frozenset[int]:
        """The processes that took a step, or decided without one."""
        moved = {event.process for event in self.events}
        return frozenset(moved | {p for p, out in enumerate(self.outputs) if out is not None})


class Simulation:
    """A run in progress. `inputs[i]` is the input vertex of process `i`.

    A block that cannot move raises ScheduleError and changes nothing. If the program raises or
    breaks the rules, ProgramError says in which run.
    """

    def __init__(self, program: Program, inputs: Sequence[int]) -> None:
        self.inputs = tuple(inputs)
        self.schedule: list[Block] = []
        try:
            self.processes = start(program, inputs)
        except ProtocolError as error:
            raise self._fault(error) from error
        self.steps_taken = [0] * len(self.inputs)
        self.events: list[Event] = []
        self._registers: dict[tuple[int, int], Value] = {}

    @property
    def outputs(self) -> tuple[Value, ...]:
        """The outputs by process; None for a process that has not decided."""
        return tuple(process.output for process in self.processes)

    @property
    def movable(self) -> list[int]:
        """The processes that have not decided."""
        return [process.me for process in self.processes if process.poised is not None]

    def blocks(self) -> list[Block]:
        """Return all blocks that can move: single processes, then larger immediate snapshots."""
        together: dict[int, list[int]] = {}
        for process in self.processes:
            if isinstance(process.poised, WriteScan):
                together.setdefault(process.poised.array, []).append(process.me)
        larger = [
            block
            for group in together.values()
            for size in range(2, len(group) + 1)
            for block in combinations(group, size)
        ]
        return [(me,) for me in self.movable] + larger

    def step(self, block: Block) -> None:
        """Move `block`: first do all its writes, then all its reads."""
        operations = self._operations(block)
        for me, operation in zip(block, operations, strict=True):
            if isinstance(operation, Write | WriteScan):
                self._registers[operation.array, me] = operation.value
        responses = [self._respond(operation) for operation in operations]
        self.schedule.append(block)
        for me, operation, response in zip(block, operations, responses, strict=True):
            try:
                self.processes[me].resume(response)
            except ProtocolError as error:
                raise self._fault(error) from error
            self.steps_taken[me] += 1
            output = self.processes[me].output
            self.events.append(Event(len(self.events), me, operation, response, output))

    def run(self) -> Run:
        """Return the run so far."""
        return Run(self.inputs, tuple(self.schedule), tuple(self.events), self.outputs)

    def _fault(self, error: ProtocolError) -> ProgramError:
        raised = isinstance(error, RaisedError)
        return ProgramError(str(error), self.inputs, tuple(self.schedule), raised=raised)

    def _operations(self, block: Block) -> list[Operation]:
        if type(block) is not tuple or len(set(block)) != len(block):
            raise ScheduleError(
                f"cannot move {block!r}: a block is a tuple of processes, each of them once"
            )
        for me in block:
            if type(me) is not int or not 0 <= me < len(self.processes):
                raise ScheduleError(
                    f"there is no process {me!r}: the processes are 0 to {len(self.processes) - 1}"
                )
        operations = [self.processes[me].poised for me in block]
        for me, operation in zip(block, operations, strict=True):
            if operation is None:
                raise ScheduleError(f"cannot move process {me}: it has decided {self.outputs[me]}")
        taken = [operation for operation in operations if operation is not None]
        if len(block) != 1:
            arrays = {op.array for op in taken if isinstance(op, WriteScan)}
            if len(arrays) != 1 or any(not isinstance(op, WriteScan) for op in taken):
                raise ScheduleError(
                    f"cannot move {'+'.join(map(str, block))} together: "
                    "they are not all poised for an immediate snapshot of the same array"
                )
        return taken

    def _respond(self, operation: Operation) -> Value | View:
        match operation:
            case Read(array, owner):
                return self._registers.get((array, owner), UNWRITTEN)
            case Scan(array) | WriteScan(array):
                count = len(self.processes)
                return tuple(self._registers.get((array, p), UNWRITTEN) for p in range(count))
        return None


def run(program: Program, inputs: Sequence[int], schedule: Iterable[Block]) -> Run:
    """Run `program` under `schedule`, to the end of the schedule."""
    simulation = Simulation(program, inputs)
    for block in schedule:
        simulation.step(block)
    return simulation.run()


def every_run(program: Program, inputs: Sequence[int]) -> Iterator[Run]:
    """Yield all finished runs, without crashes, of a wait-free program, one per schedule."""
    todo: list[Schedule] = [()]
    while todo:
        schedule = todo.pop()
        simulation = Simulation(program, inputs)
        for block in schedule:
            simulation.step(block)
        blocks = simulation.blocks()
        todo += [(*schedule, block) for block in blocks]
        if not blocks:
            yield simulation.run()
