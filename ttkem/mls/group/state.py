"""The state of a member in one epoch of a group, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls.messages.proposals import Update

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    "forget_proposal",
    "keep_proposal",
    "own_leaf",
    "past_epochs",
    "unknown_reference",
]


@dataclass(frozen=True, slots=True)
class Received:
    """A proposal and its sender."""

    proposal: Proposal
    sender: Sender
    reference: bytes | None
    """The ProposalRef; None for a proposal that a commit contains by value."""


@dataclass(frozen=True, slots=True)
class OwnUpdate:
    """The secret keys of this member's own Update, kept until it is committed."""

    encryption_secret: bytes
    signature: KeyPair


@dataclass(frozen=True, slots=True)
class PastEpoch:
    """The part of an earlier epoch that decrypts its late application messages."""

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
    """This member's leaf number."""
    signature: KeyPair
    private: HashTrieMap[int, bytes]
    """The known secret keys by array index: of the own leaf, and of nodes on its direct path."""
    secrets: KeptSecrets
    secret_tree: SecretTree
    interim_transcript_hash: bytes
    confirmation_tag: bytes
    proposals: Mapping[bytes, Received]
    """The proposals of this epoch by reference, in the order of their arrival."""
    updates: HashTrieMap[bytes, OwnUpdate]
    """This member's own Updates of this epoch, by encryption key."""
    past: tuple[PastEpoch, ...]
    """The kept earlier epochs, latest first."""
    resumption: HashTrieMap[int, bytes]
    """The ``resumption_psk`` by epoch, including the current one."""
    reinit: ReInit | None = None
    """The committed ReInit; once it is set, members may send nothing in this group."""


def own_leaf(state: GroupState) -> LeafNode:
    """Return the member's own leaf node."""
    leaf = state.tree.leaf(state.leaf)
    assert leaf is not None  # noqa: S101 - a member has a leaf
    return leaf


def keep_proposal(state: GroupState, received: Received, limits: Limits) -> GroupState:
    """Return the state with one more proposal that commits may refer to.

    One that has arrived before keeps its place. Raise an InvalidMessageError if too many of its
    sender are kept already: the bound is for each sender, so that none can keep others from
    proposing.
    """
    assert received.reference is not None  # noqa: S101 - a sent proposal has a reference
    if received.reference in state.proposals:
        return state
    kept = sum(other.sender == received.sender for other in state.proposals.values())
    if kept >= limits.proposals:
        raise InvalidMessageError(
            f"{kept} proposals of its sender are pending, and no more are kept: "
            "commit them or forget some"
        )
    proposals = MappingProxyType({**state.proposals, received.reference: received})
    return replace(state, proposals=proposals)


def forget_proposal(state: GroupState, reference: bytes) -> GroupState:
    """Return the state without a proposal and, if it is the member's own Update, its secrets.

    Raise a LocalError if there is no such proposal.
    """
    received = state.proposals.get(reference)
    if received is None:
        raise unknown_reference("forget", reference)
    proposals = {key: kept for key, kept in state.proposals.items() if key != reference}
    updates = state.updates
    if isinstance(received.proposal, Update):
        updates = updates.discard(received.proposal.leaf_node.encryption_key)
    return replace(state, proposals=MappingProxyType(proposals), updates=updates)


def unknown_reference(call: str, reference: bytes) -> LocalError:
    """Return the error for a reference to no proposal of this epoch."""
    return LocalError(f"cannot {call}: this epoch has no proposal {reference.hex()[:16]}")


def past_epochs(state: GroupState, limits: Limits) -> tuple[PastEpoch, ...]:
    """Return the past epochs for the state after this one; this state's epoch comes first."""
    ended = PastEpoch(
        state.context, state.tree, state.secrets.sender_data_secret, state.secret_tree
    )
    return (ended, *state.past)[: limits.past_epochs]
