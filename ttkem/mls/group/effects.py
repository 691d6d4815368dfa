"""Effects of a validated list of proposals: what it does to a group (section 12.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.proposals import (
    Add,
    CustomProposal,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from ttkem.mls.tree.member_changes import change_members

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ttkem.mls.group.state import Received
    from ttkem.mls.messages.extensions import Extension
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.key_package import KeyPackage
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.messages.psk_ids import PreSharedKeyID
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["Effects", "SortedProposals", "apply_proposals", "sort_proposals"]

_PATHLESS = (Add, PreSharedKey, ReInit)
"""What may be committed without a path (section 12.4)."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a list of proposals does to a group."""

    tree: RatchetTree
    """The provisional tree, before the path of the commit."""
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

    def committer(self, author: int | None) -> int:
        """Return the committer's leaf: its own, or the one that an external commit takes."""
        return next(self.tree.free_leaves()) if author is None else author


@dataclass(slots=True)
class SortedProposals:
    """Proposals by what they do."""

    updated: dict[int, LeafNode] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    packages: list[KeyPackage] = field(default_factory=list)
    psks: list[PreSharedKeyID] = field(default_factory=list)
    extensions: list[tuple[Extension, ...]] = field(default_factory=list)
    external_inits: list[bytes] = field(default_factory=list)
    reinits: list[ReInit] = field(default_factory=list)
    custom: set[int] = field(default_factory=set)
    changed: list[int] = field(default_factory=list)
    """Leaves that updates and removes apply to."""


def apply_proposals(
    pathless: Collection[int],
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    found: SortedProposals,
) -> Effects:
    """Apply a list, sorted as ``found``, without validating it (section 12.3).

    ``pathless`` are the custom proposal types that need no path.
    """
    after, added = change_members(
        tree,
        found.updated,
        found.removed,
        [package.leaf_node for package in found.packages],
    )
    path_required = not proposals or any(_needs_path(pathless, r) for r in proposals)
    return Effects(
        after,
        found.extensions[0] if found.extensions else context.extensions,
        found.updated,
        tuple(found.removed),
        added,
        tuple(found.packages),
        tuple(found.psks),
        path_required,
        found.external_inits[0] if found.external_inits else None,
        found.reinits[0] if found.reinits else None,
    )


def sort_proposals(proposals: Sequence[Received]) -> SortedProposals:
    """Sort proposals by what they do."""
    found = SortedProposals()
    for received in proposals:
        match received.proposal:
            case Add(package):
                found.packages.append(package)
            case Update(leaf):
                assert isinstance(received.sender, MemberSender)  # noqa: S101 - checked before
                found.updated[received.sender.leaf_index] = leaf
                found.changed.append(received.sender.leaf_index)
            case Remove(removed):
                found.removed.append(removed)
                found.changed.append(removed)
            case PreSharedKey(psk):
                found.psks.append(psk)
            case ReInit() as reinit:
                found.reinits.append(reinit)
            case ExternalInit(kem_output):
                found.external_inits.append(kem_output)
            case GroupContextExtensions(extensions):
                found.extensions.append(extensions)
            case custom:
                found.custom.add(custom.proposal_type)
    return found


def _needs_path(pathless: Collection[int], received: Received) -> bool:
    proposal = received.proposal
    if isinstance(proposal, CustomProposal):
        return proposal.proposal_type not in pathless
    return not isinstance(proposal, _PATHLESS)
