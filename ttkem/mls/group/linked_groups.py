"""Groups that follow a reinitialised one, and branches (sections 11.2 and 11.3)."""

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
    """The PSK that ties a group to another one; at most one (section 12.4.3.1)."""
    links = [
        name.psk
        for name in psks
        if isinstance(name.psk, ResumptionPsk) and name.psk.usage is not PskUsage.APPLICATION
    ]
    if len(links) > 1:
        raise InvalidMessageError("a welcome that ties the group to two others")
    return links[0] if links else None


def check_link(
    config: Configuration,
    link: ResumptionPsk,
    context: GroupContext,
    tree: RatchetTree,
    predecessor: GroupState | None,
) -> None:
    """Reinitialised groups and branches match what they come from (sections 11.2 and 11.3)."""
    if predecessor is None or predecessor.context.group_id != link.psk_group_id:
        raise HistoryError("a group that follows one this member is not in")
    if context.epoch != 1:
        raise InvalidMessageError("a reinitialised group or branch past its first epoch")
    old, new = _credentials(predecessor.tree), _credentials(tree)
    same = config.policy.authentication.same_client
    if link.usage is PskUsage.BRANCH:
        if context.cipher_suite != predecessor.context.cipher_suite:
            raise InvalidMessageError("a branch with another cipher suite")
        if not all(any(same(one, other) for other in old) for one in new):
            raise InvalidMessageError("a branch with somebody from elsewhere")
        return
    reinit = predecessor.reinit
    if reinit is None or link.psk_epoch != predecessor.context.epoch:
        raise InvalidMessageError("a successor to a group that was not closed")
    announced = (reinit.group_id, reinit.version, reinit.cipher_suite, reinit.extensions)
    if announced != (context.group_id, context.version, context.cipher_suite, context.extensions):
        raise InvalidMessageError("a successor that is not the announced one")
    if not all(any(same(one, other) for other in new) for one in old):
        raise InvalidMessageError("a successor without all members of the old group")


def _credentials(tree: RatchetTree) -> list[Credential]:
    return [leaf.node.credential for _, leaf in tree.leaves()]
