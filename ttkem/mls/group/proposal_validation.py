"""Validation of proposals and proposal lists (sections 12.1, 12.2 and 12.4)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError
from ttkem.mls.group.effects import apply_proposals, sort_proposals
from ttkem.mls.group.policy import new_clients
from ttkem.mls.group.state import Received
from ttkem.mls.group.validation import (
    check_extensions,
    check_key_package,
    check_leaf_node,
    check_support,
)
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
    from collections.abc import Mapping, Sequence

    from ttkem.mls.group.effects import Effects, SortedProposals
    from ttkem.mls.group.policy import Configuration, Moment
    from ttkem.mls.messages.content import Commit, Sender
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.leaf_node import LeafNode
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = [
    "check_content",
    "check_proposal",
    "check_psk",
    "check_reinit",
    "check_successor",
    "list_effects",
    "resolve",
    "validated_effects",
]

_EXTERNAL = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)
"""The proposals that an external sender may make (section 12.1.8)."""


def resolve(
    known: Mapping[bytes, Received], commit: Commit, sender: Sender
) -> tuple[Received, ...]:
    """Return the proposals of a commit, with references resolved (section 12.4).

    ``sender`` is the committer. Raise a HistoryError if a reference is unknown.
    """
    found = []
    for item in commit.proposals:
        if not isinstance(item, ByReference):
            found.append(Received(item.proposal, sender, None))
            continue
        if isinstance(sender, NewMemberCommit):
            raise InvalidMessageError("the external commit contains a proposal by reference")
        received = known.get(item.reference)
        if received is None:
            raise HistoryError(
                f"the commit refers to an unknown proposal {item.reference.hex()[:16]}"
            )
        found.append(received)
    return tuple(found)


def check_proposal(
    config: Configuration,
    context: GroupContext,
    tree: RatchetTree,
    received: Received,
    now: Moment,
    *,
    linking: bool = False,
) -> None:
    """Check the validity of a single proposal (section 12.1).

    ``linking`` is True for the commit that creates a successor or a branch of another group, which
    alone may use a PSK for reinitialization or branching.
    """
    check_content(config, received, now, linking=linking)
    match received.proposal:
        case Update(leaf):
            assert isinstance(received.sender, MemberSender)  # noqa: S101 - _check_sender ensures it
            _check_update(config, context, tree, leaf, received.sender.leaf_index, now)
        case Remove(removed):
            if tree.leaf(removed) is None:
                raise InvalidMessageError(f"the Remove names leaf {removed}, which is blank")
        case _:
            pass  # nothing to check without the rest of the list


def check_content(
    config: Configuration, received: Received, now: Moment, *, linking: bool = False
) -> None:
    """Check the part of a proposal's validity that does not depend on the group (section 12.1)."""
    _check_sender(config, received)
    match received.proposal:
        case Add(package):
            check_key_package(config, package, now)
        case PreSharedKey(psk):
            check_psk(config, psk, linking=linking)
        case ReInit(version=version, extensions=extensions):
            if version < MLS10:
                raise InvalidMessageError(f"the ReInit names the older version {version}")
            check_extensions(extensions)
        case GroupContextExtensions(extensions):
            check_extensions(extensions)
        case _:
            pass


def check_reinit(tree: RatchetTree, reinit: ReInit) -> None:
    """Check that the members can go where a ReInit leads, before one is sent or committed.

    Receivers may reject only an older version (section 12.1.5), but a ReInit to a version or suite
    that a member lacks would close the group for good.
    """
    for number, leaf in tree.leaves():
        listed = leaf.node.capabilities
        if reinit.version not in listed.versions or reinit.cipher_suite not in listed.cipher_suites:
            raise InvalidMessageError(
                f"the ReInit leads to version {reinit.version} and cipher suite "
                f"{reinit.cipher_suite}, which leaf {number} does not both list"
            )
    support = tree.summary.support
    assert support is not None  # noqa: S101 - the group has a member
    check_support(support, reinit.extensions)


def _check_sender(config: Configuration, received: Received) -> None:
    """Check that the sender may make this proposal (sections 6.1 and 12.1.8)."""
    proposal = received.proposal
    custom = isinstance(proposal, CustomProposal)
    rule = config.policy.custom_proposals.get(proposal_type(proposal)) if custom else None
    if custom and rule is None:
        raise InvalidMessageError(f"the proposal has the unknown type {proposal_type(proposal)}")
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
        raise InvalidMessageError(f"{sender} may not propose {name}")


def _check_update(
    config: Configuration,
    context: GroupContext,
    tree: RatchetTree,
    leaf: LeafNode,
    number: int,
    now: Moment,
) -> None:
    """Check the leaf node of an Update (sections 7.3 and 12.1.2)."""
    if not isinstance(leaf.source, InUpdate):
        raise InvalidMessageError("the leaf node source of the Update is not update")
    old = tree.leaf(number)
    assert old is not None  # noqa: S101 - the sender's signature has been verified
    check_successor(config, old, leaf)
    check_leaf_node(config, leaf, context.group_id, number, now)


