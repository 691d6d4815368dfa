"""Starting an epoch, for committers and receivers alike (sections 8, 11 and 12.4).

Groups that succeed or branch off others (sections 11.2 and 11.3) are checked here too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.crypto.randomness import draw
from ttkem.errors import HistoryError, InvalidMessageError, MissingPskError
from ttkem.mls.group.state import GroupState, past_epochs
from ttkem.mls.group.validation import check_group
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.epoch import epoch_from_joiner, first_epoch
from ttkem.mls.keys.secret_tree import SecretTree
from ttkem.mls.keys.transcript import confirmed_transcript_hash, interim_transcript_hash
from ttkem.mls.messages.codepoints import MLS10, ProtocolVersion, PskUsage
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
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.proposals import ReInit
    from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID

__all__ = [
    "KeyInputs",
    "SignedCommit",
    "check_link",
    "found_psks",
    "fresh_state",
    "link_of",
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


def link_of(psks: Sequence[PreSharedKeyID]) -> ResumptionPsk | None:
    """Return the PSK that links a group to another one, or None (section 12.4.3.1).

    Raise an InvalidMessageError if there are two.
    """
    links = [
        name.psk
        for name in psks
        if isinstance(name.psk, ResumptionPsk) and name.psk.usage is not PskUsage.APPLICATION
    ]
    if len(links) > 1:
        raise InvalidMessageError("the Welcome links the group to two others")
    return links[0] if links else None


def check_link(
    config: Configuration,
    link: ResumptionPsk,
    context: GroupContext,
    tree: RatchetTree,
    predecessor: GroupState | None,
) -> None:
    """Check a new group against the group that it succeeds or branches off (sections 11.2, 11.3).

    ``link`` is the new group's PSK; ``predecessor`` is this client's last state of the old group.
    """
    if predecessor is None or predecessor.context.group_id != link.psk_group_id:
        raise HistoryError("the new group is linked to one that this member is not in")
    if context.epoch != 1:
        raise InvalidMessageError("a linked group must be joined in epoch 1")
    old, new = _credentials(predecessor.tree), _credentials(tree)
    same = config.policy.authentication.same_client
    if link.usage is PskUsage.BRANCH:
        if context.cipher_suite != predecessor.context.cipher_suite:
            raise InvalidMessageError("the branch has another cipher suite than its group")
        if context.group_id == predecessor.context.group_id:
            raise InvalidMessageError("the branch has the group id of its group")
        if not all(any(same(one, other) for other in old) for one in new):
            raise InvalidMessageError("the branch has a member who is not in its group")
        return
    reinit = predecessor.reinit
    if reinit is None or link.psk_epoch != predecessor.context.epoch:
        raise InvalidMessageError("the successor is linked to an epoch without a committed ReInit")
    announced = (reinit.group_id, reinit.version, reinit.cipher_suite, reinit.extensions)
    if announced != (context.group_id, context.version, context.cipher_suite, context.extensions):
        raise InvalidMessageError("the successor does not match the committed ReInit")
    if not all(any(same(one, other) for other in new) for one in old):
        raise InvalidMessageError("the successor lacks a member of the old group")


def _credentials(tree: RatchetTree) -> list[Credential]:
    return [leaf.node.credential for _, leaf in tree.leaves()]
