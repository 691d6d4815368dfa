"""Validation of loaded states: every saved secret is of the suite, and belongs to its public key.

Files are hostile. A secret of another length, a key pair whose halves do not belong together, or a
secret tree with a gap would make a later call fail, or worse, succeed with another key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.crypto import KeyPair
from ttkem.errors import InvalidMessageError
from ttkem.mls.keys.secret_tree import RatchetKind
from ttkem.tree.math import is_leaf, level
from ttkem.wire.limits import LAST_SAVED_EPOCH, check_epoch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState, PastEpoch
    from ttkem.mls.group.welcomes import OwnKeyPackage
    from ttkem.mls.keys.secret_tree import SecretTree

__all__ = ["check_own_package", "check_state"]


def check_own_package(config: Configuration, own: OwnKeyPackage) -> None:
    """Check that the secrets of a saved key package are those of its public keys."""
    leaf = own.package.leaf_node
    config.suite.check_key_pair(KeyPair(own.package.init_key, own.init_secret))
    config.suite.check_key_pair(KeyPair(leaf.encryption_key, own.leaf_secret))
    _check_signature(config, own.signature, leaf.signature_key)


def check_state(config: Configuration, state: GroupState) -> None:
    """Check a loaded state; raise a RemoteError if no member can have it."""
    suite = config.suite
    check_epoch(state.context.epoch, LAST_SAVED_EPOCH)
    own = state.tree.leaf(state.leaf)
    if own is None:
        raise InvalidMessageError("its own leaf is not in its tree")
    _check_signature(config, state.signature, own.signature_key)
    _check_private(config, state)
    kept = (getattr(state.secrets, name) for name in state.secrets.__slots__[:-1])
    secrets = (
        *kept,
        *(secret for _, secret in state.secrets.additions),
        *(secret for _, secret in state.resumption.items()),
        *state.proposals,
        state.interim_transcript_hash,
        state.confirmation_tag,
        # A group that has not seen a commit has no confirmed transcript hash yet (section 11).
        *((state.context.confirmed_transcript_hash,) if state.context.epoch else ()),
    )
    for secret in secrets:
        suite.check_secret(secret)
    if state.resumption.get(state.context.epoch) != state.secrets.resumption_psk:
        raise InvalidMessageError("the resumption PSK of its epoch is not kept with the others")
    for key, update in state.updates.items():
        suite.check_key_pair(KeyPair(key, update.encryption_secret))
        suite.check_signature_key_pair(update.signature)
    _check_secret_tree(config, state.secret_tree, state.tree.capacity)
    _check_past(config, state)


def _check_past(config: Configuration, state: GroupState) -> None:
    """Check that the past epochs are earlier ones of this group, latest first."""
    later: GroupState | PastEpoch = state
    for past in state.past:
        if (
            past.context.group_id != state.context.group_id
            or past.context.epoch >= later.context.epoch
        ):
            raise InvalidMessageError("a past epoch is not an earlier one of the group")
        config.suite.check_secret(past.sender_data_secret)
        _check_secret_tree(config, past.secret_tree, past.tree.capacity)
        later = past


def _check_signature(config: Configuration, signature: KeyPair, public: bytes) -> None:
    if signature.public != public:
        raise InvalidMessageError("its signature key is not that of its own leaf node")
    config.suite.check_signature_key_pair(signature)


def _check_private(config: Configuration, state: GroupState) -> None:
    """Check that the member has the secret keys of its leaf and its direct path, and no others.

    It has none of a node at which it is unmerged (section 7.1).
    """
    tree, leaf = state.tree, state.leaf
    keys = tree.public_keys((2 * leaf, *tree.direct_path(leaf)))
    for index in tree.direct_path(leaf):
        parent = tree.parent(index)
        if parent is not None and leaf in parent.unmerged_leaves:
            del keys[index]
    if {index for index, _ in state.private.items()} != keys.keys():
        raise InvalidMessageError("its secret keys are not those of its leaf and its direct path")
    for index, secret in state.private.items():
        config.suite.check_key_pair(KeyPair(keys[index], secret))


def _check_secret_tree(config: Configuration, tree: SecretTree, capacity: int) -> None:
    """Check that every leaf of a secret tree has its ratchets, or exactly one secret above it."""
    suite = config.suite
    lengths = {"secrets": suite.hash_length, "keys": suite.key_length, "nonces": suite.nonce_length}

    def check(what: str, values: Iterable[bytes]) -> None:
        if any(len(value) != lengths[what] for value in values):
            raise InvalidMessageError(f"the {what} of its secret tree have another length")

    check("secrets", (secret for _, secret in tree.nodes.items()))
    for ratchet in tree.ratchets.values():
        check("secrets", (ratchet.secret,))
        check("keys", (key.key for key in ratchet.skipped.values()))
        check("nonces", (key.nonce for key in ratchet.skipped.values()))
        if any(generation >= ratchet.generation for generation in ratchet.skipped):
            raise InvalidMessageError("a ratchet keeps the key of a generation still to come")
    with_ratchets = {leaf for leaf, _ in tree.ratchets}
    complete = all((leaf, kind) in tree.ratchets for leaf in with_ratchets for kind in RatchetKind)
    covered = [(leaf, leaf + 1) for leaf in with_ratchets]
    for index in tree.nodes:
        first = index // 2 if is_leaf(index) else (index + 1 - (1 << level(index))) // 2
        covered.append((first, first + (1 << level(index))))
    covered.sort()
    ends = [0, *(end for _, end in covered)]
    gapless = [first for first, _ in covered] == ends[:-1]
    if tree.capacity != capacity or not complete or not gapless or ends[-1] != capacity:
        raise InvalidMessageError("its secret tree does not cover the leaves of its tree once each")
