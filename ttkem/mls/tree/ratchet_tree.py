"""The ratchet tree (sections 4.1, 7.1, 7.7, 7.8), persistent, with its hashes cached.

A change copies the paths it touches; tree hash, resolution, number of members and what all members
support are summaries of each node. Leaves are numbered, other nodes have array indices
(appendix C).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import merge
from itertools import chain, count, pairwise
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class TreeLeaf:
    """A leaf node and its encoding, which goes into tree hash and signature."""

    node: LeafNode
    encoded: bytes

    @classmethod
    def of(cls, node: LeafNode) -> TreeLeaf:
        """A leaf node, encoded."""
        return cls(node, encode(node))


@dataclass(frozen=True, slots=True)
class Support:
    """What all members below a node support, and which credential types they use."""

    credentials: frozenset[int]
    extensions: frozenset[int]
    proposals: frozenset[int]
    used_credentials: frozenset[int]

    def meet(self, other: Support) -> Support:
        """What the members on both sides have in common."""
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
    """What is cached of a subtree."""

    hash: bytes
    """Tree hash (section 7.8)."""
    resolution: tuple[int, ...]
    """Array indices (section 4.1.1)."""
    members: int
    support: Support | None
    """None where nobody is."""


class _Measure:
    """Makes summaries; those of empty subtrees are kept: their hash depends on their place."""

    __slots__ = ("_empty", "_hash")

    def __init__(self, hash_: Hash) -> None:
        self._hash = hash_
        self._empty: dict[int, Summary] = {}

    def empty(self, index: int) -> Summary:
        """Summary of a blank subtree."""
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
        """Summary of a leaf."""
        place = (index // 2).to_bytes(4, "big")
        digest = self._hash.digest(b"".join((b"\x01", place, b"\x01", payload.encoded)))
        node = payload.node
        support = _support(node.capabilities, credential_type(node.credential))
        return Summary(digest, (index,), 1, support)

    def inner(
        self, index: int, payload: ParentNode | None, left: Summary, right: Summary
    ) -> Summary:
        """Summary of a parent node."""
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
    """Hash of a ``TreeHashInput`` for an encoded ``optional<ParentNode>`` (section 7.8)."""
    prefix = length_prefix(len(left))
    return hash_.digest(b"".join((b"\x02", encoded, prefix, left, prefix, right)))


@lru_cache
def _measure(hash_: Hash) -> _Measure:
    return _Measure(hash_)


if TYPE_CHECKING:
    TreeNode = Node[TreeLeaf, ParentNode, Summary]


@dataclass(frozen=True, slots=True)
class PathStep:
    """A node of a leaf's direct path, with the sibling of the node before it."""

    node: int
    parent: ParentNode | None
    sibling: int
    beside: Summary
    """Of the sibling's subtree."""


