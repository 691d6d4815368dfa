"""Transition systems in first-order logic, the subject of proofs by induction (own design).

A state is an interpretation of named relations and functions over uninterpreted sorts of any size.
A transition chooses some values (they may be functions), has premises, and gives a new meaning to
each symbol that it changes; all other symbols keep theirs. A formula about the state after a step
is therefore the formula about the state before, with the new meanings substituted, and a step adds
no quantifier.

Formulas are given as functions of the state and of a transition's choices, because the same formula
is asked of the state before a step and of the state after it. The only other symbols in them are
those that never change: the symbols of the axioms, and those that the system lists as constants.
`wellformed` checks this before anything is proved.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

import z3

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Formulas",
    "Signature",
    "Symbols",
    "System",
    "Transition",
    "clauses",
    "declare",
    "every",
    "fresh_mark",
    "named",
    "some",
    "unmarked",
]

Signature: TypeAlias = "tuple[z3.SortRef, ...]"
"""The sorts of a symbol's arguments, then the sort of its value."""

Formulas: TypeAlias = "Mapping[str, z3.BoolRef]"
"""Formulas by name: unsatisfiable cores and counterexamples speak of the names."""


class Symbols:
    """The meanings of names: ``symbols.known(x)`` is a relation, ``symbols.author`` a constant."""

    __slots__ = ("_meaning",)

    def __init__(self, meaning: Mapping[str, Any]) -> None:
        self._meaning = dict(meaning)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._meaning[name]
        except KeyError:
            raise AttributeError(f"no symbol is called {name!r}") from None

    def but(self, changed: Mapping[str, Any]) -> Symbols:
        """Return these symbols with new meanings for some names; LocalError if one is unknown."""
        if unknown := sorted(changed.keys() - self._meaning.keys()):
            raise LocalError(f"cannot change {', '.join(unknown)}: the state has no such symbol")
        return Symbols({**self._meaning, **changed})


@dataclass(frozen=True, slots=True)
class Transition:
    """One kind of step."""

    chooses: Mapping[str, Signature]
    """The free values of the step, such as who makes it, with their signatures."""
    when: Callable[[Symbols, Symbols], Formulas]
    """A function from state and choices to the premises, by name."""
    then: Callable[[Symbols, Symbols], Mapping[str, Any]]
    """A function from state and choices to the new meaning of each symbol that changes."""


@dataclass(frozen=True, slots=True)
class System:
    """A transition system with an inductive invariant and the properties that follow from it.

    All functions must be pure: they are called several times, with the symbols of several states.
    """

    name: str
    state: Mapping[str, Signature]
    axioms: Formulas
    """Formulas about symbols that never change."""
    init: Callable[[Symbols], Formulas]
    transitions: Mapping[str, Transition]
    invariants: Callable[[Symbols], Formulas]
    """The clauses of the invariant; only their conjunction need be inductive."""
    properties: Callable[[Symbols], Formulas]
    """The claims about every reachable state, one or more; they must follow from `invariants`."""
    universe: Mapping[z3.SortRef, int]
    """The number of elements of each uninterpreted sort, enough for the witness traces."""
    witnesses: Sequence[Sequence[str]] = ()
    """The witness traces: runs from an initial state in `universe`, as names of transitions.

    Each step must be able to change the state, and each transition must occur in a trace.
    """
    unwitnessed: Mapping[str, str] = field(default_factory=dict)
    """The transitions that occur in no witness trace, each with the reason in words."""
    constants: Sequence[Any] = ()
    """The symbols of Z3 that never change and that no axiom mentions."""


def clauses(*parts: Formulas) -> Formulas:
    """Merge formulas by name; raise LocalError if a name occurs twice, as one would be lost.

    >>> clauses({"small": z3.Int("x") < 9}, {"small": z3.Int("x") < 5})
    Traceback (most recent call last):
    ...
    ttkem.errors.LocalError: two clauses are called 'small': rename one, else one is lost
    """
    merged: dict[str, z3.BoolRef] = {}
    for part in parts:
        for name, formula in part.items():
            if name in merged:
                raise LocalError(f"two clauses are called {name!r}: rename one, else one is lost")
            merged[name] = formula
    return merged


def declare(signatures: Mapping[str, Signature], mark: str = "") -> Symbols:
    """Return symbols of Z3, called as in `signatures`, with ``mark`` appended to each name."""
    return Symbols({name: named(name + mark, each) for name, each in signatures.items()})


def named(name: str, signature: Signature) -> Any:
    """Return a constant of Z3, or a function if the signature has arguments."""
    if len(signature) == 1:
        return z3.Const(name, signature[0])
    return z3.Function(name, *signature)


class _Nesting:
    depth = 0


_UNGUESSABLE = secrets.token_hex()
_numbers = count()


def fresh_mark() -> str:
    """Return a mark that no other symbol's name has; Z3's own fresh names can be guessed.

    Z3's answers do not depend on these names: it is never asked about a formula that has one,
    except for bound variables.
    """
    return f"{_UNGUESSABLE}.{next(_numbers)}"


def unmarked(text: str) -> str:
    """Return a text without the fresh marks in it."""
    return re.sub(rf"{_UNGUESSABLE}\.\d+", "", text)


def every(sorts: Sequence[z3.SortRef], body: Callable[..., z3.BoolRef]) -> z3.BoolRef:
    """Return the formula that ``body`` holds of all elements of these sorts.

    Bound variables are named by sort and depth, so that equal bodies give equal formulas. `body` is
    called with variables of unguessable names, so that no other symbol in it is captured.
    """
    return _quantified(z3.ForAll, sorts, body)


def some(sorts: Sequence[z3.SortRef], body: Callable[..., z3.BoolRef]) -> z3.BoolRef:
    """Return the formula that ``body`` holds of some elements of these sorts."""
    return _quantified(z3.Exists, sorts, body)


def _quantified(
    quantifier: Callable[..., z3.BoolRef],
    sorts: Sequence[z3.SortRef],
    body: Callable[..., z3.BoolRef],
) -> z3.BoolRef:
    _Nesting.depth += 1
    try:
        depth = _Nesting.depth
        variables = [z3.Const(fresh_mark(), sort) for sort in sorts]
        inner = body(*variables)
    finally:
        _Nesting.depth -= 1
    if not z3.is_bool(inner):
        raise LocalError(f"cannot quantify over {inner!r}: it is not a formula of Z3")
    called = [
        z3.Const(f"{sort.name()[0].lower()}.{depth}.{number}", sort)
        for number, sort in enumerate(sorts)
    ]
    free = z3.substitute(inner, *zip(called, variables, strict=True))
    if not free.eq(inner):  # symbols with these names occur in it and must stay free
        return quantifier(variables, inner)
    return quantifier(called, z3.substitute(inner, *zip(variables, called, strict=True)))
