"""Sending proposals and application data (sections 6, 12.1 and 15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
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
    from ttkem.mls.group.policy import Configuration
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
    """How a message travels."""

    public: bool = False
    """As a public message; application data cannot."""
    authenticated_data: bytes = b""
    padding: int = 0
    """Zero bytes that hide the length of a private message."""

    @property
    def wire_format(self) -> WireFormat:
        """The wire format of such a message."""
        return WireFormat.PUBLIC_MESSAGE if self.public else WireFormat.PRIVATE_MESSAGE


@dataclass(frozen=True, slots=True)
class LeafChange:
    """What a member changes of its own leaf node besides the encryption key; None keeps it."""

    signature: KeyPair | None = None
    credential: Credential | None = None
    capabilities: Capabilities | None = None
    extensions: tuple[Extension, ...] | None = None

    def applied(self, leaf: LeafNode) -> LeafNode:
        """The changed leaf node, not yet signed."""
        return replace(
            leaf,
            signature_key=leaf.signature_key if self.signature is None else self.signature.public,
            credential=leaf.credential if self.credential is None else self.credential,
            capabilities=leaf.capabilities if self.capabilities is None else self.capabilities,
            extensions=leaf.extensions if self.extensions is None else self.extensions,
        )


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A proposal to send."""

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
    """Encrypt application data (section 15); not before proposals are committed (section 12.4)."""
    if len(state.proposals):
        raise LocalError("there are proposals: commit them before sending application data")
    framed = _signed(config, state, ApplicationContent(data), framing)
    return seal(config, state, framed, framing, randomness)


def propose(
    config: Configuration,
    state: GroupState,
    proposal: Proposal,
    framing: Framing,
    randomness: Randomness,
    now: int | None,
) -> NewProposal:
    """Send a proposal, which this member may commit as well."""
    sender = MemberSender(state.leaf)
    with local_errors("this cannot be proposed"):
        received = Received(proposal, sender, None)
        check_proposal(config, state.context, state.tree, received, now)
    framed = _signed(config, state, ProposalContent(proposal), framing)
    reference = proposal_ref(config.crypto, framed)
    state, message = seal(config, state, framed, framing, randomness)
    state = keep_proposal(state, Received(proposal, sender, reference))
    return NewProposal(state, message, reference)


def propose_update(
    config: Configuration,
    state: GroupState,
    change: LeafChange,
    framing: Framing,
    randomness: Randomness,
) -> NewProposal:
    """Send an Update of the member's own leaf node (section 12.1.2)."""
    pair = config.suite.generate_key_pair(randomness)
    signature = state.signature if change.signature is None else change.signature
    leaf = replace(change.applied(own_leaf(state)), encryption_key=pair.public, source=InUpdate())
    leaf = sign_leaf_node(config.crypto, leaf, signature.secret, state.context.group_id, state.leaf)
    made = propose(config, state, Update(leaf), framing, randomness, None)
    updates = made.state.updates.insert(pair.public, OwnUpdate(pair.secret, signature))
    return replace(made, state=replace(made.state, updates=updates))


def _signed(config: Configuration, state: GroupState, content: Content, framing: Framing) -> Framed:
    """Sign a proposal or application data."""
    if framing.public and content_type(content) is ContentType.APPLICATION:
        raise LocalError("application data goes into private messages only")
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
    """Return the message, and the state without the key that encrypted it."""
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
