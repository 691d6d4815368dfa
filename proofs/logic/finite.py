"""Formulas in a universe of few, named elements: without quantifiers, which Z3 can decide.

Used to find small counterexamples and to show that something is possible, never to prove.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import z3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Universe", "symbols_of"]


class Universe:
    """So many elements of each sort, called by the sort's first letter and a number."""

    __slots__ = ("_known", "elements", "solver")

    def __init__(self, sizes: Mapping[z3.SortRef, int], milliseconds: int) -> None:
        self.elements = {
            sort: [z3.Const(f"{sort.name()[0].lower()}{number}", sort) for number in range(size)]
            for sort, size in sizes.items()
        }
        self._known = {each.decl() for several in self.elements.values() for each in several}
        self.solver = z3.Solver()
        self.solver.set(timeout=milliseconds)
        for several in self.elements.values():
            self.solver.add(z3.Distinct(*several))

    def add(self, formulas: Iterable[z3.BoolRef]) -> None:
        """Formulas that must hold; and all values of functions in them are elements."""
        symbols = set[z3.FuncDeclRef]()
        for formula in formulas:
            symbols.update(symbols_of(formula))
            self.solver.add(self.ground(formula))
        for symbol in symbols - self._known:
            if symbol.range() in self.elements:
                self.solver.add(*self._total(symbol))

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

    def ground(self, formula: z3.ExprRef, outer: Sequence[z3.SortRef] = ()) -> z3.ExprRef:
        """A formula with a case for every element in place of each quantifier.

        ``outer``: the sorts of variables that are bound further out, the innermost first.
        """
        if not z3.is_quantifier(formula):
            found = [term for term in _terms(formula) if z3.is_quantifier(term)]
            return z3.substitute(formula, *((term, self.ground(term, outer)) for term in found))
        sorts = [formula.var_sort(number) for number in range(formula.num_vars())]
        body = self.ground(formula.body(), (*reversed(sorts), *outer))
        kept = [z3.Var(number, sort) for number, sort in enumerate(outer)]
        cases = [
            z3.substitute_vars(body, *reversed(each), *kept)
            for each in product(*(self.elements[sort] for sort in sorts))
        ]
        return z3.And(*cases) if formula.is_forall() else z3.Or(*cases)

    def _total(self, symbol: z3.FuncDeclRef) -> Iterator[z3.BoolRef]:
        """That a function has an element for its value, whatever elements it is applied to."""
        sorts = [symbol.domain(number) for number in range(symbol.arity())]
        for each in product(*(self.elements[sort] for sort in sorts)):
            yield z3.Or(*(symbol(*each) == value for value in self.elements[symbol.range()]))


def symbols_of(formula: z3.ExprRef) -> set[z3.FuncDeclRef]:
    """The constants, relations and functions that a formula speaks of."""
    return {
        term.decl()
        for term in _terms(formula, within=True)
        if z3.is_app(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED
    }


def _terms(formula: z3.ExprRef, *, within: bool = False) -> Iterator[z3.ExprRef]:
    """All terms in a formula, each once; those within quantifiers only if it is asked for."""
    seen = set()
    todo = [formula]
    while todo:
        term = todo.pop()
        if term.get_id() not in seen:
            seen.add(term.get_id())
            yield term
            if z3.is_app(term):
                todo.extend(term.children())
            elif within and z3.is_quantifier(term):
                todo.append(term.body())
