"""Proposals and their lists: resolved and validated (sections 12.1, 12.2 and 12.4)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError
from ttkem.mls.group.effects import apply_proposals, sort_proposals
from ttkem.mls.group.state import Received
from ttkem.mls.group.validation import check_extension_types, check_key_package, check_leaf_node
from ttkem.mls.messages.codepoints import MLS10, PskUsage
from ttkem.mls.messages.content import (
    ExternalSenderIndex,
    MemberSender,
    NewMemberCommit,
    NewMemberProposal,
)
from ttkem.mls.messages.leaf_node import InUpdate
from ttkem.mls.messages.proposals import (
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
from ttkem.mls.messages.psk_ids import PreSharedKeyID, ResumptionPsk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rpds import HashTrieMap

    from ttkem.mls.group.effects import Effects, SortedProposals
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.messages.content import Commit, Sender
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = [
    "check_proposal",
    "check_successor",
    "resolve",
    "validated_effects",
]

_EXTERNAL = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)
"""What an external sender may propose (section 12.1.8)."""


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
    config: Configuration,
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
    _check_sender(config, received)
    match proposal:
        case Add(package):
            check_key_package(config, package, now)
        case Update(leaf):
            assert isinstance(sender, MemberSender)  # noqa: S101 - _check_sender has seen to it
            _check_update(config, context, tree, leaf, sender.leaf_index, now)
        case Remove(removed):
            if tree.leaf(removed) is None:
                raise InvalidMessageError(f"a Remove of leaf {removed}, where nobody is")
        case PreSharedKey(psk):
            _check_psk(config, psk, linking=linking)
        case ReInit(version=version, extensions=extensions):
            if version < MLS10:
                raise InvalidMessageError(f"a ReInit to the older version {version}")
            check_extension_types(extensions)
        case GroupContextExtensions(extensions):
            check_extension_types(extensions)
        case _:
            pass  # nothing to be seen by itself


def _check_sender(config: Configuration, received: Received) -> None:
    """Who may propose what (sections 6.1 and 12.1.8)."""
    proposal = received.proposal
    custom = isinstance(proposal, CustomProposal)
    rule = config.policy.custom_proposals.get(proposal_type(proposal)) if custom else None
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
    config: Configuration,
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
    check_successor(config, old, leaf)
    check_leaf_node(config, leaf, context.group_id, number, now)


def check_successor(config: Configuration, old: LeafNode, new: LeafNode) -> None:
    """A leaf node may replace another one of the same member (sections 5.3.1 and 7.3)."""
    if new.encryption_key == old.encryption_key:
        raise InvalidMessageError("a new leaf node with the old encryption key")
    if new.credential != old.credential and not config.policy.authentication.may_succeed(
        old.credential, new.credential
    ):
        raise InvalidMessageError("a credential that may not succeed the old one")


def _check_psk(config: Configuration, psk: PreSharedKeyID, *, linking: bool) -> None:
    """Section 12.1.4."""
    if len(psk.psk_nonce) != config.suite.hash_length:
        raise InvalidMessageError(f"a PSK nonce of {len(psk.psk_nonce)} bytes")
    if (
        isinstance(psk.psk, ResumptionPsk)
        and psk.psk.usage is not PskUsage.APPLICATION
        and not linking
    ):
        raise InvalidMessageError("a PSK for reinitialisation or branching out of its place")


def validated_effects(
    config: Configuration,
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    committer: int | None,
    now: int | None,
    *,
    linking: bool = False,
) -> Effects:
    """What a list does to a group (section 12.3), if it is valid (section 12.2).

    ``committer`` is a leaf number, or None for an external commit. The group as a whole is judged
    once the path is in place, by :func:`~ttkem.mls.validation.check_group`.
    """
    for received in proposals:
        check_proposal(config, context, tree, received, now, linking=linking)
    found = sort_proposals(proposals)
    _check_list(found, proposals, committer)
    effects = apply_proposals(config.policy.pathless_proposals, context, tree, proposals, found)
    _check_custom(tree, found)
    return effects


def _check_list(
    found: SortedProposals, proposals: Sequence[Received], committer: int | None
) -> None:
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


def _check_custom(tree: RatchetTree, found: SortedProposals) -> None:
    """Custom types are supported by all who process the commit (section 12.2)."""
    support = tree.summary.support
    if support is not None and found.custom <= support.proposals:
        return
    for number, leaf in tree.leaves():
        if number not in found.removed and not found.custom <= {*leaf.node.capabilities.proposals}:
            raise InvalidMessageError(f"a proposal type that leaf {number} does not support")
