"""The events and commits that a member returns to its application."""

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
    """Application data from another member."""

    sender: int
    """Leaf number."""
    data: bytes
    authenticated_data: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class ProposalArrived:
    """A proposal that a commit of this epoch may refer to."""

    proposal: Received
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class EpochStarted:
    """The start of an epoch by a commit that this member processed or confirmed."""

    epoch: int
    committer: int
    """Leaf number."""
    proposals: tuple[Received, ...]
    """The committed proposals; for this member's own commit, only those by reference."""
    added: tuple[int, ...]
    reinit: ReInit | None
    """The ReInit that has closed the group, if there is one (section 11.2)."""
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Removed:
    """The removal of this member; its secrets are erased."""

    epoch: int
    committer: int


Event = ApplicationMessage | ProposalArrived | EpochStarted | Removed


@dataclass(frozen=True, slots=True)
class CommitMade:
    """A commit to send; it takes effect with :meth:`~ttkem.mls.member.Member.confirm`."""

    id: bytes
    message: bytes
    welcome: bytes | None
    """The Welcome for the new members, to be sent once the commit has been accepted."""
    added: tuple[int, ...]
    refreshed: tuple[int, ...]
    """The array indices of the parent nodes with new keys."""
    ciphertexts: int
    """The number of encrypted secrets."""
