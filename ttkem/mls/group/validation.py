"""Validation of leaf nodes, key packages and trees (sections 7.3, 10.1 and 12.4.3.1)."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError, LocalError, RemoteError
from ttkem.mls.messages.codepoints import DEFAULT_EXTENSIONS, DEFAULT_PROPOSALS, MLS10
from ttkem.mls.messages.credentials import credential_type
from ttkem.mls.messages.extensions import (
    check_extension_data,
    external_senders,
    required_capabilities,
)
from ttkem.mls.messages.key_package import verify_key_package
from ttkem.mls.messages.leaf_node import InKeyPackage, verify_leaf_node
from ttkem.mls.tree.parent_hash import verify_parent_hashes
from ttkem.tree.math import direct_path, spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ttkem.mls.group.policy import Configuration, Moment
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree, Support

__all__ = [
    "check_extensions",
    "check_group",
    "check_key_package",
    "check_leaf_node",
    "check_support",
    "check_tree",
    "local_errors",
]


@contextmanager
def local_errors(what: str) -> Iterator[None]:
    """Turn a RemoteError into a LocalError: here the caller gave the invalid input."""
    try:
        yield
    except RemoteError as error:
        raise LocalError(f"{what}: {error}") from None


def check_extensions(extensions: Sequence[Extension]) -> None:
    """Check that no two extensions have one type (section 13.4), and that the known ones decode."""
    types = [extension.extension_type for extension in extensions]
    if len(set(types)) != len(types):
        raise InvalidMessageError("there are two extensions of one type")
    for extension in extensions:
        check_extension_data(extension)


def check_leaf_node(
    config: Configuration,
    leaf: LeafNode,
    group_id: bytes,
    leaf_index: int,
    now: Moment | None,
    encoded: bytes | None = None,
) -> None:
    """Check a leaf node by itself (section 7.3).

    ``now`` is None for a leaf node in a ratchet tree, which may have expired there (section 7.3).
    ``encoded`` is the leaf node as received, if it is known.
    """
    capabilities = leaf.capabilities
    if MLS10 not in capabilities.versions:
        raise InvalidMessageError("the leaf node does not support MLS 1.0")
    if not (
        DEFAULT_EXTENSIONS.isdisjoint(capabilities.extensions)
        and DEFAULT_PROPOSALS.isdisjoint(capabilities.proposals)
    ):
        raise InvalidMessageError("the leaf node lists a default type in its capabilities")
    listed = not config.policy.strict_suites or config.suite.number in capabilities.cipher_suites
    if not listed:
        raise InvalidMessageError("the leaf node does not support the group's cipher suite")
    if credential_type(leaf.credential) not in capabilities.credentials:
        raise InvalidMessageError("the leaf node does not list its own credential type")
    check_extensions(leaf.extensions)
    for extension in leaf.extensions:
        if not capabilities.supports_extension(extension.extension_type):
            raise InvalidMessageError(
                f"the leaf node has extension {extension.extension_type}, which it does not list"
            )
    if isinstance(leaf.source, InKeyPackage):
        _check_lifetime(config, leaf.source, now)
    config.suite.check_public_key(leaf.encryption_key)
    config.policy.authentication.validate(leaf.credential, leaf.signature_key)
    verify_leaf_node(config.crypto, leaf, group_id, leaf_index, encoded)


def _check_lifetime(config: Configuration, lifetime: InKeyPackage, now: Moment | None) -> None:
    """Check the lifetime of a leaf node (sections 7.2 and 7.3)."""
    duration = lifetime.not_after - lifetime.not_before
    if duration < 0:
        raise InvalidMessageError("the leaf node's lifetime ends before it starts")
    if config.policy.max_lifetime is not None and duration > config.policy.max_lifetime:
        raise InvalidMessageError(
            f"the leaf node's lifetime is {duration} s, more than {config.policy.max_lifetime} s"
        )
    if now is not None and (lifetime.not_after < now.earliest or lifetime.not_before > now.latest):
        raise InvalidMessageError("the leaf node is used outside its lifetime")


def check_key_package(config: Configuration, package: KeyPackage, now: Moment | None) -> None:
    """Check a key package (section 10.1); ignore its unknown extensions (section 13.4)."""
    if package.version != MLS10:
        raise InvalidMessageError(f"the key package is for version {package.version}")
    if package.cipher_suite != config.suite.number:
        raise InvalidMessageError(f"the key package is for cipher suite {package.cipher_suite}")
    leaf = package.leaf_node
    if not isinstance(leaf.source, InKeyPackage):
        raise InvalidMessageError("the leaf node source of the key package is not key_package")
    if package.init_key == leaf.encryption_key:
        raise InvalidMessageError("the init key of the key package equals its encryption key")
    check_extensions(package.extensions)
    config.suite.check_public_key(package.init_key)
    check_leaf_node(config, leaf, b"", 0, now)
    verify_key_package(config.crypto, package)


def check_group(config: Configuration, tree: RatchetTree, extensions: Sequence[Extension]) -> None:
    """Check that members support each other and the group context (sections 7.3, 11.1, 13.4)."""
    check_extensions(extensions)
    support = tree.summary.support
    assert support is not None  # noqa: S101 - no committer removes itself, so a member remains
    if not support.used_credentials <= support.credentials:
        raise InvalidMessageError("not all members support a credential type in use")
    check_support(support, extensions)
    for sender in external_senders(extensions):
        config.suite.check_signature_key(sender.signature_key)
        config.policy.authentication.validate(sender.credential, sender.signature_key)


def check_support(support: Support, extensions: Sequence[Extension]) -> None:
    """Check that members support GroupContext extensions and what these require."""
    required = required_capabilities(extensions)
    needed = {extension.extension_type for extension in extensions} | {*required.extension_types}
    if not needed - DEFAULT_EXTENSIONS <= support.extensions:
        raise InvalidMessageError("not all members support a group context extension")
    if not {*required.proposal_types} - DEFAULT_PROPOSALS <= support.proposals:
        raise InvalidMessageError("not all members support a required proposal type")
    if not {*required.credential_types} <= support.credentials:
        raise InvalidMessageError("not all members support a required credential type")


def check_tree(config: Configuration, tree: RatchetTree, group_id: bytes) -> None:
    """Check the integrity of a received ratchet tree (section 12.4.3.1).

    A member whose leaf node has expired keeps nobody from joining: for received ratchet trees,
    section 7.3 makes the comparison with the current time "not mandatory". Decoding the tree has
    already checked that its keys are unique.
    """
    for index, parent, _ in tree.parents():
        unmerged = parent.unmerged_leaves
        if any(one >= other for one, other in pairwise(unmerged)):
            raise InvalidMessageError(f"the unmerged leaves of node {index} are not in order")
        for number in unmerged:
            _check_unmerged(tree, index, number)
    if config.policy.tree is None:
        verify_parent_hashes(config.crypto, tree)
    else:
        verify_parent_hashes(config.crypto, tree, config.policy.tree.unattested)
    for number, leaf in tree.leaves():
        check_leaf_node(config, leaf.node, group_id, number, None, leaf.encoded)


def _check_unmerged(tree: RatchetTree, index: int, leaf: int) -> None:
    """Check that each node between a node and its unmerged leaf lists the leaf too."""
    if not spans(index, 2 * leaf) or tree.leaf(leaf) is None:
        raise InvalidMessageError(f"node {index} lists leaf {leaf}, which is blank or not below it")
    for between in takewhile(index.__ne__, direct_path(2 * leaf, tree.capacity)):
        parent = tree.parent(between)
        if parent is not None and leaf not in parent.unmerged_leaves:
            raise InvalidMessageError(f"leaf {leaf} is unmerged at {index} but not at {between}")
