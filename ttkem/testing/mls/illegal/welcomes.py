"""Rules of welcomes, group infos and the trees in them (sections 7.9.2, 11, 12.4.3.1, 12.4.3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.errors import (
    DecodeError,
    DecryptionError,
    HistoryError,
    InvalidMessageError,
    MacError,
    SignatureError,
)
from ttkem.mls.messages.codepoints import ExtensionType, PskUsage
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.messages.extensions import Extension, find_extension
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.messages.welcome import PathSecret
from ttkem.mls.tree.ratchet_tree import TreeLeaf
from ttkem.testing.mls.illegal.lab import WelcomeEdits
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


@rule(RULES, "12.4.3.1", InvalidMessageError, "KeyPackage is no welcome")
def _not_a_welcome(lab: Lab) -> Forged:
    """A key package where a welcome belongs."""
    return welcomed(write_message(lab.eve.package))


@rule(RULES, "12.4.3.1", InvalidMessageError, "a welcome for cipher suite 3")
def _welcome_suite(lab: Lab) -> Forged:
    """A welcome for another cipher suite than the key package's."""
    edits = WelcomeEdits(welcome=lambda welcome: replace(welcome, cipher_suite=3))
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", DecryptionError, "a welcome for other key packages")
def _welcome_for_others(lab: Lab) -> Forged:
    """A welcome for another key package."""
    edits = WelcomeEdits(
        welcome=lambda welcome: replace(
            welcome, secrets=(replace(welcome.secrets[0], new_member=bytes(32)),)
        )
    )
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", DecryptionError, "does not open")
def _welcome_group_info_swapped(lab: Lab) -> Forged:
    """A welcome whose group secrets were encrypted beside another group info."""
    edits = WelcomeEdits(
        welcome=lambda w: replace(w, encrypted_group_info=w.encrypted_group_info + b"\0")
    )
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", DecryptionError, "does not open")
def _welcome_joiner_secret(lab: Lab) -> Forged:
    """A joiner secret that does not open the group info."""
    edits = WelcomeEdits(secrets=lambda secrets: replace(secrets, joiner_secret=bytes(32)))
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", InvalidMessageError, "an unknown pre-shared key")
def _welcome_psk(lab: Lab) -> Forged:
    """A pre-shared key that the new member does not have."""
    name = PreSharedKeyID(ExternalPsk(b"unheard of"), bytes(32))
    return welcomed(lab.welcome_eve(WelcomeEdits(psks=((name, b"secret"),))))


# The group info


@rule(RULES, "12.4.3.1", SignatureError, "not valid for this key")
def _group_info_signature(lab: Lab) -> Forged:
    """A group info that its signer did not sign."""
    return welcomed(lab.welcome_eve(WelcomeEdits(signature=lambda _: bytes(64))))


def _info(lab: Lab, change: Callable[[GroupInfo], GroupInfo]) -> Forged:
    return welcomed(lab.welcome_eve(WelcomeEdits(info=change)))


@rule(RULES, "12.4.3.1", InvalidMessageError, "where nobody is")
def _group_info_signer(lab: Lab) -> Forged:
    """A group info signed by a leaf where nobody is."""
    return _info(lab, lambda info: replace(info, signer=7))


@rule(RULES, "12.4.3.1", MacError, "does not confirm this group")
def _group_info_tag(lab: Lab) -> Forged:
    """A group info with a wrong confirmation tag."""
    return _info(lab, lambda info: replace(info, confirmation_tag=bytes(32)))


@rule(RULES, "13.4", InvalidMessageError, "two extensions of one type")
def _group_info_extensions(lab: Lab) -> Forged:
    """A group info with an extension twice."""
    return _info(lab, lambda info: replace(info, extensions=info.extensions * 2))


@rule(RULES, "12.4.3.3", InvalidMessageError, "a group info without its tree")
def _group_info_tree_missing(lab: Lab) -> Forged:
    """A group info without the tree, which does not come otherwise."""
    return _info(lab, lambda info: replace(info, extensions=()))


@rule(RULES, "12.4.3.1", InvalidMessageError, "not the one of the group context")
def _group_info_tree_hash(lab: Lab) -> Forged:
    """A tree with another hash than the group context says."""
    edits = WelcomeEdits(context=lambda context: replace(context, tree_hash=bytes(32)))
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", InvalidMessageError, "a group of cipher suite 3")
def _group_context_suite(lab: Lab) -> Forged:
    """A group context with another cipher suite than the welcome's."""
    edits = WelcomeEdits(context=lambda context: replace(context, cipher_suite=3))
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "13.4", InvalidMessageError, "extension that not all members support")
def _group_context_extension(lab: Lab) -> Forged:
    """A group context extension that the new member does not support."""
    odd = (Extension(0xF111, b""),)
    edits = WelcomeEdits(context=lambda context: replace(context, extensions=odd))
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", InvalidMessageError, "does not give its public key")
def _welcome_path_secret(lab: Lab) -> Forged:
    """A path secret that does not give the public key of its node."""
    edits = WelcomeEdits(
        secrets=lambda secrets: replace(secrets, path_secret=PathSecret(bytes(32)))
    )
    return welcomed(lab.welcome_eve(edits))


@rule(RULES, "12.4.3.1", InvalidMessageError, "its own reader has signed")
def _group_info_of_reader(lab: Lab) -> Forged:
    """A group info signed by the new member itself, with a path secret."""
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


