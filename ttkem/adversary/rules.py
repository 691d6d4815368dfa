"""Tainted TreeKEM's rules once more, in the plainest terms: for the symbolic model.

Independent of :mod:`ttkem.tainted` and :mod:`ttkem.tree`, with which tests compare it. A subtree
is a set of leaf numbers, held as the bits of one number. Nodes are named by array index as
elsewhere: the node of level ``k`` above leaf ``i`` is ``(i >> k << k + 1) + 2 ** k - 1``.
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
    """An operation and the tree in which its membership change has taken place."""

    kind: Kind
    author: int
    """Leaf number, as all members below."""
    target: int
    """Who is added or removed; the author at create and update."""
    occupied: int
    """The leaves that hold a member, as bits."""
    depth: int
    """The tree has ``2 ** depth`` leaves."""
    taints: Mapping[int, int]
    """Tainted nodes before the operation, as far as they are still there, with their tainters."""
    resized: bool = False


class TaintRules:
    """What an operation refreshes and who taints it then (specification T3).

    A class, so that a negative twin can break one rule.
    """

    def refreshed(self, now: Situation) -> set[int]:
        """``S``: the refreshed inner nodes."""
        root = (1 << now.depth) - 1
        if now.kind is Kind.CREATE:
            inner = range(1, 2 * root + 1, 2)
            return {node for node in inner if now.occupied & below(node)}
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
        """The nodes whose tainter updates or is removed."""
        return [node for node, tainter in now.taints.items() if tainter == now.target]

    def taints(self, now: Situation, refreshed: Iterable[int]) -> dict[int, int]:
        """All taints afterwards."""
        author = 1 << now.author
        after = dict(now.taints)
        for node in refreshed:
            if below(node) & author:
                after.pop(node, None)
            else:
                after[node] = now.author
        return after


def predecessors(refreshed: set[int], main: Iterable[int], depth: int) -> dict[int, int | None]:
    """Each refreshed node with the one before it in its chain, None for the first (section 4).

    The chain on ``main`` comes first, then chains from the lowest and leftmost node left over.
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
    """Sorts nodes from the lowest up, and from left to right."""
    return ~node & node + 1, node


@cache
def path(leaf: int, depth: int) -> tuple[int, ...]:
    """The inner nodes above a leaf, lowest first."""
    return tuple((leaf >> k << k + 1) + (1 << k) - 1 for k in range(1, depth + 1))


@cache
def below(node: int) -> int:
    """The leaves below a node, or the leaf itself, as bits."""
    width = 1
    while node >> width.bit_length() - 1 & 1:
        width *= 2
    first = (node + 1 - width) // 2
    return ((1 << width) - 1) << first


@cache
def above(node: int, depth: int) -> tuple[int, ...]:
    """The nodes above an inner node, lowest first."""
    whole = below(node)
    leaf = whole.bit_length() - 1
    return tuple(each for each in path(leaf, depth) if below(each) & ~whole)


@cache
def children(node: int) -> tuple[int, int]:
    """The two nodes just below an inner node."""
    half = below(node).bit_count() // 2
    return node - half, node + half
