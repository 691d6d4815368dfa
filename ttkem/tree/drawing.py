"""Pictures of a key tree for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.tree.math import is_leaf, leaf_index, left, right

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ttkem.tree.key_tree import KeyTree

__all__ = ["draw"]


def draw(tree: KeyTree, refreshed: Collection[int] = ()) -> str:
    """Draw the tree on its side, with the root at the left and one line per node.

    A keyed internal node shows its array index and its tainter, a blank one ``blank``; nodes in
    ``refreshed`` are starred.
    """
    return "\n".join(_lines(tree, tree.root, "", "", frozenset(refreshed)))


def _lines(
    tree: KeyTree, node: int, branch: str, margin: str, refreshed: frozenset[int]
) -> Iterator[str]:
    """Yield the lines of a subtree: its root after ``branch``, all else after ``margin``."""
    yield branch + _label(tree, node) + (" *" if node in refreshed else "")
    if not is_leaf(node) and tree.members(node):
        yield from _lines(tree, left(node), margin + "├─ ", margin + "│  ", refreshed)
        yield from _lines(tree, right(node), margin + "└─ ", margin + "   ", refreshed)


def _label(tree: KeyTree, node: int) -> str:
    if is_leaf(node):
        leaf = tree.leaf(leaf_index(node))
        return "·" if leaf is None else leaf.identity
    if not tree.members(node):
        return "·"
    internal = tree.internal(node)
    if internal is None:
        return f"({node}) blank"
    tainter = None if internal.taint is None else tree.leaf(internal.taint)
    return f"({node})" if tainter is None else f"({node}) tainted by {tainter.identity}"