@rule(RULES, "7.9.2", InvalidMessageError, "node 5 is not parent-hash valid")
def _tree_member_missing(lab: Lab) -> Forged:
    """A tree without a member who was there when the node above was set, and no Remove since."""
    return _tree(lab, lambda tree: tree.changed({2: None}, {3: None, 7: None}))


@rule(RULES, "7.9.2", InvalidMessageError, "node 7 is not parent-hash valid")
def _tree_key(lab: Lab) -> Forged:
    """A tree with a key at the root that no member put there."""
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, encryption_key=key)))


@rule(RULES, "7.9.2", InvalidMessageError, "node 7 is not parent-hash valid")
def _tree_parent_hash(lab: Lab) -> Forged:
    """A tree whose root has a parent hash."""
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, parent_hash=bytes(32))))


@rule(RULES, "12.4.3.1", InvalidMessageError, "lists leaf 6, which is not below it")
def _tree_unmerged_nobody(lab: Lab) -> Forged:
    """An unmerged leaf where nobody is."""
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, unmerged_leaves=(6,))))


@rule(RULES, "7.1", InvalidMessageError, "are not in order")
def _tree_unmerged_order(lab: Lab) -> Forged:
    """Unmerged leaves out of order."""
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, unmerged_leaves=(2, 1))))


@rule(RULES, "12.4.3.1", InvalidMessageError, "leaf 1 is unmerged at 7 but not at")
def _tree_unmerged_gap(lab: Lab) -> Forged:
    """A leaf that is unmerged at the root but not at a node between."""
    return _tree(lab, lambda tree: _root(tree, lambda root: replace(root, unmerged_leaves=(1,))))


@rule(RULES, "7.3", SignatureError, "not valid for this key")
def _tree_leaf_signature(lab: Lab) -> Forged:
    """A tree with a leaf node that its owner did not sign."""

    def unsigned(tree: RatchetTree) -> RatchetTree:
        leaf = tree.leaf(0)
        assert leaf is not None  # noqa: S101 - it is Ann's
        return tree.changed({0: TreeLeaf.of(replace(leaf, signature=bytes(64)))}, {})

    return welcomed(lab.welcome_eve(WelcomeEdits(tree=unsigned)))


@rule(RULES, "12.4.3.1", InvalidMessageError, "without this member's leaf node")
def _tree_without_reader(lab: Lab) -> Forged:
    """A tree without the new member."""
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


@rule(RULES, "12.4.3.3", DecodeError, "ends in a blank node")
def _tree_trailing_blank(lab: Lab) -> Forged:
    """A tree that ends in a blank node."""
    return _tree_bytes(lab, lambda content: content + b"\0")


@rule(RULES, "12.4.3.3", DecodeError, "node 0 of the ratchet tree must not be a ParentNode")
def _tree_node_type(lab: Lab) -> Forged:
    """A tree with a parent node where a leaf belongs."""
    root = lab.ann.state.tree.parent(3)
    return _tree_bytes(lab, lambda content: b"\x01\x02" + encode(root) + content)


@rule(RULES, "12.4.3.3", DecodeError, "beyond its last leaf")
def _tree_ends_in_parent(lab: Lab) -> Forged:
    """A tree that ends in a parent node."""
    root = b"\x01\x02" + encode(lab.ann.state.tree.parent(3))
    return _tree_bytes(lab, lambda content: content + root)


@rule(RULES, "4.1.1", InvalidMessageError, "no leaf is below it")
def _tree_keys_for_nobody(lab: Lab) -> Forged:
    """A parent node with nobody below it."""
    root = b"\x01\x02" + encode(lab.ann.state.tree.parent(3))
    key = lab.config.suite.generate_key_pair(lab.randomness).public
    leaf = lab.signed_leaf(replace(lab.eve.package.leaf_node, encryption_key=key))
    far = b"\x01\x01" + encode(replace(leaf, signature_key=b"other"))
    return _tree_bytes(lab, lambda content: content + b"\0\0\0\0" + root + b"\0" * 2 + far)


@rule(RULES, "7.3", InvalidMessageError, "have the same encryption key")
def _tree_member_twice(lab: Lab) -> Forged:
    """A tree with one member at two leaves."""
    eve = b"\x01\x01" + encode(lab.eve.package.leaf_node)
    return _tree_bytes(lab, lambda content: content + b"\0" + eve)


# Groups that come out of others


def _linked(lab: Lab, *psks: ResumptionPsk) -> Forged:
    names = tuple((PreSharedKeyID(psk, bytes(32)), b"known to all") for psk in psks)
    return welcomed(lab.welcome_eve(WelcomeEdits(psks=names)))


@rule(RULES, "12.4.3.1", InvalidMessageError, "ties the group to two others")
def _two_links(lab: Lab) -> Forged:
    """A welcome to a branch of two groups."""
    return _linked(
        lab,
        ResumptionPsk(PskUsage.BRANCH, b"old", 1),
        ResumptionPsk(PskUsage.BRANCH, b"old", 2),
    )


@rule(RULES, "11.3", HistoryError, "one this member is not in")
def _foreign_branch(lab: Lab) -> Forged:
    """A branch of a group that the new member is not in."""
    return _linked(lab, ResumptionPsk(PskUsage.BRANCH, b"old", 1))


@rule(RULES, "11.2", HistoryError, "one this member is not in")
def _foreign_successor(lab: Lab) -> Forged:
    """A successor of a group that the new member is not in."""
    return _linked(lab, ResumptionPsk(PskUsage.REINIT, b"old", 1))
