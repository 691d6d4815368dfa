"""Receiving messages (sections 6, 12.1, 12.4.2 and 15): from bytes to the next state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError, MacError
from ttkem.mls import key_schedule
from ttkem.mls.codepoints import ContentType
from ttkem.mls.content import (
    ApplicationContent,
    CommitAuth,
    CommitContent,
    ExternalSenderIndex,
    MemberSender,
    NewMemberProposal,
    PrivateMessage,
    ProposalContent,
    PublicMessage,
)
from ttkem.mls.epochs import found_psks, next_state, start_epoch
from ttkem.mls.extensions import external_senders
from ttkem.mls.framing import (
    open_private,
    open_public,
    open_sender_data,
    proposal_ref,
    verify_content,
)
from ttkem.mls.leaf_node import InCommit
from ttkem.mls.messages import read_message
from ttkem.mls.proposal_list import check_proposal, check_successor, resolve, validated_changes
from ttkem.mls.proposals import Add
from ttkem.mls.state import PastEpoch, Received
from ttkem.mls.transcript import confirmed_transcript_hash
from ttkem.mls.treekem import kept_secrets, merge_path, open_path
from ttkem.mls.validation import check_group, check_leaf_node
from ttkem.wire import encode

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair
    from ttkem.mls.changes import Changes
    from ttkem.mls.content import Commit, UpdatePath
    from ttkem.mls.framing import Framed
    from ttkem.mls.ratchet_tree import RatchetTree
    from ttkem.mls.rules import PskStore, Rules
    from ttkem.mls.state import GroupState

__all__ = ["ReceivedCommit", "ReceivedData", "ReceivedProposal", "receive"]


@dataclass(frozen=True, slots=True)
class ReceivedData:
    """Application data."""

    state: GroupState
    sender: int
    data: bytes
    authenticated_data: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class ReceivedProposal:
    """A proposal, which is kept until a commit ends the epoch."""

    state: GroupState
    proposal: Received
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class ReceivedCommit:
    """A commit; the state is None if it removes the receiver."""

    state: GroupState | None
    committer: int
    """Leaf number; of one who joins by the commit, the new one."""
    proposals: tuple[Received, ...]
    added: tuple[int, ...]
    authenticated_data: bytes


def receive(
    rules: Rules, state: GroupState, data: bytes, psks: PskStore, now: int | None
) -> ReceivedData | ReceivedProposal | ReceivedCommit:
    """Process an ``MLSMessage`` for the group; a RemoteError leaves everything as it was."""
    message = read_message(data)
    if isinstance(message, PublicMessage):
        content = message.content
        group_id, epoch, kind = content.group_id, content.epoch, None
    elif isinstance(message, PrivateMessage):
        group_id, epoch, kind = message.group_id, message.epoch, message.content_type
    else:
        raise InvalidMessageError(f"a {type(message).__name__} is no message within a group")
    if group_id != state.context.group_id:
        raise HistoryError("a message of another group")
    if epoch != state.context.epoch:
        if kind is ContentType.APPLICATION and isinstance(message, PrivateMessage):
            return _late(rules, state, message)
        raise HistoryError(f"a message of epoch {epoch}, this is {state.context.epoch}")
    context = encode(state.context)
    if isinstance(message, PublicMessage):
        framed = open_public(rules.crypto, message, context, state.secrets.membership_key)
    else:
        sender_data = open_sender_data(rules.crypto, message, state.secrets.sender_data_secret)
        _signature_key_of(state.tree, sender_data.leaf_index)
        if sender_data.leaf_index == state.leaf:
            raise HistoryError("an own message came back")
        secret_tree, framed = open_private(
            rules.crypto, message, sender_data, state.secret_tree, rules.limits
        )
        state = replace(state, secret_tree=secret_tree)
    verify_content(rules.crypto, framed, context, _signature_key(state, framed))
    return _dispatch(rules, state, framed, psks, now)


def _late(rules: Rules, state: GroupState, message: PrivateMessage) -> ReceivedData:
    """Application data of an earlier epoch (section 15.3)."""
    for place, past in enumerate(state.past):
        if past.context.epoch != message.epoch:
            continue
        data = open_sender_data(rules.crypto, message, past.sender_data_secret)
        key = _signature_key_of(past.tree, data.leaf_index)
        secret_tree, framed = open_private(
            rules.crypto, message, data, past.secret_tree, rules.limits
        )
        verify_content(rules.crypto, framed, encode(past.context), key)
        assert isinstance(framed.content.content, ApplicationContent)  # noqa: S101 - by its type
        kept: tuple[PastEpoch, ...] = (
            *state.past[:place],
            replace(past, secret_tree=secret_tree),
            *state.past[place + 1 :],
        )
        return ReceivedData(
            replace(state, past=kept),
            data.leaf_index,
            framed.content.content.application_data,
            message.authenticated_data,
            message.epoch,
        )
    raise HistoryError(f"a message of epoch {message.epoch}, whose keys are gone or to come")


def _signature_key_of(tree: RatchetTree, leaf: int) -> bytes:
    node = tree.leaf(leaf)
    if node is None:
        raise InvalidMessageError(f"a message from leaf {leaf}, where nobody is")
    return node.signature_key


def _signature_key(state: GroupState, framed: Framed) -> bytes:
    """Whose signature a message must bear (section 6.1)."""
    content = framed.content.content
    match framed.content.sender:
        case MemberSender(leaf):
            return _signature_key_of(state.tree, leaf)
        case ExternalSenderIndex(number):
            senders = external_senders(state.context.extensions)
            if number < len(senders) and isinstance(content, ProposalContent):
                return senders[number].signature_key
        case NewMemberProposal():
            if isinstance(content, ProposalContent) and isinstance(content.proposal, Add):
                return content.proposal.key_package.leaf_node.signature_key
        case _:
            if isinstance(content, CommitContent) and content.commit.path is not None:
                return content.commit.path.leaf_node.signature_key
    name = type(framed.content.sender).__name__
    raise InvalidMessageError(f"a {name} that is not known, or may not send this")


def _dispatch(
    rules: Rules, state: GroupState, framed: Framed, psks: PskStore, now: int | None
) -> ReceivedData | ReceivedProposal | ReceivedCommit:
    content = framed.content
    sender, aad = content.sender, content.authenticated_data
    if sender == MemberSender(state.leaf):
        raise HistoryError("an own message came back: a commit is confirmed or rejected")
    if state.reinit is not None:
        raise HistoryError("the group is closed: wait for the welcome to its successor")
    match content.content:
        case ApplicationContent(data):
            assert isinstance(sender, MemberSender)  # noqa: S101 - private messages are members'
            return ReceivedData(state, sender.leaf_index, data, aad, content.epoch)
        case ProposalContent(proposal):
            received = Received(proposal, sender, proposal_ref(rules.crypto, framed))
            check_proposal(rules, state.context, state.tree, received, now)
            return ReceivedProposal(keep_proposal(state, received), received, aad)
        case body:
            return _commit(rules, state, framed, body.commit, psks, now)


def keep_proposal(state: GroupState, received: Received) -> GroupState:
    """The state with a proposal that a commit may refer to."""
    assert received.reference is not None  # noqa: S101 - it has been sent
    return replace(state, proposals=state.proposals.insert(received.reference, received))


def _commit(
    rules: Rules,
    state: GroupState,
    framed: Framed,
    commit: Commit,
    psks: PskStore,
    now: int | None,
) -> ReceivedCommit:
    """Process a commit (section 12.4.2), its signature checked."""
    crypto, sender = rules.crypto, framed.content.sender
    assert isinstance(framed.auth, CommitAuth)  # noqa: S101 - by its type
    author = sender.leaf_index if isinstance(sender, MemberSender) else None
    proposals = resolve(state.proposals, commit, sender)
    changes = validated_changes(rules, state.context, state.tree, proposals, author, now)
    if changes.path_required and commit.path is None:
        raise InvalidMessageError("a commit without the path that its proposals require")
    committer = next(changes.tree.free_leaves()) if author is None else author
    aad = framed.content.authenticated_data
    if state.leaf in changes.removed:
        return ReceivedCommit(None, committer, proposals, changes.added, aad)
    keys = found_psks(changes.psks, psks, state)
    private, signature = _own_update(state, changes)
    private = kept_secrets(changes.tree, state.leaf, private)
    if rules.policy is not None and author is not None:
        healed, private = rules.policy.follow(
            crypto,
            state.tree,
            changes,
            author,
            proposals,
            state.leaf,
            private,
            encode(state.context),
        )
        changes = replace(changes, tree=healed)
    tree, commit_secret = changes.tree, bytes(rules.suite.hash_length)
    context = replace(
        state.context,
        epoch=state.context.epoch + 1,
        tree_hash=tree.hash,
        extensions=changes.extensions,
    )
    if commit.path is not None:
        tree = _merge(rules, state, changes, commit.path, committer, author, now)
        context = replace(context, tree_hash=tree.hash)
        opened = open_path(
            crypto,
            tree,
            committer,
            commit.path,
            state.leaf,
            private,
            encode(context),
            changes.added,
        )
        private, commit_secret = opened.secrets, opened.commit_secret
    check_group(rules, tree, changes.extensions)
    init_secret = state.secrets.init_secret
    if changes.external_init is not None:
        init_secret = key_schedule.receive_external_init(
            crypto, state.secrets.external_secret, changes.external_init
        )
    confirmed = confirmed_transcript_hash(
        crypto,
        state.interim_transcript_hash,
        framed.wire_format,
        framed.encoded,
        framed.auth.signature,
    )
    context = replace(context, confirmed_transcript_hash=confirmed)
    epoch = start_epoch(rules, context, init_secret, commit_secret, keys)
    if not compare_digest(epoch.confirmation_tag, framed.auth.confirmation_tag):
        raise MacError("a confirmation tag that does not confirm this state")
    after = next_state(rules, state, epoch, tree, private, signature, changes.reinit)
    return ReceivedCommit(after, committer, proposals, changes.added, aad)


def _own_update(state: GroupState, changes: Changes) -> tuple[HashTrieMap[int, bytes], KeyPair]:
    """Own secrets, new ones if an own Update is committed."""
    leaf = changes.updated.get(state.leaf)
    if leaf is None:
        return state.private, state.signature
    update = state.updates.get(leaf.encryption_key)
    if update is None:
        raise InvalidMessageError("an Update in this member's name whose secrets it does not have")
    return state.private.insert(2 * state.leaf, update.encryption_secret), update.signature


def _merge(
    rules: Rules,
    state: GroupState,
    changes: Changes,
    path: UpdatePath,
    committer: int,
    author: int | None,
    now: int | None,
) -> RatchetTree:
    """Validate a path and merge it into the tree with the proposals applied (section 12.4.2)."""
    leaf, tree = path.leaf_node, changes.tree
    if not isinstance(leaf.source, InCommit):
        raise InvalidMessageError("an update path with a leaf node of another source")
    check_leaf_node(rules, leaf, state.context.group_id, committer, now)
    replaced = author if author is not None else next(iter(changes.removed), None)
    old = None if replaced is None else state.tree.leaf(replaced)
    if old is not None:
        check_successor(rules, old, leaf)
    keys = [leaf.encryption_key, *(node.encryption_key for node in path.nodes)]
    if len(set(keys)) != len(keys):
        raise InvalidMessageError("an update path with one key at two nodes")
    for key in keys:
        if key in tree.encryption_keys:
            raise InvalidMessageError("an update path with a key that is in the tree already")
    for node in path.nodes:
        rules.suite.check_public_key(node.encryption_key)
    return merge_path(rules.crypto, tree, committer, path)
