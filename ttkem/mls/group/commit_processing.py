"""Processing commits (section 12.4.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError, MacError
from ttkem.mls.group.epochs import (
    KeyInputs,
    SignedCommit,
    found_psks,
    next_state,
    provisional_context,
    provisional_epoch,
)
from ttkem.mls.group.path_validation import merged_tree
from ttkem.mls.group.proposal_validation import resolve, validated_effects
from ttkem.mls.keys import key_schedule
from ttkem.mls.messages.content import CommitAuth, MemberSender
from ttkem.mls.tree.treekem import kept_secrets, open_path
from ttkem.wire import encode

if TYPE_CHECKING:
    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.policy import Configuration, Moment
    from ttkem.mls.group.state import GroupState, Received
    from ttkem.mls.keys.message_protection import Framed
    from ttkem.mls.messages.content import Commit

__all__ = ["ReceivedCommit", "process_commit"]


@dataclass(frozen=True, slots=True)
class ReceivedCommit:
    """A processed commit; ``state`` is None if the commit removes the receiver."""

    state: GroupState | None
    committer: int
    """The committer's leaf number; for an external commit, its new leaf."""
    proposals: tuple[Received, ...]
    added: tuple[int, ...]
    removed: tuple[int, ...]
    updated: tuple[int, ...]
    """The leaf numbers of the members whose Updates are committed."""
    authenticated_data: bytes


def process_commit(
    config: Configuration, state: GroupState, framed: Framed, commit: Commit, now: Moment
) -> ReceivedCommit:
    """Process a commit whose signature has been verified (section 12.4.2).

    Raise a RemoteError if the commit is invalid.
    """
    crypto, sender, policy = config.crypto, framed.content.sender, config.policy
    assert isinstance(framed.auth, CommitAuth)  # noqa: S101 - a commit has this auth data
    author = sender.leaf_index if isinstance(sender, MemberSender) else None
    proposals = resolve(state.proposals, commit, sender)
    effects = validated_effects(config, state.context, state.tree, proposals, author, now)
    if effects.path_required and commit.path is None:
        raise InvalidMessageError("the commit has no path, but its proposals require one")
    committer = effects.committer(author)
    aad = framed.content.authenticated_data
    if state.leaf in effects.removed:
        return _received(None, committer, proposals, effects, aad)
    psks = found_psks(effects.psks, policy.psks, state)
    private, signature = _own_update(state, effects)
    private = kept_secrets(effects.tree, state.leaf, private)
    if policy.tree is not None and author is not None:
        healed, private = policy.tree.follow(
            crypto,
            state.tree,
            effects,
            author,
            proposals,
            state.leaf,
            private,
            encode(state.context),
        )
        effects = replace(effects, tree=healed)
    tree = merged_tree(config, state.context.group_id, state.tree, effects, commit.path, author)
    commit_secret = None
    if commit.path is not None:
        context = provisional_context(state.context, effects, tree.hash)
        opened = open_path(
            crypto,
            tree,
            committer,
            commit.path,
            state.leaf,
            private,
            encode(context),
            effects.added,
        )
        private, commit_secret = opened.secrets, opened.commit_secret
    epoch = provisional_epoch(
        config,
        state.context,
        state.interim_transcript_hash,
        effects,
        tree,
        SignedCommit(framed.wire_format, framed.encoded, framed.auth.signature),
        KeyInputs(_init_secret(config, state, effects), commit_secret, psks),
    )
    if not compare_digest(epoch.confirmation_tag, framed.auth.confirmation_tag):
        raise MacError("the confirmation tag of the commit does not match the new epoch")
    after = next_state(config, state, epoch, tree, private, signature, effects.reinit)
    return _received(after, committer, proposals, effects, aad)


def _received(
    state: GroupState | None,
    committer: int,
    proposals: tuple[Received, ...],
    effects: Effects,
    authenticated_data: bytes,
) -> ReceivedCommit:
    return ReceivedCommit(
        state,
        committer,
        proposals,
        effects.added,
        effects.removed,
        tuple(effects.updated),
        authenticated_data,
    )


def _init_secret(config: Configuration, state: GroupState, effects: Effects) -> bytes:
    """Return the init secret for the key schedule: for an external commit, section 8.3's."""
    if effects.external_init is None:
        return state.secrets.init_secret
    return key_schedule.receive_external_init(
        config.crypto, state.secrets.external_secret, effects.external_init
    )


def _own_update(state: GroupState, effects: Effects) -> tuple[HashTrieMap[int, bytes], KeyPair]:
    """Return the receiver's secret keys and signature key; new ones if its Update is committed."""
    leaf = effects.updated.get(state.leaf)
    if leaf is None:
        return state.private, state.signature
    update = state.updates.get(leaf.encryption_key)
    if update is None:
        raise InvalidMessageError(
            "the commit contains an Update of this member, whose secrets are unknown"
        )
    return state.private.insert(2 * state.leaf, update.encryption_secret), update.signature
