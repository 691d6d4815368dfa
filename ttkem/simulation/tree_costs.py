"""The common part of the two cost engines: an array tree that counts members, without keys.

Nodes have RFC 9420 array indices (leaf ``i`` is node ``2 i``), so a node keeps its index when the
tree doubles or is truncated, and tables of children need no rebuilding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Occupancy", "capacity_for", "node_at"]

MIN_CAPACITY = 2
"""The tree is never truncated below two leaves, so that there is always a root seed (T1 [D])."""


def node_at(leaf: int, level: int) -> int:
    """Return the array index of the node ``level`` levels above leaf number ``leaf``."""
    return (leaf >> level << (level + 1)) + (1 << level) - 1


def capacity_for(n_members: int) -> int:
    """Return the capacity of the smallest tree for ``n_members``: a power of two, at least 2."""
    if n_members < 1:
        raise LocalError(f"cannot make a tree for {n_members!r} members: a group has at least one")
    return max(MIN_CAPACITY, 1 << (n_members - 1).bit_length())


class Occupancy:
    """The taken leaves of an array tree, and the number of members below every node.

    ``capacity`` is the number of leaves; ``count[v]`` the members below node ``v``. The lists are
    never shortened: nodes that truncation cuts off stay there with a count of 0.
    """

    __slots__ = ("_paths", "capacity", "count")

    def __init__(self, capacity: int, members: Iterable[int]) -> None:
        if capacity < MIN_CAPACITY or capacity & (capacity - 1):
            raise LocalError(
                f"cannot make a tree of {capacity!r} leaves: choose a power of two from 2 up"
            )
        self.capacity = capacity
        self.count = [0] * (2 * capacity - 1)
        self._paths: dict[int, tuple[int, ...]] = {}
        for leaf in members:
            if not 0 <= leaf < capacity or self.count[2 * leaf]:
                raise LocalError(
                    f"cannot place a member at leaf {leaf!r}: "
                    f"it is taken or not among {capacity} leaves"
                )
            for v in (2 * leaf, *self.path(leaf)):
                self.count[v] += 1
        if not self.count[capacity - 1]:
            raise LocalError("cannot make a tree of no members: a group has at least one")

    @property
    def members(self) -> tuple[int, ...]:
        """Taken leaves, left to right."""
        return tuple(i for i in range(self.capacity) if self.count[2 * i])

    def path(self, leaf: int) -> tuple[int, ...]:
        """Return the internal nodes above ``leaf``, lowest first, root last."""
        path = self._paths.get(leaf)
        if path is None:
            height = self.capacity.bit_length()
            path = self._paths[leaf] = tuple([node_at(leaf, k) for k in range(1, height)])
        return path

    def check_member(self, leaf: int) -> None:
        """Raise a :class:`LocalError` unless ``leaf`` holds a member."""
        if not 0 <= leaf < self.capacity or not self.count[2 * leaf]:
            raise LocalError(f"cannot use leaf {leaf!r}: no member is there")

    def check_removal(self, author: int, target: int) -> None:
        """Raise a :class:`LocalError` unless ``author`` and ``target`` are two members."""
        self.check_member(author)
        self.check_member(target)
        if author == target:
            raise LocalError("cannot remove the author: an author removes another member")

    def take_leftmost(self) -> int:
        """Place a member on the leftmost empty leaf, doubling a full tree; return the leaf."""
        count, capacity = self.count, self.capacity
        if count[capacity - 1] == capacity:
            self._double()
            leaf = capacity
        else:
            v, half = capacity - 1, capacity >> 1
            while half:
                v += half if count[v - half] == half else -half
                half >>= 1
            leaf = v >> 1
        count[2 * leaf] = 1
        for v in self.path(leaf):
            count[v] += 1
        return leaf

    def vacate(self, leaf: int) -> bool:
        """Empty ``leaf``, then truncate (RFC 9420 section 7.7); return whether that cut nodes."""
        count = self.count
        count[2 * leaf] = 0
        for v in self.path(leaf):
            count[v] -= 1
        capacity = self.capacity
        while capacity > MIN_CAPACITY and not count[capacity - 1 + (capacity >> 1)]:
            count[capacity - 1] = 0
            capacity >>= 1
        if capacity == self.capacity:
            return False
        self.capacity = capacity
        self._paths.clear()
        return True

    def _double(self) -> None:
        old = self.capacity
        self.capacity = 2 * old
        missing = 4 * old - 1 - len(self.count)
        if missing > 0:
            self._grow(missing)
        self.count[2 * old - 1] = self.count[old - 1]
        self._paths.clear()

    def _grow(self, missing: int) -> None:
        """Append ``missing`` empty nodes to every per-node list."""
        self.count.extend([0] * missing)
