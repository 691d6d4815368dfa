"""Sending (sections 6, 12.1 and 12.4.1): proposals, commits with welcomes, application data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls.codepoints import ContentType, WireFormat
from ttkem.mls.content import (
    ApplicationContent,
    Commit,
    CommitAuth,
    CommitContent,
    FramedContent,
    MemberSender,
    MessageAuth,
    NewMemberCommit,
    ProposalContent,
    content_type,
)
from ttkem.mls.epochs import found_psks, next_state, start_epoch
from ttkem.mls.framing import Framed, proposal_ref, seal_private, seal_public, sign_content
from ttkem.mls.leaf_node import InUpdate, sign_leaf_node
from ttkem.mls.messages import write_message
from ttkem.mls.proposal_list import check_proposal, validated_changes
from ttkem.mls.proposals import ByReference, ByValue, Update
from ttkem.mls.receive import keep_proposal
from ttkem.mls.rules import no_psks
from ttkem.mls.state import OwnUpdate, Received
from ttkem.mls.transcript import confirmed_transcript_hash
from ttkem.mls.validation import check_group, check_leaf_node
from ttkem.mls.welcome import group_info, make_welcome
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.changes import Changes
    from ttkem.mls.content import Content, UpdatePath
    from ttkem.mls.credentials import Credential
    from ttkem.mls.epochs import Epoch
    from ttkem.mls.extensions import Extension
    from ttkem.mls.group_context import GroupContext
    from ttkem.mls.leaf_node import Capabilities, InCommit, LeafNode
    from ttkem.mls.proposals import Proposal, ProposalOrRef
    from ttkem.mls.psk import PreSharedKeyID
    from ttkem.mls.ratchet_tree import RatchetTree
    from ttkem.mls.rules import PskStore, Rules
    from ttkem.mls.state import GroupState

__all__ = [
    "CommitOptions",
    "Framing",
    "LeafChange",
    "NewCommit",
    "NewProposal",
    "commit",
    "propose",
    "propose_update",
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
class CommitOptions:
    """How a commit is made."""

    framing: Framing = field(default_factory=Framing)
    path: bool = True
    """Without a path where the proposals allow that, if False (section 12.4)."""
    change: LeafChange = field(default_factory=LeafChange)
    tree_in_welcome: bool = True
    group_info_extensions: tuple[Extension, ...] = ()
    linking: bool = False
    """Whether this creates a group that follows or branches off another (sections 11.2, 11.3)."""
    psks: PskStore = no_psks


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A proposal to send."""

    state: GroupState
    message: bytes
    reference: bytes


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to send, and both states of its author."""

    state: GroupState
    """Before: the same epoch, less the key that encrypted the message."""
    after: GroupState
    """The next epoch, once the commit is accepted."""
    message: bytes
    welcome: bytes | None
    """For all new members; to be sent once the commit is accepted."""
    added: tuple[int, ...]
    refreshed: tuple[int, ...]
    """Array indices of the parent nodes that got new keys."""
    ciphertexts: int
    """Path secrets that were encrypted, and what a tree policy has encrypted besides."""


def send_data(
    rules: Rules, state: GroupState, data: bytes, framing: Framing, randomness: Randomness
) -> tuple[GroupState, bytes]:
    """Encrypt application data (section 15); not before proposals are committed (section 12.4)."""
    if len(state.proposals):
        raise LocalError("there are proposals: commit them before sending application data")
    framed = _signed(rules, state, ApplicationContent(data), framing)
    return _sealed(rules, state, framed, framing, randomness)


def propose(
    rules: Rules,
    state: GroupState,
    proposal: Proposal,
    framing: Framing,
    randomness: Randomness,
    now: int | None,
) -> NewProposal:
    """Send a proposal, which this member may commit as well."""
    sender = MemberSender(state.leaf)
    try:
        received = Received(proposal, sender, None)
        check_proposal(rules, state.context, state.tree, received, now)
    except InvalidMessageError as error:
        raise LocalError(f"this cannot be proposed: {error}") from None
    framed = _signed(rules, state, ProposalContent(proposal), framing)
    reference = proposal_ref(rules.crypto, framed)
    state, message = _sealed(rules, state, framed, framing, randomness)
    state = keep_proposal(state, Received(proposal, sender, reference))
    return NewProposal(state, message, reference)


def propose_update(
    rules: Rules, state: GroupState, change: LeafChange, framing: Framing, randomness: Randomness
) -> NewProposal:
    """Send an Update of one's own leaf node (section 12.1.2)."""
    pair = rules.suite.generate_key_pair(randomness)
    signature = state.signature if change.signature is None else change.signature
    leaf = replace(change.applied(own_leaf(state)), encryption_key=pair.public, source=InUpdate())
    leaf = sign_leaf_node(rules.crypto, leaf, signature.secret, state.context.group_id, state.leaf)
    made = propose(rules, state, Update(leaf), framing, randomness, None)
    updates = made.state.updates.insert(pair.public, OwnUpdate(pair.secret, signature))
    return replace(made, state=replace(made.state, updates=updates))


