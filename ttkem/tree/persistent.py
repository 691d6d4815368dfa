"""A persistent full binary tree: a change copies the paths it touches and shares the rest.

Every node caches a *summary* of its subtree (hashes, counts, resolutions), made once, from its
payload and its children's summaries, when the node is made. An empty subtree is ``None`` and
takes no room. So a snapshot or a fork is a reference, and a change costs its paths.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ttkem.errors import LocalError
from ttkem.tree.math import level, root

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LeafT = TypeVar("LeafT")
InnerT = TypeVar("InnerT")
SummaryT = TypeVar("SummaryT")
_LeafIn_contra = TypeVar("_LeafIn_contra", contravariant=True)
_InnerIn_contra = TypeVar("_InnerIn_contra", contravariant=True)


class Measure(Protocol[_LeafIn_contra, _InnerIn_contra, SummaryT]):
    """How a node's summary is made; pure, since summaries are shared between trees."""

    def empty(self, index: int) -> SummaryT:
        """Summary of the subtree at array ``index`` when nothing is in it."""
        ...

    def leaf(self, index: int, payload: _LeafIn_contra) -> SummaryT:
        """Summary of an occupied leaf."""
        ...

    def inner(
        self, index: int, payload: _InnerIn_contra | None, left: SummaryT, right: SummaryT
    ) -> SummaryT:
        """Summary of an inner node; the payload is None where the node is blank."""
        ...


@dataclass(frozen=True, slots=True)
class Node(Generic[LeafT, InnerT, SummaryT]):
    """A node of a non-empty subtree: its payload, children (None for an empty one) and summary."""

    leaf: LeafT | None
    inner: InnerT | None
    left: Node[LeafT, InnerT, SummaryT] | None
    right: Node[LeafT, InnerT, SummaryT] | None
    summary: SummaryT


