"""Evaluates formulas of Z3 in a finite interpretation given by tables: for comparing with runs.

An own evaluator, which shares nothing with Z3's. A term becomes a table with one axis for each
bound variable; a quantifier takes the conjunction or disjunction along its own axes.
"""

from typing import Any

import numpy as np
import z3


class Formula:
    """A formula, to be evaluated in many interpretations."""

    def __init__(self, formula):
        self._value = _compiled(formula, 0)

    def holds(self, sizes, tables):
        """``sizes``: elements of each sort, by name. ``tables``: of each symbol by name.

        A table has an axis for each argument; of truth values, or of the numbers of elements.
        """
        return bool(self._value(sizes, tables, ()))


class Table:
    """Where the body of a formula that begins with a quantifier holds: a table."""

    def __init__(self, formula):
        self._sorts = tuple(formula.var_sort(each).name() for each in range(formula.num_vars()))
        self._value = _compiled(formula.body(), len(self._sorts))

    def of(self, sizes, tables):
        shape = [sizes[sort] for sort in self._sorts]
        return np.broadcast_to(self._value(sizes, tables, self._sorts), shape)


def _compiled(term, depth):
    """A function of sizes, tables and the sorts of the bound variables, outermost first."""
    if z3.is_quantifier(term):
        return _quantifier(term, depth)
    if z3.is_var(term):
        axis = depth - 1 - z3.get_var_index(term)
        return lambda sizes, tables, sorts: _along(axis, sizes[sorts[axis]], len(sorts))
    if z3.is_true(term) or z3.is_false(term):
        constant = np.asarray(z3.is_true(term))
        return lambda *_: constant
    below = [_compiled(each, depth) for each in term.children()]
    kind = term.decl().kind()
    if kind == z3.Z3_OP_UNINTERPRETED:
        return _symbol(term.decl().name(), below)
    function = _FUNCTIONS[kind]
    return lambda *where: function(*(each(*where) for each in below))


def _quantifier(term, depth):
    number = term.num_vars()
    added = tuple(term.var_sort(each).name() for each in range(number))
    body = _compiled(term.body(), depth + number)
    together = np.all if term.is_forall() else np.any

    def value(sizes, tables, sorts):
        inner = (*sorts, *added)
        found = body(sizes, tables, inner)
        if found.ndim == 0:
            return found
        return together(found, axis=tuple(range(len(sorts), len(inner))))

    return value


def _along(axis, size, dimensions):
    shape = [1] * dimensions
    shape[axis] = size
    return np.arange(size).reshape(shape)


def _symbol(name, below):
    if not below:
        return lambda sizes, tables, sorts: np.asarray(tables[name])
    return lambda sizes, tables, sorts: tables[name][
        tuple(each(sizes, tables, sorts) for each in below)
    ]


def _all(*values):
    result = values[0]
    for each in values[1:]:
        result = result & each
    return result


def _any(*values):
    result = values[0]
    for each in values[1:]:
        result = result | each
    return result


_FUNCTIONS: dict[int, Any] = {
    z3.Z3_OP_AND: _all,
    z3.Z3_OP_OR: _any,
    z3.Z3_OP_NOT: lambda value: ~value,
    z3.Z3_OP_IMPLIES: lambda one, other: ~one | other,
    z3.Z3_OP_EQ: lambda one, other: one == other,
    z3.Z3_OP_DISTINCT: lambda one, other: one != other,
    z3.Z3_OP_ITE: np.where,
}
