"""Creating and processing Welcomes and GroupInfos (sections 12.4.3 and 12.4.3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.errors import DecryptionError, InvalidMessageError, MacError
from ttkem.mls.group.epochs import found_psks, fresh_state
from ttkem.mls.group.linked_groups import check_link, link_of
from ttkem.mls.group.proposal_validation import check_psk
from ttkem.mls.group.validation import check_extensions, check_group, check_tree, local_errors
from ttkem.mls.keys import key_schedule
from ttkem.mls.keys.epoch import epoch_from_joiner
from ttkem.mls.keys.psk import psk_secret
from ttkem.mls.messages.codepoints import ExtensionType
from ttkem.mls.messages.content import HPKECiphertext
from ttkem.mls.messages.extensions import Extension, ExternalPub, find_extension
from ttkem.mls.messages.key_package import key_package_ref
from ttkem.mls.messages.welcome import (
    EncryptedGroupSecrets,
    GroupInfo,
    GroupSecrets,
    PathSecret,
    Welcome,
    sign_group_info,
    verify_group_info,
)
from ttkem.mls.tree.ratchet_tree import ratchet_tree_extension, read_ratchet_tree
from ttkem.mls.tree.treekem import follow_secrets
from ttkem.tree.math import spans
from ttkem.wire import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.crypto import KeyPair, Labelled, Randomness
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.keys.epoch import Epoch
    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.psk_ids import PreSharedKeyID
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["OwnKeyPackage", "group_info", "join", "make_welcome", "read_group_info_tree"]


@dataclass(frozen=True, slots=True)
class OwnKeyPackage:
    """A key package with its owner's secrets."""

    package: KeyPackage
    init_secret: bytes
    leaf_secret: bytes
    signature: KeyPair


def group_info(
    config: Configuration,
    state: GroupState,
    *,
    with_tree: bool = True,
    external: bool = False,
    extensions: Sequence[Extension] = (),
) -> GroupInfo:
    """Return a signed GroupInfo of this epoch (section 12.4.3).

    With ``external``, it contains ``external_pub``, for external commits.
    """
    found = list(extensions)
    if with_tree:
        found.append(ratchet_tree_extension(state.tree))
    if external:
        pair = key_schedule.external_key_pair(config.crypto, state.secrets.external_secret)
        found.append(Extension(ExtensionType.EXTERNAL_PUB, encode(ExternalPub(pair.public))))
    with local_errors("cannot make a GroupInfo"):
        _check_info_extensions(config, found)
    info = GroupInfo(state.context, tuple(found), state.confirmation_tag, state.leaf, b"")
    return sign_group_info(config.crypto, info, state.signature.secret)


def make_welcome(
    config: Configuration,
    info: GroupInfo,
    epoch: Epoch,
    psks: tuple[PreSharedKeyID, ...],
    joiners: Sequence[tuple[int, KeyPackage]],
    path_secrets: Mapping[int, bytes],
    randomness: Randomness,
) -> Welcome:
    """Return one Welcome for all new members (section 12.4.3.1).

    ``joiners`` are their leaf numbers and key packages; ``path_secrets`` are those of the commit's
    path by array index, lowest first.
    """
    crypto = config.crypto
    key, nonce = key_schedule.welcome_key(crypto, epoch.joiner_secret, epoch.psk_secret)
    sealed = config.suite.aead_seal(key, nonce, b"", encode(info))
    plaintexts = []
    for leaf, package in joiners:
        # The first node of the committer's path above the leaf is their lowest common ancestor.
        shared = next((path_secrets[n] for n in path_secrets if spans(n, 2 * leaf)), None)
        path_secret = None if shared is None else PathSecret(shared)
        plain = encode(GroupSecrets(epoch.joiner_secret, path_secret, psks))
        plaintexts.append((package.init_key, plain))
    ciphertexts = HPKECiphertext.seal_each(crypto, plaintexts, b"Welcome", sealed, randomness)
    secrets = tuple(
        EncryptedGroupSecrets(key_package_ref(crypto, package), ciphertext)
        for (_, package), ciphertext in zip(joiners, ciphertexts, strict=True)
    )
    return Welcome(config.suite.number, secrets, sealed)


