"""A persistent full binary tree: a change copies the paths it touches and shares the rest.

Every node caches a *summary* of its subtree (hashes, counts, resolutions), made once, from its
payload and its children's summaries, when the node is made. An empty subtree is ``None`` and
takes no memory. So a snapshot or a fork is a reference, and a change costs its paths.
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
InternalT = TypeVar("InternalT")
SummaryT = TypeVar("SummaryT")
_LeafIn_contra = TypeVar("_LeafIn_contra", contravariant=True)
_InternalIn_contra = TypeVar("_InternalIn_contra", contravariant=True)


class Measure(Protocol[_LeafIn_contra, _InternalIn_contra, SummaryT]):
    """The functions that make summaries; pure, since trees share summaries."""

    def empty(self, index: int) -> SummaryT:
        """Return the summary of an empty subtree at array ``index``."""
        ...

    def leaf(self, index: int, payload: _LeafIn_contra) -> SummaryT:
        """Return the summary of an occupied leaf."""
        ...

    def internal(
        self, index: int, payload: _InternalIn_contra | None, left: SummaryT, right: SummaryT
    ) -> SummaryT:
        """Return the summary of an internal node; its payload is None where it is blank."""
        ...


@dataclass(frozen=True, slots=True)
class Node(Generic[LeafT, InternalT, SummaryT]):
    """A node of a non-empty subtree: its payload, children (None for an empty one) and summary."""

    leaf: LeafT | None
    internal: InternalT | None
    left: Node[LeafT, InternalT, SummaryT] | None
    right: Node[LeafT, InternalT, SummaryT] | None
    summary: SummaryT


@dataclass(frozen=True, slots=True)
class PersistentTree(Generic[LeafT, InternalT, SummaryT]):
    """A tree of ``capacity`` leaves, addressed by array index (RFC 9420 appendix C)."""

    measure: Measure[LeafT, InternalT, SummaryT]
    capacity: int
    top: Node[LeafT, InternalT, SummaryT] | None = None

    @property
    def root(self) -> int:
        """Array index of the root."""
        return root(self.capacity)

    def summary(self, index: int) -> SummaryT:
        """Return the cached summary of the subtree at ``index``. O(log n)."""
        node = self.node(index)
        return self.measure.empty(index) if node is None else node.summary

    def node(self, index: int) -> Node[LeafT, InternalT, SummaryT] | None:
        """Return the node at ``index``, or None where its subtree is empty. O(log n)."""
        node = None
        for at, node in self.descend(index):  # noqa: B007 - the last pair is the answer
            if node is None:
                return None
        return node

    def descend(self, index: int) -> Iterator[tuple[int, Node[LeafT, InternalT, SummaryT] | None]]:
        """Yield index and node on the path from the root down to ``index``, both included."""
        if not 0 <= index < 2 * self.capacity - 1:
            raise LocalError(
                f"cannot find node {index}: a tree of {self.capacity} leaves has no such node"
            )
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

    def select(self, indices: Iterable[int]) -> dict[int, Node[LeafT, InternalT, SummaryT]]:
        """Return the non-empty nodes at these indices, by index, found in a single walk."""
        wanted = self._sorted(indices)
        found = {}

        def visit(
            node: Node[LeafT, InternalT, SummaryT] | None,
            index: int,
            step: int,
            first: int,
            last: int,
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

    def nodes(self) -> Iterator[tuple[int, Node[LeafT, InternalT, SummaryT]]]:
        """Yield all nodes of non-empty subtrees, in array order."""
        yield from _in_order(self.top, self.root)

    def replace(
        self,
        leaves: Mapping[int, LeafT | None],
        internal: Mapping[int, InternalT | None],
    ) -> PersistentTree[LeafT, InternalT, SummaryT]:
        """Return the tree with these payloads by index; None empties a leaf or blanks a node.

        Only nodes on the path to a changed index are made anew. A subtree that loses its last leaf
        is dropped with all its payloads. Raise a :class:`LocalError` for the payload of a node of
        an empty subtree, a leaf at an odd index, or an internal node at an even one.
        """
        if any(index & 1 for index in leaves) or not all(index & 1 for index in internal):
            raise LocalError(
                "cannot replace these nodes: leaves have even indices and internal nodes odd ones"
            )
        changed = self._sorted((*leaves, *internal))

        def rebuild(
            node: Node[LeafT, InternalT, SummaryT] | None,
            index: int,
            step: int,
            first: int,
            last: int,
        ) -> Node[LeafT, InternalT, SummaryT] | None:
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
            payload = internal[index] if here else None if node is None else node.internal
            if below is None and above is None:
                if here and payload is not None:
                    raise LocalError(f"cannot set a payload at node {index}: no leaf is below it")
                return None
            measure = self.measure
            summary = measure.internal(
                index,
                payload,
                measure.empty(index - step) if below is None else below.summary,
                measure.empty(index + step) if above is None else above.summary,
            )
            return Node(None, payload, below, above, summary)

        return replace(self, top=rebuild(self.top, self.root, self.capacity >> 1, 0, len(changed)))

    def _sorted(self, indices: Iterable[int]) -> list[int]:
        """Return the indices in order; raise a LocalError if there is no such node."""
        ordered = sorted(indices)
        if ordered and not 0 <= ordered[0] <= ordered[-1] < 2 * self.capacity - 1:
            wrong = ordered[0] if ordered[0] < 0 else ordered[-1]
            raise LocalError(
                f"cannot find node {wrong}: a tree of {self.capacity} leaves has no such node"
            )
        return ordered

    def doubled(self) -> PersistentTree[LeafT, InternalT, SummaryT]:
        """Return a tree with twice the leaves: this one on the left, under a blank root. O(1)."""
        if self.top is None:
            return replace(self, capacity=2 * self.capacity)
        index = 2 * self.capacity - 1
        summary = self.measure.internal(
            index, None, self.top.summary, self.measure.empty(index + self.capacity)
        )
        return replace(
            self, capacity=2 * self.capacity, top=Node(None, None, self.top, None, summary)
        )

    def halved(self) -> PersistentTree[LeafT, InternalT, SummaryT]:
        """Return the left half; raise a :class:`LocalError` unless the right one is empty. O(1)."""
        if self.capacity == 1 or (self.top is not None and self.top.right is not None):
            raise LocalError(
                "cannot halve this tree: its right half is not empty, or it is a single leaf"
            )
        return replace(
            self,
            capacity=self.capacity // 2,
            top=None if self.top is None else self.top.left,
        )


def _in_order(
    node: Node[LeafT, InternalT, SummaryT] | None, index: int
) -> Iterator[tuple[int, Node[LeafT, InternalT, SummaryT]]]:
    if node is None:
        return
    step = 1 << (level(index) - 1) if index & 1 else 0
    yield from _in_order(node.left, index - step)
    yield index, node
    yield from _in_order(node.right, index + step)
