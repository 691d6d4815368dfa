"""Everything a member knows of a group in one epoch, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair
    from ttkem.mls.keys.key_schedule import KeptSecrets
    from ttkem.mls.keys.secret_tree import SecretTree
    from ttkem.mls.limits import Limits
    from ttkem.mls.messages.content import Sender
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.proposals import Proposal, ReInit
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = [
    "GroupState",
    "OwnUpdate",
    "PastEpoch",
    "Received",
    "keep_proposal",
    "own_leaf",
    "past_epochs",
]


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


def own_leaf(state: GroupState) -> LeafNode:
    """Return the member's own leaf node."""
    leaf = state.tree.leaf(state.leaf)
    assert leaf is not None  # noqa: S101 - a member has one
    return leaf


def keep_proposal(state: GroupState, received: Received) -> GroupState:
    """Return the state with a proposal that a commit may refer to."""
    assert received.reference is not None  # noqa: S101 - it has been sent
    return replace(state, proposals=state.proposals.insert(received.reference, received))


def past_epochs(state: GroupState, limits: Limits) -> tuple[PastEpoch, ...]:
    """Return the past epochs that a state leaves to the next one: its own first."""
    ended = PastEpoch(
        state.context, state.tree, state.secrets.sender_data_secret, state.secret_tree
    )
    return (ended, *state.past)[: limits.past_epochs]
