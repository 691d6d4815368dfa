"""What a protocol is here: a program, the task that it solves, and its bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreement.errors import TaskError

if TYPE_CHECKING:
    from agreement.memory import Program
    from agreement.task import Task

__all__ = ["Protocol", "halvings", "own_steps", "register_steps"]


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
    def own_steps(self) -> int:
        """The own steps that every process takes."""
        return own_steps(self.communication, self.rounds, self.count)

    @property
    def register_steps(self) -> int:
        """The own steps that a process takes at most on plain registers."""
        return register_steps(self.communication, self.rounds, self.count)


def own_steps(communication: str, rounds: int, count: int) -> int:
    """Steps of `rounds` rounds.

    A collect is a write and count - 1 reads, a snapshot a write and a scan, an immediate snapshot
    one step.
    """
    return rounds * {"collect": count, "snapshot": 2, "immediate": 1}[communication]


def register_steps(communication: str, rounds: int, count: int) -> int:
    """Steps of `rounds` rounds when `agreement.memory.on_registers` has lowered them.

    A scan ends after count + 1 collects: each other process writes once to its array, so that at
    most count - 1 collects differ from the one before. Levels are at most count, each a write and a
    collect of all.
    """
    snapshot, immediate = 1 + count * (count + 1), count * (1 + count)
    return rounds * {"collect": count, "snapshot": snapshot, "immediate": immediate}[communication]


def halvings(length: int, parts: int = 2) -> int:
    """The least k with parts^k >= length: divided so often, rounding up, `length` is 1.

    >>> [halvings(d) for d in (1, 2, 3, 4, 5, 8, 9)]
    [0, 1, 2, 2, 3, 3, 4]
    """
    k, reach = 0, 1
    while reach < length:
        k, reach = k + 1, reach * parts
    return k


def check_communication(communication: str, allowed: tuple[str, ...]) -> None:
    """Raise TaskError for a form that the protocol's argument does not cover."""
    if communication not in allowed:
        raise TaskError(
            f"the communication model must be {' or '.join(allowed)} for this protocol, "
            f"not {communication!r}"
        )


def check_sizes(count: int, rounds: int | None) -> None:
    """Raise TaskError for numbers of processes and rounds that make no sense."""
    if count < 1:
        raise TaskError(f"there must be at least one process, not {count}")
    if rounds is not None and rounds < 0:
        raise TaskError(f"there cannot be {rounds} rounds")
