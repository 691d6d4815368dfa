"""Transition systems in first-order logic: what proofs by induction speak of (own design).

A state is an interpretation of named relations and functions over uninterpreted sorts, of any size.
A transition chooses some values (functions among them), says when it may be made, and gives the new
meaning of what it changes; all else stays. So the formula of a state after it is that of the state
before it with the new meanings put in, and a step needs no quantifier of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import z3

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Formulas",
    "Signature",
    "Symbols",
    "System",
    "Transition",
    "after",
    "declare",
    "every",
    "named",
    "some",
]

Signature: TypeAlias = "tuple[z3.SortRef, ...]"
"""The sorts of a symbol's arguments, then the sort of its value."""

Formulas: TypeAlias = "Mapping[str, z3.BoolRef]"
"""Formulas by name: unsatisfiable cores and counterexamples speak of the names."""


class Symbols:
    """What names mean: ``symbols.known(x)`` for a relation, ``symbols.author`` for a constant."""

    __slots__ = ("_meaning",)

    def __init__(self, meaning: Mapping[str, Any]) -> None:
        self._meaning = dict(meaning)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._meaning[name]
        except KeyError:
            raise AttributeError(f"nothing is called {name!r}") from None

    def but(self, changed: Mapping[str, Any]) -> Symbols:
        """The same with other meanings for some names; all must have had one."""
        if unknown := sorted(changed.keys() - self._meaning.keys()):
            raise AssertionError(f"nothing is called {', '.join(unknown)}")
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
    """A transition system, with the invariant that carries the proof and what follows from it."""

    name: str
    state: Mapping[str, Signature]
    axioms: Formulas
    """Of what never changes."""
    init: Callable[[Symbols], Formulas]
    transitions: Mapping[str, Transition]
    invariants: Callable[[Symbols], Formulas]
    """Clauses; only their conjunction need be inductive."""
    properties: Callable[[Symbols], Formulas]
    """What is claimed of every reachable state; must follow from the invariants."""
    universe: Mapping[z3.SortRef, int]
    """For each sort a number of elements that witnesses of non-vacuity make do with."""
    tour: Sequence[str] = field(default=())
    """Transitions that can be made in this order from an initial state of that universe."""


def declare(signatures: Mapping[str, Signature], mark: str = "") -> Symbols:
    """Z3's symbols for names; ``mark`` tells states, or steps, apart."""
    return Symbols({name: named(name + mark, each) for name, each in signatures.items()})


def named(name: str, signature: Signature) -> Any:
    """A constant, or a function to be called."""
    if len(signature) == 1:
        return z3.Const(name, signature[0])
    return z3.Function(name, *signature)


def after(transition: Transition, state: Symbols, chosen: Symbols) -> Symbols:
    """The state after a transition."""
    return state.but(transition.then(state, chosen))


class _Nesting:
    depth = 0


def every(sorts: Sequence[z3.SortRef], body: Callable[..., z3.BoolRef]) -> z3.BoolRef:
    """``body`` holds of all elements of these sorts.

    Bound variables are named after the parameters of ``body`` and their depth, so that a formula
    that is put into another one captures nothing, and the same text gives the same formula.
    """
    return _quantified(z3.ForAll, sorts, body)


def some(sorts: Sequence[z3.SortRef], body: Callable[..., z3.BoolRef]) -> z3.BoolRef:
    """``body`` holds of some elements of these sorts."""
    return _quantified(z3.Exists, sorts, body)


def _quantified(
    quantifier: Callable[..., z3.BoolRef],
    sorts: Sequence[z3.SortRef],
    body: Callable[..., z3.BoolRef],
) -> z3.BoolRef:
    _Nesting.depth += 1
    try:
        variables = [
            z3.Const(f"{sort.name()[0].lower()}.{_Nesting.depth}.{number}", sort)
            for number, sort in enumerate(sorts)
        ]
        return quantifier(variables, body(*variables))
    finally:
        _Nesting.depth -= 1
