"""The part of :class:`~ttkem.mls.member.Member` that only reads its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.errors import LocalError
from ttkem.mls.arguments import check_type
from ttkem.mls.group.welcomes import group_info
from ttkem.mls.keys import key_schedule
from ttkem.mls.messages.credentials import BasicCredential, OtherCredential, X509Credential
from ttkem.mls.messages.envelope import write_message
from ttkem.mls.states import Call, MemberState, check_transition, require
from ttkem.mls.tree.ratchet_tree import write_ratchet_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.mls.events import EpochStarted
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.messages.credentials import Credential
    from ttkem.mls.messages.leaf_node import LeafNode

__all__ = ["MemberView", "PendingCommit", "status_of"]


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit that the delivery service has neither accepted nor rejected."""

    after: GroupState
    """The state that it leads to."""
    event: EpochStarted
    """The event of its confirmation."""


def status_of(state: GroupState | None, pending: Mapping[bytes, PendingCommit]) -> MemberState:
    """Return the state of a member, a column of the table."""
    if state is None:
        return MemberState.REMOVED
    if state.reinit is not None:
        return MemberState.CLOSED
    return MemberState.PENDING_COMMIT if pending else MemberState.IN_GROUP


class MemberView:
    """A member of one group, to read."""

    __slots__ = ("_pending", "_state", "config", "welcomed_by")

    def __init__(self, config: Configuration, state: GroupState) -> None:
        check_transition(MemberState.NO_GROUP, Call.LOAD, status_of(state, {}))
        self.config = config
        self._state: GroupState | None = state
        self._pending: Mapping[bytes, PendingCommit] = {}
        self.welcomed_by: int | None = None
        """The leaf number of the member who signed the Welcome; None if there was none."""

    # The table of states

    @property
    def status(self) -> MemberState:
        """The current state, a row of :data:`ttkem.mls.states.TRANSITIONS`."""
        return status_of(self._state, self._pending)

    def _may(self, call: Call) -> GroupState:
        """Return the frozen state; raise a LocalError if the member's state forbids the call."""
        require(self.status, call)
        assert self._state is not None  # noqa: S101 - no call is allowed without a state
        return self._state

    def _enter(
        self, call: Call, state: GroupState | None, pending: Mapping[bytes, PendingCommit]
    ) -> None:
        """Move to the state that a call leads to."""
        check_transition(self.status, call, status_of(state, pending))
        self._state, self._pending = state, pending

    # Reading

    @property
    def state(self) -> GroupState:
        """The frozen state; a reference to it is a snapshot."""
        return self._may(Call.READ)

    @property
    def in_group(self) -> bool:
        """True until the member has been removed."""
        return self._state is not None

    @property
    def epoch(self) -> int:
        """The number of commits since the group was created."""
        return self.state.context.epoch

    @property
    def group_id(self) -> bytes:
        """The group id, chosen by the creator of the group."""
        return self.state.context.group_id

    @property
    def leaf(self) -> int:
        """This member's leaf number."""
        return self.state.leaf

    @property
    def epoch_authenticator(self) -> bytes:
        """A value that two members share exactly if they agree on the epoch (section 8.7)."""
        return self.state.secrets.epoch_authenticator

    @property
    def roster(self) -> dict[int, LeafNode]:
        """The members' leaf nodes by leaf number."""
        return {number: leaf.node for number, leaf in self.state.tree.leaves()}

    def leaf_of(self, who: int | str | bytes | Credential) -> int:
        """Return the leaf number of a member, given by number, basic identity or credential.

        The policy says which credentials present the same client. Raise a LocalError if none or
        several of the members are this client.
        """
        state = self.state
        if type(who) is int:
            if state.tree.leaf(who) is None:
                raise LocalError(f"no member has leaf {who}: it is blank or outside the tree")
            return who
        credential = _credential(who)
        same = self.config.policy.authentication.same_client
        found = [n for n, leaf in state.tree.leaves() if same(credential, leaf.node.credential)]
        if not found:
            raise LocalError(f"no member is {who!r}: see the roster")
        if len(found) > 1:
            leaves = ", ".join(map(str, found))
            raise LocalError(f"{len(found)} members are {who!r}: name one of the leaves {leaves}")
        return found[0]

    @property
    def pending(self) -> tuple[bytes, ...]:
        """The ids of this member's commits that are neither confirmed nor rejected."""
        return tuple(self._pending)

    def export(self, label: bytes, context: bytes, length: int) -> bytes:
        """Return ``length`` bytes of ``MLS-Exporter`` (section 8.5)."""
        check_type("export", bytes, label=label, context=context)
        check_type("export", int, length=length)
        secret = self.state.secrets.exporter_secret
        return key_schedule.export(self.config.crypto, secret, label, context, length)

    def ratchet_tree(self) -> bytes:
        """Return the ratchet tree, for Welcomes and GroupInfos that do not carry it."""
        return write_ratchet_tree(self.state.tree)

    def group_info(self, *, with_tree: bool = True, external: bool = True) -> bytes:
        """Return a GroupInfo of this epoch as an ``MLSMessage`` (section 12.4.3).

        With ``external``, it lets others join by an external commit.
        """
        info = group_info(self.config, self.state, with_tree=with_tree, external=external)
        return write_message(info)


def _credential(who: object) -> Credential:
    """Return the credential of an identity; raise a LocalError for a value of another type."""
    if isinstance(who, str | bytes):
        return BasicCredential(who.encode() if isinstance(who, str) else who)
    if isinstance(who, BasicCredential | X509Credential | OtherCredential):
        return who
    raise LocalError(f"cannot find the member {who!r}: name a leaf, an identity or a credential")
