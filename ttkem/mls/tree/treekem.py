"""TreeKEM (sections 7.4 to 7.6): new keys on a direct path, encrypted to the other members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.crypto.randomness import draw
from ttkem.errors import CryptoError, InvalidMessageError
from ttkem.mls.messages.content import HPKECiphertext, UpdatePath, UpdatePathNode
from ttkem.mls.messages.leaf_node import InCommit
from ttkem.mls.messages.nodes import ParentNode
from ttkem.mls.tree.parent_hash import parent_hash
from ttkem.mls.tree.ratchet_tree import TreeLeaf
from ttkem.tree.math import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from rpds import HashTrieMap

    from ttkem.crypto import KeyPair, Labelled, Randomness
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import PathStep, RatchetTree

__all__ = [
    "NewPath",
    "OpenedPath",
    "create_path",
    "follow_secrets",
    "kept_secrets",
    "merge_path",
    "node_key_pair",
    "open_path",
]

_LABEL = b"UpdatePathNode"


def node_key_pair(crypto: Labelled, path_secret: bytes) -> KeyPair:
    """Return the key pair of a node, derived from its path secret (section 7.4)."""
    return crypto.suite.derive_key_pair(crypto.derive_secret(path_secret, b"node"))


def next_path_secret(crypto: Labelled, path_secret: bytes) -> bytes:
    """Return the next path secret; after the last one, it is the commit secret (section 7.4)."""
    return crypto.derive_secret(path_secret, b"path")


@dataclass(frozen=True, slots=True)
class NewPath:
    """A new path and its secrets, as its author has them."""

    tree: RatchetTree
    update_path: UpdatePath
    secrets: HashTrieMap[int, bytes]
    """The author's secret keys, by array index: of its leaf and its filtered direct path."""
    path_secrets: dict[int, bytes]
    """The path secrets by array index; the Welcome gives new members theirs."""
    commit_secret: bytes


def create_path(
    crypto: Labelled,
    tree: RatchetTree,
    leaf: int,
    secrets: HashTrieMap[int, bytes],
    make_leaf: Callable[[bytes, InCommit], LeafNode],
    make_context: Callable[[bytes], bytes],
    added: Collection[int],
    randomness: Randomness,
) -> NewPath:
    """Update the direct path of a leaf (section 7.5).

    ``make_leaf`` returns the signed new leaf node, given its encryption key and its source with the
    parent hash. ``make_context`` returns the encoded provisional GroupContext, given the tree hash.
    ``added`` are the leaves that the same commit adds; no path secret is encrypted to them.
    """
    tree = tree.containing(leaf)
    leaf_pair = crypto.suite.generate_key_pair(randomness)
    steps = tree.filtered_path(leaf)
    path_secret = draw(randomness, crypto.suite.hash_length)
    path_secrets, pairs = {}, []
    for step in steps:
        path_secrets[step.node] = path_secret
        pairs.append(node_key_pair(crypto, path_secret))
        path_secret = next_path_secret(crypto, path_secret)
    parents, leaf_hash = _parents(crypto, steps, [pair.public for pair in pairs])
    node = make_leaf(leaf_pair.public, InCommit(leaf_hash))
    after = tree.changed({leaf: TreeLeaf.of(node)}, _replaced(tree, leaf, parents))
    context = make_context(after.hash)
    # The path's own nodes are never on its copath, so the old tree has the keys that are needed.
    added = frozenset(added)
    resolutions = [_without_added(step.copath.resolution, added) for step in steps]
    keys = tree.public_keys(index for resolution in resolutions for index in resolution)
    nodes = tuple(
        UpdatePathNode(
            pair.public,
            tuple(
                HPKECiphertext.seal(
                    crypto, keys[index], _LABEL, context, path_secrets[step.node], randomness
                )
                for index in resolution
            ),
        )
        for step, pair, resolution in zip(steps, pairs, resolutions, strict=True)
    )
    secrets = kept_secrets(after, leaf, secrets).insert(2 * leaf, leaf_pair.secret)
    for step, pair in zip(steps, pairs, strict=True):
        secrets = secrets.insert(step.node, pair.secret)
    return NewPath(after, UpdatePath(node, nodes), secrets, path_secrets, path_secret)


def merge_path(crypto: Labelled, tree: RatchetTree, leaf: int, path: UpdatePath) -> RatchetTree:
    """Return the tree with an UpdatePath merged into it (section 7.5).

    Raise an InvalidMessageError if the path's length or the leaf node's parent hash is wrong.
    """
    tree = tree.containing(leaf)
    steps = tree.filtered_path(leaf)
    if len(steps) != len(path.nodes):
        raise InvalidMessageError(
            f"the update path has length {len(path.nodes)}, "
            f"but the filtered direct path has length {len(steps)}"
        )
    parents, expected = _parents(crypto, steps, [node.encryption_key for node in path.nodes])
    source = path.leaf_node.source
    if not isinstance(source, InCommit) or source.parent_hash != expected:
        raise InvalidMessageError("the parent hash of an update path's leaf node is wrong")
    return tree.changed({leaf: TreeLeaf.of(path.leaf_node)}, _replaced(tree, leaf, parents))


