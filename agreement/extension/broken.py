"""Adversaries with a planted fault each, which provers, the referee or the audit must catch."""

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
    """Decides too early: pays no heed to what was decided elsewhere."""

    def may(self, state: int, value: int) -> bool:
        """Whatever is allowed."""
        return self.allowed(state, value)


class Near(Adversary):
    """Lets two regions touch: looks at its own neighbours, not at theirs."""

    def may(self, state: int, value: int) -> bool:
        """Whatever no state next to it forbids."""
        return self.allowed(state, value) and not self.next_to(state, value, other=True)


class Lawless(Adversary):
    """Does not care which inputs are known."""

    def allows(self, inputs: frozenset[int], value: int) -> bool:  # noqa: ARG002 - that is the fault
        """Everything."""
        return True


class Restless(Adversary):
    """Never decides anything in a chain of the first phase: always one more round."""

    def decide(self, state: int) -> int | None:
        """Only what an output query made it say."""
        if self.default is not None or state in self.terminated:
            return super().decide(state)
        self.level = max(self.level, self.states.round[state] + 1)
        return None


class Postponing(Adversary):
    """Stays as careful as in the first phase: never wrong, and never done.

    Each chain ends, but the phases need not: against it a prover can keep two outputs possible for
    as long as it likes, and nobody wins within any bound.
    """

    def extended(self, schedule: Schedule, openings: tuple[Configuration, ...]) -> None:
        """No default is fixed, ever."""


class Blunt(Adversary):
    """Goes straight to the default after the first phase, whatever is next to it."""

    def steps_from(self, state: int, value: int) -> int:  # noqa: ARG002 - that is the fault
        """Always far away."""
        return len(self.problem.values)


BROKEN: dict[str, Callable[[Problem], Adversary]] = {
    "hasty": Hasty,
    "near": Near,
    "lawless": Lawless,
    "restless": Restless,
    "postponing": Postponing,
    "blunt": Blunt,
}
"""By name."""
