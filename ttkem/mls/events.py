"""The events and commits that a member returns to its application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.mls.tree.ratchet_tree import write_ratchet_tree

if TYPE_CHECKING:
    from ttkem.mls.group.proposal_selection import LeftOut
    from ttkem.mls.group.receiving import ReceivedData
    from ttkem.mls.group.state import Received
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.proposals import ReInit
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = [
    "ApplicationMessage",
    "CommitMade",
    "EpochStarted",
    "Event",
    "ProposalArrived",
    "ProposalMade",
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
    """The epoch in which it was sent; the leaf may have another owner, or none, since."""
    credential: Credential
    """The credential of the sender in that epoch."""
    signature_key: bytes
    """The public key that has signed the message: the sender's in that epoch."""

    @classmethod
    def of(cls, got: ReceivedData) -> ApplicationMessage:
        """Return the event of received data."""
        credential, key = got.leaf.credential, got.leaf.signature_key
        return cls(got.sender, got.data, got.authenticated_data, got.epoch, credential, key)


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
    """The committed proposals; those that the commit contains by value have no reference."""
    added: tuple[int, ...]
    """The leaf numbers of the members that Adds brought in."""
    removed: tuple[int, ...]
    """The leaf numbers that removed members had in the epoch before."""
    updated: tuple[int, ...]
    """The leaf numbers of the members whose Updates were committed."""
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
class ProposalMade:
    """A proposal to send, and the reference by which commits of this epoch name it."""

    message: bytes
    reference: bytes


@dataclass(frozen=True, slots=True)
class CommitMade:
    """A commit to send; it takes effect with :meth:`~ttkem.mls.member.Member.confirm`."""

    id: bytes
    message: bytes
    welcome: bytes | None
    """The Welcome for the new members, to be sent once the commit has been accepted."""
    group_info: bytes
    """The next epoch's GroupInfo as an ``MLSMessage``, for external joins; without the tree."""
    tree: RatchetTree
    """The next epoch's ratchet tree."""
    proposals: tuple[Received, ...]
    """The committed proposals: those by reference, then those by value."""
    left_out: tuple[LeftOut, ...]
    """The pending proposals that could not be committed, with the reasons."""
    added: tuple[int, ...]
    refreshed: tuple[int, ...]
    """The array indices of the parent nodes with new keys."""
    ciphertexts: int
    """The number of encrypted secrets."""

    def ratchet_tree(self) -> bytes:
        """Return the next epoch's ratchet tree, for Welcomes and GroupInfos without it."""
        return write_ratchet_tree(self.tree)
