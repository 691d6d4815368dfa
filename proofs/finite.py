"""Formulas in a universe of few, named elements: without quantifiers, so that Z3 always decides.

Used to find small counterexamples and to show that something is possible, never to prove.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import z3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Universe"]


class Universe:
    """So many elements of each sort, called by the sort's first letter and a number."""

    __slots__ = ("elements", "solver")

    def __init__(self, sizes: Mapping[z3.SortRef, int], milliseconds: int) -> None:
        self.elements = {
            sort: [z3.Const(f"{sort.name()[0].lower()}{number}", sort) for number in range(size)]
            for sort, size in sizes.items()
        }
        self.solver = z3.Solver()
        self.solver.set(timeout=milliseconds)
        for each in self.elements.values():
            self.solver.add(z3.Distinct(*each))

    def add(self, formulas: Iterable[z3.BoolRef]) -> None:
        """Formulas that must hold, and with them that every value they speak of is an element."""
        for formula in formulas:
            plain = self.ground(formula)
            self.solver.add(plain)
            for term in _terms(plain):
                if term.sort() in self.elements and not self._named(term):
                    self.solver.add(z3.Or(*(term == each for each in self.elements[term.sort()])))

    def allows(self, formulas: Iterable[z3.BoolRef]) -> bool:
        """Whether these formulas can hold as well; they are forgotten again."""
        self.solver.push()
        self.add(formulas)
        found = self.model()
        self.solver.pop()
        return found is not None

    def model(self) -> z3.ModelRef | None:
        """A model in which all that was added holds; None if Z3 has none."""
        return self.solver.model() if self.solver.check() == z3.sat else None

    def ground(self, formula: z3.ExprRef) -> z3.ExprRef:
        """A formula with a case for every element in place of each quantifier."""
        if z3.is_quantifier(formula):
            sorts = [formula.var_sort(number) for number in range(formula.num_vars())]
            cases = [
                self.ground(z3.substitute_vars(formula.body(), *reversed(each)))
                for each in product(*(self.elements[sort] for sort in sorts))
            ]
            return z3.And(*cases) if formula.is_forall() else z3.Or(*cases)
        found = [term for term in _terms(formula) if z3.is_quantifier(term)]
        if not found:
            return formula
        return z3.substitute(formula, *((term, self.ground(term)) for term in found))

    def _named(self, term: z3.ExprRef) -> bool:
        return any(term.eq(each) for each in self.elements[term.sort()])


def _terms(formula: z3.ExprRef) -> Iterator[z3.ExprRef]:
    """All terms in a formula, each once; nothing inside of quantifiers."""
    seen = set()
    todo = [formula]
    while todo:
        term = todo.pop()
        if term.get_id() not in seen:
            seen.add(term.get_id())
            yield term
            if z3.is_app(term):
                todo.extend(term.children())