@dataclass(frozen=True, slots=True)
class PersistentTree(Generic[LeafT, InnerT, SummaryT]):
    """A tree of ``capacity`` leaves, addressed by array index (RFC 9420 appendix C)."""

    measure: Measure[LeafT, InnerT, SummaryT]
    capacity: int
    top: Node[LeafT, InnerT, SummaryT] | None = None

    @property
    def root(self) -> int:
        """Array index of the root."""
        return root(self.capacity)

    def summary(self, index: int) -> SummaryT:
        """Cached summary of the subtree at ``index``. O(log n)."""
        node = self.node(index)
        return self.measure.empty(index) if node is None else node.summary

    def node(self, index: int) -> Node[LeafT, InnerT, SummaryT] | None:
        """The node at ``index``, or None where its subtree is empty. O(log n)."""
        node = None
        for at, node in self.descend(index):  # noqa: B007 - the last pair is the answer
            if node is None:
                return None
        return node

    def descend(self, index: int) -> Iterator[tuple[int, Node[LeafT, InnerT, SummaryT] | None]]:
        """Index and node of all on the way from the root down to ``index``, both included."""
        if not 0 <= index < 2 * self.capacity - 1:
            raise LocalError(f"a tree of {self.capacity} leaves has no node {index}")
        at, node = self.root, self.top
        step = (at + 1) >> 1
        while True:
            yield at, node
            if at == index:
                return
            if index < at:
                at, node = at - step, None if node is None else node.left
            else:
                at, node = at + step, None if node is None else node.right
            step >>= 1

    def select(self, indices: Iterable[int]) -> dict[int, Node[LeafT, InnerT, SummaryT]]:
        """The nodes at these indices by index, without the empty ones; in one walk for all."""
        wanted = self._sorted(indices)
        found = {}

        def visit(
            node: Node[LeafT, InnerT, SummaryT] | None, index: int, step: int, first: int, last: int
        ) -> None:
            if first == last or node is None:
                return
            middle = bisect_left(wanted, index, first, last)
            if middle < last and wanted[middle] == index:
                found[index] = node
            if step:
                after = bisect_left(wanted, index + 1, middle, last)
                visit(node.left, index - step, step >> 1, first, middle)
                visit(node.right, index + step, step >> 1, after, last)

        visit(self.top, self.root, self.capacity >> 1, 0, len(wanted))
        return found

    def nodes(self) -> Iterator[tuple[int, Node[LeafT, InnerT, SummaryT]]]:
        """All nodes of non-empty subtrees, in array order."""
        yield from _in_order(self.top, self.root)

    def replace(
        self,
        leaves: Mapping[int, LeafT | None],
        inner: Mapping[int, InnerT | None],
    ) -> PersistentTree[LeafT, InnerT, SummaryT]:
        """The tree with these payloads, by array index; None empties a leaf or blanks a node.

        Only nodes on the way to a changed index are made anew. A subtree that loses its last leaf
        is dropped with all its payloads; a payload for a node of an empty subtree is a
        :class:`LocalError`, and so is a leaf at an odd index or an inner node at an even one.
        """
        if any(index & 1 for index in leaves) or not all(index & 1 for index in inner):
            raise LocalError("leaves stand at even indices and inner nodes at odd ones")
        changed = self._sorted((*leaves, *inner))

        def rebuild(
            node: Node[LeafT, InnerT, SummaryT] | None, index: int, step: int, first: int, last: int
        ) -> Node[LeafT, InnerT, SummaryT] | None:
            if first == last:
                return node
            if not step:
                leaf = leaves[index]
                if leaf is None:
                    return None
                return Node(leaf, None, None, None, self.measure.leaf(index, leaf))
            below, above = (None, None) if node is None else (node.left, node.right)
            middle = bisect_left(changed, index, first, last)
            here = middle < last and changed[middle] == index
            below = rebuild(below, index - step, step >> 1, first, middle)
            above = rebuild(above, index + step, step >> 1, middle + here, last)
            payload = inner[index] if here else None if node is None else node.inner
            if below is None and above is None:
                if here and payload is not None:
                    raise LocalError(f"node {index} has no leaf below it and holds nothing")
                return None
            measure = self.measure
            summary = measure.inner(
                index,
                payload,
                measure.empty(index - step) if below is None else below.summary,
                measure.empty(index + step) if above is None else above.summary,
            )
            return Node(None, payload, below, above, summary)

        return replace(self, top=rebuild(self.top, self.root, self.capacity >> 1, 0, len(changed)))

    def _sorted(self, indices: Iterable[int]) -> list[int]:
        """The indices in order; a LocalError if there is no such node."""
        ordered = sorted(indices)
        if ordered and not 0 <= ordered[0] <= ordered[-1] < 2 * self.capacity - 1:
            wrong = ordered[0] if ordered[0] < 0 else ordered[-1]
            raise LocalError(f"a tree of {self.capacity} leaves has no node {wrong}")
        return ordered

    def doubled(self) -> PersistentTree[LeafT, InnerT, SummaryT]:
        """Twice the leaves; the old tree is the left half, under a blank root. O(1)."""
        if self.top is None:
            return replace(self, capacity=2 * self.capacity)
        index = 2 * self.capacity - 1
        summary = self.measure.inner(
            index, None, self.top.summary, self.measure.empty(index + self.capacity)
        )
        return replace(
            self, capacity=2 * self.capacity, top=Node(None, None, self.top, None, summary)
        )

    def halved(self) -> PersistentTree[LeafT, InnerT, SummaryT]:
        """The left half, where the right half is empty; else a :class:`LocalError`. O(1)."""
        if self.capacity == 1 or (self.top is not None and self.top.right is not None):
            raise LocalError("only a tree whose right half is empty can be halved")
        return replace(
            self,
            capacity=self.capacity // 2,
            top=None if self.top is None else self.top.left,
        )


def _in_order(
    node: Node[LeafT, InnerT, SummaryT] | None, index: int
) -> Iterator[tuple[int, Node[LeafT, InnerT, SummaryT]]]:
    if node is None:
        return
    step = 1 << (level(index) - 1) if index & 1 else 0
    yield from _in_order(node.left, index - step)
    yield index, node
    yield from _in_order(node.right, index + step)
