"""The interface of protocols that answer a prover in an extension-based proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agreement.extension.problems import Problem
    from agreement.extension.states import Configuration, States
    from agreement.memory import Block, Schedule

__all__ = ["Answerer"]


class Answerer(Protocol):
    """A protocol for `problem`, which may be made up as it is asked.

    Its answers must be those of one map from states to outputs or to continuing. It shares `states`
    with the game.
    """

    @property
    def name(self) -> str:
        """The protocol's name on the command line."""
        ...

    @property
    def problem(self) -> Problem:
        """The task it is claimed to solve."""
        ...

    @property
    def states(self) -> States:
        """The states that have occurred."""
        ...

    def decide(self, state: int) -> int | None:
        """Return the output of a process that has just reached this state; None if it continues."""
        ...

    def output(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """Return a schedule of processes of `group` from `now` by which one outputs `value`.

        It may be empty if one has done so already. None says that there is no such schedule, and
        never will be.
        """
        ...

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """Take note that a phase has ended, with alpha(f) and A(f) of the next phase."""
        ...

    def ceiling(self) -> int | None:
        """Return the last round from which a process may continue; None without such a promise.

        The number may rise only when a process outputs something, by an output query, or with a new
        phase; so each chain of queries ends.
        """
        ...

    def digest(self, state: int) -> object:
        """Return all that the protocol remembers in a state; None if it does not say.

        If it does, outputs must depend on the digest alone, and the digest after an operation must
        depend on the digests seen, by process. So digests that recur do so for ever.
        """
        ...
