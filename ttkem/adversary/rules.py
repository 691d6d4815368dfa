"""A second, independent statement of Tainted TreeKEM's rules, for the symbolic model.

This module shares no code with :mod:`ttkem.tainted` and :mod:`ttkem.tree`; tests compare them. A
subtree is a set of leaf numbers, held as bits of one number. Nodes are named by their index in the
array tree: the node of level ``k`` above leaf ``i`` is ``(i >> k << k + 1) + 2 ** k - 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Situation",
    "TaintRules",
    "above",
    "below",
    "children",
    "height",
    "path",
    "predecessors",
]


@dataclass(frozen=True, slots=True)
class Situation:
    """An operation, and the tree after its membership change but before its refresh."""

    kind: Kind
    author: int
    """The author's leaf number; all members below are leaf numbers too."""
    target: int
    """The added or removed member; the author for create and update."""
    occupied: int
    """The leaves that hold a member, as bits."""
    depth: int
    """The depth of the tree, which has ``2 ** depth`` leaves."""
    taints: Mapping[int, int]
    """The tainted nodes before the operation that still exist, with their tainters."""
    resized: bool = False
    """Whether the tree was doubled or truncated."""


class TaintRules:
    """The rules for which nodes an operation refreshes and who taints them (specification T3).

    This is a class so that a negative twin can override one rule.
    """

    def refreshed(self, now: Situation) -> set[int]:
        """Return ``S``, the refreshed internal nodes."""
        root = (1 << now.depth) - 1
        if now.kind is Kind.CREATE:
            internal = range(1, 2 * root + 1, 2)
            return {node for node in internal if now.occupied & below(node)}
        found = set(path(now.target, now.depth)) if now.target < 1 << now.depth else set()
        if now.kind is not Kind.ADD:
            for node in self.tainted(now):
                found.add(node)
                found.update(above(node, now.depth))
        if now.kind is Kind.REMOVE:
            found = {node for node in found if now.occupied & below(node)}
        if now.resized:
            found.add(root)
        return found

    def tainted(self, now: Situation) -> list[int]:
        """Return the nodes tainted by the target, that is, by who updates or is removed."""
        return [node for node, tainter in now.taints.items() if tainter == now.target]

    def taints(self, now: Situation, refreshed: Iterable[int]) -> dict[int, int]:
        """Return all taints after the operation."""
        author = 1 << now.author
        after = dict(now.taints)
        for node in refreshed:
            if below(node) & author:
                after.pop(node, None)
            else:
                after[node] = now.author
        return after


def predecessors(refreshed: set[int], main: Iterable[int], depth: int) -> dict[int, int | None]:
    """Return for each refreshed node its predecessor in its chain, None for the first.

    The chain on ``main`` comes first; each further chain starts at the lowest, then leftmost
    remaining node (specification T4).
    """
    found: dict[int, int | None] = {}
    before: int | None = None
    for node in main:
        if node in refreshed:
            found[node] = before
            before = node
    if len(found) == len(refreshed):
        return found
    for start in sorted(refreshed, key=height):
        if start not in found:
            found[start] = None
            before = start
            for node in above(start, depth):
                if node in found:
                    break
                found[node] = before
                before = node
    return found


def height(node: int) -> tuple[int, int]:
    """Return a sort key that orders nodes from bottom to top, then from left to right."""
    return ~node & node + 1, node


@cache
def path(leaf: int, depth: int) -> tuple[int, ...]:
    """Return the internal nodes above a leaf, lowest first."""
    return tuple((leaf >> k << k + 1) + (1 << k) - 1 for k in range(1, depth + 1))


@cache
def below(node: int) -> int:
    """Return the leaves below a node (a leaf itself for a leaf node), as bits."""
    width = 1
    while node >> width.bit_length() - 1 & 1:
        width *= 2
    first = (node + 1 - width) // 2
    return ((1 << width) - 1) << first


@cache
def above(node: int, depth: int) -> tuple[int, ...]:
    """Return the nodes above an internal node, lowest first."""
    whole = below(node)
    leaf = whole.bit_length() - 1
    return tuple(each for each in path(leaf, depth) if below(each) & ~whole)


@cache
def children(node: int) -> tuple[int, int]:
    """Return the left and the right child of an internal node."""
    half = below(node).bit_count() // 2
    return node - half, node + half
