"""A solver with named premises that reports which of them a proof needed.

Z3 gives an unsatisfiable core in terms of Booleans that stand for the premises. If such a Boolean
had the name of its premise, a formula with a Boolean of that name would be taken to hold. Z3's own
fresh names do not prevent this, since anybody can make a symbol of such a name. So the Booleans'
names contain a reserved character, which `wellformed` rejects in the names of users' symbols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from ttkem.verification.finite import RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Premises"]


class Premises:
    """A solver with named premises.

    >>> premises = Premises(milliseconds=1000)
    >>> x = z3.Int("x")
    >>> premises.assume({"positive": x > 0, "small": x < 100})
    >>> premises.fails(x != 0), premises.core
    ((unsat, None), frozenset({'positive'}))
    """

    __slots__ = ("_names", "core", "solver")

    def __init__(self, milliseconds: int) -> None:
        self.solver = z3.Solver()
        self._names: dict[str, str] = {}
        self.core: frozenset[str] = frozenset()
        """The names of the premises in the core of the last goal that followed."""
        self.wait(milliseconds)

    def wait(self, milliseconds: int) -> None:
        """Set the time limit of the questions that follow."""
        self.solver.set(timeout=milliseconds, unsat_core=True)

    def assume(self, premises: Mapping[str, z3.BoolRef], kind: str = "") -> None:
        """Assume formulas from here on, named ``kind: name``."""
        for name, premise in premises.items():
            stands = z3.Bool(f"{RESERVED}premise {len(self._names)}")
            self._names[str(stands)] = f"{kind}: {name}" if kind else name
            self.solver.assert_and_track(premise, stands)

    def fails(self, goal: z3.BoolRef) -> tuple[z3.CheckSatResult, z3.ModelRef | None]:
        """Return whether a goal can fail: unsat if it follows; sat, and a model, if not."""
        self.solver.push()
        self.solver.add(z3.Not(goal))
        answer = self.solver.check()
        if answer == z3.unsat:
            self.core = frozenset(self._names[str(each)] for each in self.solver.unsat_core())
        model = self.solver.model() if answer == z3.sat else None
        self.solver.pop()
        return answer, model
