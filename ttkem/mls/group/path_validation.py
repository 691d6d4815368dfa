"""Validation of a commit's path and of the group after it, for receivers and authors alike.

The author of a commit passes its own message through :func:`merged_tree`, so that it sends nothing
that a receiver with the same policy would reject (section 12.4.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.errors import InvalidMessageError
from ttkem.mls.group.policy import new_clients
from ttkem.mls.group.proposal_validation import check_successor
from ttkem.mls.group.validation import check_group, check_leaf_node
from ttkem.mls.messages.leaf_node import InCommit
from ttkem.mls.tree.treekem import merge_path

if TYPE_CHECKING:
    from ttkem.mls.group.effects import Effects
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.messages.content import UpdatePath
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["merged_tree"]


def merged_tree(
    config: Configuration,
    group_id: bytes,
    before: RatchetTree,
    effects: Effects,
    path: UpdatePath | None,
    author: int | None,
) -> RatchetTree:
    """Return the tree of the next epoch, after validating the path and the resulting group.

    ``before`` is the tree of the current epoch, ``effects`` holds the provisional one; ``author``
    is the committer's leaf, or None for an external commit.
    """
    tree = effects.tree
    if path is not None:
        committer = effects.committer(author)
        if not isinstance(path.leaf_node.source, InCommit):
            raise InvalidMessageError("the leaf node source of the update path is not commit")
        check_leaf_node(config, path.leaf_node, group_id, committer, None)
        _check_replacement(config, before, effects, path.leaf_node, author)
        _check_keys(config, tree, path)
        tree = merge_path(config.crypto, tree, committer, path)
    check_group(config, tree, effects.extensions)
    return tree


def _check_keys(config: Configuration, tree: RatchetTree, path: UpdatePath) -> None:
    """Check that the keys of a path are public keys, and new (section 12.4.2)."""
    keys = [path.leaf_node.encryption_key, *(node.encryption_key for node in path.nodes)]
    if len(set(keys)) != len(keys):
        raise InvalidMessageError("the update path has one key at two nodes")
    for key in keys:
        if key in tree.encryption_keys:
            raise InvalidMessageError("the update path has a key that is in the tree already")
    for node in path.nodes:
        config.suite.check_public_key(node.encryption_key)


def _check_replacement(
    config: Configuration,
    before: RatchetTree,
    effects: Effects,
    leaf: LeafNode,
    author: int | None,
) -> None:
    """Check the path's leaf node against the one that it replaces (sections 12.2 and 12.4.2)."""
    replaced = author if author is not None else next(iter(effects.removed), None)
    old = None if replaced is None else before.leaf(replaced)
    authentication = config.policy.authentication
    if old is not None:
        check_successor(config, old, leaf)
        if author is None and not authentication.may_resync(old, leaf):
            raise InvalidMessageError(
                f"the external commit may not remove leaf {replaced}: it is of another client"
            )
    if author is None:
        members = (member.node.credential for _, member in effects.tree.leaves())
        if not all(new_clients(authentication, members, (leaf.credential,))):
            raise InvalidMessageError("the external commit adds a client that is a member already")
