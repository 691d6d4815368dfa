"""The effect of Update, Remove and Add proposals on the tree (sections 12.1.1 to 12.1.3, 12.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.mls.tree.ratchet_tree import TreeLeaf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.nodes import ParentNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["change_members"]


def change_members(
    tree: RatchetTree,
    updates: Mapping[int, LeafNode],
    removes: Sequence[int],
    adds: Sequence[LeafNode],
) -> tuple[RatchetTree, tuple[int, ...]]:
    """Return the tree after these changes, and the leaf indices of the added members, in order.

    An update or remove blanks the direct path of its leaf. An add takes the leftmost blank leaf,
    which becomes an unmerged leaf of all non-blank nodes on its direct path. The changes are made
    in one step, with the same result as the RFC's updates, then removes, then adds.
    """
    leaves: dict[int, TreeLeaf | None] = dict.fromkeys(removes)
    leaves |= {number: TreeLeaf.of(leaf) for number, leaf in updates.items()}
    parents: dict[int, ParentNode | None] = {
        index: None for number in leaves for index in tree.direct_path(number)
    }
    free = tree.free_leaves(removes)
    places = tuple(next(free) for _ in adds)
    unmerged: dict[int, list[int]] = {}
    for number, leaf in zip(places, adds, strict=True):
        leaves[number] = TreeLeaf.of(leaf)
        if number < tree.capacity:
            for index in tree.direct_path(number):
                unmerged.setdefault(index, []).append(number)
    for index, node in tree.nodes.select(unmerged).items():
        if node.internal is not None and index not in parents:
            known = (*node.internal.unmerged_leaves, *unmerged[index])
            parents[index] = replace(node.internal, unmerged_leaves=tuple(sorted(known)))
    return tree.changed(leaves, parents), places
