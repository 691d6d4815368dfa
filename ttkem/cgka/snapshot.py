"""Public group states as bytes and back (specification T5 [D])."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ttkem.cgka.group import PublicState, has_room
from ttkem.cgka.messages import PublicInternalNode, PublicLeaf, Snapshot
from ttkem.errors import InvalidMessageError
from ttkem.tree import InternalNode, KeyTree, Leaf
from ttkem.tree.math import array_index, leaf_index, spans
from ttkem.wire.limits import LAST_JOINED_EPOCH, LAST_SAVED_EPOCH, TREE_BYTES, check_epoch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.cgka.plan import TreeProtocol

__all__ = ["public_state", "snapshot"]


def snapshot(public: PublicState) -> Snapshot:
    """Return the public state ready to be encoded; linear in the group."""
    tree = public.tree
    leaves = tuple(
        PublicLeaf(array_index(number), leaf.identity, leaf.signature_key, leaf.public_key)
        for number, leaf in tree.roster()
    )
    internal = tuple(
        PublicInternalNode(node, content.public_key, content.taint)
        for node, content in tree.internal_nodes()
    )
    return Snapshot(public.epoch, public.transcript_hash, tree.capacity, leaves, internal)


def public_state(
    protocol: TreeProtocol, data: Snapshot, pki: Mapping[str, bytes] | None
) -> PublicState:
    """Return the public state that a snapshot describes.

    Raise a :class:`~ttkem.errors.RemoteError` if it cannot be the state of a group: an empty or
    oversized tree, nodes out of order or place, an identity or a signature key twice, a signature
    key that is not the one in ``pki``, a taint by an empty leaf or by a member below the node, who
    knows its secret anyway, a transcript hash of another length, or an epoch that leaves no room
    for operations. ``pki`` is None for a member's own file, whose signature keys are not checked
    against the infrastructure.
    """
    check_epoch(data.epoch, LAST_SAVED_EPOCH if pki is None else LAST_JOINED_EPOCH)
    if len(data.transcript_hash) != protocol.suite.hash_length:
        raise InvalidMessageError(
            f"cannot accept the snapshot: its transcript hash has {len(data.transcript_hash)} "
            f"bytes, not {protocol.suite.hash_length}"
        )
    _check_order(data)
    _check_members(protocol, data, pki)
    tree = KeyTree.empty(protocol.suite.hash)
    while tree.capacity < data.capacity:
        tree = tree.doubled()
    if tree.capacity != data.capacity or data.leaves[-1].node >= 2 * data.capacity - 1:
        raise InvalidMessageError(
            f"cannot accept the snapshot: its members do not fit a tree of capacity {data.capacity}"
        )
    tree = tree.with_members(
        {
            leaf_index(leaf.node): Leaf(leaf.identity, leaf.signature_key, leaf.public_key)
            for leaf in data.leaves
        }
    )
    if not has_room(protocol, tree):
        raise InvalidMessageError(
            f"cannot accept the snapshot: its tree takes more than {TREE_BYTES} bytes"
        )
    if tree.truncated().capacity != tree.capacity:
        raise InvalidMessageError(
            "cannot accept the snapshot: its tree has an empty right half, and is not truncated"
        )
    _check_internal(protocol, tree, data)
    tree = tree.with_keys(
        {}, {node.node: InternalNode(node.public_key, node.taint) for node in data.internal}
    )
    return PublicState(tree, data.epoch, data.transcript_hash)


def _check_order(data: Snapshot) -> None:
    """Raise unless the nodes are in array order, leaves and internal nodes apart."""
    _ascending([leaf.node for leaf in data.leaves], odd=0)
    _ascending([internal.node for internal in data.internal], odd=1)


def _check_members(protocol: TreeProtocol, data: Snapshot, pki: Mapping[str, bytes] | None) -> None:
    """Raise unless there are members, each with a key and a signature key of its own."""
    if not data.leaves or len({leaf.identity for leaf in data.leaves}) != len(data.leaves):
        raise InvalidMessageError(
            "cannot accept the snapshot: a group has at least one member, and each member once"
        )
    if len({leaf.signature_key for leaf in data.leaves}) != len(data.leaves):
        raise InvalidMessageError("cannot accept the snapshot: two members have one signature key")
    for leaf in data.leaves:
        if pki is not None and pki.get(leaf.identity) != leaf.signature_key:
            raise InvalidMessageError(
                f"cannot accept the snapshot: {leaf.identity!r} has another signature key "
                "in the public-key infrastructure"
            )
        protocol.suite.check_public_key(leaf.public_key)


def _check_internal(protocol: TreeProtocol, tree: KeyTree, data: Snapshot) -> None:
    """Raise unless each keyed node has a member below it, and a tainter elsewhere or none."""
    for node in data.internal:
        if node.node >= 2 * tree.capacity - 1 or not tree.members(node.node):
            raise InvalidMessageError(
                f"cannot accept the snapshot: node {node.node} has a key and nobody below it"
            )
        if node.taint is not None and (
            node.taint >= tree.capacity
            or tree.leaf(node.taint) is None
            or spans(node.node, array_index(node.taint))
        ):
            raise InvalidMessageError(
                f"cannot accept the snapshot: node {node.node} "
                f"cannot be tainted by leaf {node.taint}"
            )
        protocol.suite.check_public_key(node.public_key)


def _ascending(nodes: Sequence[int], odd: int) -> None:
    if any(node & 1 != odd for node in nodes) or any(
        first >= second for first, second in pairwise(nodes)
    ):
        raise InvalidMessageError(
            "cannot accept the snapshot: its nodes are not in ascending array order"
        )
