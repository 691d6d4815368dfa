"""TreeKEM with blanking, the baseline of KPWK21 section 5 (specification T7).

Adding or removing a member *blanks* the path of that member: its internal nodes lose their keys. So
nobody knows the secret of a node off their own path, and seeds are encrypted to the resolution of a
blank node. An update re-keys the author's path. Two variants bracket TreeKEM as deployed: ``TKEM``,
in which an add or remove leaves the group without a key until somebody updates, and
``TKEM_commit``, in which every add and remove includes an update by its author.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.cgka.interface import Kind
from ttkem.cgka.plan import Change, Plan
from ttkem.tree.math import direct_path

if TYPE_CHECKING:
    from ttkem.tree import KeyTree

__all__ = ["plan", "plan_with_commit"]


def plan(tree: KeyTree, change: Change) -> Plan:
    """Return the plan of an operation of ``TKEM``; an add or remove refreshes nothing."""
    blanked = _blanked(tree, change)
    if change.kind in (Kind.ADD, Kind.REMOVE):
        return Plan(author=change.author, tree=blanked, chains=(), taints={}, fresh_leaf=False)
    return _update(blanked, change.author)


def plan_with_commit(tree: KeyTree, change: Change) -> Plan:
    """Return the plan of an operation of ``TKEM_commit``, which is also the author's update."""
    return _update(_blanked(tree, change), change.author)


def _update(tree: KeyTree, author: int) -> Plan:
    """Re-key the author's leaf and path, one chain from the leaf to the root."""
    path = tree.path(author)
    return Plan(
        author=author, tree=tree, chains=(path,), taints=dict.fromkeys(path), fresh_leaf=True
    )


def _blanked(tree: KeyTree, change: Change) -> KeyTree:
    """Return the tree with the target's path blank, except nodes with no member below them."""
    if change.kind not in (Kind.ADD, Kind.REMOVE) or change.target >= tree.capacity:
        return tree
    path = direct_path(2 * change.target, tree.capacity)
    return tree.with_keys({}, {node: None for node in path if tree.members(node)})
