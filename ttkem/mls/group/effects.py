"""The effects of a validated proposal list on a group (section 12.3)."""

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
"""The proposals that may be committed without a path (section 12.4)."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of a proposal list on a group."""

    tree: RatchetTree
    """The provisional tree: the proposals are applied, the path is not merged."""
    extensions: tuple[Extension, ...]
    updated: dict[int, LeafNode]
    removed: tuple[int, ...]
    added: tuple[int, ...]
    """The leaf numbers of new members, in the order of ``packages``."""
    packages: tuple[KeyPackage, ...]
    psks: tuple[PreSharedKeyID, ...]
    path_required: bool
    external_init: bytes | None
    reinit: ReInit | None

    def committer(self, author: int | None) -> int:
        """Return the committer's leaf; if ``author`` is None, the leaf of an external commit."""
        return next(self.tree.free_leaves()) if author is None else author


@dataclass(slots=True)
class SortedProposals:
    """The contents of a proposal list, by type."""

    updated: dict[int, LeafNode] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    packages: list[KeyPackage] = field(default_factory=list)
    psks: list[PreSharedKeyID] = field(default_factory=list)
    extensions: list[tuple[Extension, ...]] = field(default_factory=list)
    external_inits: list[bytes] = field(default_factory=list)
    reinits: list[ReInit] = field(default_factory=list)
    custom: set[int] = field(default_factory=set)
    changed: list[int] = field(default_factory=list)
    """The leaves of Updates and Removes, with repetitions."""


def apply_proposals(
    pathless: Collection[int],
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    found: SortedProposals,
) -> Effects:
    """Apply a proposal list without validating it (section 12.3).

    ``found`` is ``sort_proposals(proposals)``; ``pathless`` are the custom proposal types that need
    no path.
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
    """Sort proposals by type."""
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
