"""Invariants made of named clauses: small functions of the state, each with a docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.verification.system import clauses

if TYPE_CHECKING:
    from collections.abc import Callable

    from z3 import BoolRef

    from ttkem.verification.system import Formulas, Symbols

__all__ = ["combined", "named_after", "named_clauses"]


def named_after(function: Callable[..., BoolRef]) -> str:
    """Return the name of a clause: its function's, in words."""
    return function.__name__.strip("_").replace("_", " ")


def named_clauses(*functions: Callable[[Symbols], BoolRef]) -> Callable[[Symbols], Formulas]:
    """Return an invariant: the clauses of a state, each under the name of its function.

    >>> import z3
    >>> def nothing_is_wrong(state):
    ...     return z3.BoolVal(True)
    >>> named_clauses(nothing_is_wrong)(None)
    {'nothing is wrong': True}
    """
    if len({named_after(each) for each in functions}) != len(functions):
        raise AssertionError("two clauses have one name")
    return lambda s: {named_after(each): each(s) for each in functions}


def combined(*invariants: Callable[[Symbols], Formulas]) -> Callable[[Symbols], Formulas]:
    """Return the invariant that has the clauses of all of these.

    Raise LocalError, when it is asked for a state's clauses, if two of them have one name.
    """
    return lambda s: clauses(*(invariant(s) for invariant in invariants))
