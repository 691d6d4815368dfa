"""Histories of a group, as a planner sees them: all of few members, and random ones of more.

A plan depends on the public tree only, and a tree on the operations that led to it, whatever was
rejected or forked. So a history is a sequence of operations, a create first. The planner is asked
three times for each plan: twice about one tree, and once about the same tree with other names and
keys. A planner that answers differently is an error.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreement.wording import counted
from ttkem.cgka.interface import Kind
from ttkem.cgka.plan import Change, Plan
from ttkem.testing.planner_calls import PlannerError
from ttkem.testing.planner_premises import BrokenPremise, broken_premises, fingerprint
from ttkem.tree import InternalNode, KeyTree, Leaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ttkem.testing.planner_calls import CheckedPlanner

__all__ = ["EMPTY", "Group", "GroupOperation", "Violation", "name_of", "operations", "step"]

NAMES = ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal")
REPEATS = 20
"""The number of further calls that tell a planner that looks at names from one that is random."""


def name_of(leaf: int) -> str:
    """Return the name of whoever is at a leaf; a later member there has the same."""
    return NAMES[leaf] if leaf < len(NAMES) else f"member{leaf}"


@dataclass(frozen=True, slots=True)
class GroupOperation:
    """An operation, by leaf numbers."""

    kind: Kind
    author: int = 0
    target: int = 0
    """For an update the author; for an add the new leaf; for a create the number of members."""

    def __str__(self) -> str:
        """Return the operation in words."""
        author, target = name_of(self.author), name_of(self.target)
        match self.kind:
            case Kind.CREATE:
                return f"create by {author}, {counted(self.target, 'member')}"
            case Kind.UPDATE:
                return f"update by {author}"
            case _:
                return f"{self.kind.name.lower()} of {target} by {author}"


@dataclass(frozen=True, slots=True)
class Group:
    """The public tree of a group after a history, under two namings."""

    tree: KeyTree = field(
        default_factory=lambda: KeyTree.empty(lambda data: hashlib.sha256(data).digest())
    )
    renamed: KeyTree = field(
        default_factory=lambda: KeyTree.empty(lambda data: hashlib.blake2s(data).digest())
    )
    """The same tree with other names, keys and hashes."""
    length: int = 0
    """The number of operations."""
    refreshed: tuple[int, ...] = ()
    """The nodes that the last operation refreshed."""


EMPTY = Group()
"""Nothing has happened yet."""


class Violation(Exception):  # noqa: N818 - it is a finding, and no error
    """A plan that does not meet all premises."""

    def __init__(self, broken: Sequence[BrokenPremise], plan: Plan) -> None:
        super().__init__(", ".join(each.premise.name for each in broken))
        self.broken = tuple(broken)
        self.plan = plan


def operations(group: Group, members: int) -> Iterator[GroupOperation]:
    """Yield all operations of a group of at most so many members; on nothing, all creates."""
    tree = group.tree
    roster = [number for number, _ in tree.roster()]
    if not roster:
        yield from (GroupOperation(Kind.CREATE, 0, size) for size in range(1, members + 1))
    for author in roster:
        yield GroupOperation(Kind.UPDATE, author, author)
        if len(roster) < members:
            yield GroupOperation(Kind.ADD, author, tree.free_leaf())
        yield from (
            GroupOperation(Kind.REMOVE, author, other) for other in roster if other != author
        )


def step(planner: CheckedPlanner, group: Group, operation: GroupOperation) -> Group:
    """Return the group after an operation.

    Raise Violation if its plan does not meet a premise, and PlannerError if there is no plan, or
    not always the same.
    """
    label = str(group.length + 1)
    tree, change = _changed(group.tree, operation, name_of, f"key {label}")
    renamed, _ = _changed(
        group.renamed, operation, lambda leaf: f"{99 - leaf}, in {label}", f"other key {label}"
    )
    plan, other, again = planner(tree, change), planner(renamed, change), planner(tree, change)
    if not _outcome(plan) == _outcome(again) == _outcome(other):
        same = {_outcome(planner(tree, change)) for _ in range(REPEATS)}
        raise PlannerError(
            f"cannot prove {planner.name}: "
            + (
                f"for {operation}, its plan depends on names, public keys or hashes"
                f"{planner.defined}; it may depend on where members, keys and taints are"
                if same == {_outcome(plan)}
                else f"calls with the same arguments, for {operation}, returned different plans"
                f"{planner.defined}; a plan must depend on its arguments only"
            )
        )
    broken = broken_premises(group.tree, tree, change, plan)
    if broken:
        raise Violation(broken, plan)
    return Group(
        _with_keys(plan, f"key {label}"),
        _with_keys(other, f"other key {label}"),
        group.length + 1,
        plan.refreshed,
    )


def _changed(
    tree: KeyTree, operation: GroupOperation, name: Callable[[int], str], key: str
) -> tuple[KeyTree, Change]:
    """Return the tree after the membership change, as :mod:`ttkem.cgka.group` carries it out."""

    def leaf(number: int) -> Leaf:
        return Leaf(name(number), f"signature {name(number)}".encode(), key.encode())

    capacity, author, target = tree.capacity, operation.author, operation.target
    if operation.kind is Kind.CREATE:
        while tree.capacity < target:
            tree = tree.doubled()
        tree = tree.with_members({number: leaf(number) for number in range(target)})
        return tree, Change(Kind.CREATE, author, author, resized=False)
    if operation.kind is Kind.ADD:
        tree = tree.doubled() if target == capacity else tree
        tree = tree.with_members({target: leaf(target)})
    elif operation.kind is Kind.REMOVE:
        tree = tree.without_member(target).truncated()
    return tree, Change(operation.kind, author, target, resized=tree.capacity != capacity)


def _with_keys(plan: Plan, key: str) -> KeyTree:
    """Return the tree with the new keys of a plan."""
    data = key.encode()
    leaf = {plan.author: data} if plan.fresh_leaf else {}
    return plan.tree.with_keys(
        leaf, {node: InternalNode(data, plan.taints[node]) for node in plan.refreshed}
    )


def _outcome(plan: Plan) -> object:
    """Return all of a plan but names, keys and hashes."""
    taints = tuple(plan.taints.get(node, "not given") for node in plan.refreshed)
    return plan.author, plan.chains, taints, plan.fresh_leaf, fingerprint(plan.tree)
