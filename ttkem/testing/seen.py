"""How much of a protocol's cryptography was seen, and what was not understood.

A judge that reads recorded cryptography finds nothing in a protocol that computes its keys where
no recorder listens, for example in a foreign binary. So it counts, for every state of a run,
whether the state gives the keys of the epochs that its owner reaches with it. If not, the way from
the state to the key was not seen, and that nothing was found means little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttkem.testing.recorded_judge import Judged

__all__ = ["HIDDEN", "NOT_ATTACKED", "NOT_SEEN", "Seen", "seen_in"]

NOT_SEEN = "how keys are computed was not seen; only what owners can do was tried"
"""What the report of the suites says first where the record shows nothing."""
NOT_ATTACKED = "how keys are computed was not seen; only the rules of the game were checked"
"""What a campaign says first: other than the suites, it loads no states."""
HIDDEN = "they look random, and belong to nothing recorded: whether they hide a secret is not known"
"""What a report says of bytes that travelled and were not understood."""


@dataclass(slots=True)
class Seen:
    """What one or more judged runs have shown of the way from states to keys."""

    reachable: int = 0
    """Pairs of a state and an epoch that its owner reaches with it: they must give the key."""
    unseen: int = 0
    """Those of them that did not give it."""
    examined: int = 0
    """How much was searched for secrets (:attr:`RecordedGraph.examined`)."""
    unknown: int = 0
    """Bytes that look random and were not understood."""
    hidden: int = 0
    """Bytes that travelled, look random and were not understood."""

    def add(self, other: Seen) -> None:
        """Add the figures of another run."""
        self.reachable += other.reachable
        self.unseen += other.unseen
        self.examined += other.examined
        self.unknown += other.unknown
        self.hidden += other.hidden

    @property
    def complete(self) -> bool:
        """Whether every state gave the keys that its owner can compute, and there was one."""
        return self.reachable > 0 and not self.unseen

    def lines(self) -> tuple[str, ...]:
        """Return what a reader must know before trusting that nothing was found."""
        told = []
        if self.unseen == self.reachable:
            told.append(NOT_ATTACKED)
        elif self.unseen:
            told.append(
                f"how keys are computed was seen in part only: {self.unseen:,} of "
                f"{self.reachable:,} pairs of a state and an epoch that its owner reaches did not "
                "give the key"
            )
        if self.unknown:
            told.append(
                f"not understood: {self.unknown:,} bytes that look random and belong to no value "
                "that was drawn or computed"
            )
        if self.hidden:
            told.append(f"not understood: {self.hidden:,} bytes that travelled; {HIDDEN}")
        return tuple(told)


def seen_in(judged: Judged) -> Seen:
    """Return what one judged run has shown."""
    reachable = sum(
        pairs[0].reachable and state
        for relations in judged.relations.values()
        for pairs, (_, state) in zip(relations, judged.atoms, strict=True)
    )
    graph = judged.graph
    unknown = sum(len(data) for _, data in graph.unknown)
    hidden = sum(len(data) for _, data in graph.travelled)
    return Seen(reachable, len(judged.unseen), graph.examined, unknown, hidden)
