"""Blanking TreeKEM without cryptography, as KPWK21 simulates it (specification T7).

``add`` and ``remove`` blank the path of their target; there are no unmerged leaves. In ``TKEM``
they encrypt nothing and the next updates pay; in ``TKEM_commit`` a full update by the author
follows at once. An update re-keys its author's path and encrypts the seed of every node there to
the resolution of the other child. The real TreeKEM lies between the two.

Resolution sizes are cached in a flat array: 1 for a node with a key, 0 for an empty one, the sum
over both children for a blank one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.simulation.tree_costs import Occupancy, capacity_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

__all__ = ["BlankingCosts", "Rekeying"]


@dataclass(frozen=True, slots=True)
class Rekeying:
    """The effect of the latest operation, for a comparison with the real protocol."""

    rekeyed: frozenset[int]
    """Array indices of the internal nodes with new keys."""
    blanked: frozenset[int]
    """Internal nodes of the target's path that are now blank, empty ones included."""
    ciphertexts: int
    """Seeds encrypted."""


class BlankingCosts:
    """State and costs of one blanking TreeKEM group; members are named by their leaf.

    ``BlankingCosts(capacity, members, commit=...)`` is a healed group: no node is blank but the
    empty ones. ``commit`` chooses between ``TKEM_commit`` and ``TKEM``. Every operation returns
    its number of ciphertexts; :attr:`last` tells more about the latest. A
    :class:`~ttkem.errors.LocalError` leaves the state as it was.
    """

    __slots__ = ("_blanked", "_ciphertexts", "_rekeyed", "_tree", "commit")

    def __init__(self, capacity: int, members: Iterable[int], *, commit: bool) -> None:
        self._tree = _BlankingTree(capacity, members)
        self.commit = commit
        self._rekeyed: tuple[int, ...] = ()
        self._blanked: tuple[int, ...] = ()
        self._ciphertexts = 0

    @classmethod
    def healed(cls, capacity: int, members: Iterable[int], *, commit: bool) -> Self:
        """Return a group on the given leaves with every key in place."""
        return cls(capacity, members, commit=commit)

    @classmethod
    def create(cls, n_members: int, author: int = 0, *, commit: bool) -> Self:
        """Create a group on leaves 0 to ``n_members - 1``; only the path of ``author`` has keys."""
        return cls.create_at(capacity_for(n_members), range(n_members), author, commit=commit)

    @classmethod
    def create_at(cls, capacity: int, members: Iterable[int], author: int, *, commit: bool) -> Self:
        """Create a group with members on chosen leaves."""
        self = cls(capacity, members, commit=commit)
        tree = self._tree
        tree.check_member(author)
        for v in sorted(range(1, 2 * capacity - 1, 2), key=lambda v: ~v & (v + 1)):
            tree.blank(v)
        self.update(author)
        return self

    @property
    def capacity(self) -> int:
        """Leaves of the tree, taken or not."""
        return self._tree.capacity

    @property
    def members(self) -> tuple[int, ...]:
        """Taken leaves, left to right."""
        return self._tree.members

    def resolution_size(self, node: int) -> int:
        """Return the number of keys that reach every member below array index ``node``."""
        return self._tree.resolution[node]

    @property
    def last(self) -> Rekeying:
        """The latest operation, with what the commit after it did."""
        rekeyed = frozenset(self._rekeyed)
        return Rekeying(rekeyed, frozenset(self._blanked) - rekeyed, self._ciphertexts)

    def add(self, author: int) -> tuple[int, int]:
        """Add a member; return its leaf, the leftmost empty one, and the ciphertexts."""
        tree = self._tree
        tree.check_member(author)
        leaf = tree.take_leftmost()
        tree.resolution[2 * leaf] = 1
        return leaf, self._blank_and_commit(tree.path(leaf), author)

    def remove(self, author: int, target: int) -> int:
        """Remove the member on ``target``; the tree may be truncated. Return the ciphertexts."""
        tree = self._tree
        tree.check_removal(author, target)
        path = tree.path(target)
        tree.resolution[2 * target] = 0
        tree.vacate(target)
        return self._blank_and_commit(path, author)

    def update(self, author: int) -> int:
        """Re-key the path of the member on ``author``; return the ciphertexts."""
        tree = self._tree
        tree.check_member(author)
        self._blanked = ()
        return self._rekey(tree.path(author), 2 * author)

    def _blank_and_commit(self, path: tuple[int, ...], author: int) -> int:
        width = 2 * self._tree.capacity - 1
        for v in path:  # with what truncation cuts off: it must come back empty
            self._tree.blank(v)
        self._blanked = tuple([v for v in path if v < width])
        if self.commit:
            return self._rekey(self._tree.path(author), 2 * author)
        self._rekeyed = ()
        self._ciphertexts = 0
        return 0

    def _rekey(self, path: tuple[int, ...], below: int) -> int:
        resolution = self._tree.resolution
        cost = 0
        for v in path:
            cost += resolution[2 * v - below]  # the other child of v
            resolution[v] = 1
            below = v
        self._rekeyed, self._ciphertexts = path, cost
        return cost


class _BlankingTree(Occupancy):
    """An :class:`Occupancy` that caches the resolution size of every node."""

    __slots__ = ("resolution",)

    def __init__(self, capacity: int, members: Iterable[int]) -> None:
        super().__init__(capacity, members)
        self.resolution = [int(c > 0) for c in self.count]

    def blank(self, node: int) -> None:
        half = (~node & (node + 1)) >> 1
        resolution = self.resolution
        resolution[node] = resolution[node - half] + resolution[node + half]

    def _grow(self, missing: int) -> None:
        super()._grow(missing)
        self.resolution.extend([0] * missing)