def join(
    config: Configuration,
    welcome: Welcome,
    own: OwnKeyPackage,
    tree_data: bytes | None,
    predecessor: GroupState | None = None,
) -> tuple[GroupState, int]:
    """Return the new member's state and the leaf that signed the GroupInfo (section 12.4.3.1).

    ``tree_data`` is the ratchet tree if the Welcome does not carry it; ``predecessor`` is this
    client's last state of the group that this one succeeds or branches off.
    """
    crypto = config.crypto
    if welcome.cipher_suite != config.suite.number:
        raise InvalidMessageError(f"the Welcome is for cipher suite {welcome.cipher_suite}")
    secrets = _group_secrets(crypto, welcome, own)
    _check_psks(config, secrets.psks)
    keys = found_psks(secrets.psks, config.policy.psks, predecessor)
    link = link_of(secrets.psks)
    joiner = secrets.joiner_secret
    key, nonce = key_schedule.welcome_key(crypto, joiner, psk_secret(crypto, keys))
    opened = config.suite.aead_open(key, nonce, b"", welcome.encrypted_group_info)
    info = decode(GroupInfo, opened)
    tree = read_group_info_tree(config, info, tree_data)
    context = info.group_context
    leaf = tree.signature_keys.get(own.signature.public)
    if leaf is None or tree.leaf(leaf) != own.package.leaf_node:
        raise InvalidMessageError("the tree lacks this member's leaf node")
    private: HashTrieMap[int, bytes] = HashTrieMap({2 * leaf: own.leaf_secret})
    if secrets.path_secret is not None:
        if leaf == info.signer:
            raise InvalidMessageError("the GroupInfo is signed by its own receiver")
        shared = next(n for n in tree.direct_path(leaf) if spans(n, 2 * info.signer))
        private, _ = follow_secrets(
            crypto, tree, info.signer, shared, secrets.path_secret.path_secret, private
        )
    epoch = epoch_from_joiner(crypto, config.policy.schedule, context, joiner, keys)
    if not compare_digest(epoch.confirmation_tag, info.confirmation_tag):
        raise MacError("the confirmation tag of the GroupInfo does not match the epoch")
    if link is not None:
        check_link(config, link, context, tree, predecessor)
    return fresh_state(config, epoch, tree, leaf, own.signature, private), info.signer


def _check_psks(config: Configuration, psks: Sequence[PreSharedKeyID]) -> None:
    """Check the PSKs of a Welcome, which are those of a valid commit (sections 8.4 and 12.2)."""
    if len(set(psks)) != len(psks):
        raise InvalidMessageError("the Welcome contains one PSK twice")
    for psk in psks:
        check_psk(config, psk, linking=True)


def _group_secrets(crypto: Labelled, welcome: Welcome, own: OwnKeyPackage) -> GroupSecrets:
    reference = key_package_ref(crypto, own.package)
    for entry in welcome.secrets:
        if entry.new_member == reference:
            opened = entry.encrypted_group_secrets.open(
                crypto, own.init_secret, b"Welcome", welcome.encrypted_group_info
            )
            return decode(GroupSecrets, opened)
    raise DecryptionError("the Welcome is for other key packages")


def _check_info_extensions(config: Configuration, extensions: Sequence[Extension]) -> None:
    """Check the extensions of a GroupInfo, and the key in ``external_pub`` (section 12.4.3.2)."""
    check_extensions(extensions)
    data = find_extension(extensions, ExtensionType.EXTERNAL_PUB)
    if data is not None:
        config.suite.check_public_key(decode(ExternalPub, data).external_pub)


def read_group_info_tree(
    config: Configuration, info: GroupInfo, tree_data: bytes | None
) -> RatchetTree:
    """Verify a GroupInfo and return its ratchet tree (sections 12.4.3.1 and 12.4.3.3).

    ``tree_data`` is the tree if the GroupInfo does not carry it.
    """
    context = info.group_context
    if context.cipher_suite != config.suite.number:
        raise InvalidMessageError(f"the group has cipher suite {context.cipher_suite}")
    _check_info_extensions(config, info.extensions)
    data = find_extension(info.extensions, ExtensionType.RATCHET_TREE)
    data = tree_data if data is None else data
    if data is None:
        raise InvalidMessageError("the GroupInfo has no tree: pass it separately")
    tree = read_ratchet_tree(config.suite, data)
    signer = tree.leaf(info.signer)
    if signer is None:
        raise InvalidMessageError(f"the GroupInfo is signed by leaf {info.signer}, which is blank")
    verify_group_info(config.crypto, info, signer.signature_key)
    if tree.hash != context.tree_hash:
        raise InvalidMessageError("the tree hash is not that of the group context")
    check_tree(config, tree, context.group_id)
    check_group(config, tree, context.extensions)
    return tree
