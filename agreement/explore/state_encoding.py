"""Global states as integers, and the plain way to make a step.

A global state is the tuple of the processes' local states (see `machine`), packed into one integer
with one field a process. A field holds the local state's number and, above it, its *stage*: 0 for
who has not moved, 1 for who is under way, another number for each output. So the stages of all
processes, which are all that the judge looks at, are one mask away. The initial state is 0 but for
processes that decide without a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from agreement.memory import Block, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.explore.machine import Local, Machine

__all__ = ["Exploration", "Violation", "Judge", "Packing", "Progress", "TooNarrowError"]

Judge: TypeAlias = Callable[[tuple[Value, ...], frozenset[int]], str | None]
"""`judge(outputs, participants)`: what is wrong with a state; None if nothing.

`outputs` holds None for who has not decided; participants are those who took a step or decided.
What is wrong must stay wrong when others decide, and what is right must stay right when others
join: then looking at every state is looking at every crash.
"""

Progress: TypeAlias = Callable[[int, int], None]
"""`progress(states, level)`, called after every level of a search."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A state that the judge objects to, reached by `level` steps and by no fewer."""

    state: int
    level: int
    what: str


@dataclass(frozen=True, slots=True)
class Exploration:
    """What a search saw. Not `complete`: it was stopped by its limit or by a violation.

    `levels` is the number of steps of the longest run it followed; `outcomes` are the output
    vectors of the states in which everybody has decided.
    """

    states: int
    transitions: int
    levels: int
    outcomes: frozenset[tuple[Value, ...]]
    complete: bool
    violation: Violation | None = None


class TooNarrowError(Exception):
    """There are more local states, or outputs, than fit into a field."""


class Packing:
    """How to read global states of `machine`, and step from them.

    Numbers take `bits` bits of a field, stages `stage_bits`.
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
        """The mask of a process's own field."""
        return self._field << self.width * me

    def local(self, state: int, me: int) -> Local:
        """The local state of one process."""
        return self.machine.automata[me].locals[state >> self.width * me & self._number]

    def locals(self, state: int) -> list[Local]:
        """The local state of each process."""
        return [self.local(state, me) for me in range(self.machine.count)]

    def pack(self, locals_: Iterable[Local]) -> int:
        """The state in which the processes are in these local states."""
        return sum(self._entry(local) << self.width * me for me, local in enumerate(locals_))

    def _entry(self, local: Local) -> int:
        """The content of a field."""
        stage = min(local.number, 1)
        if local.output is not None:
            stage = self._stage_of.setdefault(local.output, len(self._outputs))
            if stage == len(self._outputs):
                self._outputs.append(local.output)
        if local.number > self._number or stage >= self._top:
            raise TooNarrowError
        return stage << self._bits | local.number

    def outputs(self, state: int) -> tuple[Value, ...]:
        """What everybody has decided, read off the stages alone."""
        return tuple(self._outputs[stage] for stage in self._stages(state))

    def participants(self, state: int) -> frozenset[int]:
        """Who took a step or decided, read off the stages alone."""
        return frozenset(me for me, stage in enumerate(self._stages(state)) if stage)

    def _stages(self, state: int) -> list[int]:
        shifts = (self._bits + self.width * me for me in range(self.machine.count))
        return [state >> shift & self._top - 1 for shift in shifts]

    def step(self, state: int, block: Block) -> int:
        """The state after `block`, which must be able to, has moved."""
        locals_ = self.locals(state)
        after = state
        for me in block:
            moved = self.machine.moved(locals_, me, block)
            after += (self._entry(moved) << self.width * me) - (state & self.own(me))
        return after
