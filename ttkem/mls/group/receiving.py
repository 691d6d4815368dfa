"""Receiving messages (sections 6, 12.1 and 15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError
from ttkem.mls.group.commit_processing import process_commit
from ttkem.mls.group.proposal_validation import check_proposal
from ttkem.mls.group.state import PastEpoch, Received, keep_proposal
from ttkem.mls.keys.message_protection import (
    open_private,
    open_public,
    open_sender_data,
    proposal_ref,
    verify_content,
)
from ttkem.mls.messages.codepoints import ContentType
from ttkem.mls.messages.content import (
    ApplicationContent,
    CommitContent,
    ExternalSenderIndex,
    MemberSender,
    NewMemberProposal,
    ProposalContent,
)
from ttkem.mls.messages.envelope import read_message
from ttkem.mls.messages.extensions import external_senders
from ttkem.mls.messages.framing import PrivateMessage, PublicMessage
from ttkem.mls.messages.proposals import Add
from ttkem.wire import encode

if TYPE_CHECKING:
    from ttkem.mls.group.commit_processing import ReceivedCommit
    from ttkem.mls.group.policy import Configuration, Moment
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.keys.message_protection import Framed
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["ReceivedData", "ReceivedProposal", "receive"]


@dataclass(frozen=True, slots=True)
class ReceivedData:
    """Received application data, and the state after it."""

    state: GroupState
    sender: int
    leaf: LeafNode
    """The sender's leaf node in the epoch of the message."""
    data: bytes
    authenticated_data: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class ReceivedProposal:
    """A received proposal, and the state that keeps it until the epoch ends."""

    state: GroupState
    proposal: Received
    authenticated_data: bytes


def receive(
    config: Configuration, state: GroupState, data: bytes, now: Moment
) -> ReceivedData | ReceivedProposal | ReceivedCommit:
    """Process an ``MLSMessage`` of the group; raise a RemoteError if it is invalid."""
    message = read_message(data)
    if isinstance(message, PublicMessage):
        content = message.content
        group_id, epoch, kind = content.group_id, content.epoch, None
    elif isinstance(message, PrivateMessage):
        group_id, epoch, kind = message.group_id, message.epoch, message.content_type
    else:
        raise InvalidMessageError(
            f"expected a PublicMessage or PrivateMessage, got a {type(message).__name__}"
        )
    if group_id != state.context.group_id:
        raise HistoryError("the message is of another group")
    if epoch != state.context.epoch:
        if kind is ContentType.APPLICATION and isinstance(message, PrivateMessage):
            return _late(config, state, message)
        raise HistoryError(
            f"the message is of epoch {epoch}, the group is in epoch {state.context.epoch}"
        )
    context = encode(state.context)
    if isinstance(message, PublicMessage):
        framed = open_public(config.crypto, message, context, state.secrets.membership_key)
    else:
        sender_data = open_sender_data(config.crypto, message, state.secrets.sender_data_secret)
        _leaf(state.tree, sender_data.leaf_index)
        if sender_data.leaf_index == state.leaf:
            raise HistoryError("the message is this member's own")
        secret_tree, framed = open_private(
            config.crypto, message, sender_data, state.secret_tree, config.limits
        )
        state = replace(state, secret_tree=secret_tree)
    verify_content(config.crypto, framed, context, _signature_key(state, framed))
    return _dispatch(config, state, framed, now)


def _late(config: Configuration, state: GroupState, message: PrivateMessage) -> ReceivedData:
    """Process application data of an earlier epoch (section 15.3)."""
    for place, past in enumerate(state.past):
        if past.context.epoch != message.epoch:
            continue
        data = open_sender_data(config.crypto, message, past.sender_data_secret)
        leaf = _leaf(past.tree, data.leaf_index)
        secret_tree, framed = open_private(
            config.crypto, message, data, past.secret_tree, config.limits
        )
        verify_content(config.crypto, framed, encode(past.context), leaf.signature_key)
        assert isinstance(framed.content.content, ApplicationContent)  # noqa: S101 - only such messages come here
        kept: tuple[PastEpoch, ...] = (
            *state.past[:place],
            replace(past, secret_tree=secret_tree),
            *state.past[place + 1 :],
        )
        return ReceivedData(
            replace(state, past=kept),
            data.leaf_index,
            leaf,
            framed.content.content.application_data,
            message.authenticated_data,
            message.epoch,
        )
    raise HistoryError(
        f"the message is of epoch {message.epoch}, whose keys are erased or not yet known"
    )


def _leaf(tree: RatchetTree, leaf: int) -> LeafNode:
    node = tree.leaf(leaf)
    if node is None:
        raise InvalidMessageError(f"the message is from leaf {leaf}, which is blank")
    return node


def _signature_key(state: GroupState, framed: Framed) -> bytes:
    """Return the public key that must verify a message (section 6.1).

    Raise an InvalidMessageError if its sender is unknown or may not send it.
    """
    content = framed.content.content
    match framed.content.sender:
        case MemberSender(leaf):
            return _leaf(state.tree, leaf).signature_key
        case ExternalSenderIndex(number):
            senders = external_senders(state.context.extensions)
            if number >= len(senders):
                raise InvalidMessageError(f"the group has no external sender {number}")
            if isinstance(content, ProposalContent):
                return senders[number].signature_key
        case NewMemberProposal():
            if isinstance(content, ProposalContent) and isinstance(content.proposal, Add):
                return content.proposal.key_package.leaf_node.signature_key
        case _:
            if isinstance(content, CommitContent) and content.commit.path is not None:
                return content.commit.path.leaf_node.signature_key
    name = type(framed.content.sender).__name__
    raise InvalidMessageError(f"{name} may not send this {type(content).__name__}")


def _dispatch(
    config: Configuration, state: GroupState, framed: Framed, now: Moment
) -> ReceivedData | ReceivedProposal | ReceivedCommit:
    content = framed.content
    sender, aad = content.sender, content.authenticated_data
    if sender == MemberSender(state.leaf):
        raise HistoryError(
            "the message is this member's own: confirm or reject an own commit instead"
        )
    if state.reinit is not None:
        raise HistoryError("the group is closed by a ReInit: wait for the Welcome to its successor")
    match content.content:
        case ApplicationContent(data):
            assert isinstance(sender, MemberSender)  # noqa: S101 - only members send application data
            leaf = _leaf(state.tree, sender.leaf_index)
            return ReceivedData(state, sender.leaf_index, leaf, data, aad, content.epoch)
        case ProposalContent(proposal):
            received = Received(proposal, sender, proposal_ref(config.crypto, framed))
            check_proposal(config, state.context, state.tree, received, now)
            return ReceivedProposal(keep_proposal(state, received, config.limits), received, aad)
        case body:
            return process_commit(config, state, framed, body.commit, now)
