"""Everything a member knows of a group in one epoch, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair
    from ttkem.mls.content import Sender
    from ttkem.mls.group_context import GroupContext
    from ttkem.mls.key_schedule import KeptSecrets
    from ttkem.mls.proposals import Proposal, ReInit
    from ttkem.mls.ratchet_tree import RatchetTree
    from ttkem.mls.secret_tree import SecretTree

__all__ = ["GroupState", "OwnUpdate", "PastEpoch", "Received"]


@dataclass(frozen=True, slots=True)
class Received:
    """A proposal and who made it."""

    proposal: Proposal
    sender: Sender
    reference: bytes | None
    """None for one that a commit carries itself."""


@dataclass(frozen=True, slots=True)
class OwnUpdate:
    """The secrets of an Update proposal of one's own, until it is committed."""

    encryption_secret: bytes
    signature: KeyPair


@dataclass(frozen=True, slots=True)
class PastEpoch:
    """What late application messages of an earlier epoch need."""

    context: GroupContext
    tree: RatchetTree
    sender_data_secret: bytes
    secret_tree: SecretTree


@dataclass(frozen=True, slots=True)
class GroupState:
    """A member's state in one epoch."""

    context: GroupContext
    tree: RatchetTree
    leaf: int
    """Own leaf number."""
    signature: KeyPair
    private: HashTrieMap[int, bytes]
    """Secret keys by array index: own leaf, and what is known of the direct path."""
    secrets: KeptSecrets
    secret_tree: SecretTree
    interim_transcript_hash: bytes
    confirmation_tag: bytes
    proposals: HashTrieMap[bytes, Received]
    """Proposals of this epoch by reference, in no order."""
    updates: HashTrieMap[bytes, OwnUpdate]
    """Own Update proposals of this epoch, by their encryption key."""
    past: tuple[PastEpoch, ...]
    """Earlier epochs, latest first."""
    resumption: HashTrieMap[int, bytes]
    """``resumption_psk`` by epoch, this one's included."""
    reinit: ReInit | None = None
    """Set once a ReInit is committed: the group sends nothing any more."""
