"""Rules on Welcomes, GroupInfos and their trees (sections 7.9.2, 11, 12.4.3.1, 12.4.3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import (
    DecodeError,
    DecryptionError,
    HistoryError,
    InvalidMessageError,
    KeyFormatError,
    MacError,
    MissingPskError,
    SignatureError,
)
from ttkem.mls.messages.codepoints import ExtensionType, PskUsage
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.extensions import Extension, find_extension
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.messages.welcome import PathSecret
from ttkem.mls.tree.ratchet_tree import TreeLeaf
from ttkem.testing.mls.illegal.lab import PSK, WelcomeEdits
from ttkem.testing.mls.illegal.rule import Forged, Rule, rule, welcomed
from ttkem.wire import encode, opaque_v

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttkem.mls.messages.nodes import ParentNode
    from ttkem.mls.messages.welcome import GroupInfo
    from ttkem.mls.tree.ratchet_tree import RatchetTree
    from ttkem.testing.mls.illegal.lab import Lab

__all__ = ["RULES"]

RULES: list[Rule] = []


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "expected a Welcome, got a KeyPackage",
    "A key package where a welcome belongs",
)
def _not_a_welcome(lab: Lab) -> Forged:
    return welcomed(write_message(lab.eve.package))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "for cipher suite 3",
    "A welcome for another cipher suite than the key package's",
)
def _welcome_suite(lab: Lab) -> Forged:
    edits = WelcomeEdits(welcome=lambda welcome: replace(welcome, cipher_suite=3))
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    DecryptionError,
    "for other key packages",
    "A welcome for another key package",
)
def _welcome_for_others(lab: Lab) -> Forged:
    edits = WelcomeEdits(
        welcome=lambda welcome: replace(
            welcome, secrets=(replace(welcome.secrets[0], new_member=bytes(32)),)
        )
    )
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    DecryptionError,
    "does not open",
    "A welcome whose group secrets were encrypted beside another group info",
)
def _welcome_group_info_swapped(lab: Lab) -> Forged:
    edits = WelcomeEdits(
        welcome=lambda w: replace(w, encrypted_group_info=w.encrypted_group_info + b"\0")
    )
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    DecryptionError,
    "does not open",
    "A joiner secret that does not open the group info",
)
def _welcome_joiner_secret(lab: Lab) -> Forged:
    edits = WelcomeEdits(secrets=lambda secrets: replace(secrets, joiner_secret=bytes(32)))
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    MissingPskError,
    "unknown pre-shared key",
    "A pre-shared key that the new member does not have",
)
def _welcome_psk(lab: Lab) -> Forged:
    name = PreSharedKeyID(ExternalPsk(b"unheard of"), bytes(32))
    return welcomed(lab.welcome_eve(WelcomeEdits(psks=((name, b"secret"),))))


def _with_psks(lab: Lab, *names: PreSharedKeyID) -> Forged:
    psks = tuple((name, b"known to all") for name in names)
    return welcomed(lab.welcome_eve(WelcomeEdits(psks=psks)))


@rule(RULES, "12.2", InvalidMessageError, "one PSK twice", "A welcome with one PSK twice")
def _welcome_psk_twice(lab: Lab) -> Forged:
    name = PreSharedKeyID(PSK, bytes(32))
    return _with_psks(lab, name, name)


@rule(RULES, "8.4", InvalidMessageError, "nonce has 1 bytes", "A welcome with a short PSK nonce")
def _welcome_psk_nonce(lab: Lab) -> Forged:
    return _with_psks(lab, PreSharedKeyID(PSK, bytes(1)))


# The group info


@rule(
    RULES,
    "12.4.3.1",
    SignatureError,
    "not valid for this key",
    "A group info that its signer did not sign",
)
def _group_info_signature(lab: Lab) -> Forged:
    return welcomed(lab.welcome_eve(WelcomeEdits(signature=lambda _: bytes(64))))


def _info(lab: Lab, change: Callable[[GroupInfo], GroupInfo]) -> Forged:
    return welcomed(lab.welcome_eve(WelcomeEdits(info=change)))


@rule(
    RULES, "12.4.3.1", InvalidMessageError, "which is blank", "A group info signed by a blank leaf"
)
def _group_info_signer(lab: Lab) -> Forged:
    return _info(lab, lambda info: replace(info, signer=7))


@rule(
    RULES,
    "12.4.3.1",
    MacError,
    "confirmation tag of the GroupInfo",
    "A group info with a wrong confirmation tag",
)
def _group_info_tag(lab: Lab) -> Forged:
    return _info(lab, lambda info: replace(info, confirmation_tag=bytes(32)))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "two extensions of one type",
    "A group info with an extension twice",
)
def _group_info_extensions(lab: Lab) -> Forged:
    return _info(lab, lambda info: replace(info, extensions=info.extensions * 2))


def _external_pub(lab: Lab, data: bytes) -> Forged:
    extra = Extension(ExtensionType.EXTERNAL_PUB, data)
    return _info(lab, lambda info: replace(info, extensions=(*info.extensions, extra)))


@rule(RULES, "12.4.3.2", DecodeError, "external_pub is malformed", "A malformed external_pub")
def _external_pub_malformed(lab: Lab) -> Forged:
    return _external_pub(lab, b"junk")


@rule(RULES, "12.4.3.2", KeyFormatError, "low order", "An external_pub that is no public key")
def _external_pub_key(lab: Lab) -> Forged:
    return _external_pub(lab, b"\x20" + bytes(32))


@rule(
    RULES,
    "12.4.3.3",
    InvalidMessageError,
    "the GroupInfo has no tree",
    "A group info without the tree, which is not sent separately either",
)
def _group_info_tree_missing(lab: Lab) -> Forged:
    return _info(lab, lambda info: replace(info, extensions=()))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "not that of the group context",
    "A tree with another hash than the group context says",
)
def _group_info_tree_hash(lab: Lab) -> Forged:
    edits = WelcomeEdits(context=lambda context: replace(context, tree_hash=bytes(32)))
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "the group has cipher suite 3",
    "A group context with another cipher suite than the welcome's",
)
def _group_context_suite(lab: Lab) -> Forged:
    edits = WelcomeEdits(context=lambda context: replace(context, cipher_suite=3))
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "13.4",
    InvalidMessageError,
    "support a group context extension",
    "A group context extension that the new member does not support",
)
def _group_context_extension(lab: Lab) -> Forged:
    odd = (Extension(0xF111, b""),)
    edits = WelcomeEdits(context=lambda context: replace(context, extensions=odd))
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "does not give its public key",
    "A path secret that does not give the public key of its node",
)
def _welcome_path_secret(lab: Lab) -> Forged:
    edits = WelcomeEdits(
        secrets=lambda secrets: replace(secrets, path_secret=PathSecret(bytes(32)))
    )
    return welcomed(lab.welcome_eve(edits))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "signed by its own receiver",
    "A group info signed by the new member itself, with a path secret",
)
def _group_info_of_reader(lab: Lab) -> Forged:
    edits = WelcomeEdits(
        info=lambda info: replace(info, signer=4),
        signer=lambda _: lab.clients["eve"].signature.secret,
    )
    return welcomed(lab.welcome_eve(edits))


# The tree


def _tree(lab: Lab, change: Callable[[RatchetTree], RatchetTree]) -> Forged:
    return welcomed(lab.welcome_eve(WelcomeEdits(tree=change)))


def _root(tree: RatchetTree, change: Callable[[ParentNode], ParentNode]) -> RatchetTree:
    root = tree.parent(tree.nodes.root)
    assert root is not None  # noqa: S101 - Ann's path has just set it
    return tree.changed({}, {tree.nodes.root: change(root)})


@rule(
    RULES,
    "7.9.2",
    InvalidMessageError,
    "node 5 is not parent-hash valid",
    "A tree that lacks a member below a node whose key it has, without a Remove",
)
def _tree_member_missing(lab: Lab) -> Forged:
    return _tree(lab, lambda tree: tree.changed({2: None}, {3: None, 7: None}))


@rule(
    RULES,
    "7.9.2",
    InvalidMessageError,
    "node 7 is not parent-hash valid",
    "A tree with a key at the root that no member put there",
)
def _tree_key(lab: Lab) -> Forged:
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, encryption_key=key)))


@rule(
    RULES,
    "7.9.2",
    InvalidMessageError,
    "node 7 is not parent-hash valid",
    "A tree whose root has a parent hash",
)
def _tree_parent_hash(lab: Lab) -> Forged:
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, parent_hash=bytes(32))))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "lists leaf 6, which is blank or not below it",
    "An unmerged leaf that is blank",
)
def _tree_unmerged_nobody(lab: Lab) -> Forged:
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, unmerged_leaves=(6,))))


@rule(RULES, "7.1", InvalidMessageError, "are not in order", "Unmerged leaves out of order")
def _tree_unmerged_order(lab: Lab) -> Forged:
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, unmerged_leaves=(2, 1))))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "leaf 1 is unmerged at 7 but not at",
    "A leaf that is unmerged at the root but not at a node between",
)
def _tree_unmerged_gap(lab: Lab) -> Forged:
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, unmerged_leaves=(1,))))


@rule(
    RULES,
    "7.3",
    SignatureError,
    "not valid for this key",
    "A tree with a leaf node that its owner did not sign",
)
def _tree_leaf_signature(lab: Lab) -> Forged:
    def unsigned(tree: RatchetTree) -> RatchetTree:
        leaf = tree.leaf(0)
        assert leaf is not None  # noqa: S101 - it is Ann's
        return tree.changed({0: TreeLeaf.of(replace(leaf, signature=bytes(64)))}, {})

    return welcomed(lab.welcome_eve(WelcomeEdits(tree=unsigned)))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "lacks this member's leaf node",
    "A tree without the new member",
)
def _tree_without_reader(lab: Lab) -> Forged:
    return _tree(lab, lambda tree: tree.changed({4: None}, {7: None}))


def _tree_bytes(lab: Lab, change: Callable[[bytes], bytes]) -> Forged:
    def info(info: GroupInfo) -> GroupInfo:
        data = find_extension(info.extensions, ExtensionType.RATCHET_TREE)
        assert data is not None  # noqa: S101 - the lab puts it in
        content = data[2:]  # behind a length of two bytes
        out: list[bytes] = []
        opaque_v.write(change(content), out)
        extension = Extension(ExtensionType.RATCHET_TREE, b"".join(out))
        return replace(info, extensions=(extension,))

    return _info(lab, info)


@rule(RULES, "12.4.3.3", DecodeError, "ends in a blank node", "A tree that ends in a blank node")
def _tree_trailing_blank(lab: Lab) -> Forged:
    return _tree_bytes(lab, lambda content: content + b"\0")


@rule(
    RULES,
    "12.4.3.3",
    DecodeError,
    "node 0 of the ratchet tree must not be a ParentNode",
    "A tree with a parent node where a leaf belongs",
)
def _tree_node_type(lab: Lab) -> Forged:
    root = lab.ann.state.tree.parent(3)
    return _tree_bytes(lab, lambda content: b"\x01\x02" + encode(root) + content)


@rule(RULES, "12.4.3.3", DecodeError, "beyond its last leaf", "A tree that ends in a parent node")
def _tree_ends_in_parent(lab: Lab) -> Forged:
    root = b"\x01\x02" + encode(lab.ann.state.tree.parent(3))
    return _tree_bytes(lab, lambda content: content + root)


@rule(
    RULES,
    "4.1.1",
    InvalidMessageError,
    "no leaf is below it",
    "A parent node without a leaf below it",
)
def _tree_keys_for_nobody(lab: Lab) -> Forged:
    root = b"\x01\x02" + encode(lab.ann.state.tree.parent(3))
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    leaf = lab.signed_leaf(replace(lab.eve.package.leaf_node, encryption_key=key))
    far = b"\x01\x01" + encode(replace(leaf, signature_key=b"other"))
    return _tree_bytes(lab, lambda content: content + b"\0\0\0\0" + root + b"\0" * 2 + far)


@rule(
    RULES,
    "7.3",
    InvalidMessageError,
    "have the same encryption key",
    "A tree with one member at two leaves",
)
def _tree_member_twice(lab: Lab) -> Forged:
    eve = b"\x01\x01" + encode(lab.eve.package.leaf_node)
    return _tree_bytes(lab, lambda content: content + b"\0" + eve)


# Successors and branches


def _linked(lab: Lab, *psks: ResumptionPsk) -> Forged:
    names = tuple((PreSharedKeyID(psk, bytes(32)), b"known to all") for psk in psks)
    return welcomed(lab.welcome_eve(WelcomeEdits(psks=names)))


@rule(
    RULES,
    "12.4.3.1",
    InvalidMessageError,
    "links the group to two others",
    "A welcome to a branch of two groups",
)
def _two_links(lab: Lab) -> Forged:
    return _linked(
        lab,
        ResumptionPsk(PskUsage.BRANCH, b"old", 1),
        ResumptionPsk(PskUsage.BRANCH, b"old", 2),
    )


@rule(
    RULES,
    "11.3",
    HistoryError,
    "linked to one that this member is not in",
    "A branch of a group that the new member is not in",
)
def _foreign_branch(lab: Lab) -> Forged:
    return _linked(lab, ResumptionPsk(PskUsage.BRANCH, b"old", 1))


@rule(
    RULES,
    "11.2",
    HistoryError,
    "linked to one that this member is not in",
    "A successor of a group that the new member is not in",
)
def _foreign_successor(lab: Lab) -> Forged:
    return _linked(lab, ResumptionPsk(PskUsage.REINIT, b"old", 1))
