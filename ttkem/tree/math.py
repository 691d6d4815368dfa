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
    """Height of ``node`` above the leaves: its number of trailing one bits (appendix C)."""
    return (~node & (node + 1)).bit_length() - 1


def is_leaf(node: int) -> bool:
    """Whether array index ``node`` is a leaf, that is, even."""
    return not node & 1


def array_index(leaf: int) -> int:
    """Array index of the ``leaf``-th leaf."""
    return 2 * leaf


def leaf_index(node: int) -> int:
    """Which leaf stands at array index ``node``; a :class:`LocalError` for an inner node."""
    if node & 1:
        raise LocalError(f"node {node} is no leaf: leaves have even array indices")
    return node // 2


def node_width(capacity: int) -> int:
    """Number of nodes of a tree with ``capacity`` leaves."""
    return 2 * _checked(capacity) - 1


def root(capacity: int) -> int:
    """Array index of the root of a tree with ``capacity`` leaves."""
    return _checked(capacity) - 1


def left(node: int) -> int:
    """Left child; a :class:`LocalError` for a leaf."""
    return node ^ (1 << (_inner_level(node) - 1))


def right(node: int) -> int:
    """Right child; a :class:`LocalError` for a leaf."""
    return node ^ (3 << (_inner_level(node) - 1))


def parent(node: int, capacity: int) -> int:
    """Parent of ``node`` in a tree with ``capacity`` leaves; a :class:`LocalError` for the root."""
    if node == root(_containing(node, capacity)):
        raise LocalError(f"node {node} is the root and has no parent")
    return _parent(node)


def sibling(node: int, capacity: int) -> int:
    """The other child of the parent of ``node``; a :class:`LocalError` for the root."""
    above = parent(node, capacity)
    return right(above) if node < above else left(above)


def direct_path(node: int, capacity: int) -> tuple[int, ...]:
    """Inner nodes from the parent of ``node`` up to the root, both included (section 4.1.2)."""
    top = root(_containing(node, capacity))
    path = []
    above = 2 << level(node)
    while node != top:
        node = (node | above >> 1) & ~above
        path.append(node)
        above <<= 1
    return tuple(path)


def copath(node: int, capacity: int) -> tuple[int, ...]:
    """Siblings of ``node`` and its direct path but the root, lowest first (section 4.1.2)."""
    below = (node, *direct_path(node, capacity)[:-1])
    return tuple(sibling(x, capacity) for x in below) if node != root(capacity) else ()


def spans(node: int, other: int) -> bool:
    """Whether ``other`` lies in the subtree below ``node``, ``node`` itself included."""
    reach = (1 << level(node)) - 1
    return node - reach <= other <= node + reach


def _parent(node: int) -> int:
    k = level(node)
    return (node | (1 << k)) & ~(1 << (k + 1))


def _inner_level(node: int) -> int:
    if not node & 1:
        raise LocalError(f"node {node} is a leaf and has no children")
    return level(node)


def _checked(capacity: int) -> int:
    if capacity < 1 or capacity & (capacity - 1):
        raise LocalError(f"a tree has a power of two of leaves, not {capacity}")
    return capacity


def _containing(node: int, capacity: int) -> int:
    if not 0 <= node < node_width(capacity):
        raise LocalError(f"a tree of {capacity} leaves has no node {node}")
    return capacity
