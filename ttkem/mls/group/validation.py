"""Validity of leaf nodes, key packages and trees (sections 7.3, 10.1 and 12.4.3.1)."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls.messages.codepoints import DEFAULT_EXTENSIONS, DEFAULT_PROPOSALS, MLS10
from ttkem.mls.messages.credentials import credential_type
from ttkem.mls.messages.extensions import external_senders, required_capabilities
from ttkem.mls.messages.key_package import verify_key_package
from ttkem.mls.messages.leaf_node import InKeyPackage, verify_leaf_node
from ttkem.mls.tree.parent_hash import verify_parent_hashes
from ttkem.tree.math import direct_path, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = [
    "check_extension_types",
    "check_group",
    "check_key_package",
    "check_leaf_node",
    "check_tree",
    "local_errors",
]


@contextmanager
def local_errors(what: str) -> Iterator[None]:
    """Turn an InvalidMessageError into a LocalError: the caller asked for what is invalid."""
    try:
        yield
    except InvalidMessageError as error:
        raise LocalError(f"{what}: {error}") from None


def check_extension_types(extensions: Sequence[Extension]) -> None:
    """At most one extension of each type (section 13.4)."""
    types = [extension.extension_type for extension in extensions]
    if len(set(types)) != len(types):
        raise InvalidMessageError("two extensions of one type")


def check_leaf_node(
    config: Configuration,
    leaf: LeafNode,
    group_id: bytes,
    leaf_index: int,
    now: int | None,
    encoded: bytes | None = None,
) -> None:
    """What section 7.3 asks of a leaf node by itself; ``now`` is None to accept any lifetime."""
    capabilities = leaf.capabilities
    if MLS10 not in capabilities.versions:
        raise InvalidMessageError("a leaf node that does not support MLS 1.0")
    if config.suite.number not in capabilities.cipher_suites:
        raise InvalidMessageError("a leaf node that does not support the group's cipher suite")
    if credential_type(leaf.credential) not in capabilities.credentials:
        raise InvalidMessageError("a leaf node that does not list its own credential type")
    check_extension_types(leaf.extensions)
    for extension in leaf.extensions:
        if not capabilities.supports_extension(extension.extension_type):
            raise InvalidMessageError(
                f"a leaf node with extension {extension.extension_type}, which it does not list"
            )
    if isinstance(leaf.source, InKeyPackage):
        _check_lifetime(config, leaf.source, now)
    config.suite.check_public_key(leaf.encryption_key)
    config.policy.authentication.validate(leaf.credential, leaf.signature_key)
    verify_leaf_node(config.crypto, leaf, group_id, leaf_index, encoded)


def _check_lifetime(config: Configuration, lifetime: InKeyPackage, now: int | None) -> None:
    """Section 7.3."""
    duration = lifetime.not_after - lifetime.not_before
    if config.policy.max_lifetime is not None and duration > config.policy.max_lifetime:
        raise InvalidMessageError(f"a lifetime of {duration} s, more than is accepted")
    if now is not None and not lifetime.not_before <= now <= lifetime.not_after:
        raise InvalidMessageError("a leaf node outside its lifetime")


def check_key_package(config: Configuration, package: KeyPackage, now: int | None) -> None:
    """Validity of a key package (section 10.1); its unknown extensions are ignored (13.4)."""
    if package.version != MLS10:
        raise InvalidMessageError(f"a key package for version {package.version}")
    if package.cipher_suite != config.suite.number:
        raise InvalidMessageError(f"a key package for cipher suite {package.cipher_suite}")
    leaf = package.leaf_node
    if not isinstance(leaf.source, InKeyPackage):
        raise InvalidMessageError("a key package with a leaf node of another source")
    if package.init_key == leaf.encryption_key:
        raise InvalidMessageError("a key package with one key for both ends")
    check_extension_types(package.extensions)
    config.suite.check_public_key(package.init_key)
    check_leaf_node(config, leaf, b"", 0, now)
    verify_key_package(config.crypto, package)


def check_group(config: Configuration, tree: RatchetTree, extensions: Sequence[Extension]) -> None:
    """All members support each other and the group context (sections 7.3, 11.1, 13.4)."""
    check_extension_types(extensions)
    support = tree.summary.support
    assert support is not None  # noqa: S101 - nobody removes themselves
    if not support.used_credentials <= support.credentials:
        raise InvalidMessageError("a credential type in use that not all members support")
    required = required_capabilities(extensions)
    needed = {extension.extension_type for extension in extensions} | {*required.extension_types}
    if not needed - DEFAULT_EXTENSIONS <= support.extensions:
        raise InvalidMessageError("a group context extension that not all members support")
    if not {*required.proposal_types} - DEFAULT_PROPOSALS <= support.proposals:
        raise InvalidMessageError("a required proposal type that not all members support")
    if not {*required.credential_types} <= support.credentials:
        raise InvalidMessageError("a required credential type that not all members support")
    for sender in external_senders(extensions):
        config.policy.authentication.validate(sender.credential, sender.signature_key)


def check_tree(config: Configuration, tree: RatchetTree, group_id: bytes, now: int | None) -> None:
    """The integrity of a tree that somebody sent (section 12.4.3.1).

    That no key stands at two nodes was seen when it was read.
    """
    for index, parent, _ in tree.parents():
        unmerged = parent.unmerged_leaves
        if any(one >= other for one, other in pairwise(unmerged)):
            raise InvalidMessageError(f"unmerged leaves of node {index} are not in order")
        for number in unmerged:
            _check_unmerged(tree, index, number)
    if config.policy.tree is None:
        verify_parent_hashes(config.crypto, tree)
    else:
        verify_parent_hashes(config.crypto, tree, config.policy.tree.unattested)
    for number, leaf in tree.leaves():
        check_leaf_node(config, leaf.node, group_id, number, now, leaf.encoded)


def _check_unmerged(tree: RatchetTree, index: int, leaf: int) -> None:
    """Everything between an unmerged leaf and a node that lists it lists it too."""
    if not spans(index, 2 * leaf) or tree.leaf(leaf) is None:
        raise InvalidMessageError(f"node {index} lists leaf {leaf}, which is not below it")
    for between in takewhile(index.__ne__, direct_path(2 * leaf, tree.capacity)):
        parent = tree.parent(between)
        if parent is not None and leaf not in parent.unmerged_leaves:
            raise InvalidMessageError(f"leaf {leaf} is unmerged at {index} but not at {between}")
