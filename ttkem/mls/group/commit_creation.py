"""Creating commits, and Welcomes for the members that they add (section 12.4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
from ttkem.mls.group.epochs import (
    KeyInputs,
    SignedCommit,
    found_psks,
    next_state,
    provisional_context,
    provisional_epoch,
)
from ttkem.mls.group.path_validation import merged_tree
from ttkem.mls.group.proposal_selection import select_proposals
from ttkem.mls.group.proposal_validation import check_reinit, validated_effects
from ttkem.mls.group.sending import Framing, LeafChange, seal
from ttkem.mls.group.state import Received, own_leaf, unknown_reference
from ttkem.mls.group.validation import local_errors
from ttkem.mls.group.welcomes import group_info, make_welcome
from ttkem.mls.keys.message_protection import Framed, sign_content
from ttkem.mls.messages.content import (
    Commit,
    CommitAuth,
    CommitContent,
    FramedContent,
    MemberSender,
)
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.leaf_node import path_leaf_signer
from ttkem.mls.messages.proposals import ByReference, ByValue
from ttkem.mls.tree.ratchet_tree import TreeLeaf
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.policy import Configuration, Moment, PskStore
    from ttkem.mls.group.proposal_selection import LeftOut
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.keys.epoch import Epoch
    from ttkem.mls.messages.content import NewMemberCommit, UpdatePath
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.leaf_node import InCommit, LeafNode
    from ttkem.mls.messages.proposals import Proposal, ProposalOrRef
    from ttkem.mls.messages.psk_ids import PreSharedKeyID
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["Authored", "Authorship", "CommitOptions", "NewCommit", "author", "commit"]


@dataclass(frozen=True, slots=True)
class CommitOptions:
    """Options for creating a commit."""

    framing: Framing = field(default_factory=Framing)
    path: bool = True
    """False to omit the path if the proposals do not require one (section 12.4)."""
    change: LeafChange = field(default_factory=LeafChange)
    tree_in_welcome: bool = True
    group_info_extensions: tuple[Extension, ...] = ()
    linking: bool = False
    """True for the first commit of a successor or branch (sections 11.2 and 11.3)."""
    psks: PskStore | None = None
    """The store of pre-shared keys for this commit; None for the policy's."""


@dataclass(frozen=True, slots=True)
class NewCommit:
    """A commit to send, and its author's states before and after it is accepted."""

    state: GroupState
    """The state in the current epoch, without the message key that was used."""
    after: GroupState
    """The state in the next epoch, for when the commit is accepted."""
    message: bytes
    welcome: bytes | None
    """The Welcome for all new members, to be sent once the commit is accepted."""
    proposals: tuple[Received, ...]
    """The committed proposals: those by reference, then those by value."""
    left_out: tuple[LeftOut, ...]
    """The pending proposals that the commit does not include; empty if the caller chose them."""
    added: tuple[int, ...]
    removed: tuple[int, ...]
    updated: tuple[int, ...]
    """The leaf numbers of the members whose Updates are committed."""
    refreshed: tuple[int, ...]
    """The array indices of the parent nodes with new keys."""
    ciphertexts: int
    """The number of encrypted path secrets, and of those that a tree policy encrypts."""


def commit(
    config: Configuration,
    state: GroupState,
    proposals: Sequence[Proposal],
    references: Sequence[bytes] | None,
    options: CommitOptions,
    randomness: Randomness,
    now: Moment,
) -> NewCommit:
    """Commit new proposals by value, and sent ones by reference (section 12.4.1).

    If ``references`` is None, commit the sent ones that can be committed. Raise a LocalError if a
    reference is unknown or the proposal list is invalid.
    """
    if options.linking and state.context.epoch:
        raise LocalError("cannot link the group to another one after its first commit")
    crypto, sender, change = config.crypto, MemberSender(state.leaf), options.change
    store = config.policy.psks if options.psks is None else options.psks
    own = tuple(Received(proposal, sender, None) for proposal in proposals)
    with local_errors("cannot commit"):
        sent, left_out = _sent(config, state, own, references, change, store, now)
        received = (*sent, *own)
        items: tuple[ProposalOrRef, ...] = (
            *(ByReference(each.reference) for each in sent if each.reference is not None),
            *map(ByValue, proposals),
        )
        effects = validated_effects(
            config, state.context, state.tree, received, state.leaf, now, linking=options.linking
        )
        if effects.reinit is not None:
            check_reinit(state.tree, effects.reinit)
        psks = found_psks(effects.psks, store, state)
        extra = 0
        if config.policy.tree is not None:
            healed, told, extra = config.policy.tree.heal(
                crypto, state.tree, effects, state.leaf, encode(state.context), randomness
            )
            path_required = effects.path_required or bool(told)
            effects = replace(effects, tree=healed, path_required=path_required)
            items += () if told is None else (ByValue(told),)
            received += () if told is None else (Received(told, sender, None),)
        path = options.path or effects.path_required
        if not path and change != LeafChange():
            raise LocalError("cannot change the leaf node in a commit without a path")
        signature = state.signature if change.signature is None else change.signature
        new_leaf = path_leaf_signer(
            crypto,
            change.applied(own_leaf(state)),
            signature.secret,
            state.context.group_id,
            state.leaf,
        )
        who = Authorship(
            sender,
            state.leaf,
            items,
            state.private,
            new_leaf if path else None,
            state.secrets.init_secret,
            state.signature,
            options.framing,
        )
        authored = author(
            config, state.context, state.interim_transcript_hash, effects, who, psks, randomness
        )
        merged_tree(config, state.context.group_id, state.tree, effects, authored.path, state.leaf)
    before, message = seal(config, state, authored.framed, options.framing, randomness)
    after = next_state(
        config, before, authored.epoch, authored.tree, authored.private, signature, effects.reinit
    )
    return NewCommit(
        before,
        after,
        message,
        _welcome(config, after, effects, authored, options, randomness),
        received,
        left_out,
        effects.added,
        effects.removed,
        tuple(effects.updated),
        tuple(authored.path_secrets or ()),
        authored.ciphertexts + extra,
    )


