"""Events and commits that a member gives to its application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttkem.mls.group.state import Received
    from ttkem.mls.messages.proposals import ReInit

__all__ = [
    "ApplicationMessage",
    "CommitMade",
    "EpochStarted",
    "Event",
    "ProposalArrived",
    "Removed",
]


@dataclass(frozen=True, slots=True)
class ApplicationMessage:
    """Application data has arrived."""

    sender: int
    """Leaf number."""
    data: bytes
    authenticated_data: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class ProposalArrived:
    """Somebody proposes something; a commit may refer to it."""

    proposal: Received
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class EpochStarted:
    """A commit has been adopted."""

    epoch: int
    committer: int
    """Leaf number."""
    proposals: tuple[Received, ...]
    """What was committed; of an own commit, what it carried by itself is not repeated."""
    added: tuple[int, ...]
    reinit: ReInit | None
    """Set if the group is closed now and another one will follow it (section 11.2)."""
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Removed:
    """The member has been removed; its secrets are gone."""

    epoch: int
    committer: int


Event = ApplicationMessage | ProposalArrived | EpochStarted | Removed


@dataclass(frozen=True, slots=True)
class CommitMade:
    """A commit to send; it takes effect with :meth:`Member.confirm`."""

    id: bytes
    message: bytes
    welcome: bytes | None
    """For the new members, once the commit has been accepted."""
    added: tuple[int, ...]
    refreshed: tuple[int, ...]
    """Array indices of the parent nodes with new keys."""
    ciphertexts: int
    """Path secrets that were encrypted."""
