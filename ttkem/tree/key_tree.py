"""The public key tree of a group: its members' leaves, every node's public key, and the taints.

A Tainted TreeKEM tree has a key at every internal node with a member below it and remembers who
tainted it (KPWK21 section 3; specification T1). A TreeKEM tree may have *blank* internal
nodes instead and no taints. One type serves both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from rpds import HashTrieMap

from ttkem.errors import LocalError
from ttkem.tree.math import array_index, direct_path, leaf_index, level, spans
from ttkem.tree.persistent import Node, PersistentTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["InternalNode", "KeyTree", "Leaf"]

_MIN_CAPACITY = 2
"""Below it there would be no internal node, hence no root seed (specification T1 [D])."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A member's leaf: identity, signature verification key, and current encryption key."""

    identity: str
    signature_key: bytes
    public_key: bytes


@dataclass(frozen=True, slots=True)
class InternalNode:
    """The key of an internal node, and the leaf number of its tainter (None: untainted)."""

    public_key: bytes
    taint: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The values that a node caches of its subtree."""

    members: int
    """Number of members below."""
    hash: bytes
    """Hash of all below [D]: in the shape of RFC 9420 section 7.8, with the taints."""
    resolution: tuple[int, ...]
    """RFC 9420 section 4.1.1: the highest keyed nodes that together cover the members below."""


_Node: TypeAlias = Node[Leaf, InternalNode, Summary]


@dataclass(frozen=True, slots=True)
class _Measure:
    hash: Callable[[bytes], bytes]
    nothing: Summary

    def empty(self, index: int) -> Summary:  # noqa: ARG002 - an empty subtree is the same anywhere
        return self.nothing

    def leaf(self, index: int, payload: Leaf) -> Summary:
        fields = (payload.identity.encode(), payload.signature_key, payload.public_key)
        return Summary(1, self.hash(b"\x01" + b"".join(map(_prefixed, fields))), (index,))

    def internal(
        self, index: int, payload: InternalNode | None, left: Summary, right: Summary
    ) -> Summary:
        if payload is None:
            key, resolution = b"", left.resolution + right.resolution
        else:
            taint = b"" if payload.taint is None else payload.taint.to_bytes(4, "big")
            key, resolution = _prefixed(payload.public_key) + taint, (index,)
        kind = bytes((2, level(index)))
        digest = self.hash(kind + _prefixed(key) + left.hash + right.hash)
        return Summary(left.members + right.members, digest, resolution)


def _prefixed(field: bytes) -> bytes:
    """Return a field preceded by its length in four bytes, so that fields can be joined."""
    return len(field).to_bytes(4, "big") + field


@dataclass(frozen=True, slots=True)
class KeyTree:
    """A persistent key tree with its two indices: leaf by identity, nodes by tainter.

    Nodes are named by array index (RFC 9420 appendix C), members by leaf number.
    """

    tree: PersistentTree[Leaf, InternalNode, Summary]
    leaf_of: HashTrieMap[str, int]
    """Leaf number of every member."""
    tainted_by: HashTrieMap[int, frozenset[int]]
    """Array indices of the nodes each leaf number taints; no entry for a member without taints."""

    @classmethod
    def empty(cls, hash_: Callable[[bytes], bytes]) -> KeyTree:
        """Make a tree of minimal capacity without members; ``hash_`` makes the tree hashes."""
        measure = _Measure(hash_, Summary(0, hash_(b"\x00"), ()))
        return cls(PersistentTree(measure, _MIN_CAPACITY), HashTrieMap({}), HashTrieMap({}))

    @property
    def capacity(self) -> int:
        """Number of leaves, occupied or not: a power of two, at least 2."""
        return self.tree.capacity

    @property
    def root(self) -> int:
        """Array index of the root."""
        return self.tree.root

    @property
    def hash(self) -> bytes:
        """Hash of the whole public tree with its taints."""
        return self.tree.summary(self.root).hash

    def leaf(self, number: int) -> Leaf | None:
        """Return the member at leaf ``number``, or None."""
        node = self.tree.node(array_index(number))
        return None if node is None else node.leaf

    def internal(self, node: int) -> InternalNode | None:
        """Return key and taint of an internal node; None where it is blank or empty."""
        found = self.tree.node(node)
        return None if found is None else found.internal

    def public_key(self, node: int) -> bytes | None:
        """Return the public key at array index ``node``; None where there is none."""
        found = self.tree.node(node)
        holder = None if found is None else found.leaf or found.internal
        return None if holder is None else holder.public_key

    def members(self, node: int) -> int:
        """Return the number of members below ``node``."""
        return self.tree.summary(node).members

    def public_keys(self, nodes: Iterable[int]) -> dict[int, bytes]:
        """Return the public keys of those of ``nodes`` that have one, found in a single walk."""
        found = self.tree.select(nodes)
        held = {index: node.leaf or node.internal for index, node in found.items()}
        return {index: holder.public_key for index, holder in held.items() if holder is not None}

    def resolution(self, node: int) -> tuple[int, ...]:
        """Return the resolution of a node (RFC 9420 section 4.1.1).

        It is empty for an empty subtree, and the node itself where that has a key.
        """
        return self.tree.summary(node).resolution

    def path(self, number: int) -> tuple[int, ...]:
        """Return the direct path of leaf ``number``, lowest node first."""
        return direct_path(array_index(number), self.capacity)

    def path_nodes(self, number: int) -> list[tuple[int, _Node]]:
        """Return indices and nodes of a member's leaf and direct path, lowest first. O(log n)."""
        path = [(index, node) for index, node in self.tree.descend(array_index(number)) if node]
        if path[-1:] and path[-1][0] == array_index(number):
            return path[::-1]
        raise LocalError(f"cannot return the path of leaf {number}: the leaf is empty")

    def roster(self) -> Iterator[tuple[int, Leaf]]:
        """Yield leaf number and member, left to right."""
        for index, node in self.tree.nodes():
            if node.leaf is not None:
                yield leaf_index(index), node.leaf

    def internal_nodes(self) -> Iterator[tuple[int, InternalNode]]:
        """Yield the keyed internal nodes in array order."""
        for index, node in self.tree.nodes():
            if node.internal is not None:
                yield index, node.internal

    def free_leaf(self) -> int:
        """Return the leaf number of the next member: the leftmost empty one, `capacity` if full."""
        number, size, node = 0, self.capacity, self.tree.top
        while node is not None and size > 1:
            size //= 2
            if node.left is not None and node.left.summary.members == size:
                number, node = number + size, node.right
            else:
                node = node.left
        return number if node is None else self.capacity

    def with_members(self, leaves: Mapping[int, Leaf]) -> KeyTree:
        """Return the tree with members at these empty leaves; no internal node changes."""
        leaf_of = self.leaf_of
        for number, leaf in leaves.items():
            if leaf.identity in leaf_of:
                raise LocalError(
                    f"cannot add {leaf.identity!r}: {leaf.identity!r} is a member already"
                )
            if self.leaf(number) is not None:
                raise LocalError(f"cannot add {leaf.identity!r} at leaf {number}: it is taken")
            leaf_of = leaf_of.insert(leaf.identity, number)
        changes = {array_index(number): leaf for number, leaf in leaves.items()}
        return replace(self, tree=self.tree.replace(changes, {}), leaf_of=leaf_of)

    def without_member(self, number: int) -> KeyTree:
        """Return the tree without a member, and without the nodes below which nobody else is."""
        path, tainted_by, leaf_of = self.path_nodes(number), self.tainted_by, self.leaf_of
        for index, node in path:
            if node.leaf is not None:
                leaf_of = leaf_of.remove(node.leaf.identity)
            elif node.summary.members == 1 and node.internal is not None:
                tainted_by = _without(tainted_by, node.internal.taint, index)
        return replace(
            self,
            tree=self.tree.replace({array_index(number): None}, {}),
            leaf_of=leaf_of,
            tainted_by=tainted_by,
        )

    def with_keys(
        self, leaf_keys: Mapping[int, bytes], internal: Mapping[int, InternalNode | None]
    ) -> KeyTree:
        """Return the tree with new keys for members, by leaf number, and new internal nodes.

        ``internal`` has the content of internal nodes by array index; None blanks a node.
        """
        leaves = {}
        for number, key in leaf_keys.items():
            leaf = self.leaf(number)
            if leaf is None:
                raise LocalError(f"cannot set the key of leaf {number}: it is empty")
            leaves[array_index(number)] = replace(leaf, public_key=key)
        tainted_by = self.tainted_by
        old = self.tree.select(internal)
        for node, content in internal.items():
            held = old[node].internal if node in old else None
            before = None if held is None else held.taint
            after = None if content is None else content.taint
            if before != after:
                tainted_by = _without(tainted_by, before, node)
                if after is not None:
                    nodes = tainted_by.get(after, frozenset())
                    tainted_by = tainted_by.insert(after, nodes | {node})
        return replace(self, tree=self.tree.replace(leaves, internal), tainted_by=tainted_by)

    def taint(self, node: int) -> int | None:
        """Return the leaf number of the tainter of an internal node, or None."""
        content = self.internal(node)
        return None if content is None else content.taint

    def tainter_nodes(self, number: int) -> frozenset[int]:
        """Return the array indices of the nodes that leaf ``number`` taints."""
        return self.tainted_by.get(number, frozenset())

    def doubled(self) -> KeyTree:
        """Return a tree with twice the leaves: this one on the left, under a blank root. O(1)."""
        return replace(self, tree=self.tree.doubled())

    def truncated(self) -> KeyTree:
        """Return the tree without empty right halves, of capacity 2 at least (RFC 9420 7.7 [D])."""
        tree, tainted_by = self.tree, self.tainted_by
        while tree.capacity > _MIN_CAPACITY and (tree.top is None or tree.top.right is None):
            tainted_by = _without(tainted_by, self.taint(tree.root), tree.root)
            tree = tree.halved()
        return replace(self, tree=tree, tainted_by=tainted_by)

    def only_member_below(self, node: int, number: int) -> bool:
        """Return whether the member at leaf ``number`` is the only one below ``node``."""
        alone = spans(node, array_index(number)) and self.members(node) == 1
        return alone and self.leaf(number) is not None


def _without(
    index: HashTrieMap[int, frozenset[int]], tainter: int | None, node: int
) -> HashTrieMap[int, frozenset[int]]:
    if tainter is None:
        return index
    rest = index[tainter] - {node}
    return index.insert(tainter, rest) if rest else index.remove(tainter)
