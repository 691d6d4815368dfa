"""What an operation refreshes: the one thing in which the protocols here differ.

A protocol is a function from the tree after a membership change to a :class:`Plan`; sampling,
encrypting, opening, signing and ordering are the same for all (`seeds`, `group`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from ttkem.crypto import CipherSuite, Labelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.cgka.interface import Kind
    from ttkem.tree import KeyTree

__all__ = ["Change", "Plan", "Planner", "Scheme"]


@dataclass(frozen=True, slots=True)
class Change:
    """An operation as far as the tree is concerned; members by leaf number."""

    kind: Kind
    author: int
    target: int
    """Who was added or removed; the author at create and update."""
    resized: bool
    """Whether the tree was doubled or truncated for it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which nodes an operation refreshes, in which chains, and who taints them then."""

    tree: KeyTree
    """After the change and any blanking, before the new keys."""
    chains: tuple[tuple[int, ...], ...]
    """Refreshed inner nodes; each chain bottom to top, each node the parent of the one before."""
    taints: Mapping[int, int | None]
    """For each refreshed node its tainter's leaf number afterwards."""
    fresh_leaf: bool
    """Whether the author's leaf gets a fresh seed, which then starts the first chain."""

    @property
    def refreshed(self) -> tuple[int, ...]:
        """All refreshed inner nodes in message order."""
        return tuple(node for chain in self.chains for node in chain)

    def predecessors(self, author: int) -> dict[int, int]:
        """For each refreshed node but a chain's first, the node whose seed derives its own."""
        links = {above: below for chain in self.chains for below, above in pairwise(chain)}
        if self.fresh_leaf:
            links[self.chains[0][0]] = 2 * author
        return links


class Planner(Protocol):
    """A protocol's rule: the plan for a change, given the tree in which it has taken place."""

    def __call__(self, tree: KeyTree, change: Change) -> Plan:
        """The plan; must depend on its arguments only, since every member computes it."""
        ...


@dataclass(frozen=True)
class Scheme:
    """A protocol on a cipher suite."""

    name: str
    """Travels in every message, so that protocols cannot be confused."""
    suite: CipherSuite
    plan: Planner

    @cached_property
    def kdf(self) -> Labelled:
        """The suite's labelled functions, domain-separated from all other uses of it [D]."""
        return Labelled(self.suite, b"TTKEM 1.0 ")
