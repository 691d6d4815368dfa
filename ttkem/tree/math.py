"""Arithmetic of the array tree (RFC 9420 section 4.1 and appendix C).

A full binary tree of ``capacity`` leaves, a power of two, is laid out in order: leaf ``i`` at array
index ``2 i``, and a node of level ``k`` has exactly ``k`` trailing one bits. So the left half of a
tree keeps its indices when the tree doubles or is truncated.
"""

from ttkem.errors import LocalError

__all__ = [
    "array_index",
    "copath",
    "direct_path",
    "is_leaf",
    "leaf_index",
    "left",
    "level",
    "node_width",
    "parent",
    "right",
    "root",
    "sibling",
    "spans",
]


def level(node: int) -> int:
    """Return the height of ``node`` above the leaves: its trailing one bits (appendix C)."""
    return (~node & (node + 1)).bit_length() - 1


def is_leaf(node: int) -> bool:
    """Return whether array index ``node`` is a leaf, that is, even."""
    return not node & 1


def array_index(leaf: int) -> int:
    """Return the array index of leaf number ``leaf``."""
    return 2 * leaf


def leaf_index(node: int) -> int:
    """Return the leaf number of array index ``node``; a :class:`LocalError` if it is internal."""
    if node & 1:
        raise LocalError(
            f"cannot return the leaf number of node {node}: leaves have even array indices"
        )
    return node // 2


def node_width(capacity: int) -> int:
    """Return the number of nodes of a tree with ``capacity`` leaves."""
    return 2 * _checked(capacity) - 1


def root(capacity: int) -> int:
    """Return the array index of the root of a tree with ``capacity`` leaves."""
    return _checked(capacity) - 1


def left(node: int) -> int:
    """Return the left child; raise a :class:`LocalError` for a leaf."""
    return node ^ (1 << (_internal_level(node) - 1))


def right(node: int) -> int:
    """Return the right child; raise a :class:`LocalError` for a leaf."""
    return node ^ (3 << (_internal_level(node) - 1))


def parent(node: int, capacity: int) -> int:
    """Return the parent of ``node``; raise a :class:`LocalError` for the root."""
    if node == root(_containing(node, capacity)):
        raise LocalError(f"cannot find the parent of node {node}: it is the root")
    return _parent(node)


def sibling(node: int, capacity: int) -> int:
    """Return the other child of the parent; raise a :class:`LocalError` for the root."""
    above = parent(node, capacity)
    return right(above) if node < above else left(above)


def direct_path(node: int, capacity: int) -> tuple[int, ...]:
    """Return the nodes from the parent of ``node`` to the root, both included (section 4.1.2)."""
    top = root(_containing(node, capacity))
    path = []
    above = 2 << level(node)
    while node != top:
        node = (node | above >> 1) & ~above
        path.append(node)
        above <<= 1
    return tuple(path)


def copath(node: int, capacity: int) -> tuple[int, ...]:
    """Return the siblings of ``node`` and of its direct path, lowest first (section 4.1.2)."""
    below = (node, *direct_path(node, capacity)[:-1])
    return tuple(sibling(x, capacity) for x in below) if node != root(capacity) else ()


def spans(node: int, other: int) -> bool:
    """Return whether ``other`` is in the subtree of ``node``, the node itself included."""
    reach = (1 << level(node)) - 1
    return node - reach <= other <= node + reach


def _parent(node: int) -> int:
    k = level(node)
    return (node | (1 << k)) & ~(1 << (k + 1))


def _internal_level(node: int) -> int:
    if not node & 1:
        raise LocalError(f"cannot find a child of node {node}: it is a leaf")
    return level(node)


def _checked(capacity: int) -> int:
    if capacity < 1 or capacity & (capacity - 1):
        raise LocalError(
            f"cannot index a tree of {capacity} leaves: their number must be a power of two"
        )
    return capacity


def _containing(node: int, capacity: int) -> int:
    if not 0 <= node < node_width(capacity):
        raise LocalError(f"cannot find node {node}: a tree of {capacity} leaves has no such node")
    return capacity
