"""Leaves and updaters of a full tree by recurrence, and induction on its height.

Powers of two enter as uninterpreted functions with their recurrences, so that a proof holds for
every height. In Lemma 1 one member of each pair of leaves updates, except in the creator's pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from ttkem.verification.lemma import Lemma

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "PAIR",
    "Premises",
    "beside",
    "beside_creator",
    "counted",
    "induction",
    "leaves",
    "recurrences",
    "updaters",
]

Premises = dict[str, z3.BoolRef]

leaves = z3.Function("leaves", z3.IntSort(), z3.IntSort())
"""The number of leaves of a full tree, by its height; a single leaf has height 0."""
updaters = z3.Function("updaters", z3.IntSort(), z3.IntSort())
"""The number of updating members of a subtree without the creator, by its height."""
beside_creator = z3.Function("updaters_beside_creator", z3.IntSort(), z3.IntSort())
"""The number of updating members of a subtree with the creator, by its height."""

PAIR = 1
"""The height of a pair of leaves."""


def recurrences(h: z3.ArithRef, of_creators_pair: int = 0) -> Premises:
    """Return the recurrences for the counts of a tree of height h + 1, from those of its halves.

    Negative twin: ``of_creators_pair`` members of the creator's pair update, not none.
    """
    return {
        "one leaf at height 0": leaves(0) == 1,
        "two halves have the leaves": leaves(h + 1) == 2 * leaves(h),
        "one of a pair updates": updaters(PAIR) == 1,
        "two halves have the updaters": updaters(h + 1) == 2 * updaters(h),
        "of the creator's pair nobody": beside_creator(PAIR) == of_creators_pair,
        "the creator is in one half": beside_creator(h + 1) == beside_creator(h) + updaters(h),
    }


def induction(
    name: str,
    rules: Callable[[z3.ArithRef], Mapping[str, z3.BoolRef]],
    claim: Callable[[z3.ArithRef], z3.BoolRef],
    start: int = PAIR,
) -> tuple[Lemma, Lemma]:
    """Return the base and the step of an induction on heights from ``start`` up.

    ``rules`` gives the premises about h and h + 1; those that hold at all heights are used at
    these two only, which makes the questions easy.
    """
    h = z3.Int("h")
    first = z3.IntVal(start)
    given = {**rules(h), f"h is at least {start}": h >= start, "the claim for h": claim(h)}
    return (
        Lemma(f"{name}: height {start}", rules(first), claim(first)),
        Lemma(f"{name}: from h to h + 1", given, claim(h + 1)),
    )


def beside(h: z3.ArithRef) -> Premises:
    """Return what :func:`counted` proves, for use as premises."""
    return {
        "half of the leaves update": 2 * updaters(h) == leaves(h),
        "one fewer beside the creator": beside_creator(h) == updaters(h) - 1,
        "somebody updates": updaters(h) >= 1,
    }


def counted(of_creators_pair: int = 0) -> tuple[Lemma, ...]:
    """Return the lemmas that half of the leaves update, one fewer in the creator's subtree."""
    start = z3.IntVal(0)
    lemmas: list[Lemma] = []
    for name in beside(start):

        def rules(h: z3.ArithRef) -> Premises:
            both = recurrences(h, of_creators_pair)
            return {**both, "two leaves are a pair": leaves(PAIR) == 2 * leaves(0)}

        def claim(h: z3.ArithRef, name: str = name) -> z3.BoolRef:
            return beside(h)[name]

        lemmas += induction(name, rules, claim)
    return tuple(lemmas)
