"""What can be derived from what: the knowledge graph (KPWK21; specification T6).

Vertices are secrets: seeds, secret keys, group keys. Each names its *sources*, any one of which
gives it: the seed it is derived from, or a secret key under which it was encrypted. Since every
edge has a single source, what a set of secrets gives is the union of what each gives. So it is
enough to look at *atoms*, single states and single uses of randomness: for every secret the graph
tells the atoms from which it can be derived, as the bits of one number, in one pass.

This module knows nothing of members, operations or windows; the safe predicate knows nothing of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KnowledgeGraph"]


class KnowledgeGraph:
    """A graph of secrets, numbered in the order of their making; it is acyclic by that order.

    >>> graph = KnowledgeGraph()
    >>> seed = graph.secret()
    >>> key, other = graph.secret(seed), graph.secret()
    >>> sent = graph.secret(key, other)
    >>> graph.show((key,), atom=0)
    >>> graph.show((other,), atom=1)
    >>> [bin(atoms) for atoms in graph.derivable()]
    ['0b0', '0b1', '0b10', '0b11']
    """

    __slots__ = ("shown", "sources")

    def __init__(self) -> None:
        self.sources: list[tuple[int, ...]] = []
        """For every secret those that give it."""
        self.shown: list[int] = []
        """For every secret the atoms that contain it, as bits."""

    def secret(self, *sources: int) -> int:
        """A new secret that each of ``sources`` gives; a uniform one if there are none."""
        self.sources.append(sources)
        self.shown.append(0)
        return len(self.shown) - 1

    def show(self, secrets: Iterable[int], atom: int) -> None:
        """Atom number ``atom`` contains these secrets."""
        bit, shown = 1 << atom, self.shown
        for secret in secrets:
            shown[secret] |= bit

    def derivable(self) -> list[int]:
        """For every secret the atoms from which it can be derived, as bits. Linear."""
        found = self.shown.copy()
        for secret, sources in enumerate(self.sources):
            if sources:
                atoms = found[secret]
                for source in sources:
                    atoms |= found[source]
                found[secret] = atoms
        return found

    def copy(self) -> KnowledgeGraph:
        """The same graph, independent from here."""
        copied = KnowledgeGraph()
        copied.sources, copied.shown = self.sources.copy(), self.shown.copy()
        return copied
