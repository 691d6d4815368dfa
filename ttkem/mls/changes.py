"""What a commit's proposals do to a group, once they were found to be in order (section 12.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttkem.mls.extensions import Extension
    from ttkem.mls.key_package import KeyPackage
    from ttkem.mls.leaf_node import LeafNode
    from ttkem.mls.proposals import ReInit
    from ttkem.mls.psk import PreSharedKeyID
    from ttkem.mls.ratchet_tree import RatchetTree

__all__ = ["Changes"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list of proposals does to a group."""

    tree: RatchetTree
    extensions: tuple[Extension, ...]
    updated: dict[int, LeafNode]
    removed: tuple[int, ...]
    added: tuple[int, ...]
    """Leaf numbers of new members, in the order of their key packages."""
    packages: tuple[KeyPackage, ...]
    psks: tuple[PreSharedKeyID, ...]
    path_required: bool
    external_init: bytes | None
    reinit: ReInit | None
