"""Pictures of a key tree for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.tree.math import is_leaf, leaf_index, left, right, spans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ttkem.tree.key_tree import KeyTree

__all__ = ["draw"]


def draw(tree: KeyTree, refreshed: Collection[int] = (), *, folded: bool = False) -> str:
    """Draw the tree on its side, with the root at the left and one line per node.

    A keyed internal node shows its array index and its tainter, a blank one ``blank``; nodes in
    ``refreshed`` are starred. If ``folded``, subtrees without starred nodes take one line.
    """
    stars = frozenset(refreshed)
    return "\n".join(_lines(tree, tree.root, "", "", stars, folded=folded))


def _lines(
    tree: KeyTree, node: int, branch: str, margin: str, refreshed: frozenset[int], *, folded: bool
) -> Iterator[str]:
    """Yield the lines of a subtree: its root after ``branch``, all else after ``margin``."""
    inside = not is_leaf(node) and tree.members(node)
    fold = folded and inside and node != tree.root and not any(spans(node, n) for n in refreshed)
    note = f" … {tree.members(node)} members" if fold else ""
    yield branch + _label(tree, node) + (" *" if node in refreshed else "") + note
    if inside and not fold:
        for child, mark, below in ((left(node), "├─ ", "│  "), (right(node), "└─ ", "   ")):
            yield from _lines(tree, child, margin + mark, margin + below, refreshed, folded=folded)


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
