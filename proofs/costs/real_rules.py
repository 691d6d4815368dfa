"""The protocols' own rules on trees without keys: the source of the premises on costs.

The lemmas on costs rest on a few premises. Here these are checked against the code that members
run: the plans of :mod:`ttkem.tainted` and :mod:`ttkem.blanking`, and
:func:`ttkem.cgka.seeds.recipients`. This is bounded evidence beside a proof, not a part of it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import permutations, product
from typing import TYPE_CHECKING

from ttkem.cgka import Kind, seeds
from ttkem.cgka.plan import Change
from ttkem.tree import InternalNode, KeyTree, Leaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttkem.cgka.plan import Plan, Planner

__all__ = [
    "Done",
    "Healing",
    "carry_out",
    "create",
    "healings",
    "histories",
    "members",
    "operation",
]

SEED = 1
"""The seed of the random orders."""
RANDOM_HEIGHTS = {4: 8, 5: 4, 6: 2, 7: 1, 8: 1}
"""For each height of a larger tree the number of random orders that are run."""
HISTORIES, STEPS = 24, 40
"""The number of random histories, and the number of operations of each after `create`."""


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that was carried out."""

    change: Change
    plan: Plan
    tree: KeyTree
    """The tree after the operation."""
    sent: tuple[tuple[int, int], ...]
    """For every ciphertext, the refreshed node and the node under whose key its seed is sent."""


@dataclass(frozen=True, slots=True)
class Healing:
    """The members that update after `create`, in order: one of each pair but the creator's."""

    height: int
    creator: int
    order: tuple[int, ...]

    def __str__(self) -> str:
        return f"n = {1 << self.height}, creator {self.creator}, order {self.order}"


def healings(smallest: int = 1) -> Iterator[Healing]:
    """Yield all healings of 2, 4 and 8 members, and some random ones of up to 256."""
    for height in range(smallest, 4):
        for creator in range(1 << height):
            pairs = [pair for pair in range(1 << (height - 1)) if pair != creator >> 1]
            for order in permutations(pairs):
                for halves in product((0, 1), repeat=len(pairs)):
                    chosen = (2 * pair + half for pair, half in zip(order, halves, strict=True))
                    yield Healing(height, creator, tuple(chosen))
    source = random.Random(SEED)  # noqa: S311 - orders of updates, no keys
    for height, runs in RANDOM_HEIGHTS.items():
        for _ in range(runs):
            creator = source.randrange(1 << height)
            pairs = [pair for pair in range(1 << (height - 1)) if pair != creator >> 1]
            source.shuffle(pairs)
            yield Healing(height, creator, tuple(2 * p + source.randrange(2) for p in pairs))


def histories(planner: Planner) -> Iterator[Done]:
    """Yield the operations of random histories: half are updates, as many adds as removes.

    The groups start with 2 to 32 members. Every fourth history replaces a removed member at once,
    so that its trees are mostly full.
    """
    source = random.Random(SEED)  # noqa: S311 - a workload, no keys
    for number in range(HISTORIES):
        height = 1 + number % 5
        done = create(planner, height, source.randrange(1 << height))
        yield done
        for step in range(STEPS):
            present = [leaf for leaf, _ in done.tree.roster()]
            author, target = source.choice(present), None
            refill = number % 4 == 0 and step % 2 == 1
            kind = source.choice(("update", "update", "add", "remove"))
            refill = refill and len(present) < done.tree.capacity
            if refill or (kind == "add" and number % 4):
                target = done.tree.free_leaf()
            elif kind == "remove" and len(present) > 1:
                target = source.choice([leaf for leaf in present if leaf != author])
            done = operation(planner, done.tree, author, target)
            yield done


def members(height: int) -> KeyTree:
    """Return a full tree of the given height with members and without keys."""
    tree = KeyTree.empty(lambda _: b"")
    while tree.capacity < 1 << height:
        tree = tree.doubled()
    return tree.with_members({number: Leaf(f"{number}", b"", b"") for number in range(1 << height)})


def create(planner: Planner, height: int, creator: int) -> Done:
    """Create a full group of the given height."""
    return carry_out(planner, members(height), Change(Kind.CREATE, creator, creator, resized=False))


def operation(planner: Planner, tree: KeyTree, author: int, target: int | None = None) -> Done:
    """Carry out the author's update, or add the target's empty leaf, or remove the target."""
    if target is None:
        return carry_out(planner, tree, Change(Kind.UPDATE, author, author, resized=False))
    before = tree.capacity
    if target < before and tree.leaf(target) is not None:
        tree, kind = tree.without_member(target).truncated(), Kind.REMOVE
    else:
        tree = tree.doubled() if target == before else tree
        tree, kind = tree.with_members({target: Leaf(f"{target}", b"", b"")}), Kind.ADD
    return carry_out(planner, tree, Change(kind, author, target, resized=tree.capacity != before))


def carry_out(planner: Planner, tree: KeyTree, change: Change) -> Done:
    """Return what an operation refreshes, taints and sends, as members compute it."""
    plan = planner(tree, change)
    internal = {node: InternalNode(b"", plan.taints[node]) for node in plan.refreshed}
    after = plan.tree.with_keys({}, internal)
    return Done(change, plan, after, tuple(seeds.recipients(plan, after)))
