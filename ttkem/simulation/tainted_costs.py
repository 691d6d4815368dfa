"""Tainted TreeKEM without cryptography: refreshed nodes, taints and numbers of ciphertexts.

A cost engine for :mod:`ttkem.tainted` (KPWK21; specification T3 and T4, with the [D] items named
there). It shares no code with the protocol; tests compare the two operation by operation.

Chains need not be built to be counted. A refreshed node has one ciphertext for every non-empty
child, except a child that

* is its predecessor in a chain. Every chain climbs until it meets another chain, so a refreshed
  node with a refreshed child has a predecessor; only the lowest node of the main chain (the
  refreshed nodes of the author's path, or of the path of who is added or removed) starts afresh;
* or is the author's own fresh leaf, at ``update`` and ``create``;
* or has no member below it but the author.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.simulation.tree_costs import Occupancy, capacity_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

__all__ = ["Refresh", "TaintedCosts"]

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Refresh:
    """The effect of the latest operation, for a comparison with the real protocol."""

    refreshed: frozenset[int]
    """Array indices of the internal nodes with new keys (specification T3, ``S``)."""
    taints: Mapping[int, int]
    """Tainted internal nodes of the tree after the operation, with the leaf of the tainter."""
    ciphertexts: int
    """Seeds encrypted, those for an added member included."""


class TaintedCosts:
    """State and costs of one Tainted TreeKEM group; members are named by their leaf.

    ``TaintedCosts(capacity, members)`` is a healed group: nothing is tainted. Every operation
    returns its number of ciphertexts; :attr:`last` tells more about the latest. A
    :class:`~ttkem.errors.LocalError` leaves the state as it was.
    """

    __slots__ = ("_ciphertexts", "_main", "_rest", "_tainted_by", "_tree", "taint")

    def __init__(self, capacity: int, members: Iterable[int]) -> None:
        self._tree = _TaintedTree(capacity, members)
        self.taint = self._tree.taint
        self._tainted_by: dict[int, set[int]] = {}
        self._main: tuple[int, ...] = ()
        self._rest: set[int] = set()
        self._ciphertexts = 0

    @classmethod
    def healed(cls, capacity: int, members: Iterable[int]) -> Self:
        """Return a group on the given leaves with every key in place and no taint."""
        return cls(capacity, members)

    @classmethod
    def create(cls, n_members: int, author: int = 0) -> Self:
        """Create a group on leaves 0 to ``n_members - 1`` by the member on ``author``."""
        return cls.create_at(capacity_for(n_members), range(n_members), author)

    @classmethod
    def create_at(cls, capacity: int, members: Iterable[int], author: int) -> Self:
        """Create a group with members on chosen leaves (specification T3, last row)."""
        self = cls(capacity, members)
        tree = self._tree
        tree.check_member(author)
        count = tree.count
        self._main = tree.path(author)
        nodes = {v for v in range(1, 2 * capacity - 1, 2) if count[v]}
        self._rest = nodes.difference(self._main)
        for v in self._rest:
            self._set_taint(v, author)
        # Every child that holds a member, less one predecessor for each node above level 1 (level 1
        # is v % 4 == 1), less the author's own leaf.
        root = capacity - 1
        children = sum(1 for v in range(2 * capacity - 1) if count[v] and v != root)
        self._ciphertexts = children - sum(1 for v in nodes if v & 3 == 3) - 1  # noqa: PLR2004 - the bits are explained above
        return self

    @property
    def capacity(self) -> int:
        """Leaves of the tree, taken or not."""
        return self._tree.capacity

    @property
    def members(self) -> tuple[int, ...]:
        """Taken leaves, left to right."""
        return self._tree.members

    def count(self, node: int) -> int:
        """Return the number of members below array index ``node``."""
        return self._tree.count[node]

    def tainted_by(self, leaf: int) -> frozenset[int]:
        """Return the internal nodes that the member on ``leaf`` taints."""
        return frozenset(self._tainted_by.get(leaf, ()))

    @property
    def last(self) -> Refresh:
        """The effect of the latest operation; nothing is refreshed before the first."""
        taints = {v: i for v, i in enumerate(self.taint) if i != _NOBODY}
        return Refresh(frozenset(self._main) | self._rest, taints, self._ciphertexts)

    def add(self, author: int) -> tuple[int, int]:
        """Add a member; return its leaf, the leftmost empty one, and the ciphertexts."""
        tree = self._tree
        tree.check_member(author)
        leaf = tree.take_leftmost()
        count, taint, tainted_by = tree.count, self.taint, self._tainted_by
        path = tree.path(leaf)
        meet = (author ^ leaf).bit_length() - 1
        cost = 1
        below = 2 * leaf
        for v in path:
            if count[2 * v - below]:  # the other child of v
                cost += 1
            below = v
        # At the node where the two paths meet, the author's side may hold the author only.
        side = (author >> meet << (meet + 1)) + (1 << meet) - 1
        if count[side] == 1:
            cost -= 1
        for v in path[:meet]:
            if taint[v] != author:
                self._set_taint(v, author)
        for v in path[meet:]:
            old = taint[v]
            if old >= 0:
                tainted_by[old].discard(v)
                taint[v] = _NOBODY
        self._main, self._rest, self._ciphertexts = path, set(), cost
        return leaf, cost

    def remove(self, author: int, target: int) -> int:
        """Remove the member on ``target``; the tree may be truncated. Return the ciphertexts."""
        tree = self._tree
        tree.check_removal(author, target)
        count, taint = tree.count, self.taint
        path = tree.path(target)
        stale = self._tainted_by.pop(target, None) or ()
        for v in stale:
            taint[v] = _NOBODY
        main = path
        if tree.vacate(target) or not count[path[0]]:
            width = 2 * tree.capacity - 1
            main = tuple([v for v in path if v < width and count[v]])
            for v in set(path).difference(main):
                self._clear(v)
        root = tree.capacity - 1
        rest: set[int] = set()
        if stale:
            rest = _climb([v for v in stale if v <= 2 * root], {root, *main})
        if not main:
            rest.add(root)
        cost = self._children(main, rest) - max(len(main) - 1, 0)
        own_path = tree.path(author)
        cost -= self._author_only(author, own_path, main, rest)
        for v in (*main, *rest):
            if v in own_path:
                self._clear(v)
            elif taint[v] != author:
                self._set_taint(v, author)
        self._main, self._rest, self._ciphertexts = main, rest, cost
        return cost

    def update(self, author: int) -> int:
        """Re-key the path of ``author`` and all nodes it taints; return the ciphertexts."""
        tree = self._tree
        tree.check_member(author)
        count, taint, tainted_by = tree.count, self.taint, self._tainted_by
        path = tree.path(author)
        cost = 0
        below = 2 * author
        for v in path:
            if count[2 * v - below]:
                cost += 1
            below = v
            old = taint[v]
            if old >= 0:
                tainted_by[old].discard(v)
                taint[v] = _NOBODY
        own = tainted_by.get(author)
        rest: set[int] = set()
        if own:
            rest = _climb(own, set(path))
            cost += self._children((), rest)
            for v in rest:
                if taint[v] != author:
                    self._set_taint(v, author)
        self._main, self._rest, self._ciphertexts = path, rest, cost
        return cost

    def _clear(self, node: int) -> None:
        old = self.taint[node]
        if old >= 0:
            self._tainted_by[old].discard(node)
            self.taint[node] = _NOBODY

    def _set_taint(self, node: int, author: int) -> None:
        tainted_by = self._tainted_by
        old = self.taint[node]
        if old >= 0:
            tainted_by[old].discard(node)
        self.taint[node] = author
        own = tainted_by.get(author)
        if own is None:
            tainted_by[author] = {node}
        else:
            own.add(node)

    def _children(self, main: tuple[int, ...], rest: set[int]) -> int:
        """Count the non-empty children of all these nodes, less predecessors within ``rest``."""
        count = self._tree.count
        total = 0
        for v in main:
            half = (~v & (v + 1)) >> 1
            total += (count[v - half] > 0) + (count[v + half] > 0)
        for v in rest:
            half = (~v & (v + 1)) >> 1
            low, high = v - half, v + half
            total += (count[low] > 0) + (count[high] > 0) - (low in rest or high in rest)
        return total

    def _author_only(
        self, author: int, own_path: tuple[int, ...], main: tuple[int, ...], rest: set[int]
    ) -> int:
        """Count children that hold only the author and are no predecessor (for ``remove``)."""
        count = self._tree.count
        found = 0
        child = 2 * author
        for v in own_path:
            if count[child] != 1:
                break
            if v in main:
                found += child not in main
            elif v in rest:
                found += not _precedes(child, 2 * v - child, rest)
            child = v
        return found


def _climb(nodes: Iterable[int], stop: set[int]) -> set[int]:
    """Return ``nodes`` with all their ancestors below ``stop``, which holds the root."""
    found: set[int] = set()
    for start in nodes:
        v = start
        while v not in stop and v not in found:
            found.add(v)
            low = ~v & (v + 1)
            v = (v | low) & ~(low << 1)
    return found


def _precedes(child: int, other: int, rest: set[int]) -> bool:
    """Return whether ``child``, not its sibling ``other``, precedes their parent in its chain.

    Chains start at the lowest, then leftmost, node left over (specification T4), so the parent
    belongs to the chain that starts first below it.
    """
    if child not in rest or other not in rest:
        return child in rest
    return _first_start(child, rest) < _first_start(other, rest)


def _first_start(node: int, rest: set[int]) -> tuple[int, int]:
    reach = (~node & (node + 1)) - 1
    return min((~v & (v + 1), v) for v in rest if node - reach <= v <= node + reach)


class _TaintedTree(Occupancy):
    """An :class:`Occupancy` that keeps one taint for every node."""

    __slots__ = ("taint",)

    def __init__(self, capacity: int, members: Iterable[int]) -> None:
        super().__init__(capacity, members)
        self.taint = [_NOBODY] * len(self.count)

    def _grow(self, missing: int) -> None:
        super()._grow(missing)
        self.taint.extend([_NOBODY] * missing)
