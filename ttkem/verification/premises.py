"""Premises with names, and which of them a proof needed.

Z3 gives an unsatisfiable core in terms of Booleans that stand for premises. Their names cannot be
guessed: if they were named as the premises are, a formula that speaks of a Boolean of that name
would be taken to hold. Z3's own fresh names will not do: a symbol made by hand can have one. So
they have a reserved character, which `wellformed` refuses in the names of users' symbols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from ttkem.verification.finite import RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Premises"]


class Premises:
    """A solver that knows its premises by name.

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
        """The names of the premises that the last goal which followed was derived from."""
        self.wait(milliseconds)

    def wait(self, milliseconds: int) -> None:
        """Set Z3's time for a question from here on."""
        self.solver.set(timeout=milliseconds, unsat_core=True)

    def assume(self, premises: Mapping[str, z3.BoolRef], kind: str = "") -> None:
        """Assume formulas from here on; their names begin with ``kind``."""
        for name, premise in premises.items():
            stands = z3.Bool(f"{RESERVED}premise {len(self._names)}")
            self._names[str(stands)] = f"{kind}: {name}" if kind else name
            self.solver.assert_and_track(premise, stands)

    def fails(self, goal: z3.BoolRef) -> tuple[z3.CheckSatResult, z3.ModelRef | None]:
        """Return whether a goal can fail, with a model in which it does; unsat if it follows."""
        self.solver.push()
        self.solver.add(z3.Not(goal))
        said = self.solver.check()
        if said == z3.unsat:
            self.core = frozenset(self._names[str(each)] for each in self.solver.unsat_core())
        model = self.solver.model() if said == z3.sat else None
        self.solver.pop()
        return said, model
