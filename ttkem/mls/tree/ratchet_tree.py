"""The ratchet tree (sections 4.1, 7.1, 7.7, 7.8), persistent, with its hashes cached.

A change copies only the paths to the changed nodes. Each node caches a summary of its subtree: tree
hash, resolution, number of members, and the capabilities that all members have in common. Leaves
are given by leaf index, nodes in general by array index (appendix C).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import merge
from itertools import chain, count, pairwise
from typing import TYPE_CHECKING, TypeVar

from rpds import HashTrieMap

from ttkem.errors import DecodeError, InvalidMessageError, LocalError
from ttkem.mls.messages.codepoints import ExtensionType
from ttkem.mls.messages.credentials import credential_type
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.leaf_node import LeafNode
from ttkem.mls.messages.nodes import ParentNode
from ttkem.mls.messages.nodes import node as node_codec
from ttkem.tree import PersistentTree
from ttkem.tree.math import direct_path, level
from ttkem.wire import (
    Reader,
    encode,
    read_one,
)
from ttkem.wire.codecs import length_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ttkem.crypto import CipherSuite, Hash
    from ttkem.mls.messages.leaf_node import Capabilities
    from ttkem.tree.persistent import Node

__all__ = ["PathStep", "RatchetTree", "Summary", "Support", "TreeLeaf"]

T = TypeVar("T")


@lru_cache(maxsize=4096)
def _encoded(node: LeafNode) -> bytes:
    """Return the encoding of a leaf node, which selecting and applying proposals need again."""
    return encode(node)


@dataclass(frozen=True, slots=True)
class TreeLeaf:
    """A leaf node and its encoding, which is an input of tree hash and signature."""

    node: LeafNode
    encoded: bytes

    @classmethod
    def of(cls, node: LeafNode) -> TreeLeaf:
        """Return a leaf node with its encoding."""
        return cls(node, _encoded(node))


@dataclass(frozen=True, slots=True)
class Support:
    """The types that all members below a node support, and the credential types in use there."""

    credentials: frozenset[int]
    extensions: frozenset[int]
    proposals: frozenset[int]
    used_credentials: frozenset[int]

    def meet(self, other: Support) -> Support:
        """Return the support of two sets of members together."""
        if self == other:
            return self
        return Support(
            self.credentials & other.credentials,
            self.extensions & other.extensions,
            self.proposals & other.proposals,
            self.used_credentials | other.used_credentials,
        )


@lru_cache(maxsize=1024)
def _support(capabilities: Capabilities, used: int) -> Support:
    return Support(
        frozenset(capabilities.credentials),
        frozenset(capabilities.extensions),
        frozenset(capabilities.proposals),
        frozenset((used,)),
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """The values that are cached for a subtree."""

    hash: bytes
    """The tree hash (section 7.8)."""
    resolution: tuple[int, ...]
    """The resolution (section 4.1.1), as array indices."""
    members: int
    """The number of non-blank leaves."""
    support: Support | None
    """The common support of these members; None if there are none."""


class _Measure:
    """The computation of summaries with one hash function; it caches those of blank subtrees."""

    __slots__ = ("_empty", "_hash")

    def __init__(self, hash_: Hash) -> None:
        self._hash = hash_
        self._empty: dict[int, Summary] = {}

    def empty(self, index: int) -> Summary:
        """Return the summary of a blank subtree; its hash depends on the index."""
        found = self._empty.get(index)
        if found is None:
            if index & 1:
                step = 1 << (level(index) - 1)
                below = (self.empty(index - step).hash, self.empty(index + step).hash)
                digest = _parent_tree_hash(self._hash, b"\x00", *below)
            else:
                digest = self._hash.digest(b"\x01" + (index // 2).to_bytes(4, "big") + b"\x00")
            found = self._empty[index] = Summary(digest, (), 0, None)
        return found

    def leaf(self, index: int, payload: TreeLeaf) -> Summary:
        """Return the summary of a leaf that is not blank."""
        leaf_index = (index // 2).to_bytes(4, "big")
        digest = self._hash.digest(b"".join((b"\x01", leaf_index, b"\x01", payload.encoded)))
        node = payload.node
        support = _support(node.capabilities, credential_type(node.credential))
        return Summary(digest, (index,), 1, support)

    def internal(
        self, index: int, payload: ParentNode | None, left: Summary, right: Summary
    ) -> Summary:
        """Return the summary of a parent node; ``payload`` is None for a blank one."""
        if payload is None:
            encoded, resolution = b"\x00", left.resolution + right.resolution
        else:
            encoded = b"\x01" + encode(payload)
            resolution = (index, *(2 * leaf for leaf in payload.unmerged_leaves))
        support = left.support
        if support is None:
            support = right.support
        elif right.support is not None:
            support = support.meet(right.support)
        digest = _parent_tree_hash(self._hash, encoded, left.hash, right.hash)
        return Summary(digest, resolution, left.members + right.members, support)


def _parent_tree_hash(hash_: Hash, encoded: bytes, left: bytes, right: bytes) -> bytes:
    """Return the tree hash of an encoded ``optional<ParentNode>`` (section 7.8)."""
    prefix = length_prefix(len(left))
    return hash_.digest(b"".join((b"\x02", encoded, prefix, left, prefix, right)))


@lru_cache
def _measure(hash_: Hash) -> _Measure:
    return _Measure(hash_)


if TYPE_CHECKING:
    TreeNode = Node[TreeLeaf, ParentNode, Summary]


@dataclass(frozen=True, slots=True)
class PathStep:
    """A node of a leaf's direct path, with its child that lies on the copath."""

    node: int
    """The array index of the node."""
    parent: ParentNode | None
    """The node itself; None if it is blank."""
    sibling: int
    """The array index of the copath child: the sibling of the path's node below."""
    copath: Summary
    """The summary of the copath child's subtree."""


