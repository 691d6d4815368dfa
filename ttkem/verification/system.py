"""Transition systems in first-order logic, the subject of proofs by induction (own design).

A state is an interpretation of named relations and functions over uninterpreted sorts, of any size.
A transition chooses some values (functions among them), says when it is enabled, and gives the new
meaning of what it changes; all else stays. So the formula of a state after it is that of the state
before it with the new meanings put in, and a step needs no quantifier of its own.

Formulas are given as functions of the state (and of what a transition chooses), never over symbols
of the author's own making: only so can a formula be asked of the state before a step and of the one
after it. Symbols whose meaning never changes are those that the axioms speak of, and those
that a system names as its constants. `wellformed` checks all of this before anything is proved.
"""

from __future__ import annotations

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
]

Signature: TypeAlias = "tuple[z3.SortRef, ...]"
"""The sorts of a symbol's arguments, then the sort of its value."""

Formulas: TypeAlias = "Mapping[str, z3.BoolRef]"
"""Formulas by name: unsatisfiable cores and counterexamples speak of the names."""


class Symbols:
    """The meaning of names: ``symbols.known(x)``, a relation; ``symbols.author``, a constant."""

    __slots__ = ("_meaning",)

    def __init__(self, meaning: Mapping[str, Any]) -> None:
        self._meaning = dict(meaning)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._meaning[name]
        except KeyError:
            raise AttributeError(f"nothing is called {name!r}") from None

    def but(self, changed: Mapping[str, Any]) -> Symbols:
        """Return the same symbols with other meanings for some names, which must be known."""
        if unknown := sorted(changed.keys() - self._meaning.keys()):
            raise LocalError(f"cannot change {', '.join(unknown)}: the state has no such symbol")
        return Symbols({**self._meaning, **changed})


@dataclass(frozen=True, slots=True)
class Transition:
    """One kind of step."""

    chooses: Mapping[str, Signature]
    """What is free: who makes the step, what is fresh in it, and so on."""
    when: Callable[[Symbols, Symbols], Formulas]
    """Of state and choice: what must hold before, by name."""
    then: Callable[[Symbols, Symbols], Mapping[str, Any]]
    """Of state and choice: the new meaning of each symbol that changes."""


@dataclass(frozen=True, slots=True)
class System:
    """A transition system, with the inductive invariant and the properties that follow from it."""

    name: str
    state: Mapping[str, Signature]
    axioms: Formulas
    """Of what never changes."""
    init: Callable[[Symbols], Formulas]
    transitions: Mapping[str, Transition]
    invariants: Callable[[Symbols], Formulas]
    """Clauses; only their conjunction need be inductive."""
    properties: Callable[[Symbols], Formulas]
    """What is claimed of every reachable state; at least one; must follow from the invariants."""
    universe: Mapping[z3.SortRef, int]
    """For each uninterpreted sort the number of elements that suffices for the witness traces."""
    witnesses: Sequence[Sequence[str]] = ()
    """Witness traces: runs from an initial state of that universe, by their transitions.

    Each step must be able to change the state, and each transition must occur in a trace.
    """
    unwitnessed: Mapping[str, str] = field(default_factory=dict)
    """For each transition that occurs in no witness trace the reason, in words."""
    constants: Sequence[Any] = ()
    """Symbols of Z3 that never change, if no axiom speaks of them."""


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
    """Return Z3's symbols for names; ``mark`` tells states, or steps, apart."""
    return Symbols({name: named(name + mark, each) for name, each in signatures.items()})


def named(name: str, signature: Signature) -> Any:
    """Return a constant, or a function to be called."""
    if len(signature) == 1:
        return z3.Const(name, signature[0])
    return z3.Function(name, *signature)


class _Nesting:
    depth = 0


_UNGUESSABLE = secrets.token_hex()
_numbers = count()


def fresh_mark() -> str:
    """Return a mark that no other name of a symbol has; Z3's own fresh names can be guessed.

    Such names occur in no formula that is put to Z3, so that what Z3 does depends on none.
    """
    return f"{_UNGUESSABLE}.{next(_numbers)}"


def every(sorts: Sequence[z3.SortRef], body: Callable[..., z3.BoolRef]) -> z3.BoolRef:
    """Return the formula that ``body`` holds of all elements of these sorts.

    Bound variables are named after their sort and depth, so that the same text gives the same
    formula. They are bound under names that nobody can guess: no symbol of the body is captured.
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
        raise LocalError(f"cannot quantify over {inner!r}: it is no formula of Z3")
    called = [
        z3.Const(f"{sort.name()[0].lower()}.{depth}.{number}", sort)
        for number, sort in enumerate(sorts)
    ]
    free = z3.substitute(inner, *zip(called, variables, strict=True))
    if not free.eq(inner):  # it speaks of symbols with these names, which must stay free
        return quantifier(variables, inner)
    return quantifier(called, z3.substitute(inner, *zip(variables, called, strict=True)))
