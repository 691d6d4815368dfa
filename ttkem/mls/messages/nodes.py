"""Nodes of the ratchet tree as they are sent (sections 7.1 and 12.4.3.3)."""

from dataclasses import dataclass
from typing import Annotated

from ttkem.mls.messages.codepoints import NodeType
from ttkem.mls.messages.leaf_node import LeafNode
from ttkem.wire import enum, opaque_v, optional, struct, uint8, uint32, variant, vector

__all__ = ["ParentNode", "node", "nodes"]


@struct
@dataclass(frozen=True, slots=True)
class ParentNode:
    """``ParentNode`` (section 7.1)."""

    encryption_key: Annotated[bytes, opaque_v]
    parent_hash: Annotated[bytes, opaque_v]
    unmerged_leaves: Annotated[tuple[int, ...], vector(uint32)]


node = optional(
    variant(enum(NodeType, uint8), {NodeType.LEAF: LeafNode, NodeType.PARENT: ParentNode})
)
"""The codec of an entry of the ``ratchet_tree`` extension (section 12.4.3.3)."""


nodes = vector(node)
"""The codec of the content of the ``ratchet_tree`` extension: a vector of entries.

It does not check that the entries make up a tree.
"""
