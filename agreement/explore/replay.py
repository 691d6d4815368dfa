"""Replay of what a search found, step by step in the simulator, before it is believed.

The checker runs each process alone, and again for each branch; the simulator runs all of them side
by side, once. For a program that is a function of its inputs and responses, both see the same. If
they do not, ImpureProgramError names the place where they part.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from agreement.errors import ImpureProgramError, ProgramError, ProtocolError, ScheduleError
from agreement.explore.exact import exact
from agreement.explore.machine import state_of, words_for
from agreement.memory import Process, Simulation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agreement.explore.environment import Environment
    from agreement.explore.machine import Machine
    from agreement.explore.watchdog import Watchdog
    from agreement.memory import Block, Program, Run, Schedule

__all__ = ["confirmed", "repeated", "replayed", "require_unchanged", "sampled"]

_MOST_REPEATED = 2_000
_ROUNDS = 100
_SAMPLES = 3


class _Replay:
    """A simulation beside the local states that the machine says it must go through."""

    def __init__(self, program: Program, machine: Machine, watchdog: Watchdog) -> None:
        self.machine, self._watchdog = machine, watchdog
        self.locals = [automaton.locals[0] for automaton in machine.automata]
        watchdog.begin()
        try:
            self.simulation = Simulation(program, machine.inputs)
        except ProtocolError as error:
            raise ImpureProgramError(f"{error}: but not before") from error
        finally:
            watchdog.end()
        for process in self.simulation.processes:
            self._compare(process, process.start)

    def step(self, block: Block) -> None:
        moved = {me: self.machine.moved(self.locals, me, block) for me in block}
        places = {me: self.simulation.processes[me].place for me in block}
        self._watchdog.begin()
        try:
            self.simulation.step(block)
        except ProgramError as error:
            raise ImpureProgramError(
                f"{places[block[0]]}: {error.what}: but not before, after the same responses"
            ) from error
        finally:
            self._watchdog.end()
        for me, local in moved.items():
            self.locals[me] = local
            self._compare(self.simulation.processes[me], places[me])

    def _compare(self, process: Process, place: str) -> None:
        local = self.locals[process.me]
        if state_of(process) != (local.operation, local.exact_output):
            raise ImpureProgramError(
                f"{place}: after the same responses, process {process.me} came first to "
                f"{words_for(local.operation, local.output)}, "
                f"then to {words_for(process.poised, process.output)}"
            )


def replayed(
    program: Program, machine: Machine, schedule: Iterable[Block], watchdog: Watchdog
) -> Run:
    """Run a schedule in the simulator. Raise ImpureProgramError if the machine did not predict it.

    `machine` is the one in which the schedule was found.
    """
    replay = _Replay(program, machine, watchdog)
    for block in schedule:
        replay.step(block)
    return replay.simulation.run()


def repeated(
    program: Program, machine: Machine, prefix: Schedule, loop: Schedule, watchdog: Watchdog
) -> Run:
    """Run a lasso: go on to repeat its loop many times, and return the run of the first time."""
    replay = _Replay(program, machine, watchdog)
    for block in (*prefix, *loop):
        replay.step(block)
    first = replay.simulation.run()
    for _ in range(min(_ROUNDS, 1 + _MOST_REPEATED // len(loop))):
        for block in loop:
            replay.step(block)
    return first


def sampled(program: Program, machine: Machine, watchdog: Watchdog) -> None:
    """Run a few random schedules. Raise ImpureProgramError if the machine did not predict them."""
    rng = random.Random(0)  # noqa: S311 - schedules, no secrets
    for _ in range(_SAMPLES):
        replay = _Replay(program, machine, watchdog)
        for _step in range(_MOST_REPEATED):
            blocks = machine.blocks(replay.locals)
            if not blocks:
                break
            replay.step(rng.choice(blocks))


def confirmed(program: Program, done: Run) -> None:
    """Run the schedule of a run once more. Raise ImpureProgramError if it is another run."""
    try:
        simulation = Simulation(program, done.inputs)
        for block in done.schedule:
            places = {me: simulation.processes[me].place for me in block}
            simulation.step(block)
            for event in simulation.events[-len(block) :]:
                before = done.events[event.step]
                if exact(event) != exact(before):
                    raise ImpureProgramError(
                        f"{places[event.process]}: in the same run, process {event.process} did "
                        f"first {before.operation!r} with output {before.output!r}, then "
                        f"{event.operation!r} with output {event.output!r}"
                    )
    except (ProgramError, ScheduleError) as error:
        raise ImpureProgramError(f"the same schedule cannot be run twice: {error}") from error


def require_unchanged(environment: Environment) -> None:
    """Raise ImpureProgramError if something that all processes share has changed."""
    changed = environment.change(now=True)
    if changed is not None:
        raise ImpureProgramError(
            f"the program changes {changed}, which all processes share: processes may share "
            "registers only"
        )
