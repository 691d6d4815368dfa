"""Which nodes have keys in TreeKEM with blanking, and what it costs to send to a subtree.

These are premises of the lemmas on the cost of unblanking (:mod:`proofs.unblanking`), proved for
any tree and any order of updates. Source: specification T4 and T7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from proofs.costs.counting import induction, leaves
from ttkem.verification.lemma import Lemma

if TYPE_CHECKING:
    from proofs.costs.counting import Premises

__all__ = ["keys", "resolutions"]

Node, Member = z3.DeclareSort("Node"), z3.DeclareSort("Member")
U, C, M = z3.Consts("updater creator m", Member)
V, W, HALF = z3.Consts("node w half", Node)
keyed, keyed_after = (z3.Function(name, Node, z3.BoolSort()) for name in ("keyed", "keyed_after"))
updated, updated_after = (
    z3.Function(name, Member, z3.BoolSort()) for name in ("updated", "updated_after")
)
below = z3.Function("below", Member, Node, z3.BoolSort())
up = z3.Function("is_or_is_above", Node, Node, z3.BoolSort())


def keys(*, updates_key_it_all: bool = False) -> tuple[Lemma, ...]:
    """Return the lemmas on which nodes have keys, in any tree and any order of updates.

    Negative twin: an update keys every node.
    """

    def invariant(has_key: z3.FuncDeclRef, done: z3.FuncDeclRef) -> z3.BoolRef:
        touched = z3.Exists([M], z3.And(done(M), below(M, V)))
        return z3.ForAll([V], has_key(V) == z3.Or(below(C, V), touched))

    created = {
        "create keys the creator's path": z3.ForAll([V], keyed(V) == below(C, V)),
        "nobody has updated": z3.ForAll([M], z3.Not(updated(M))),
    }
    now = {"the invariant": invariant(keyed, updated)}
    own = z3.BoolVal(val=True) if updates_key_it_all else below(U, V)
    update = {
        "an update keys its path": z3.ForAll([V], keyed_after(V) == z3.Or(keyed(V), own)),
        "the updater has updated": z3.ForAll([M], updated_after(M) == z3.Or(updated(M), M == U)),
    }
    tree = {
        "who is below a node is below all above it": z3.ForAll(
            [M, V, W], z3.Implies(z3.And(below(M, W), up(V, W)), below(M, V))
        )
    }
    untouched = {
        **tree,
        **now,
        "nobody in the half has updated": z3.ForAll(
            [M], z3.Implies(below(M, HALF), z3.Not(updated(M)))
        ),
        "the creator is not in it": z3.Not(below(C, HALF)),
    }
    somebody = z3.Exists([M], z3.And(below(M, HALF), updated(M)))
    touched = {
        **now,
        "somebody in the half has updated, or created": z3.Or(somebody, below(C, HALF)),
    }
    elsewhere = {**tree, **update, "the updater is not in the half": z3.Not(below(U, HALF))}
    inside = up(HALF, V)
    no_keys = z3.ForAll([V], z3.Implies(inside, z3.Not(keyed(V))))
    same = z3.ForAll([V], z3.Implies(inside, keyed_after(V) == keyed(V)))
    return (
        Lemma("keys after create", created, invariant(keyed, updated)),
        Lemma("keys after an update", {**now, **update}, invariant(keyed_after, updated_after)),
        Lemma("an untouched half has no key", untouched, no_keys),
        Lemma("a touched half has a key", touched, keyed(HALF)),
        Lemma("an update elsewhere changes nothing in a half", elsewhere, same),
    )


def resolutions(short: int = 0) -> tuple[Lemma, ...]:
    """Return the lemmas that the resolution of a subtree without keys consists of all its leaves.

    Negative twin: a blank node's resolution is smaller by ``short``.
    """
    size = z3.Function("resolution", z3.IntSort(), z3.IntSort())

    def rules(h: z3.ArithRef) -> Premises:
        return {
            "a leaf has a key": size(0) == 1,
            "a blank node's is that of its children": size(h + 1) == 2 * size(h) - short,
            "one leaf at height 0": leaves(0) == 1,
            "two halves have the leaves": leaves(h + 1) == 2 * leaves(h),
            "a tree has a leaf": leaves(h) >= 1,
        }

    return induction("without keys, all leaves", rules, lambda h: size(h) == leaves(h), start=0)
