"""Successors of reinitialized groups, and branches (sections 11.2 and 11.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.errors import HistoryError, InvalidMessageError
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.psk_ids import ResumptionPsk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.group_context import GroupContext
    from ttkem.mls.messages.psk_ids import PreSharedKeyID
    from ttkem.mls.tree.ratchet_tree import RatchetTree

__all__ = ["check_link", "link_of"]


def link_of(psks: Sequence[PreSharedKeyID]) -> ResumptionPsk | None:
    """Return the PSK that links a group to another one, or None (section 12.4.3.1).

    Raise an InvalidMessageError if there are two.
    """
    links = [
        name.psk
        for name in psks
        if isinstance(name.psk, ResumptionPsk) and name.psk.usage is not PskUsage.APPLICATION
    ]
    if len(links) > 1:
        raise InvalidMessageError("the Welcome links the group to two others")
    return links[0] if links else None


def check_link(
    config: Configuration,
    link: ResumptionPsk,
    context: GroupContext,
    tree: RatchetTree,
    predecessor: GroupState | None,
) -> None:
    """Check a new group against the group that it succeeds or branches off (sections 11.2, 11.3).

    ``link`` is the new group's PSK; ``predecessor`` is this client's last state of the old group.
    """
    if predecessor is None or predecessor.context.group_id != link.psk_group_id:
        raise HistoryError("the new group is linked to one that this member is not in")
    if context.epoch != 1:
        raise InvalidMessageError("a linked group must be joined in epoch 1")
    old, new = _credentials(predecessor.tree), _credentials(tree)
    same = config.policy.authentication.same_client
    if link.usage is PskUsage.BRANCH:
        if context.cipher_suite != predecessor.context.cipher_suite:
            raise InvalidMessageError("the branch has another cipher suite than its group")
        if context.group_id == predecessor.context.group_id:
            raise InvalidMessageError("the branch has the group id of its group")
        if not all(any(same(one, other) for other in old) for one in new):
            raise InvalidMessageError("the branch has a member who is not in its group")
        return
    reinit = predecessor.reinit
    if reinit is None or link.psk_epoch != predecessor.context.epoch:
        raise InvalidMessageError("the successor is linked to an epoch without a committed ReInit")
    announced = (reinit.group_id, reinit.version, reinit.cipher_suite, reinit.extensions)
    if announced != (context.group_id, context.version, context.cipher_suite, context.extensions):
        raise InvalidMessageError("the successor does not match the committed ReInit")
    if not all(any(same(one, other) for other in new) for one in old):
        raise InvalidMessageError("the successor lacks a member of the old group")


def _credentials(tree: RatchetTree) -> list[Credential]:
    return [leaf.node.credential for _, leaf in tree.leaves()]
