"""From one epoch to the next, for author and receiver alike (sections 8, 11 and 12.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.crypto.randomness import draw
from ttkem.errors import InvalidMessageError
from ttkem.mls import key_schedule
from ttkem.mls.codepoints import MLS10, ProtocolVersion
from ttkem.mls.group_context import GroupContext
from ttkem.mls.psk import ResumptionPsk, psk_secret
from ttkem.mls.ratchet_tree import RatchetTree, TreeLeaf
from ttkem.mls.secret_tree import SecretTree
from ttkem.mls.state import GroupState, PastEpoch
from ttkem.mls.transcript import interim_transcript_hash
from ttkem.mls.validation import check_group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.extensions import Extension
    from ttkem.mls.leaf_node import LeafNode
    from ttkem.mls.proposals import ReInit
    from ttkem.mls.psk import ExternalPsk, PreSharedKeyID
    from ttkem.mls.rules import PskStore, Rules

__all__ = ["Epoch", "first_epoch", "found_psks", "join_epoch", "next_state", "start_epoch"]


@dataclass(frozen=True, slots=True)
class Epoch:
    """The secrets that start an epoch."""

    context: GroupContext
    joiner_secret: bytes
    psk_secret: bytes
    secrets: key_schedule.EpochSecrets
    confirmation_tag: bytes


def found_psks(
    names: Sequence[PreSharedKeyID], store: PskStore, state: GroupState | None = None
) -> list[tuple[PreSharedKeyID, bytes]]:
    """The pre-shared keys by these names: the group's own, and those of the store."""
    found = []
    for name in names:
        psk = _own_psk(name.psk, state)
        if psk is None:
            psk = store(name.psk)
        if psk is None:
            raise InvalidMessageError(f"an unknown pre-shared key: {name.psk}")
        found.append((name, psk))
    return found


def _own_psk(psk: ExternalPsk | ResumptionPsk, state: GroupState | None) -> bytes | None:
    if not isinstance(psk, ResumptionPsk) or state is None:
        return None
    return (
        state.resumption.get(psk.psk_epoch) if psk.psk_group_id == state.context.group_id else None
    )


def join_epoch(
    rules: Rules,
    context: GroupContext,
    joiner: bytes,
    psks: Sequence[tuple[PreSharedKeyID, bytes]],
) -> Epoch:
    """The epoch that a joiner secret starts (section 8)."""
    crypto = rules.crypto
    psk = psk_secret(crypto, psks)
    secrets = rules.schedule(crypto, key_schedule.epoch_secret(crypto, joiner, psk, context))
    tag = key_schedule.confirmation_tag(
        crypto, secrets.confirmation_key, context.confirmed_transcript_hash
    )
    return Epoch(context, joiner, psk, secrets, tag)


def start_epoch(
    rules: Rules,
    context: GroupContext,
    init_secret: bytes,
    commit_secret: bytes,
    psks: Sequence[tuple[PreSharedKeyID, bytes]],
) -> Epoch:
    """The epoch that a commit starts (section 8)."""
    joiner = key_schedule.joiner_secret(rules.crypto, init_secret, commit_secret, context)
    return join_epoch(rules, context, joiner, psks)


def fresh_state(
    rules: Rules,
    epoch: Epoch,
    tree: RatchetTree,
    leaf: int,
    signature: KeyPair,
    private: HashTrieMap[int, bytes],
) -> GroupState:
    """The state of a member whose first epoch this is."""
    context, kept = epoch.context, epoch.secrets.kept
    return GroupState(
        context=context,
        tree=tree,
        leaf=leaf,
        signature=signature,
        private=private,
        secrets=kept,
        secret_tree=SecretTree.of(epoch.secrets.encryption_secret, tree.capacity),
        interim_transcript_hash=interim_transcript_hash(
            rules.crypto, context.confirmed_transcript_hash, epoch.confirmation_tag
        ),
        confirmation_tag=epoch.confirmation_tag,
        proposals=HashTrieMap({}),
        updates=HashTrieMap({}),
        past=(),
        resumption=HashTrieMap({context.epoch: kept.resumption_psk}),
    )


def next_state(
    rules: Rules,
    state: GroupState,
    epoch: Epoch,
    tree: RatchetTree,
    private: HashTrieMap[int, bytes],
    signature: KeyPair,
    reinit: ReInit | None,
) -> GroupState:
    """The state of a member after a commit.

    What the old epoch leaves is enough for late application messages, for as many epochs as the
    rules say.
    """
    fresh = fresh_state(rules, epoch, tree, state.leaf, signature, private)
    old = PastEpoch(state.context, state.tree, state.secrets.sender_data_secret, state.secret_tree)
    number, psk = epoch.context.epoch, epoch.secrets.kept.resumption_psk
    resumption = state.resumption.insert(number, psk)
    resumption = resumption.discard(number - rules.resumption_epochs)
    return replace(
        fresh,
        past=(old, *state.past)[: rules.past_epochs],
        resumption=resumption,
        reinit=reinit,
    )


def first_epoch(
    rules: Rules,
    group_id: bytes,
    leaf: LeafNode,
    leaf_secret: bytes,
    signature: KeyPair,
    extensions: tuple[Extension, ...],
    randomness: Randomness,
) -> GroupState:
    """A group of one member (section 11)."""
    crypto = rules.crypto
    tree = RatchetTree.of(rules.suite, {0: TreeLeaf.of(leaf)})
    check_group(rules, tree, extensions)
    context = GroupContext(
        ProtocolVersion(MLS10), rules.suite.number, group_id, 0, tree.hash, b"", extensions
    )
    secrets = rules.schedule(crypto, draw(randomness, rules.suite.hash_length))
    tag = key_schedule.confirmation_tag(crypto, secrets.confirmation_key, b"")
    epoch = Epoch(context, b"", b"", secrets, tag)
    return fresh_state(rules, epoch, tree, 0, signature, HashTrieMap({0: leaf_secret}))
