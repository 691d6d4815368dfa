"""The knowledge graph: which secrets can be derived from which (KPWK21; specification T6).

Vertices are secrets: seeds, secret keys, group keys. Each has *sources*, any one of which suffices
to compute it: the seed it is derived from, or a secret key to which it was encrypted. Since every
edge has a single source, a set of secrets reveals the union of what each secret reveals. It is
therefore enough to consider *atoms*: single states and single uses of randomness. One pass over the
graph computes, for every secret, the atoms from which it can be derived, as bits of one number.

This module does not depend on members, operations or windows, and the safe predicate does not
depend on this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["KnowledgeGraph"]


class KnowledgeGraph:
    """A graph of secrets, numbered in order of creation; sources come first, so it is acyclic.

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
        """The sources of every secret."""
        self.shown: list[int] = []
        """The atoms that contain each secret, as bits of one number."""

    def secret(self, *sources: int) -> int:
        """Add a secret that each of ``sources`` reveals (uniform if there are none); return it."""
        self.sources.append(sources)
        self.shown.append(0)
        return len(self.shown) - 1

    def show(self, secrets: Iterable[int], atom: int) -> None:
        """Record that atom number ``atom`` contains these secrets."""
        bit, shown = 1 << atom, self.shown
        for secret in secrets:
            shown[secret] |= bit

    def derivable(self) -> list[int]:
        """Return for every secret the atoms from which it can be derived, as bits; linear time."""
        found = self.shown.copy()
        for secret, sources in enumerate(self.sources):
            if sources:
                atoms = found[secret]
                for source in sources:
                    atoms |= found[source]
                found[secret] = atoms
        return found

    def copy(self) -> KnowledgeGraph:
        """Return an independent copy of the graph."""
        copied = KnowledgeGraph()
        copied.sources, copied.shown = self.sources.copy(), self.shown.copy()
        return copied
