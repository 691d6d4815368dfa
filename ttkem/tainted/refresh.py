"""Tainted TreeKEM: which nodes an operation refreshes, and who taints them then.

KPWK21 section 3; specification T3 and T4. There are no blank nodes: whoever re-keys a node off
their own path saw its secret for a moment, so they are remembered as its *tainter*, and their next
update (or their removal) re-keys it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind
from ttkem.cgka.plan import Change, Plan
from ttkem.tree.math import direct_path, level, parent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttkem.tree import KeyTree

__all__ = ["chains", "plan", "refreshed_set", "taints_after"]


def plan(tree: KeyTree, change: Change) -> Plan:
    """Return the plan of an operation, given the tree after its membership change."""
    refreshed = refreshed_set(tree, change)
    return Plan(
        author=change.author,
        tree=tree,
        chains=chains(tree, refreshed, _path(tree, change.target)),
        taints=taints_after(tree, refreshed, change.author),
        fresh_leaf=change.kind in (Kind.CREATE, Kind.UPDATE),
    )


def refreshed_set(tree: KeyTree, change: Change) -> frozenset[int]:
    """Return ``S``, the internal nodes that an operation refreshes (specification T3).

    =========  ============================================================
    update     the author's path and all the author taints, with ancestors
    add        the new member's path
    remove     the removed member's path and all they tainted, with ancestors,
               without the nodes that nobody is below any more
    create     every internal node with somebody below it
    =========  ============================================================

    The root belongs to ``S`` too whenever the tree was doubled or truncated, since every operation
    must give a new root seed [D].
    """
    if change.kind is Kind.CREATE:
        everyone = (_path(tree, number) for number, _ in tree.roster())
        return frozenset(node for path in everyone for node in path)
    if change.kind is Kind.ADD:
        refreshed = set(_path(tree, change.target))
    elif change.kind is Kind.REMOVE:
        tainted = tree.tainter_nodes(change.target)
        refreshed = _with_ancestors(tree, (*_path(tree, change.target), *tainted))
        refreshed = {node for node in refreshed if tree.members(node) > 0}
    else:
        refreshed = set(_path(tree, change.author))
        refreshed |= _with_ancestors(tree, tree.tainter_nodes(change.author))
    if change.resized:
        refreshed.add(tree.root)
    return frozenset(refreshed)


def taints_after(tree: KeyTree, refreshed: Iterable[int], author: int) -> dict[int, int | None]:
    """Return the tainter of each refreshed node: None on the author's path, else the author."""
    own = frozenset(_path(tree, author))
    return {node: None if node in own else author for node in refreshed}


def chains(
    tree: KeyTree, refreshed: frozenset[int], main: tuple[int, ...]
) -> tuple[tuple[int, ...], ...]:
    """Partition ``S`` into vertical chains (specification T4 [D]), each bottom to top.

    The first chain consists of the nodes of ``S`` on the ``main`` path: the author's, or for add
    and remove the target's. Each further chain starts at the lowest, then leftmost remaining node
    and climbs to just below the first node that is already in a chain.
    """
    first = tuple(node for node in main if node in refreshed)
    result = [first] if first else []
    done = set(first)
    for start in sorted(refreshed - done, key=lambda node: (level(node), node)):
        chain = []
        node = start
        while node not in done:
            chain.append(node)
            done.add(node)
            if node == tree.root:
                break
            node = parent(node, tree.capacity)
        if chain:
            result.append(tuple(chain))
    return tuple(result)


def _path(tree: KeyTree, leaf: int) -> tuple[int, ...]:
    """Return ``path(leaf)``; it is empty for a leaf that truncation has removed."""
    return direct_path(2 * leaf, tree.capacity) if leaf < tree.capacity else ()


def _with_ancestors(tree: KeyTree, nodes: Iterable[int]) -> set[int]:
    """Return ``up(nodes)``: the nodes with all their ancestors."""
    closed: set[int] = set()
    for node in nodes:
        closed |= {node, *direct_path(node, tree.capacity)}
    return closed
