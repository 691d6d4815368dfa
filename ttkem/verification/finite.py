"""Formulas over a finite universe of named elements: quantifiers are expanded, so Z3 decides them.

This serves to find small counterexamples and witness traces, never to prove.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import z3

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["RESERVED", "Universe", "finite_values", "symbols_of", "terms_of"]

RESERVED = "\N{SYMBOL FOR UNIT SEPARATOR}"
"""The character that all names made by this toolkit have, and that names of its users must not."""


def finite_values(sort: z3.SortRef) -> list[z3.ExprRef] | None:
    """Return all values of the Booleans or of an enumeration; None for any other sort."""
    if sort == z3.BoolSort():
        return [z3.BoolVal(val=False), z3.BoolVal(val=True)]
    if isinstance(sort, z3.DatatypeSortRef):
        makers = [sort.constructor(number) for number in range(sort.num_constructors())]
        if all(maker.arity() == 0 for maker in makers):
            return [maker() for maker in makers]
    return None


class _Elements(dict[z3.SortRef, "list[z3.ExprRef]"]):
    """The elements of each sort, those of Booleans and enumerations on demand."""

    def __missing__(self, sort: z3.SortRef) -> list[z3.ExprRef]:
        values = finite_values(sort)
        if values is None:
            raise KeyError(sort)
        return values


class Universe:
    """A universe with a fixed number of elements of each uninterpreted sort.

    `names` gives each element a readable name: the sort's first letter and a number, or the sort's
    full name and a number if another sort begins with the same letter.
    """

    __slots__ = ("_uninterpreted", "elements", "names", "solver")

    def __init__(self, sizes: Mapping[z3.SortRef, int], milliseconds: int) -> None:
        letters = [sort.name()[0].lower() for sort in sizes]
        self.elements = _Elements()
        self.names: dict[z3.ExprRef, str] = {}
        self.solver = z3.Solver()
        self.solver.set(timeout=milliseconds)
        for sort, letter in zip(sizes, letters, strict=True):
            prefix = letter if letters.count(letter) == 1 else sort.name().lower()
            names = [f"{prefix}{number}" for number in range(sizes[sort])]
            self.elements[sort] = [z3.Const(f"{name}{RESERVED}", sort) for name in names]
            self.names.update(zip(self.elements[sort], names, strict=True))
            self.solver.add(z3.Distinct(*self.elements[sort]))
        self._uninterpreted = frozenset(sizes)

    def add(self, formulas: Iterable[z3.BoolRef]) -> None:
        """Assume formulas, and that the functions in them map elements to elements."""
        symbols = set[z3.FuncDeclRef]()
        for formula in formulas:
            symbols.update(symbols_of(formula))
            self.solver.add(self.ground(formula))
        for symbol in symbols:
            if symbol.range() in self._uninterpreted:
                self.solver.add(*self._total(symbol))

    def allows(self, formulas: Iterable[z3.BoolRef]) -> bool:
        """Return whether these formulas can hold as well, without assuming them from then on."""
        self.solver.push()
        self.add(formulas)
        found = self.model()
        self.solver.pop()
        return found is not None

    def model(self) -> z3.ModelRef | None:
        """Return a model of all assumptions; None if Z3 finds none."""
        return self.solver.model() if self.solver.check() == z3.sat else None

    def ground(self, formula: z3.ExprRef, outer: Sequence[z3.SortRef] = ()) -> z3.ExprRef:
        """Return a formula with each quantifier expanded to a case for every element.

        ``outer`` lists the sorts of the variables bound by enclosing quantifiers, innermost first.
        """
        if not z3.is_quantifier(formula):
            found = [term for term in terms_of(formula) if z3.is_quantifier(term)]
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
        """Yield, for all arguments, the formula that a function's value is one of the elements."""
        sorts = [symbol.domain(number) for number in range(symbol.arity())]
        for each in product(*(self.elements[sort] for sort in sorts)):
            yield z3.Or(*(symbol(*each) == value for value in self.elements[symbol.range()]))


def symbols_of(formula: z3.ExprRef) -> set[z3.FuncDeclRef]:
    """Return the uninterpreted constants, relations and functions in a formula."""
    return {
        term.decl()
        for term in terms_of(formula, within=True)
        if z3.is_app(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED
    }


def terms_of(formula: z3.ExprRef, *, within: bool = False) -> Iterator[z3.ExprRef]:
    """Yield all subterms of a formula, each once; those below quantifiers only if `within`."""
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