@dataclass(frozen=True, slots=True)
class RatchetTree:
    """The ratchet tree of an epoch. All encryption keys are distinct, and all signature keys."""

    hash_function: Hash
    nodes: PersistentTree[TreeLeaf, ParentNode, Summary]
    encryption_keys: HashTrieMap[bytes, int]
    """Array indices of nodes by encryption key."""
    signature_keys: HashTrieMap[bytes, int]
    """Leaf indices by signature key."""

    @classmethod
    def of(cls, suite: CipherSuite, leaves: Mapping[int, TreeLeaf]) -> RatchetTree:
        """Return the tree of these leaves, given by leaf index, with all parent nodes blank."""
        empty: PersistentTree[TreeLeaf, ParentNode, Summary]
        empty = PersistentTree(_measure(suite.kdf), 1)
        return cls(suite.kdf, empty, HashTrieMap({}), HashTrieMap({})).changed(leaves, {})

    @property
    def capacity(self) -> int:
        """The number of leaves, blank ones included; a power of two."""
        return self.nodes.capacity

    @property
    def hash(self) -> bytes:
        """The tree hash of the root."""
        return self.summary.hash

    @property
    def summary(self) -> Summary:
        """The summary of the root."""
        return self.nodes.summary(self.nodes.root)

    def leaf(self, number: int) -> LeafNode | None:
        """Return the leaf node at a leaf index; None if it is blank or outside the tree."""
        if not 0 <= number < self.capacity:
            return None
        node = self.nodes.node(2 * number)
        return None if node is None or node.leaf is None else node.leaf.node

    def parent(self, index: int) -> ParentNode | None:
        """Return the parent node at an array index; None if it is blank."""
        node = self.nodes.node(index)
        return None if node is None else node.internal

    def public_key(self, index: int) -> bytes | None:
        """Return the encryption key at an array index; None if the node is blank."""
        node = self.nodes.node(index)
        return None if node is None else _key(node)

    def public_keys(self, indices: Iterable[int]) -> dict[int, bytes]:
        """Return the encryption keys at these array indices, without those of blank nodes.

        This descends from the root once, not once for each index.
        """
        found = ((index, _key(node)) for index, node in self.nodes.select(indices).items())
        return {index: key for index, key in found if key is not None}

    def leaves(self) -> Iterator[tuple[int, TreeLeaf]]:
        """Yield the leaf index and leaf of each member."""
        for index, node in self.nodes.nodes():
            if node.leaf is not None:
                yield index // 2, node.leaf

    def parents(self) -> Iterator[tuple[int, ParentNode, TreeNode]]:
        """Yield array index, parent node and tree node of each parent node that is not blank."""
        for index, node in self.nodes.nodes():
            if node.internal is not None:
                yield index, node.internal, node

    def parent_tree_hash(self, parent: ParentNode | None, left: bytes, right: bytes) -> bytes:
        """Return the tree hash of a parent node, given those of its children (section 7.8)."""
        encoded = b"\x00" if parent is None else b"\x01" + encode(parent)
        return _parent_tree_hash(self.hash_function, encoded, left, right)

    def direct_path(self, leaf: int) -> tuple[int, ...]:
        """Return the direct path of a leaf (section 4.1.2), as array indices."""
        return direct_path(2 * leaf, self.capacity)

    def path_steps(self, leaf: int) -> tuple[PathStep, ...]:
        """Return the direct path of a leaf with its copath, from the leaf's side up to the root."""
        steps = []
        path = list(self.nodes.descend(2 * leaf))
        for (above, parent), (below, _) in pairwise(path):
            sibling = 2 * above - below
            payload, child = None, None
            if parent is not None:
                payload, child = parent.internal, parent.right if below < above else parent.left
            copath = self.nodes.measure.empty(sibling) if child is None else child.summary
            steps.append(PathStep(above, payload, sibling, copath))
        return tuple(reversed(steps))

    def containing(self, leaf: int) -> RatchetTree:
        """Return the tree, extended until it has this leaf (section 7.7)."""
        nodes = self.nodes
        while leaf >= nodes.capacity:
            nodes = nodes.doubled()
        return replace(self, nodes=nodes)

    def filtered_path(self, leaf: int) -> tuple[PathStep, ...]:
        """Return the filtered direct path of a leaf (section 4.1.2), with its copath.

        Nodes whose copath child has an empty resolution are left out.
        """
        return tuple(step for step in self.path_steps(leaf) if step.copath.resolution)

    def free_leaves(self, freed: Iterable[int] = ()) -> Iterator[int]:
        """Yield the indices of blank leaves, leftmost first.

        They do not end: those beyond the capacity stand for extensions of the tree. ``freed`` are
        leaves that are not blank yet but will be.
        """
        inside = merge(_free(self.nodes.top, self.nodes.root), sorted(freed))
        return chain(inside, count(self.capacity))

    def changed(
        self, leaves: Mapping[int, TreeLeaf | None], parents: Mapping[int, ParentNode | None]
    ) -> RatchetTree:
        """Return the tree with these nodes replaced; None makes a node blank.

        ``leaves`` are given by leaf index, ``parents`` by array index. The tree is extended and
        truncated as needed (section 7.7). Raise an InvalidMessageError if two nodes would have the
        same encryption key, or two leaves the same signature key.
        """
        nodes = self.containing(max(leaves, default=0)).nodes
        old = nodes.select([*(2 * leaf for leaf in leaves), *parents]).values()
        present = {2 * number: leaf.node for number, leaf in leaves.items() if leaf is not None}
        keys = {index: parent.encryption_key for index, parent in parents.items() if parent}
        keys |= {index: leaf.encryption_key for index, leaf in present.items()}
        encryption = _keys_replaced(
            self.encryption_keys, map(_key, old), keys, "nodes", "encryption key"
        )
        signatures = _keys_replaced(
            self.signature_keys,
            (node.leaf.node.signature_key for node in old if node.leaf is not None),
            {index // 2: leaf.signature_key for index, leaf in present.items()},
            "leaves",
            "signature key",
        )
        nodes = nodes.replace({2 * number: leaf for number, leaf in leaves.items()}, parents)
        while nodes.capacity > 1 and (nodes.top is None or nodes.top.right is None):
            nodes = nodes.halved()
        return RatchetTree(self.hash_function, nodes, encryption, signatures)


def _key(node: TreeNode) -> bytes | None:
    if node.leaf is not None:
        return node.leaf.node.encryption_key
    return None if node.internal is None else node.internal.encryption_key


def _keys_replaced(
    known: HashTrieMap[bytes, int],
    old: Iterable[bytes | None],
    new: Mapping[int, bytes],
    places: str,
    kind: str,
) -> HashTrieMap[bytes, int]:
    """Return the indices by key, without the ``old`` keys and with the ``new`` ones.

    Raise an InvalidMessageError, in terms of ``places`` and ``kind``, for a key at two indices.
    """
    for gone in old:
        if gone is not None:
            known = known.discard(gone)
    for index, key in new.items():
        if key in known:
            raise InvalidMessageError(f"{places} {known[key]} and {index} have the same {kind}")
        known = known.insert(key, index)
    return known


def _free(node: TreeNode | None, index: int) -> Iterator[int]:
    """Yield the indices of the blank leaves of a subtree, leftmost first."""
    height = level(index)
    if node is None:
        first = (index + 1 - (1 << height)) // 2
        yield from range(first, first + (1 << height))
    elif node.summary.members < 1 << height:
        step = 1 << (height - 1)
        yield from _free(node.left, index - step)
        yield from _free(node.right, index + step)


def read_ratchet_tree(
    suite: CipherSuite, data: bytes, like: RatchetTree | None = None
) -> RatchetTree:
    """Return the tree in the data of a ``ratchet_tree`` extension (section 12.4.3.3).

    It is still to be validated. Raise a DecodeError, or an InvalidMessageError for equal keys. With
    another tree ``like`` it, the two share the memory of equal subtrees.
    """
    leaves, parents = _read_nodes(data)
    if like is None:
        like = RatchetTree.of(suite, {})
    else:
        leaves = _changes(dict(like.leaves()), leaves)
        parents = _changes({index: parent for index, parent, _ in like.parents()}, parents)
    try:
        return like.changed(leaves, parents)
    except LocalError as error:
        raise InvalidMessageError(f"the ratchet tree is inconsistent: {error}") from None


def _read_nodes(
    data: bytes,
) -> tuple[dict[int, TreeLeaf | None], dict[int, ParentNode | None]]:
    """Return the leaves by leaf index, and the parent nodes that are not blank by array index."""
    whole = Reader(data)
    source = whole.part()
    if source.end != len(data):
        raise DecodeError(f"{len(data) - source.end} bytes follow the ratchet tree")
    leaves: dict[int, TreeLeaf | None] = {}
    parents: dict[int, ParentNode | None] = {}
    index, blank = 0, False
    while source.at < source.end:
        start = source.at
        node = read_one(node_codec, source)
        blank = node is None
        if isinstance(node, LeafNode) and not index & 1:
            leaves[index // 2] = TreeLeaf(node, data[start + 2 : source.at])
        elif isinstance(node, ParentNode) and index & 1:
            parents[index] = node
        elif node is not None:
            raise DecodeError(
                f"node {index} of the ratchet tree must not be a {type(node).__name__}"
            )
        index += 1
    if not index:
        raise DecodeError("the ratchet tree is empty")
    if blank:
        raise DecodeError("the ratchet tree ends in a blank node")
    if max(parents, default=0) > 2 * max(leaves, default=0):
        raise DecodeError("the ratchet tree has a parent node beyond its last leaf")
    return leaves, parents


def _changes(old: Mapping[int, T], new: Mapping[int, T | None]) -> dict[int, T | None]:
    """Return the items of ``new`` that ``old`` lacks, and None for those that only ``old`` has."""
    changed = {index: item for index, item in new.items() if old.get(index) != item}
    return dict.fromkeys(old.keys() - new.keys()) | changed


def write_ratchet_tree(tree: RatchetTree) -> bytes:
    """Return the data of the ``ratchet_tree`` extension of a tree (section 12.4.3.3)."""
    out: list[bytes] = []
    size = 0
    for index, node in tree.nodes.nodes():
        if node.leaf is None and node.internal is None:
            continue
        out.append(bytes(index - size))
        size = index + 1
        if node.leaf is not None:
            out += (b"\x01\x01", node.leaf.encoded)
        else:
            out += (b"\x01\x02", encode(node.internal))
    data = b"".join(out)
    return length_prefix(len(data)) + data


def ratchet_tree_extension(tree: RatchetTree) -> Extension:
    """Return the ``ratchet_tree`` extension of a tree (section 12.4.3.3)."""
    return Extension(ExtensionType.RATCHET_TREE, write_ratchet_tree(tree))
