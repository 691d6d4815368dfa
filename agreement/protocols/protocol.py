"""The type of a protocol: a program, the task that it solves, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.errors import TaskError

if TYPE_CHECKING:
    from agreement.memory import Program
    from agreement.task import Task

__all__ = ["Protocol", "halvings", "register_steps", "step_complexity"]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A program for `count` processes that solves `task` in `rounds` rounds of `communication`."""

    name: str
    task: Task
    count: int
    communication: str
    rounds: int
    program: Program

    @property
    def step_complexity(self) -> int:
        """The step complexity: the number of steps that every process takes."""
        return step_complexity(self.communication, self.rounds, self.count)

    @property
    def register_steps(self) -> int:
        """The own-step bound when the program runs on plain registers (`on_registers`)."""
        return register_steps(self.communication, self.rounds, self.count)


def step_complexity(communication: str, rounds: int, count: int) -> int:
    """Return the number of steps that each process takes in `rounds` rounds.

    A collect is a write and `count` - 1 reads, a snapshot a write and a scan, an immediate snapshot
    one step.
    """
    return rounds * {"collect": count, "snapshot": 2, "immediate": 1}[communication]


def register_steps(communication: str, rounds: int, count: int) -> int:
    """Return the own-step bound of `rounds` rounds lowered by `agreement.memory.on_registers`.

    A scan takes at most `count` + 1 collects: each other process writes the array once, so at most
    `count` - 1 collects differ from the one before. An immediate snapshot goes through at most
    `count` levels, each a write and a collect of all registers.
    """
    snapshot, immediate = 1 + count * (count + 1), count * (1 + count)
    return rounds * {"collect": count, "snapshot": snapshot, "immediate": immediate}[communication]


def halvings(length: int, parts: int = 2) -> int:
    """Return the least k with `parts`^k >= `length`.

    This is how often `length` must be divided by `parts`, rounding up, until it is 1.

    >>> [halvings(d) for d in (1, 2, 3, 4, 5, 8, 9)]
    [0, 1, 2, 2, 3, 3, 4]
    """
    k, reach = 0, 1
    while reach < length:
        k, reach = k + 1, reach * parts
    return k


def check_communication(communication: str, allowed: tuple[str, ...]) -> None:
    """Raise TaskError for a communication model for which the protocol is not proved."""
    if communication not in allowed:
        raise TaskError(
            f"this protocol is not proved for the communication model {communication!r}: "
            f"use {' or '.join(allowed)}"
        )


def check_sizes(count: int, rounds: int | None) -> None:
    """Raise TaskError if there is no process, or if the number of rounds is negative."""
    if count < 1:
        raise TaskError(f"there must be at least one process, not {count}")
    if rounds is not None and rounds < 0:
        raise TaskError(f"the number of rounds must be at least 0, not {rounds}")
