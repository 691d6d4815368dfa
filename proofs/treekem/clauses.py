"""Named clauses: an invariant is a tuple of small functions, each with a docstring of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from z3 import BoolRef

    from ttkem.verification.system import Formulas, Symbols

__all__ = ["clauses", "named_after"]


def named_after(function: Callable[..., BoolRef]) -> str:
    """Return the name of a clause: its function's, in words."""
    return function.__name__.strip("_").replace("_", " ")


def clauses(*functions: Callable[[Symbols], BoolRef]) -> Callable[[Symbols], Formulas]:
    """Return the conjunction of some clauses, each under the name of its function.

    >>> import z3
    >>> def nothing_is_wrong(state):
    ...     return z3.BoolVal(True)
    >>> clauses(nothing_is_wrong)(None)
    {'nothing is wrong': True}
    """
    if len({named_after(each) for each in functions}) != len(functions):
        raise AssertionError("two clauses have one name")
    return lambda s: {named_after(each): each(s) for each in functions}
