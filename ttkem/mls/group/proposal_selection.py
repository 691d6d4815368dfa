"""Selecting the pending proposals for a commit (sections 12.2 and 12.4).

A committer includes the valid proposals of the epoch and leaves out the others, so that nobody can
make other members' commits fail by sending a proposal. It takes them in an order of precedence, and
each of them that the receivers of the commit will accept beside those already taken:

* Removes, then Updates, the most recent first: section 12.2 prefers "any Remove received, or the
  most recent Update";
* Adds, then GroupContextExtensions: the new extensions must suit the new members (section 12.1.7);
* pre-shared keys and custom proposals;
* a ReInit, which must be alone: section 12.2 prefers all other proposals.

Within these, the first to arrive is preferred.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.errors import RemoteError
from ttkem.mls.group.epochs import found_psks
from ttkem.mls.group.proposal_validation import check_proposal, check_reinit, list_effects
from ttkem.mls.group.validation import check_group
from ttkem.mls.messages.content import MemberSender
from ttkem.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ttkem.mls.group.policy import Configuration, Moment, PskStore
    from ttkem.mls.group.state import GroupState, Received
    from ttkem.mls.tree.ratchet_tree import RatchetTree

    Trial = Callable[[Sequence[Received]], None]
    """A function that raises a RemoteError if a list of proposals cannot be committed."""

__all__ = ["LeftOut", "Selection", "check_committable", "must_commit", "select_proposals"]

_ANOTHER = -1
"""A committer other than the sender of a proposal; no leaf has this number."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A pending proposal that a commit does not include, and the reason."""

    proposal: Received
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The pending proposals that a commit includes, sorted by reference, and the others."""

    chosen: tuple[Received, ...]
    left_out: tuple[LeftOut, ...]


def must_commit(config: Configuration, state: GroupState) -> bool:
    """Return whether a commit is due before application data may be sent.

    Section 12.4 demands it of a member "that has observed one or more valid proposals within an
    epoch". Valid are those that its commit would include, and those that it must leave to others:
    its own Updates and the Removes of its own leaf. A proposal that this member can neither commit
    nor follow, for instance one with an unknown pre-shared key, is not.
    """
    trial = _trial(config, state, state.tree, state.leaf)
    for received in state.proposals.values():
        if _left_to_others(state, received) is not None:
            return True
        if _invalid(config, state, received, config.policy.psks, config.policy.sent()) is None:
            with suppress(RemoteError):
                trial((received,))
                return True
    return False


def select_proposals(
    config: Configuration,
    state: GroupState,
    tree: RatchetTree,
    own: Sequence[Received],
    store: PskStore,
    now: Moment,
) -> Selection:
    """Return the pending proposals to commit together with the committer's ``own``.

    ``tree`` is the tree of the epoch, with the committer's leaf node as the commit changes it. The
    ``own`` proposals are the caller's choice and are not left out; raise a RemoteError if they can
    be committed neither with all pending ones nor alone.
    """
    pending = tuple(state.proposals.values())
    reasons: dict[bytes | None, str] = {}
    candidates = []
    for received in pending:
        reason = _left_to_others(state, received) or _invalid(config, state, received, store, now)
        if reason is None:
            candidates.append(received)
        else:
            reasons[received.reference] = reason
    chosen, trial = _by_precedence(candidates), _trial(config, state, tree, state.leaf, own)
    if chosen:
        for received in own:
            check_proposal(config, state.context, state.tree, received, now)
        try:
            trial(chosen)
        except RemoteError:
            trial(())
            chosen = _fitting(trial, (), chosen, reasons)
    return Selection(
        tuple(sorted(chosen, key=lambda received: received.reference or b"")),
        tuple(
            LeftOut(received, reasons[received.reference])
            for received in pending
            if received.reference in reasons
        ),
    )


def check_committable(config: Configuration, state: GroupState, received: Received) -> None:
    """Check a proposal of this member, before it is sent, for others who shall commit it.

    Raise a RemoteError if it makes the list of a commit invalid, both alone and beside the pending
    proposals.
    """
    proposal = received.proposal
    if isinstance(proposal, ReInit):
        check_reinit(state.tree, proposal)
    if not isinstance(proposal, Add | Update | GroupContextExtensions):
        return
    trial = _trial(config, state, state.tree, _ANOTHER)
    try:
        trial((received,))
    except RemoteError:
        others = (
            each
            for each in state.proposals.values()
            if not isinstance(each.proposal, ReInit) and _left_to_others(state, each) is None
        )
        beside = _fitting(trial, (), _by_precedence(others), {})
        try:
            trial((*beside, received))
        except RemoteError:
            pass
        else:
            return
        raise


def _trial(
    config: Configuration,
    state: GroupState,
    tree: RatchetTree,
    committer: int,
    own: Sequence[Received] = (),
) -> Trial:
    """Return the check of a list beside ``own``, as receivers make it.

    It leaves out what they check of each proposal by itself, and of the path.
    """

    def trial(proposals: Sequence[Received]) -> None:
        effects = list_effects(config, state.context, tree, (*own, *proposals), committer)
        check_group(config, effects.tree, effects.extensions)

    return trial


def _left_to_others(state: GroupState, received: Received) -> str | None:
    """Return why this member must leave a proposal to other committers, or None."""
    proposal = received.proposal
    if isinstance(proposal, Update) and received.sender == MemberSender(state.leaf):
        return "it is the committer's own Update, for which the path of the commit stands"
    if proposal == Remove(state.leaf):
        return "it removes the committer"
    return None


def _invalid(
    config: Configuration,
    state: GroupState,
    received: Received,
    store: PskStore,
    now: Moment,
) -> str | None:
    """Return why a proposal is invalid by itself, or None."""
    try:
        check_proposal(config, state.context, state.tree, received, now)
        match received.proposal:
            case PreSharedKey(psk):
                found_psks((psk,), store, state)
            case ReInit() as reinit:
                check_reinit(state.tree, reinit)
            case _:
                pass
    except RemoteError as error:
        return f"{error}"
    return None


def _by_precedence(candidates: Iterable[Received]) -> tuple[Received, ...]:
    """Return proposals, given in the order of arrival, in the order of precedence."""
    kinds: tuple[list[Received], ...] = ([], [], [], [], [], [])
    for received in candidates:
        match received.proposal:
            case Remove():
                kinds[0].append(received)
            case Update():
                kinds[1].insert(0, received)
            case Add():
                kinds[2].append(received)
            case GroupContextExtensions():
                kinds[3].append(received)
            case ReInit():
                kinds[5].append(received)
            case _:
                kinds[4].append(received)
    return tuple(received for kind in kinds for received in kind)


def _fitting(
    trial: Trial,
    taken: tuple[Received, ...],
    candidates: tuple[Received, ...],
    reasons: dict[bytes | None, str],
) -> tuple[Received, ...]:
    """Return ``taken`` and, in order, each candidate that fits to all before it.

    Enter in ``reasons`` why the others do not fit. Whole ranges are tried first, so that few
    misfits among many candidates cost few trials.
    """
    try:
        trial((*taken, *candidates))
    except RemoteError as error:
        if len(candidates) == 1:
            reasons[candidates[0].reference] = f"{error}"
            return taken
    else:
        return (*taken, *candidates)
    middle = len(candidates) // 2
    taken = _fitting(trial, taken, candidates[:middle], reasons)
    return _fitting(trial, taken, candidates[middle:], reasons)
