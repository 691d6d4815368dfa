"""Sending proposals and application data (sections 6, 12.1 and 15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
from ttkem.mls.arguments import check_type
from ttkem.mls.group.proposal_selection import check_committable, must_commit
from ttkem.mls.group.proposal_validation import check_proposal
from ttkem.mls.group.state import OwnUpdate, Received, keep_proposal, own_leaf
from ttkem.mls.group.validation import local_errors
from ttkem.mls.keys.message_protection import proposal_ref, seal_private, seal_public, sign_message
from ttkem.mls.messages.codepoints import ContentType, WireFormat
from ttkem.mls.messages.content import (
    ApplicationContent,
    FramedContent,
    MemberSender,
    ProposalContent,
    content_type,
)
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.leaf_node import InUpdate, sign_leaf_node
from ttkem.mls.messages.proposals import Update
from ttkem.wire import encode

if TYPE_CHECKING:
    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.group.policy import Configuration, Moment
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.keys.message_protection import Framed
    from ttkem.mls.messages.content import Content
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.leaf_node import Capabilities, LeafNode
    from ttkem.mls.messages.proposals import Proposal

__all__ = [
    "Framing",
    "LeafChange",
    "NewProposal",
    "propose",
    "propose_update",
    "seal",
    "send_data",
]


@dataclass(frozen=True, slots=True)
class Framing:
    """The framing of a message: its wire format, authenticated data and padding."""

    public: bool = False
    """True for a PublicMessage, which cannot carry application data."""
    authenticated_data: bytes = b""
    padding: int = 0
    """The number of zero bytes that hide the length of a PrivateMessage."""

    def __post_init__(self) -> None:
        check_type("frame a message", bytes, authenticated_data=self.authenticated_data)
        check_type("frame a message", int, padding=self.padding)
        if self.padding < 0:
            raise LocalError(f"cannot frame a message with {self.padding} bytes of padding")

    @property
    def wire_format(self) -> WireFormat:
        """The wire format of a message with this framing."""
        return WireFormat.PUBLIC_MESSAGE if self.public else WireFormat.PRIVATE_MESSAGE


@dataclass(frozen=True, slots=True)
class LeafChange:
    """New values for fields of the own leaf node; None keeps a field as it is."""

    signature: KeyPair | None = None
    credential: Credential | None = None
    capabilities: Capabilities | None = None
    extensions: tuple[Extension, ...] | None = None

    def applied(self, leaf: LeafNode) -> LeafNode:
        """Return the changed leaf node, not yet signed."""
        return replace(
            leaf,
            signature_key=leaf.signature_key if self.signature is None else self.signature.public,
            credential=leaf.credential if self.credential is None else self.credential,
            capabilities=leaf.capabilities if self.capabilities is None else self.capabilities,
            extensions=leaf.extensions if self.extensions is None else self.extensions,
        )


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A proposal to send, its reference, and the sender's state after it."""

    state: GroupState
    message: bytes
    reference: bytes


def send_data(
    config: Configuration,
    state: GroupState,
    data: bytes,
    framing: Framing,
    randomness: Randomness,
) -> tuple[GroupState, bytes]:
    """Return the next state and an encrypted message (section 15).

    Raise a LocalError while valid proposals are uncommitted (section 12.4).
    """
    if state.proposals and must_commit(config, state):
        raise LocalError(
            "cannot send application data: commit the pending proposals first, or forget them"
        )
    framed = _signed(config, state, ApplicationContent(data), framing)
    return seal(config, state, framed, framing, randomness)


def propose(
    config: Configuration,
    state: GroupState,
    proposal: Proposal,
    framing: Framing,
    randomness: Randomness,
    now: Moment,
) -> NewProposal:
    """Return a proposal to send (section 12.1), which this member may commit as well.

    Raise a LocalError if it is invalid.
    """
    sender = MemberSender(state.leaf)
    with local_errors("cannot propose this"):
        received = Received(proposal, sender, None)
        check_proposal(config, state.context, state.tree, received, now)
        check_committable(config, state, received)
    framed = _signed(config, state, ProposalContent(proposal), framing)
    reference = proposal_ref(config.crypto, framed)
    with local_errors("cannot propose this"):
        kept = keep_proposal(state, Received(proposal, sender, reference), config.limits)
    state, message = seal(config, kept, framed, framing, randomness)
    return NewProposal(state, message, reference)


def propose_update(
    config: Configuration,
    state: GroupState,
    change: LeafChange,
    framing: Framing,
    randomness: Randomness,
) -> NewProposal:
    """Return an Update of the member's own leaf node to send (section 12.1.2)."""
    pair = config.suite.generate_key_pair(randomness)
    signature = state.signature if change.signature is None else change.signature
    leaf = replace(change.applied(own_leaf(state)), encryption_key=pair.public, source=InUpdate())
    leaf = sign_leaf_node(config.crypto, leaf, signature.secret, state.context.group_id, state.leaf)
    made = propose(config, state, Update(leaf), framing, randomness, config.policy.sent())
    updates = made.state.updates.insert(pair.public, OwnUpdate(pair.secret, signature))
    return replace(made, state=replace(made.state, updates=updates))


def _signed(config: Configuration, state: GroupState, content: Content, framing: Framing) -> Framed:
    """Return a signed proposal or signed application data."""
    if framing.public and content_type(content) is ContentType.APPLICATION:
        raise LocalError("cannot send application data in a public message: use a private one")
    framed = FramedContent(
        state.context.group_id,
        state.context.epoch,
        MemberSender(state.leaf),
        framing.authenticated_data,
        content,
    )
    return sign_message(
        config.crypto, framing.wire_format, framed, encode(state.context), state.signature.secret
    )


def seal(
    config: Configuration,
    state: GroupState,
    framed: Framed,
    framing: Framing,
    randomness: Randomness,
) -> tuple[GroupState, bytes]:
    """Return the state without the message key that was used, and the ``MLSMessage``."""
    crypto = config.crypto
    if framing.public:
        key = state.secrets.membership_key
        return state, write_message(seal_public(crypto, framed, encode(state.context), key))
    secret_tree, message = seal_private(
        crypto,
        framed,
        state.secret_tree,
        state.secrets.sender_data_secret,
        randomness,
        padding=framing.padding,
    )
    return replace(state, secret_tree=secret_tree), write_message(message)