def own_leaf(state: GroupState) -> LeafNode:
    """The leaf node of this member."""
    leaf = state.tree.leaf(state.leaf)
    assert leaf is not None  # noqa: S101 - a member has one
    return leaf


def commit(
    rules: Rules,
    state: GroupState,
    proposals: Sequence[Proposal],
    references: Sequence[bytes],
    options: CommitOptions,
    randomness: Randomness,
    now: int | None,
) -> NewCommit:
    """Commit proposals of this member, and earlier ones by reference (section 12.4.1).

    A LocalError if their list is invalid.
    """
    sender = MemberSender(state.leaf)
    unknown = [reference for reference in references if reference not in state.proposals]
    if unknown:
        raise LocalError(f"there is no proposal {unknown[0].hex()[:16]} in this epoch")
    received = [
        *(state.proposals[reference] for reference in references),
        *(Received(proposal, sender, None) for proposal in proposals),
    ]
    items: tuple[ProposalOrRef, ...] = (
        *map(ByReference, references),
        *map(ByValue, proposals),
    )
    change, extra = options.change, 0
    signature = state.signature if change.signature is None else change.signature

    def new_leaf(key: bytes, source: InCommit) -> LeafNode:
        leaf = replace(change.applied(own_leaf(state)), encryption_key=key, source=source)
        return sign_leaf_node(
            rules.crypto, leaf, signature.secret, state.context.group_id, state.leaf
        )

    try:
        changes = validated_changes(
            rules,
            state.context,
            state.tree,
            received,
            state.leaf,
            now,
            linking=options.linking,
        )
        keys = found_psks(changes.psks, options.psks, state)
        if rules.policy is not None:
            healed, told, extra = rules.policy.heal(
                rules.crypto, state.tree, changes, state.leaf, encode(state.context), randomness
            )
            changes = replace(
                changes, tree=healed, path_required=changes.path_required or bool(told)
            )
            items += () if told is None else (ByValue(told),)
        path = options.path or changes.path_required
        if not path and change != LeafChange():
            raise LocalError("a leaf node changes only in a commit with a path")
        authored = author(
            rules,
            state.context,
            state.interim_transcript_hash,
            changes,
            Authorship(
                sender,
                state.leaf,
                items,
                state.private,
                new_leaf if path else None,
                state.secrets.init_secret,
                state.signature,
                options.framing,
            ),
            keys,
            randomness,
        )
        check_authored(rules, state.context.group_id, state.leaf, authored)
    except InvalidMessageError as error:
        raise LocalError(f"this cannot be committed: {error}") from None
    before, message = _sealed(rules, state, authored.framed, options.framing, randomness)
    if authored.path_secrets is None:
        signature = state.signature
    after = next_state(
        rules, before, authored.epoch, authored.tree, authored.private, signature, changes.reinit
    )
    welcome = None
    if changes.added:
        info = group_info(
            rules,
            after,
            with_tree=options.tree_in_welcome,
            extensions=options.group_info_extensions,
        )
        joiners = tuple(zip(changes.added, changes.packages, strict=True))
        secrets = authored.path_secrets or {}
        welcome = write_message(
            make_welcome(rules, info, authored.epoch, changes.psks, joiners, secrets, randomness)
        )
    return NewCommit(
        before,
        after,
        message,
        welcome,
        changes.added,
        tuple(authored.path_secrets or ()),
        authored.ciphertexts + extra,
    )


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who commits, and with what."""

    sender: MemberSender | NewMemberCommit
    leaf: int
    items: tuple[ProposalOrRef, ...]
    private: HashTrieMap[int, bytes]
    new_leaf: Callable[[bytes, InCommit], LeafNode] | None
    """Signs the leaf node of a path; None to commit without one."""
    init_secret: bytes
    signature: KeyPair
    framing: Framing


@dataclass(frozen=True, slots=True)
class Authored:
    """A commit, signed and confirmed but not yet sealed, and the epoch it starts."""

    framed: Framed
    path: UpdatePath | None
    epoch: Epoch
    tree: RatchetTree
    private: HashTrieMap[int, bytes]
    path_secrets: Mapping[int, bytes] | None
    ciphertexts: int


def author(
    rules: Rules,
    context: GroupContext,
    interim: bytes,
    changes: Changes,
    who: Authorship,
    psks: Sequence[tuple[PreSharedKeyID, bytes]],
    randomness: Randomness,
) -> Authored:
    """The steps of section 12.4.1 that members and those who join by commit have in common."""
    crypto = rules.crypto
    provisional = replace(context, epoch=context.epoch + 1, extensions=changes.extensions)
    tree, private, path, path_secrets = changes.tree, who.private, None, None
    commit_secret = bytes(rules.suite.hash_length)
    if who.new_leaf is not None:
        made = rules.create_path(
            crypto,
            tree,
            who.leaf,
            private,
            who.new_leaf,
            lambda tree_hash: encode(replace(provisional, tree_hash=tree_hash)),
            changes.added,
            randomness,
        )
        tree, private, path = made.tree, made.secrets, made.update_path
        path_secrets, commit_secret = made.path_secrets, made.commit_secret
    content = FramedContent(
        context.group_id,
        context.epoch,
        who.sender,
        who.framing.authenticated_data,
        CommitContent(Commit(who.items, path)),
    )
    wire_format = _wire_format(who.framing)
    encoded, signature = sign_content(
        crypto, wire_format, content, encode(context), who.signature.secret
    )
    confirmed = confirmed_transcript_hash(crypto, interim, wire_format, encoded, signature)
    new_context = replace(provisional, tree_hash=tree.hash, confirmed_transcript_hash=confirmed)
    epoch = start_epoch(rules, new_context, who.init_secret, commit_secret, psks)
    framed = Framed(wire_format, content, encoded, CommitAuth(signature, epoch.confirmation_tag))
    ciphertexts = 0 if path is None else sum(len(n.encrypted_path_secret) for n in path.nodes)
    return Authored(framed, path, epoch, tree, private, path_secrets, ciphertexts)


def check_authored(rules: Rules, group_id: bytes, leaf: int, authored: Authored) -> None:
    """What the author has to see of the own commit: its leaf node, and the group after it."""
    if authored.path is not None:
        check_leaf_node(rules, authored.path.leaf_node, group_id, leaf, None)
    check_group(rules, authored.tree, authored.epoch.context.extensions)


def _wire_format(framing: Framing) -> WireFormat:
    return WireFormat.PUBLIC_MESSAGE if framing.public else WireFormat.PRIVATE_MESSAGE


def _signed(rules: Rules, state: GroupState, content: Content, framing: Framing) -> Framed:
    """A proposal or application data, signed."""
    wire_format = _wire_format(framing)
    if framing.public and content_type(content) is ContentType.APPLICATION:
        raise LocalError("application data goes into private messages only")
    framed = FramedContent(
        state.context.group_id,
        state.context.epoch,
        MemberSender(state.leaf),
        framing.authenticated_data,
        content,
    )
    encoded, signature = sign_content(
        rules.crypto, wire_format, framed, encode(state.context), state.signature.secret
    )
    return Framed(wire_format, framed, encoded, MessageAuth(signature))


def _sealed(
    rules: Rules, state: GroupState, framed: Framed, framing: Framing, randomness: Randomness
) -> tuple[GroupState, bytes]:
    """The message, and the state less the key that encrypted it."""
    if state.reinit is not None:
        raise LocalError("the group is closed: create or join its successor")
    crypto = rules.crypto
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
