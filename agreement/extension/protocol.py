"""What answers a prover: the protocol's side of an extension-based proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agreement.extension.problems import Problem
    from agreement.extension.states import Configuration, States
    from agreement.memory import Block, Schedule

__all__ = ["Answerer"]


class Answerer(Protocol):
    """A protocol for `problem`, as far as it is asked.

    Its answers must be those of one map from states to outputs or to going on. `states` is shared
    with the game.
    """

    @property
    def name(self) -> str:
        """What it is called on the command line."""
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
        """What a process outputs that has just come to this state; None if it goes on."""
        ...

    def output(self, now: Configuration, group: Block, value: int) -> Schedule | None:
        """A schedule of processes of `group`, from `now`, that ends with one outputting `value`.

        It may be empty if one has done so. None: there is no such schedule, now and for ever.
        """
        ...

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """A phase has ended: the schedule now, and the configurations it reaches."""
        ...

    def ceiling(self) -> int | None:
        """No process that goes on is beyond this round: the protocol's word; None if it gives none.

        It may rise when somebody outputs something, and with output queries and phases, and never
        otherwise: so that each chain of queries ends.
        """
        ...

    def digest(self, state: int) -> object:
        """All that the protocol remembers of a state, if that is finite; None if it does not say.

        Then outputs depend on digests alone, and the digest after an operation on the digests seen,
        by process: so that what recurs, recurs for ever.
        """
        ...
