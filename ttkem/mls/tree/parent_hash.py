"""Parent hashes (section 7.9): they authenticate the key of each parent node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from ttkem.errors import InvalidMessageError
from ttkem.mls.messages.leaf_node import InCommit
from ttkem.tree.math import is_leaf, leaf_index, left, right, spans
from ttkem.wire import encode, opaque_v, struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ttkem.crypto import Labelled
    from ttkem.mls.messages.nodes import ParentNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree, TreeNode

__all__ = ["key_owner", "parent_hash", "verify_parent_hashes"]


@struct
@dataclass(frozen=True, slots=True)
class ParentHashInput:
    """``ParentHashInput`` (section 7.9)."""

    encryption_key: Annotated[bytes, opaque_v]
    parent_hash: Annotated[bytes, opaque_v]
    original_sibling_tree_hash: Annotated[bytes, opaque_v]


def parent_hash(crypto: Labelled, key: bytes, above: bytes, sibling_hash: bytes) -> bytes:
    """Return the parent hash with respect to a parent node (section 7.9).

    ``key`` and ``above`` are the node's encryption key and ``parent_hash`` field; ``sibling_hash``
    is the original tree hash of its child that is not on the path.
    """
    return crypto.suite.hash(encode(ParentHashInput(key, above, sibling_hash)))


def verify_parent_hashes(
    crypto: Labelled, tree: RatchetTree, exempt: Callable[[ParentNode], bool] = lambda _: False
) -> None:
    """Raise an InvalidMessageError unless every parent node is parent-hash valid (section 7.9.2).

    That is, exactly one descendant of each parent node is parent-hash valid with respect to it.
    ``exempt`` says which parent nodes a tree policy excludes from the check.
    """
    for index, parent, node in tree.parents():
        if exempt(parent):
            continue
        if len(list(_valid_descendants(crypto, tree, index, parent, node))) != 1:
            raise InvalidMessageError(f"node {index} is not parent-hash valid")


def key_owner(crypto: Labelled, tree: RatchetTree, index: int) -> int | None:
    """Return the leaf index of the member whose UpdatePath set the key of a parent node.

    Return None if the node is blank, or if its parent hashes do not lead down to a leaf.
    """
    node = tree.nodes.node(index)
    if node is None or node.internal is None:
        return None
    for below in _valid_descendants(crypto, tree, index, node.internal, node):
        return leaf_index(below) if is_leaf(below) else key_owner(crypto, tree, below)
    return None


def _valid_descendants(
    crypto: Labelled, tree: RatchetTree, index: int, parent: ParentNode, node: TreeNode
) -> Iterator[int]:
    """Yield the descendants that are parent-hash valid with respect to a parent node."""
    added = frozenset(parent.unmerged_leaves)
    lower, upper = (left(index), node.left), (right(index), node.right)
    for (below, child), (beside, sibling) in ((lower, upper), (upper, lower)):
        descendant = _descendant(below, child, parent.unmerged_leaves)
        if descendant is None:
            continue
        original = _original_hash(tree, beside, sibling, added)
        expected = parent_hash(crypto, parent.encryption_key, parent.parent_hash, original)
        if _parent_hash_field(tree, descendant) == expected:
            yield descendant


def _descendant(index: int, child: TreeNode | None, unmerged_leaves: tuple[int, ...]) -> int | None:
    """Return ``D``: the node of a child's resolution that is not an unmerged leaf of the parent.

    Return None unless there is exactly one, and the rest of the resolution is exactly the parent's
    unmerged leaves below that child.
    """
    resolution = set(() if child is None else child.summary.resolution)
    unmerged = {2 * leaf for leaf in unmerged_leaves if spans(index, 2 * leaf)}
    rest = resolution - unmerged
    return rest.pop() if len(rest) == 1 and unmerged <= resolution else None


def _parent_hash_field(tree: RatchetTree, index: int) -> bytes | None:
    """Return the ``parent_hash`` field of a non-blank node; None for a leaf that has none."""
    if is_leaf(index):
        leaf = tree.leaf(leaf_index(index))
        return leaf.source.parent_hash if leaf and isinstance(leaf.source, InCommit) else None
    parent = tree.parent(index)
    return parent.parent_hash if parent else None


def _original_hash(
    tree: RatchetTree, index: int, node: TreeNode | None, added: frozenset[int]
) -> bytes:
    """Return the ``original_sibling_tree_hash``: a subtree's hash without the ``added`` leaves."""
    measure = tree.nodes.measure
    if node is None:
        return measure.empty(index).hash
    if not any(spans(index, 2 * leaf) for leaf in added):
        return node.summary.hash
    if is_leaf(index):
        return measure.empty(index).hash
    parent = node.internal
    if parent is not None:
        kept = tuple(leaf for leaf in parent.unmerged_leaves if leaf not in added)
        parent = replace(parent, unmerged_leaves=kept)
    below = _original_hash(tree, left(index), node.left, added)
    above = _original_hash(tree, right(index), node.right, added)
    return tree.parent_tree_hash(parent, below, above)
