"""Lists of proposals: resolved, validated and applied (sections 12.2 to 12.4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError
from ttkem.mls.changes import Changes
from ttkem.mls.codepoints import MLS10, PskUsage
from ttkem.mls.content import (
    ExternalSenderIndex,
    MemberSender,
    NewMemberCommit,
    NewMemberProposal,
)
from ttkem.mls.leaf_node import InUpdate
from ttkem.mls.proposals import (
    Add,
    ByReference,
    CustomProposal,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
    proposal_type,
)
from ttkem.mls.psk import PreSharedKeyID, ResumptionPsk
from ttkem.mls.state import Received
from ttkem.mls.tree_changes import change_members
from ttkem.mls.validation import check_extension_types, check_key_package, check_leaf_node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rpds import HashTrieMap

    from ttkem.mls.content import Commit, Sender
    from ttkem.mls.extensions import Extension
    from ttkem.mls.group_context import GroupContext
    from ttkem.mls.key_package import KeyPackage
    from ttkem.mls.leaf_node import LeafNode
    from ttkem.mls.ratchet_tree import RatchetTree
    from ttkem.mls.rules import Rules

__all__ = [
    "apply_proposals",
    "check_proposal",
    "check_successor",
    "resolve",
    "validated_changes",
]

_EXTERNAL = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)
"""What an external sender may propose (section 12.1.8)."""

_PATHLESS = (Add, PreSharedKey, ReInit)
"""What may be committed without a path (section 12.4)."""


def resolve(
    known: HashTrieMap[bytes, Received], commit: Commit, sender: Sender
) -> tuple[Received, ...]:
    """The proposals of a commit, those by reference looked up (section 12.4)."""
    found = []
    for item in commit.proposals:
        if not isinstance(item, ByReference):
            found.append(Received(item.proposal, sender, None))
            continue
        if isinstance(sender, NewMemberCommit):
            raise InvalidMessageError("an external commit with a proposal by reference")
        received = known.get(item.reference)
        if received is None:
            raise HistoryError(f"a commit of an unknown proposal {item.reference.hex()[:16]}")
        found.append(received)
    return tuple(found)


def check_proposal(
    rules: Rules,
    context: GroupContext,
    tree: RatchetTree,
    received: Received,
    now: int | None,
    *,
    linking: bool = False,
) -> None:
    """Validity of a proposal by itself (section 12.1).

    ``linking`` where a group is created to follow or to branch off another.
    """
    proposal, sender = received.proposal, received.sender
    _check_sender(rules, received)
    match proposal:
        case Add(package):
            check_key_package(rules, package, now)
        case Update(leaf):
            assert isinstance(sender, MemberSender)  # noqa: S101 - _check_sender has seen to it
            _check_update(rules, context, tree, leaf, sender.leaf_index, now)
        case Remove(removed):
            if tree.leaf(removed) is None:
                raise InvalidMessageError(f"a Remove of leaf {removed}, where nobody is")
        case PreSharedKey(psk):
            _check_psk(rules, psk, linking=linking)
        case ReInit(version=version, extensions=extensions):
            if version < MLS10:
                raise InvalidMessageError(f"a ReInit to the older version {version}")
            check_extension_types(extensions)
        case GroupContextExtensions(extensions):
            check_extension_types(extensions)
        case _:
            pass  # nothing to be seen by itself


def _check_sender(rules: Rules, received: Received) -> None:
    """Who may propose what (sections 6.1 and 12.1.8)."""
    proposal = received.proposal
    custom = isinstance(proposal, CustomProposal)
    rule = rules.custom_proposals.get(proposal_type(proposal)) if custom else None
    if custom and rule is None:
        raise InvalidMessageError(f"a proposal of the unknown type {proposal_type(proposal)}")
    match received.sender:
        case MemberSender():
            allowed = not isinstance(proposal, ExternalInit)
        case ExternalSenderIndex():
            allowed = rule.external if rule else isinstance(proposal, _EXTERNAL)
        case NewMemberProposal():
            allowed = isinstance(proposal, Add)
        case _:
            allowed = isinstance(proposal, ExternalInit | Remove | PreSharedKey)
    if not allowed:
        name, sender = type(proposal).__name__, type(received.sender).__name__
        raise InvalidMessageError(f"a proposal {name}, which a {sender} may not make")


def _check_update(
    rules: Rules,
    context: GroupContext,
    tree: RatchetTree,
    leaf: LeafNode,
    number: int,
    now: int | None,
) -> None:
    """Sections 7.3 and 12.1.2."""
    if not isinstance(leaf.source, InUpdate):
        raise InvalidMessageError("an Update with a leaf node of another source")
    old = tree.leaf(number)
    assert old is not None  # noqa: S101 - a member's message has been verified with its key
    check_successor(rules, old, leaf)
    check_leaf_node(rules, leaf, context.group_id, number, now)


def check_successor(rules: Rules, old: LeafNode, new: LeafNode) -> None:
    """A leaf node may replace another one of the same member (sections 5.3.1 and 7.3)."""
    if new.encryption_key == old.encryption_key:
        raise InvalidMessageError("a new leaf node with the old encryption key")
    if new.credential != old.credential and not rules.authentication.may_succeed(
        old.credential, new.credential
    ):
        raise InvalidMessageError("a credential that may not succeed the old one")


def _check_psk(rules: Rules, psk: PreSharedKeyID, *, linking: bool) -> None:
    """Section 12.1.4."""
    if len(psk.psk_nonce) != rules.suite.hash_length:
        raise InvalidMessageError(f"a PSK nonce of {len(psk.psk_nonce)} bytes")
    if (
        isinstance(psk.psk, ResumptionPsk)
        and psk.psk.usage is not PskUsage.APPLICATION
        and not linking
    ):
        raise InvalidMessageError("a PSK for reinitialisation or branching out of its place")


@dataclass(slots=True)
class _Sorted:
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


def validated_changes(
    rules: Rules,
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    committer: int | None,
    now: int | None,
    *,
    linking: bool = False,
) -> Changes:
    """What a list does to a group (section 12.3), if it is valid (section 12.2).

    ``committer`` is a leaf number, or None for an external commit. The group as a whole is judged
    once the path is in place, by :func:`~ttkem.mls.validation.check_group`.
    """
    for received in proposals:
        check_proposal(rules, context, tree, received, now, linking=linking)
    found = _sort(proposals)
    _check_list(found, proposals, committer)
    changes = _applied(rules, context, tree, proposals, found)
    _check_custom(tree, found)
    return changes


def apply_proposals(
    rules: Rules, context: GroupContext, tree: RatchetTree, proposals: Sequence[Received]
) -> Changes:
    """Apply a list as it is (section 12.3)."""
    return _applied(rules, context, tree, proposals, _sort(proposals))


def _applied(
    rules: Rules,
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    found: _Sorted,
) -> Changes:
    after, added = change_members(
        tree,
        found.updated,
        found.removed,
        [package.leaf_node for package in found.packages],
    )
    path_required = not proposals or any(_needs_path(rules, r) for r in proposals)
    return Changes(
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


def _sort(proposals: Sequence[Received]) -> _Sorted:
    found = _Sorted()
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


def _check_list(found: _Sorted, proposals: Sequence[Received], committer: int | None) -> None:
    """Section 12.2."""
    if len(set(found.psks)) != len(found.psks):
        raise InvalidMessageError("a commit with one PSK twice")
    if committer is None:
        if len(found.external_inits) != 1:
            raise InvalidMessageError("an external commit takes exactly one ExternalInit")
        if len(found.removed) > 1:
            raise InvalidMessageError("an external commit with two Removes")
        return
    if committer in found.updated:
        raise InvalidMessageError("a commit of the committer's own Update")
    if committer in found.removed:
        raise InvalidMessageError("a committer who removes itself")
    twice = [leaf for leaf, times in Counter(found.changed).items() if times > 1]
    if twice:
        raise InvalidMessageError(f"two Updates or Removes of leaf {twice[0]}")
    if len(found.extensions) > 1:
        raise InvalidMessageError("a commit with two GroupContextExtensions")
    if found.reinits and len(proposals) > 1:
        raise InvalidMessageError("a ReInit together with other proposals")


def _check_custom(tree: RatchetTree, found: _Sorted) -> None:
    """Custom types are supported by all who process the commit (section 12.2)."""
    support = tree.summary.support
    if support is not None and found.custom <= support.proposals:
        return
    for number, leaf in tree.leaves():
        if number not in found.removed and not found.custom <= {*leaf.node.capabilities.proposals}:
            raise InvalidMessageError(f"a proposal type that leaf {number} does not support")


def _needs_path(rules: Rules, received: Received) -> bool:
    proposal = received.proposal
    if isinstance(proposal, CustomProposal):
        rule = rules.custom_proposals.get(proposal.proposal_type)
        return rule is None or rule.path_required
    return not isinstance(proposal, _PATHLESS)