def check_successor(config: Configuration, old: LeafNode, new: LeafNode) -> None:
    """Check that a leaf node may replace the member's old one (sections 5.3.1 and 7.3)."""
    if new.encryption_key == old.encryption_key:
        raise InvalidMessageError("the new leaf node has the old encryption key")
    if new.credential != old.credential and not config.policy.authentication.may_succeed(
        old.credential, new.credential
    ):
        raise InvalidMessageError("the new credential may not replace the old one")


def check_psk(config: Configuration, psk: PreSharedKeyID, *, linking: bool) -> None:
    """Check a PreSharedKeyID (sections 8.4 and 12.1.4)."""
    if len(psk.psk_nonce) != config.suite.hash_length:
        raise InvalidMessageError(
            f"the PSK nonce has {len(psk.psk_nonce)} bytes, not {config.suite.hash_length}"
        )
    if (
        isinstance(psk.psk, ResumptionPsk)
        and psk.psk.usage is not PskUsage.APPLICATION
        and not linking
    ):
        raise InvalidMessageError(
            f"a PSK for {psk.psk.usage.name.lower()} is allowed only when that group is created"
        )


def validated_effects(
    config: Configuration,
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    committer: int | None,
    now: Moment,
    *,
    linking: bool = False,
) -> Effects:
    """Return the effects of a proposal list (section 12.3) after validating it (section 12.2).

    ``committer`` is a leaf number, or None for an external commit. The resulting group is checked
    once the path is merged, by :func:`~ttkem.mls.group.validation.check_group`.
    """
    for received in proposals:
        check_proposal(config, context, tree, received, now, linking=linking)
    return list_effects(config, context, tree, proposals, committer)


def list_effects(
    config: Configuration,
    context: GroupContext,
    tree: RatchetTree,
    proposals: Sequence[Received],
    committer: int | None,
) -> Effects:
    """Return the effects of a list of proposals that are valid by themselves.

    Raise an InvalidMessageError if the list is invalid (section 12.2).
    """
    found = sort_proposals(proposals)
    _check_list(found, proposals, committer)
    effects = apply_proposals(config.policy.pathless_proposals, context, tree, proposals, found)
    _check_custom(tree, found)
    if effects.added:
        _check_added(config, effects)
    return effects


def _check_added(config: Configuration, effects: Effects) -> None:
    """Check the new members against each other and the others (sections 10 and 12.2)."""
    init_keys = {package.init_key for package in effects.packages}
    if len(init_keys) < len(effects.packages):
        raise InvalidMessageError("the commit adds two key packages with one init key")
    if any(key in effects.tree.encryption_keys for key in init_keys):
        raise InvalidMessageError("the init key of a new member is the encryption key of a node")
    added = frozenset(effects.added)
    present = (
        leaf.node.credential for number, leaf in effects.tree.leaves() if number not in added
    )
    new = (package.leaf_node.credential for package in effects.packages)
    differ = new_clients(config.policy.authentication, present, new)
    for number, is_new in zip(effects.added, differ, strict=True):
        if not is_new:
            raise InvalidMessageError(
                f"the new member at leaf {number} is a client that is in the group already, "
                "or is added twice: remove its other leaf in the same commit"
            )


def _check_list(
    found: SortedProposals, proposals: Sequence[Received], committer: int | None
) -> None:
    """Check the rules on the whole list (section 12.2)."""
    if len(set(found.psks)) != len(found.psks):
        raise InvalidMessageError("the commit contains one PSK twice")
    if committer is None:
        if len(found.external_inits) != 1:
            raise InvalidMessageError("an external commit needs exactly one ExternalInit")
        if len(found.removed) > 1:
            raise InvalidMessageError("the external commit contains two Removes")
        return
    if committer in found.updated:
        raise InvalidMessageError("the commit contains the committer's own Update")
    if committer in found.removed:
        raise InvalidMessageError("the committer removes itself")
    twice = [leaf for leaf, times in Counter(found.changed).items() if times > 1]
    if twice:
        raise InvalidMessageError(f"the commit contains two Updates or Removes of leaf {twice[0]}")
    if len(found.extensions) > 1:
        raise InvalidMessageError("the commit contains two GroupContextExtensions")
    if found.reinits and len(proposals) > 1:
        raise InvalidMessageError("the commit contains a ReInit together with other proposals")


def _check_custom(tree: RatchetTree, found: SortedProposals) -> None:
    """Check that all members who process the commit support its proposals (section 12.2)."""
    support = tree.summary.support
    if support is not None and found.custom <= support.proposals:
        return
    for number, leaf in tree.leaves():
        if number not in found.removed and not found.custom <= {*leaf.node.capabilities.proposals}:
            raise InvalidMessageError(
                f"the commit has a proposal type that leaf {number} does not support"
            )
