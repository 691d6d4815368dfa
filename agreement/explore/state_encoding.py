"""Global states as integers, and a step computed directly, without tables.

A global state is the tuple of the processes' local states (see `machine`), packed into one integer
with one field per process. A field holds the number of the local state and, above it, its *stage*:
0 for a process that has not moved, 1 for one that is running, another number for each output. So
the stages of all processes, which are all that the judge needs, are selected by one mask. The
initial state is 0, except for processes that decide without a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from agreement.memory import Block, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.explore.machine import Local, Machine

__all__ = ["Exploration", "Judge", "Packing", "Progress", "TooNarrowError", "Violation"]

Judge: TypeAlias = Callable[[tuple[Value, ...], frozenset[int]], str | None]
"""`judge(outputs, participants)` returns how a state violates the task, or None.

`outputs` holds None for undecided processes; participants are those that took a step or decided. A
violation must remain one when further processes decide, and a state without one must stay so when
further processes take part. Then judging every state covers all crashes.
"""

Progress: TypeAlias = Callable[[int, int], None]
"""`progress(states, level)` is called after every level of a search."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A state that violates the task, the least number of steps to it, and the objection."""

    state: int
    level: int
    what: str


@dataclass(frozen=True, slots=True)
class Exploration:
    """The result of a search; it is `complete` unless a limit or a violation stopped it.

    `levels` is the number of steps of the longest run that was followed; `outcomes` are the output
    vectors of the states in which all processes have decided.
    """

    states: int
    transitions: int
    levels: int
    outcomes: frozenset[tuple[Value, ...]]
    complete: bool
    violation: Violation | None = None


class TooNarrowError(Exception):
    """There are more local states or outputs than a field can hold."""


class Packing:
    """The encoding of the global states of `machine`, and steps on encoded states.

    A field has `bits` bits for the number of the local state and `stage_bits` for its stage.
    """

    def __init__(self, machine: Machine, bits: int, stage_bits: int) -> None:
        self.machine = machine
        self.width = bits + stage_bits
        self._bits = bits
        self._number = (1 << bits) - 1
        self._field = (1 << self.width) - 1
        self._top = 1 << stage_bits
        self._outputs: list[Value] = [None, None]
        self._stage_of: dict[Value, int] = {}
        self.stages = sum((self._top - 1) << bits + self.width * me for me in range(machine.count))
        self.initial = self.pack(automaton.locals[0] for automaton in machine.automata)

    def own(self, me: int) -> int:
        """Return the mask of the field of process `me`."""
        return self._field << self.width * me

    def local(self, state: int, me: int) -> Local:
        """Return the local state of process `me`."""
        return self.machine.automata[me].locals[state >> self.width * me & self._number]

    def locals(self, state: int) -> list[Local]:
        """Return the local state of each process."""
        return [self.local(state, me) for me in range(self.machine.count)]

    def pack(self, locals_: Iterable[Local]) -> int:
        """Return the state in which the processes have these local states."""
        return sum(self._entry(local) << self.width * me for me, local in enumerate(locals_))

    def _entry(self, local: Local) -> int:
        """Return the content of a field. Raises TooNarrowError if it does not fit."""
        stage = min(local.number, 1)
        if local.output is not None:
            stage = self._stage_of.setdefault(local.exact_output, len(self._outputs))
            if stage == len(self._outputs):
                self._outputs.append(local.output)
        if local.number > self._number or stage >= self._top:
            raise TooNarrowError
        return stage << self._bits | local.number

    def outputs(self, state: int) -> tuple[Value, ...]:
        """Return the outputs by process; only the stages of `state` are used."""
        return tuple(self._outputs[stage] for stage in self._stages(state))

    def participants(self, state: int) -> frozenset[int]:
        """Return who took a step or decided; only the stages of `state` are used."""
        return frozenset(me for me, stage in enumerate(self._stages(state)) if stage)

    def _stages(self, state: int) -> list[int]:
        shifts = (self._bits + self.width * me for me in range(self.machine.count))
        return [state >> shift & self._top - 1 for shift in shifts]

    def step(self, state: int, block: Block) -> int:
        """Return the state after `block` has moved; it must be able to."""
        locals_ = self.locals(state)
        after = state
        for me in block:
            moved = self.machine.moved(locals_, me, block)
            after += (self._entry(moved) << self.width * me) - (state & self.own(me))
        return after