@dataclass(frozen=True, slots=True)
class OpenedPath:
    """The secrets that a receiver derives from an update path."""

    path_secret: bytes
    """The path secret of the lowest common ancestor of author and receiver."""
    secrets: HashTrieMap[int, bytes]
    """The receiver's secret keys, by array index."""
    commit_secret: bytes


def open_path(
    crypto: Labelled,
    tree: RatchetTree,
    author: int,
    path: UpdatePath,
    receiver: int,
    secrets: HashTrieMap[int, bytes],
    context: bytes,
    added: Collection[int],
) -> OpenedPath:
    """Decrypt the receiver's path secret and derive those above it (section 7.5).

    ``tree`` has the path merged into it; ``context`` is the encoded provisional GroupContext;
    ``added`` are the leaves that the same commit adds. Raise an InvalidMessageError if a number of
    ciphertexts or a derived key is wrong, and a CryptoError if the path secret cannot be decrypted.
    """
    added = frozenset(added)
    shared: int = -1
    shared_resolution: tuple[int, ...] = ()
    ciphertexts: tuple[HPKECiphertext, ...] = ()
    for step, node in zip(tree.filtered_path(author), path.nodes, strict=True):
        resolution = _without_added(step.copath.resolution, added)
        if len(resolution) != len(node.encrypted_path_secret):
            raise InvalidMessageError(
                f"node {step.node} of the update path needs {len(resolution)} ciphertexts, "
                f"not {len(node.encrypted_path_secret)}"
            )
        if spans(step.sibling, 2 * receiver):
            shared, shared_resolution = step.node, resolution
            ciphertexts = node.encrypted_path_secret
    for index, ciphertext in zip(shared_resolution, ciphertexts, strict=True):
        secret = secrets.get(index)
        if secret is None or not spans(index, 2 * receiver):
            continue
        path_secret = ciphertext.open(crypto, secret, _LABEL, context)
        kept = kept_secrets(tree, receiver, secrets)
        kept, commit_secret = follow_secrets(crypto, tree, author, shared, path_secret, kept)
        return OpenedPath(path_secret, kept, commit_secret)
    raise CryptoError("no node of this update path is encrypted to this member")


def follow_secrets(
    crypto: Labelled,
    tree: RatchetTree,
    author: int,
    node: int,
    path_secret: bytes,
    secrets: HashTrieMap[int, bytes],
) -> tuple[HashTrieMap[int, bytes], bytes]:
    """Derive the secrets from ``node`` up the author's filtered direct path (section 7.5).

    Return ``secrets`` with the secret keys added, and the commit secret. Raise an
    InvalidMessageError if a derived public key is not the one in the tree.
    """
    for step in tree.filtered_path(author):
        if not spans(step.node, node):
            continue
        pair = node_key_pair(crypto, path_secret)
        if step.parent is None or step.parent.encryption_key != pair.public:
            raise InvalidMessageError(
                f"the path secret of node {step.node} does not give its public key"
            )
        secrets = secrets.insert(step.node, pair.secret)
        path_secret = next_path_secret(crypto, path_secret)
    return secrets, path_secret


def kept_secrets(
    tree: RatchetTree, leaf: int, secrets: HashTrieMap[int, bytes]
) -> HashTrieMap[int, bytes]:
    """Return ``secrets`` without those of nodes that are blank now, or gone by truncation."""
    present = tree.public_keys((2 * leaf, *tree.direct_path(leaf)))
    for index in list(secrets):
        if index not in present:
            secrets = secrets.remove(index)
    return secrets


def _parents(
    crypto: Labelled, steps: Sequence[PathStep], keys: Sequence[bytes]
) -> tuple[dict[int, ParentNode], bytes]:
    """Return the parent nodes of a path by array index, and the parent hash of its leaf node.

    Parent hashes are computed from the root down (section 7.9).
    """
    parents = {}
    above = b""
    for step, key in zip(reversed(steps), reversed(keys), strict=True):
        parents[step.node] = ParentNode(key, above, ())
        above = parent_hash(crypto, key, above, step.copath.hash)
    return parents, above


def _replaced(
    tree: RatchetTree, leaf: int, parents: dict[int, ParentNode]
) -> dict[int, ParentNode | None]:
    """Return all nodes of a direct path by array index: ``parents``, and None for the others."""
    return {index: parents.get(index) for index in tree.direct_path(leaf)}


def _without_added(resolution: tuple[int, ...], added: frozenset[int]) -> tuple[int, ...]:
    """Return a resolution without the leaves that the same commit adds (section 7.5)."""
    if not added:
        return resolution
    return tuple(index for index in resolution if index & 1 or index // 2 not in added)
