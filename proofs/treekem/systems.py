"""Transition systems about Tainted TreeKEM: the protocol's steps, with ghost state of a proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import z3

from proofs.treekem.predicates import RULES
from proofs.treekem.rules import observed, transitions
from proofs.treekem.tainted import AXIOMS, STATE, start
from ttkem.verification.system import System, every

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from proofs.treekem.predicates import Rules
    from ttkem.verification.system import Formulas, Signature, Symbols, Transition

__all__ = ["Ghosts", "treekem"]


@dataclass(frozen=True, slots=True)
class Ghosts:
    """Ghost state: symbols that record steps for a proof and that no premise reads."""

    state: Mapping[str, Signature]
    """Relations hold of nothing at the start; functions are arbitrary."""
    watch: Callable[[str, Symbols, Symbols, Symbols], Mapping[str, Any]]
    """The new meanings after a step, as for :func:`proofs.treekem.rules.observed`."""
    chooses: Mapping[str, Signature] = field(default_factory=dict)
    """The further choices of every step of the protocol."""
    steps: Mapping[str, Transition] = field(default_factory=dict)
    """Steps that change ghost state only: an adversary's, for example."""


def treekem(
    name: str,
    ghosts: Ghosts,
    invariants: Callable[[Symbols], Formulas],
    properties: Callable[[Symbols], Formulas],
    universe: Mapping[z3.SortRef, int],
    witnesses: Sequence[Sequence[str]],
    constants: Sequence[z3.FuncDeclRef],
    rules: Rules = RULES,
) -> System:
    """Return the protocol as a system with ghost state, an invariant and the claimed properties."""
    return System(
        name=name,
        state={**STATE, **ghosts.state},
        axioms=AXIOMS,
        init=lambda s: {**start(s), **_nothing(s, ghosts.state)},
        transitions={
            **observed(transitions(rules), ghosts.watch, ghosts.chooses),
            **ghosts.steps,
        },
        invariants=invariants,
        properties=properties,
        universe=universe,
        witnesses=witnesses,
        constants=constants,
    )


def _nothing(s: Symbols, ghosts: Mapping[str, Signature]) -> Formulas:
    """State that no relation of the ghost state holds of anything."""
    return {
        f"no {name} at first": _holds_of_nothing(getattr(s, name), signature)
        for name, signature in ghosts.items()
        if signature[-1] == z3.BoolSort()
    }


def _holds_of_nothing(relation: Any, signature: Signature) -> z3.BoolRef:
    return every(signature[:-1], lambda *each: z3.Not(relation(*each)))