@dataclass(frozen=True, slots=True)
class RatchetTree:
    """The ratchet tree of an epoch. No key stands at two nodes."""

    hash_function: Hash
    nodes: PersistentTree[TreeLeaf, ParentNode, Summary]
    encryption_keys: HashTrieMap[bytes, int]
    """Array index by key."""
    signature_keys: HashTrieMap[bytes, int]
    """Leaf number by key."""

    @classmethod
    def of(cls, suite: CipherSuite, leaves: Mapping[int, TreeLeaf]) -> RatchetTree:
        """A tree of these leaves, by number, and no parent nodes."""
        empty: PersistentTree[TreeLeaf, ParentNode, Summary]
        empty = PersistentTree(_measure(suite.kdf), 1)
        return cls(suite.kdf, empty, HashTrieMap({}), HashTrieMap({})).changed(leaves, {})

    @property
    def capacity(self) -> int:
        """Number of leaves, blank ones included; a power of two."""
        return self.nodes.capacity

    @property
    def hash(self) -> bytes:
        """Tree hash of the root."""
        return self.summary.hash

    @property
    def summary(self) -> Summary:
        """Of the root."""
        return self.nodes.summary(self.nodes.root)

    def leaf(self, number: int) -> LeafNode | None:
        """The leaf node with this number; None for a blank one, or one that there is not."""
        if not 0 <= number < self.capacity:
            return None
        node = self.nodes.node(2 * number)
        return None if node is None or node.leaf is None else node.leaf.node

    def parent(self, index: int) -> ParentNode | None:
        """The parent node at an array index; None for a blank one."""
        node = self.nodes.node(index)
        return None if node is None else node.inner

    def public_key(self, index: int) -> bytes | None:
        """The encryption key at an array index; None for a blank node."""
        node = self.nodes.node(index)
        return None if node is None else _key(node)

    def public_keys(self, indices: Iterable[int]) -> dict[int, bytes]:
        """The encryption keys at these array indices, in one walk; blank nodes are left out."""
        found = ((index, _key(node)) for index, node in self.nodes.select(indices).items())
        return {index: key for index, key in found if key is not None}

    def leaves(self) -> Iterator[tuple[int, TreeLeaf]]:
        """Numbers and leaves of all members."""
        for index, node in self.nodes.nodes():
            if node.leaf is not None:
                yield index // 2, node.leaf

    def parents(self) -> Iterator[tuple[int, ParentNode, TreeNode]]:
        """Array index and parent node of all that are not blank, and the tree's own node."""
        for index, node in self.nodes.nodes():
            if node.inner is not None:
                yield index, node.inner, node

    def parent_tree_hash(self, parent: ParentNode | None, left: bytes, right: bytes) -> bytes:
        """The tree hash of a parent node over these hashes of its children (section 7.8)."""
        encoded = b"\x00" if parent is None else b"\x01" + encode(parent)
        return _parent_tree_hash(self.hash_function, encoded, left, right)

    def direct_path(self, leaf: int) -> tuple[int, ...]:
        """Array indices (section 4.1.2)."""
        return direct_path(2 * leaf, self.capacity)

    def path_steps(self, leaf: int) -> tuple[PathStep, ...]:
        """The direct path of a leaf, lowest first, with what hangs beside it; in one walk."""
        steps = []
        way = list(self.nodes.descend(2 * leaf))
        for (above, parent), (below, _) in pairwise(way):
            sibling = 2 * above - below
            payload, beside = None, None
            if parent is not None:
                payload, beside = parent.inner, parent.right if below < above else parent.left
            summary = self.nodes.measure.empty(sibling) if beside is None else beside.summary
            steps.append(PathStep(above, payload, sibling, summary))
        return tuple(reversed(steps))

    def containing(self, leaf: int) -> RatchetTree:
        """The tree, extended until it has this leaf (section 7.7)."""
        nodes = self.nodes
        while leaf >= nodes.capacity:
            nodes = nodes.doubled()
        return replace(self, nodes=nodes)

    def filtered_path(self, leaf: int) -> tuple[PathStep, ...]:
        """The filtered direct path (section 4.1.2): without nodes that have nobody beside them."""
        return tuple(step for step in self.path_steps(leaf) if step.beside.resolution)

    def free_leaves(self, freed: Iterable[int] = ()) -> Iterator[int]:
        """Numbers of blank leaves, leftmost first, without end: beyond the last, the tree grows.

        ``freed`` are leaves that are about to be blank.
        """
        inside = merge(_free(self.nodes.top, self.nodes.root), sorted(freed))
        return chain(inside, count(self.capacity))

    def changed(
        self, leaves: Mapping[int, TreeLeaf | None], parents: Mapping[int, ParentNode | None]
    ) -> RatchetTree:
        """The tree with these leaves by number and parent nodes by array index; None blanks one.

        It is extended and truncated as needed (section 7.7). An InvalidMessageError if a key would
        stand at two nodes.
        """
        nodes = self.containing(max(leaves, default=0)).nodes
        old = nodes.select([*(2 * leaf for leaf in leaves), *parents]).values()
        present = {2 * number: leaf.node for number, leaf in leaves.items() if leaf is not None}
        keys = {index: parent.encryption_key for index, parent in parents.items() if parent}
        keys |= {index: leaf.encryption_key for index, leaf in present.items()}
        encryption = _exchanged(
            self.encryption_keys, map(_key, old), keys, "nodes with the encryption key"
        )
        signatures = _exchanged(
            self.signature_keys,
            (node.leaf.node.signature_key for node in old if node.leaf is not None),
            {index // 2: leaf.signature_key for index, leaf in present.items()},
            "members with the signature key",
        )
        nodes = nodes.replace({2 * number: leaf for number, leaf in leaves.items()}, parents)
        while nodes.capacity > 1 and (nodes.top is None or nodes.top.right is None):
            nodes = nodes.halved()
        return RatchetTree(self.hash_function, nodes, encryption, signatures)


def _key(node: TreeNode) -> bytes | None:
    if node.leaf is not None:
        return node.leaf.node.encryption_key
    return None if node.inner is None else node.inner.encryption_key


def _exchanged(
    known: HashTrieMap[bytes, int],
    old: Iterable[bytes | None],
    new: Mapping[int, bytes],
    what: str,
) -> HashTrieMap[bytes, int]:
    """The places by key without the ``old`` keys and with the ``new`` ones."""
    for gone in old:
        if gone is not None:
            known = known.discard(gone)
    for place, key in new.items():
        if key in known:
            raise InvalidMessageError(f"two {what} of {place}")
        known = known.insert(key, place)
    return known


def _free(node: TreeNode | None, index: int) -> Iterator[int]:
    """Numbers of the blank leaves of a subtree."""
    height = level(index)
    if node is None:
        first = (index + 1 - (1 << height)) // 2
        yield from range(first, first + (1 << height))
    elif node.summary.members < 1 << height:
        step = 1 << (height - 1)
        yield from _free(node.left, index - step)
        yield from _free(node.right, index + step)


def read_ratchet_tree(suite: CipherSuite, data: bytes) -> RatchetTree:
    """The tree that a ``ratchet_tree`` extension carries (section 12.4.3.3), not yet validated."""
    whole = Reader(data)
    source = whole.part()
    if source.end != len(data):
        raise DecodeError("bytes after a ratchet tree")
    leaves: dict[int, TreeLeaf | None] = {}
    parents: dict[int, ParentNode | None] = {}
    index, blank = 0, True
    while source.at < source.end:
        start = source.at
        node = read_one(node_codec, source)
        blank = node is None
        if isinstance(node, LeafNode) and not index & 1:
            leaves[index // 2] = TreeLeaf(node, data[start + 2 : source.at])
        elif isinstance(node, ParentNode) and index & 1:
            parents[index] = node
        elif node is not None:
            raise DecodeError(f"a {type(node).__name__} at node {index} of a ratchet tree")
        index += 1
    if blank:
        raise DecodeError("a ratchet tree that ends in a blank node, or is empty")
    empty = RatchetTree.of(suite, {})
    if max(parents, default=0) > 2 * max(leaves, default=0):
        raise DecodeError("a ratchet tree with a parent node beyond its last leaf")
    try:
        return empty.changed(leaves, parents)
    except LocalError as error:
        raise InvalidMessageError(f"a ratchet tree in which {error}") from None


def write_ratchet_tree(tree: RatchetTree) -> bytes:
    """The content of a ``ratchet_tree`` extension (section 12.4.3.3)."""
    out: list[bytes] = []
    size = 0
    for index, node in tree.nodes.nodes():
        if node.leaf is None and node.inner is None:
            continue
        out.append(bytes(index - size))
        size = index + 1
        if node.leaf is not None:
            out += (b"\x01\x01", node.leaf.encoded)
        else:
            out += (b"\x01\x02", encode(node.inner))
    data = b"".join(out)
    return length_prefix(len(data)) + data


def ratchet_tree_extension(tree: RatchetTree) -> Extension:
    """The extension that carries a tree (section 12.4.3.3)."""
    return Extension(ExtensionType.RATCHET_TREE, write_ratchet_tree(tree))
