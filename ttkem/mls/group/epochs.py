"""Starting an epoch, for committers and receivers alike (sections 8, 11 and 12.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.crypto.randomness import draw
from ttkem.errors import MissingPskError
from ttkem.mls.group.state import GroupState, past_epochs
from ttkem.mls.group.validation import check_group
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.epoch import epoch_from_joiner, first_epoch
from ttkem.mls.keys.secret_tree import SecretTree
from ttkem.mls.keys.transcript import confirmed_transcript_hash, interim_transcript_hash
from ttkem.mls.messages.codepoints import MLS10, ProtocolVersion
from ttkem.mls.messages.group_context import GroupContext
from ttkem.mls.messages.psk_ids import ResumptionPsk
from ttkem.mls.tree.ratchet_tree import RatchetTree, TreeLeaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import KeyPair, Randomness
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.policy import Configuration, PskStore
    from ttkem.mls.keys.epoch import Epoch
    from ttkem.mls.messages.codepoints import WireFormat
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.proposals import ReInit
    from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID

__all__ = [
    "KeyInputs",
    "SignedCommit",
    "found_psks",
    "fresh_state",
    "new_group",
    "next_state",
    "provisional_context",
    "provisional_epoch",
]


@dataclass(frozen=True, slots=True)
class SignedCommit:
    """The parts of a commit that the confirmed transcript hash covers (section 8.2)."""

    wire_format: WireFormat
    encoded: bytes
    """The encoded ``FramedContent``."""
    signature: bytes


@dataclass(frozen=True, slots=True)
class KeyInputs:
    """The inputs of the key schedule at a commit (section 8)."""

    init_secret: bytes
    commit_secret: bytes | None
    """None for a commit without a path, whose commit secret is all zero."""
    psks: Sequence[tuple[PreSharedKeyID, bytes]]


def found_psks(
    names: Sequence[PreSharedKeyID], store: PskStore, state: GroupState | None = None
) -> list[tuple[PreSharedKeyID, bytes]]:
    """Return the pre-shared keys of these names, from the state's resumption PSKs and the store.

    Raise a MissingPskError if one is unknown.
    """
    found = []
    for name in names:
        psk = _own_psk(name.psk, state)
        if psk is None:
            psk = store(name.psk)
        if psk is None:
            raise MissingPskError(f"unknown pre-shared key {name.psk}", name.psk)
        found.append((name, psk))
    return found


def _own_psk(psk: ExternalPsk | ResumptionPsk, state: GroupState | None) -> bytes | None:
    if not isinstance(psk, ResumptionPsk) or state is None:
        return None
    return (
        state.resumption.get(psk.psk_epoch) if psk.psk_group_id == state.context.group_id else None
    )


def provisional_context(context: GroupContext, effects: Effects, tree_hash: bytes) -> GroupContext:
    """Return the provisional GroupContext of a commit (section 12.4.1).

    It has the epoch, tree hash and extensions of the new epoch, but the confirmed transcript hash
    of the old one. It is the context in which path secrets are encrypted.
    """
    return replace(
        context, epoch=context.epoch + 1, tree_hash=tree_hash, extensions=effects.extensions
    )


def provisional_epoch(
    config: Configuration,
    context: GroupContext,
    interim: bytes,
    effects: Effects,
    tree: RatchetTree,
    signed: SignedCommit,
    inputs: KeyInputs,
) -> Epoch:
    """Return the epoch that a commit starts, as its author and all who process it compute it.

    ``context`` and ``interim`` are the GroupContext and the interim transcript hash of the old
    epoch; ``tree`` is the provisional tree, with the path merged if there is one. A receiver must
    still compare the confirmation tag (section 12.4.2).
    """
    crypto = config.crypto
    confirmed = confirmed_transcript_hash(
        crypto, interim, signed.wire_format, signed.encoded, signed.signature
    )
    after = replace(
        provisional_context(context, effects, tree.hash), confirmed_transcript_hash=confirmed
    )
    commit_secret = inputs.commit_secret
    if commit_secret is None:
        commit_secret = bytes(config.suite.hash_length)
    joiner = key_schedule.joiner_secret(crypto, inputs.init_secret, commit_secret, after)
    return epoch_from_joiner(crypto, config.policy.schedule, after, joiner, inputs.psks)


def fresh_state(
    config: Configuration,
    epoch: Epoch,
    tree: RatchetTree,
    leaf: int,
    signature: KeyPair,
    private: HashTrieMap[int, bytes],
) -> GroupState:
    """Return the state of a member whose first epoch this is."""
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
            config.crypto, context.confirmed_transcript_hash, epoch.confirmation_tag
        ),
        confirmation_tag=epoch.confirmation_tag,
        proposals=MappingProxyType({}),
        updates=HashTrieMap({}),
        past=(),
        resumption=HashTrieMap({context.epoch: kept.resumption_psk}),
    )


def next_state(
    config: Configuration,
    state: GroupState,
    epoch: Epoch,
    tree: RatchetTree,
    private: HashTrieMap[int, bytes],
    signature: KeyPair,
    reinit: ReInit | None,
) -> GroupState:
    """Return the state of a member after a commit.

    It keeps what late application messages of past epochs need, within the limits.
    """
    fresh = fresh_state(config, epoch, tree, state.leaf, signature, private)
    number, psk = epoch.context.epoch, epoch.secrets.kept.resumption_psk
    resumption = state.resumption.insert(number, psk)
    resumption = resumption.discard(number - config.limits.resumption_epochs)
    return replace(
        fresh, past=past_epochs(state, config.limits), resumption=resumption, reinit=reinit
    )


def new_group(
    config: Configuration,
    group_id: bytes,
    leaf: LeafNode,
    leaf_secret: bytes,
    signature: KeyPair,
    extensions: tuple[Extension, ...],
    randomness: Randomness,
) -> GroupState:
    """Return the state of a group of one member (section 11)."""
    suite = config.suite
    tree = RatchetTree.of(suite, {0: TreeLeaf.of(leaf)})
    check_group(config, tree, extensions)
    context = GroupContext(
        ProtocolVersion(MLS10), suite.number, group_id, 0, tree.hash, b"", extensions
    )
    secret = draw(randomness, suite.hash_length)
    epoch = first_epoch(config.crypto, config.policy.schedule, context, secret)
    return fresh_state(config, epoch, tree, 0, signature, HashTrieMap({0: leaf_secret}))
