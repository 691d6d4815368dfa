"""Adversaries with one seeded bug each, which provers, the referee or the audit must catch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreement.extension.adversary import Adversary

if TYPE_CHECKING:
    from collections.abc import Callable

    from agreement.extension.problems import Problem
    from agreement.extension.states import Configuration
    from agreement.memory import Schedule

__all__ = ["BROKEN", "Blunt", "Hasty", "Lawless", "Near", "Postponing", "Restless"]


class Hasty(Adversary):
    """An adversary that decides too early: it ignores the outputs of other processes."""

    def may(self, state: int, value: int) -> bool:
        """Permit every output that the known inputs allow."""
        return self.allowed(state, value)


class Near(Adversary):
    """An adversary that lets two regions touch: it looks at neighbours, not at theirs."""

    def may(self, state: int, value: int) -> bool:
        """Permit every allowed output unless a neighbour has made another one."""
        return self.allowed(state, value) and not self.next_to(state, value, other=True)


class Lawless(Adversary):
    """An adversary that ignores which inputs are known."""

    def allows(self, inputs: frozenset[int], value: int) -> bool:  # noqa: ARG002 - that is the fault
        """Return True for every value."""
        return True


class Restless(Adversary):
    """An adversary that decides nothing in chains of the first phase, and so never ends one."""

    def decide(self, state: int) -> int | None:
        """Decide only what an output query has settled."""
        if self.default is not None or state in self.terminated:
            return super().decide(state)
        self.level = max(self.level, self.states.round[state] + 1)
        return None


class Postponing(Adversary):
    """An adversary that stays in its first phase: it is never wrong, and need never finish.

    Each chain ends, but the phases need not: a prover can keep two outputs possible for as long as
    it likes, and nobody wins within any bound.
    """

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """Fix no default."""


class Blunt(Adversary):
    """An adversary that outputs the default after the first phase, whatever its neighbours did."""

    def steps_from(self, state: int, value: int) -> int:  # noqa: ARG002 - that is the fault
        """Return a number as large as if every region were far away."""
        return len(self.problem.values)


BROKEN: dict[str, Callable[[Problem], Adversary]] = {
    "hasty": Hasty,
    "near": Near,
    "lawless": Lawless,
    "restless": Restless,
    "postponing": Postponing,
    "blunt": Blunt,
}
"""The adversaries with a seeded bug, by name."""
