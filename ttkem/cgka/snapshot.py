"""Public group states as bytes and back (specification T5 [D])."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ttkem.cgka.group import PublicState
from ttkem.cgka.messages import PublicInternalNode, PublicLeaf, Snapshot
from ttkem.errors import InvalidMessageError
from ttkem.tree import InternalNode, KeyTree, Leaf
from ttkem.tree.math import array_index, leaf_index, spans

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
    oversized tree, nodes out of order or place, an identity twice, a signature key that is not the
    one in ``pki``, or a taint by an empty leaf or by a member below the node, who knows its secret
    anyway. ``pki`` is None for a member's own file, whose signature keys are not checked.
    """
    tree = KeyTree.empty(protocol.suite.hash)
    _ascending([leaf.node for leaf in data.leaves], odd=0)
    _ascending([internal.node for internal in data.internal], odd=1)
    leaves = {leaf_index(leaf.node): leaf for leaf in data.leaves}
    internal = {node.node: node for node in data.internal}
    if not leaves or len({leaf.identity for leaf in data.leaves}) != len(leaves):
        raise InvalidMessageError(
            "cannot accept the snapshot: a group has at least one member, and each member once"
        )
    while tree.capacity < data.capacity:
        tree = tree.doubled()
    width = 2 * data.capacity - 1
    if tree.capacity != data.capacity or data.leaves[-1].node >= width:
        raise InvalidMessageError(
            f"cannot accept the snapshot: its members do not fit a tree of capacity {data.capacity}"
        )
    for leaf in data.leaves:
        if pki is not None and pki.get(leaf.identity) != leaf.signature_key:
            raise InvalidMessageError(
                f"cannot accept the snapshot: {leaf.identity!r} has another signature key "
                "in the public-key infrastructure"
            )
        protocol.suite.check_public_key(leaf.public_key)
    tree = tree.with_members(
        {
            number: Leaf(leaf.identity, leaf.signature_key, leaf.public_key)
            for number, leaf in leaves.items()
        }
    )
    if tree.truncated().capacity != tree.capacity:
        raise InvalidMessageError(
            "cannot accept the snapshot: its tree has an empty right half, and is not truncated"
        )
    for node in data.internal:
        if node.node >= width or not tree.members(node.node):
            raise InvalidMessageError(
                f"cannot accept the snapshot: node {node.node} has a key and nobody below it"
            )
        if node.taint is not None and (
            node.taint not in leaves or spans(node.node, array_index(node.taint))
        ):
            raise InvalidMessageError(
                f"cannot accept the snapshot: node {node.node} "
                f"cannot be tainted by leaf {node.taint}"
            )
        protocol.suite.check_public_key(node.public_key)
    tree = tree.with_keys(
        {},
        {
            node: InternalNode(content.public_key, content.taint)
            for node, content in internal.items()
        },
    )
    return PublicState(tree, data.epoch, data.transcript_hash)


def _ascending(nodes: Sequence[int], odd: int) -> None:
    if any(node & 1 != odd for node in nodes) or any(
        first >= second for first, second in pairwise(nodes)
    ):
        raise InvalidMessageError(
            "cannot accept the snapshot: its nodes are not in ascending array order"
        )