def _sent(
    config: Configuration,
    state: GroupState,
    own: Sequence[Received],
    references: Sequence[bytes] | None,
    change: LeafChange,
    store: PskStore,
    now: Moment,
) -> tuple[tuple[Received, ...], tuple[LeftOut, ...]]:
    """Return the pending proposals to commit, and those that are left out."""
    if references is not None:
        for reference in references:
            if reference not in state.proposals:
                raise unknown_reference("commit", reference)
        return tuple(state.proposals[reference] for reference in references), ()
    tree = state.tree
    if state.proposals and change != LeafChange():
        tree = tree.changed({state.leaf: TreeLeaf.of(change.applied(own_leaf(state)))}, {})
    found = select_proposals(config, state, tree, own, store, now)
    return found.chosen, found.left_out


def _welcome(
    config: Configuration,
    after: GroupState,
    effects: Effects,
    authored: Authored,
    options: CommitOptions,
    randomness: Randomness,
) -> bytes | None:
    """Return the Welcome for the members that a commit adds; None if it adds nobody."""
    if not effects.added:
        return None
    info = group_info(
        config, after, with_tree=options.tree_in_welcome, extensions=options.group_info_extensions
    )
    joiners = tuple(zip(effects.added, effects.packages, strict=True))
    secrets = authored.path_secrets or {}
    return write_message(
        make_welcome(config, info, authored.epoch, effects.psks, joiners, secrets, randomness)
    )


@dataclass(frozen=True, slots=True)
class Authorship:
    """The committer's inputs to :func:`author`."""

    sender: MemberSender | NewMemberCommit
    leaf: int
    items: tuple[ProposalOrRef, ...]
    private: HashTrieMap[int, bytes]
    new_leaf: Callable[[bytes, InCommit], LeafNode] | None
    """Signs the leaf node of the path; None for a commit without a path."""
    init_secret: bytes
    signature: KeyPair
    framing: Framing


@dataclass(frozen=True, slots=True)
class Authored:
    """A commit, authenticated but not yet encrypted, and the epoch that it starts."""

    framed: Framed
    path: UpdatePath | None
    epoch: Epoch
    tree: RatchetTree
    private: HashTrieMap[int, bytes]
    path_secrets: Mapping[int, bytes] | None
    """The path secrets by array index of the parent nodes; None without a path."""
    ciphertexts: int


def author(
    config: Configuration,
    context: GroupContext,
    interim: bytes,
    effects: Effects,
    who: Authorship,
    psks: Sequence[tuple[PreSharedKeyID, bytes]],
    randomness: Randomness,
) -> Authored:
    """Return an authored commit: the steps of section 12.4.1 common to members and joiners."""
    crypto = config.crypto
    tree, private, path, path_secrets = effects.tree, who.private, None, None
    commit_secret, ciphertexts = None, 0
    if who.new_leaf is not None:
        made = config.policy.create_path(
            crypto,
            tree,
            who.leaf,
            private,
            who.new_leaf,
            lambda tree_hash: encode(provisional_context(context, effects, tree_hash)),
            effects.added,
            randomness,
        )
        tree, private, path = made.tree, made.secrets, made.update_path
        path_secrets, commit_secret = made.path_secrets, made.commit_secret
        ciphertexts = sum(len(node.encrypted_path_secret) for node in path.nodes)
    content = FramedContent(
        context.group_id,
        context.epoch,
        who.sender,
        who.framing.authenticated_data,
        CommitContent(Commit(who.items, path)),
    )
    wire_format = who.framing.wire_format
    encoded, signature = sign_content(
        crypto, wire_format, content, encode(context), who.signature.secret
    )
    epoch = provisional_epoch(
        config,
        context,
        interim,
        effects,
        tree,
        SignedCommit(wire_format, encoded, signature),
        KeyInputs(who.init_secret, commit_secret, psks),
    )
    framed = Framed(wire_format, content, encoded, CommitAuth(signature, epoch.confirmation_tag))
    return Authored(framed, path, epoch, tree, private, path_secrets, ciphertexts)
