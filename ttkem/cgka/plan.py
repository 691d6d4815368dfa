"""Plans: the nodes that an operation refreshes. The protocols here differ in nothing else.

A protocol is a function from the tree after a membership change to a :class:`Plan`; sampling,
encrypting, opening, signing and ordering are common to all (`seeds`, `group`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ttkem.crypto import CipherSuite, Labelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.cgka.interface import Kind
    from ttkem.tree import KeyTree

__all__ = ["Change", "Plan", "Planner", "TreeProtocol"]


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of an operation on the tree's members, by leaf number."""

    kind: Kind
    author: int
    target: int
    """The member that was added or removed; for a create or update, the author."""
    resized: bool
    """Whether the tree was doubled or truncated for it."""


@dataclass(frozen=True)
class Plan:
    """The nodes that an operation refreshes, their chains, and their tainters afterwards."""

    author: int
    """Leaf number."""
    tree: KeyTree
    """After the change and any blanking, before the new keys."""
    chains: tuple[tuple[int, ...], ...]
    """Refreshed nodes; each chain from bottom to top, each node the parent of the one before."""
    taints: Mapping[int, int | None]
    """The leaf number of the tainter of each refreshed node after the operation."""
    fresh_leaf: bool
    """Whether the author's leaf gets a fresh seed, which then starts the first chain."""

    @cached_property
    def predecessors(self) -> Mapping[int, int | None]:
        """Each refreshed node, in message order, with the node whose seed derives its own.

        That is the node before it in its chain. The first node of a chain has None, except that of
        the first chain, which has the author's leaf where that is fresh.
        """
        links: dict[int, int | None] = {}
        for number, chain in enumerate(self.chains):
            start = 2 * self.author if self.fresh_leaf and number == 0 else None
            links.update(zip(chain, (start, *chain), strict=False))
        return links

    @property
    def refreshed(self) -> tuple[int, ...]:
        """All refreshed internal nodes in message order."""
        return tuple(self.predecessors)


class Planner(Protocol):
    """A protocol's rule: a function from a tree after a membership change to a plan."""

    def __call__(self, tree: KeyTree, change: Change) -> Plan:
        """Return the plan, which depends on the arguments only, since every member computes it."""
        ...


@dataclass(frozen=True)
class TreeProtocol:
    """A protocol on a cipher suite."""

    name: str
    """Travels in every message, so that protocols cannot be confused."""
    suite: CipherSuite
    plan: Planner

    @cached_property
    def kdf(self) -> Labelled:
        """The suite's labelled functions, domain-separated from all other uses of it [D]."""
        return Labelled(self.suite, b"TTKEM 1.0 ")
