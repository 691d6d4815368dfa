"""A member of a group, sans-I/O: a mutable object around one frozen state.

A member takes bytes and returns bytes and events; randomness and the time are arguments. After
creating a commit, the member stays in its epoch until :meth:`Member.confirm` or
:meth:`Member.reject` reports the decision of the delivery service (section 14); processing another
member's commit drops all pending ones. The table in :mod:`ttkem.mls.states` lists which calls each
state allows. A call that raises has changed nothing. A secret is *erased* once no state refers to
it; Python cannot wipe memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ttkem.crypto.randomness import SystemRandomness, draw
from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls.arguments import check_each, check_proposals, check_type, key_package_of
from ttkem.mls.events import (
    ApplicationMessage,
    CommitMade,
    EpochStarted,
    ProposalArrived,
    ProposalMade,
    Removed,
)
from ttkem.mls.group.commit_creation import CommitOptions, commit
from ttkem.mls.group.epochs import new_group
from ttkem.mls.group.external import ExternalJoin, join_by_commit
from ttkem.mls.group.linked_groups import check_link
from ttkem.mls.group.receiving import ReceivedData, ReceivedProposal, receive
from ttkem.mls.group.sending import Framing, LeafChange, propose, propose_update, send_data
from ttkem.mls.group.state import forget_proposal, past_epochs
from ttkem.mls.group.validation import local_errors
from ttkem.mls.group.welcomes import OwnKeyPackage, group_info, join
from ttkem.mls.member_view import MemberView, PendingCommit, status_of
from ttkem.mls.messages.codepoints import PskUsage
from ttkem.mls.messages.envelope import read_message, write_message
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.leaf_node import InKeyPackage
from ttkem.mls.messages.proposals import Add, PreSharedKey, Proposal, Remove, Update
from ttkem.mls.messages.psk_ids import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.messages.welcome import GroupInfo, Welcome
from ttkem.mls.states import Call, MemberState, check_transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Randomness
    from ttkem.mls.client import Client
    from ttkem.mls.events import Event
    from ttkem.mls.group.policy import Configuration
    from ttkem.mls.group.state import GroupState
    from ttkem.mls.messages.credentials import Credential

__all__ = ["Member"]


class Member(MemberView):
    """A member of one group."""

    __slots__ = ("_randomness",)

    def __init__(
        self, config: Configuration, state: GroupState, randomness: Randomness | None = None
    ) -> None:
        super().__init__(config, state)
        self._randomness = randomness or SystemRandomness()

    # Entering a group

    @classmethod
    def create(
        cls,
        client: Client,
        group_id: bytes,
        randomness: Randomness | None = None,
        *,
        extensions: tuple[Extension, ...] = (),
    ) -> Member:
        """Create a group whose only member is this client (section 11)."""
        check_type("create", bytes, group_id=group_id)
        check_each("create", Extension, extensions=extensions)
        randomness = randomness or SystemRandomness()
        own = client.key_package(randomness)
        with local_errors("cannot create the group"):
            state = new_group(
                client.config,
                group_id,
                own.package.leaf_node,
                own.leaf_secret,
                client.signature,
                extensions,
                randomness,
            )
        return cls._entered(Call.CREATE, client.config, state, randomness)

    @classmethod
    def join(
        cls,
        config: Configuration,
        welcome: bytes,
        own: OwnKeyPackage,
        randomness: Randomness | None = None,
        *,
        tree: bytes | None = None,
        predecessor: Member | None = None,
    ) -> Member:
        """Join a group with a Welcome, an ``MLSMessage`` (section 12.4.3.1).

        ``own`` is the key package that the Welcome was encrypted to; erase its secrets afterwards.
        ``tree`` is the ratchet tree if the Welcome does not carry it. ``predecessor`` is this
        client's member of the group that the new group succeeds or branches off (sections 11.2 and
        11.3). The lifetimes of members' leaf nodes are not compared with the clock (section 7.3).
        """
        check_type("join", bytes, welcome=welcome)
        check_type("join", OwnKeyPackage, own=own)
        check_type("join", (bytes, type(None)), tree=tree)
        message = read_message(welcome)
        if not isinstance(message, Welcome):
            raise InvalidMessageError(
                f"cannot join: expected a Welcome, got a {type(message).__name__}"
            )
        before = None if predecessor is None else predecessor.state
        state, signer = join(config, message, own, tree, before)
        member = cls._entered(Call.JOIN, config, state, randomness)
        member.welcomed_by = signer
        return member

    @classmethod
    def join_by_commit(  # noqa: PLR0913 - each keyword is a part of the commit
        cls,
        client: Client,
        info: bytes,
        randomness: Randomness | None = None,
        *,
        tree: bytes | None = None,
        removed: int | None = None,
        resync: bool = True,
        psk_names: Sequence[PreSharedKeyID | ExternalPsk | ResumptionPsk] = (),
        authenticated_data: bytes = b"",
        predecessor: Member | None = None,
    ) -> tuple[Member, bytes]:
        """Join by an external commit (section 12.4.3.2).

        ``info`` is a GroupInfo as an ``MLSMessage``. The commit removes the leaf of an earlier
        appearance of the same client: ``removed``, or with ``resync`` the one with the client's
        signature key or with a credential that, according to the policy, presents the same client.
        ``psk_names`` are pre-shared keys to use; ``predecessor`` is this client's earlier member of
        the group, which has its resumption PSKs. Return the member and the commit to send. Discard
        the member if the delivery service rejects the commit.
        """
        check_type("join", bytes, info=info, authenticated_data=authenticated_data)
        check_type("join", (bytes, type(None)), tree=tree)
        check_type("join", (int, type(None)), removed=removed)
        kinds = (PreSharedKeyID, ExternalPsk, ResumptionPsk)
        check_each("join", kinds, psk_names=psk_names)
        message = read_message(info)
        if not isinstance(message, GroupInfo):
            raise InvalidMessageError(
                f"cannot join: expected a GroupInfo, got a {type(message).__name__}"
            )
        randomness = randomness or SystemRandomness()
        before = None if predecessor is None else predecessor.state
        template = client.leaf_node(b"", InKeyPackage(0, 0))
        how = ExternalJoin(
            template,
            client.signature,
            removed,
            resync,
            tuple(psk_names),
            authenticated_data,
            before,
        )
        state, sent = join_by_commit(client.config, message, tree, how, randomness)
        return cls._entered(Call.JOIN_BY_COMMIT, client.config, state, randomness), sent

    @classmethod
    def _entered(
        cls,
        call: Call,
        config: Configuration,
        state: GroupState,
        randomness: Randomness | None,
    ) -> Member:
        check_transition(MemberState.NO_GROUP, call, status_of(state, {}))
        return cls(config, state, randomness)

    # Sending

    def send(self, data: bytes, *, authenticated_data: bytes = b"", padding: int = 0) -> bytes:
        """Encrypt application data, with ``padding`` zero bytes (section 15).

        Raise a LocalError while valid proposals of this epoch are uncommitted (section 12.4).
        """
        before = self._may(Call.SEND)
        check_type("send", bytes, data=data)
        framing = Framing(authenticated_data=authenticated_data, padding=padding)
        state, message = send_data(self.config, before, data, framing, self._randomness)
        self._enter(Call.SEND, state, self._pending)
        return message

    def propose(
        self, proposal: Proposal, framing: Framing | None = None, *, now: int | None = None
    ) -> ProposalMade:
        """Make a proposal to send; Updates are made with :meth:`propose_update`."""
        state = self._may(Call.PROPOSE)
        check_proposals("propose", (proposal,))
        check_type("propose", (Framing, type(None)), framing=framing)
        if isinstance(proposal, Update):
            raise LocalError(
                "cannot propose an Update here: use propose_update, which keeps its secrets"
            )
        moment = self.config.policy.sent(now)
        made = propose(self.config, state, proposal, framing or Framing(), self._randomness, moment)
        self._enter(Call.PROPOSE, made.state, self._pending)
        return ProposalMade(made.message, made.reference)

    def propose_update(
        self, change: LeafChange | None = None, framing: Framing | None = None
    ) -> ProposalMade:
        """Make an Update of this member's leaf node to send (section 12.1.2)."""
        state = self._may(Call.PROPOSE_UPDATE)
        made = propose_update(
            self.config, state, change or LeafChange(), framing or Framing(), self._randomness
        )
        self._enter(Call.PROPOSE_UPDATE, made.state, self._pending)
        return ProposalMade(made.message, made.reference)

    def forget(self, reference: bytes) -> None:
        """Forget a proposal of this epoch as if it had never arrived.

        It is neither committed by default nor keeps :meth:`send` from sending. Another member's
        commit that refers to it is rejected from now on, so forget only what nobody will commit.
        """
        state = self._may(Call.FORGET)
        check_type("forget", bytes, reference=reference)
        self._enter(Call.FORGET, forget_proposal(state, reference), self._pending)

    def commit(
        self,
        proposals: Sequence[Proposal] = (),
        *,
        references: Sequence[bytes] | None = None,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> CommitMade:
        """Commit new proposals, and those sent in this epoch that ``references`` names.

        Without ``references``, commit all proposals of this epoch that receivers will accept; those
        that are left out stand in the result, each with the reason. Where only one of several can
        be committed, section 12.2 says which: see :mod:`ttkem.mls.group.proposal_selection`.
        """
        state = self._may(Call.COMMIT)
        check_proposals("commit", proposals)
        check_type("commit", (CommitOptions, type(None)), options=options)
        if references is not None:
            check_each("commit", bytes, references=references)
        options = options or CommitOptions()
        moment = self.config.policy.sent(now)
        made = commit(self.config, state, proposals, references, options, self._randomness, moment)
        name = self.config.suite.hash(made.message)
        event = EpochStarted(
            made.after.context.epoch,
            state.leaf,
            made.proposals,
            made.added,
            made.removed,
            made.updated,
            made.after.reinit,
            options.framing.authenticated_data,
        )
        info = group_info(self.config, made.after, with_tree=False, external=True)
        pending = {**self._pending, name: PendingCommit(made.after, event)}
        self._enter(Call.COMMIT, made.state, pending)
        return CommitMade(
            name,
            made.message,
            made.welcome,
            write_message(info),
            made.after.tree,
            made.proposals,
            made.left_out,
            made.added,
            made.refreshed,
            made.ciphertexts,
        )

    def add(
        self,
        *packages: KeyPackage | bytes,
        references: Sequence[bytes] | None = None,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> CommitMade:
        """Commit Adds of these key packages, beside pending proposals as :meth:`commit` does.

        A key package may be given as the bytes of its ``MLSMessage``.
        """
        adds = [Add(key_package_of(package)) for package in packages]
        return self.commit(adds, references=references, options=options, now=now)

    def remove(
        self,
        *members: int | str | bytes | Credential,
        references: Sequence[bytes] | None = None,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> CommitMade:
        """Commit Removes of these members, beside pending proposals as :meth:`commit` does.

        A member is given as :meth:`leaf_of` takes it: by leaf number, identity or credential.
        """
        self._may(Call.COMMIT)
        removes = [Remove(self.leaf_of(member)) for member in members]
        return self.commit(removes, references=references, options=options, now=now)

    def update(
        self,
        change: LeafChange | None = None,
        *,
        references: Sequence[bytes] | None = None,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> CommitMade:
        """Commit new keys of this member, beside pending proposals as :meth:`commit` does."""
        options = options or CommitOptions()
        options = replace(options, path=True, change=change or options.change)
        return self.commit(references=references, options=options, now=now)

    def psk(self, psk: ExternalPsk | ResumptionPsk) -> PreSharedKey:
        """Return a PreSharedKey proposal with a fresh nonce (section 8.4)."""
        self._may(Call.PSK)
        check_type("name the key", (ExternalPsk, ResumptionPsk), psk=psk)
        nonce = draw(self._randomness, self.config.suite.hash_length)
        return PreSharedKey(PreSharedKeyID(psk, nonce))

    # Ending commits, and processing messages

    def confirm(self, commit_id: bytes) -> EpochStarted:
        """Start the epoch of a pending commit that was accepted; drop all other pending commits.

        Raise a LocalError if no such commit is pending.
        """
        state, pending = self._may(Call.CONFIRM), self._find(commit_id)
        # The old epoch's keys may have been used since the commit was made.
        after = replace(pending.after, past=past_epochs(state, self.config.limits))
        self._enter(Call.CONFIRM, after, {})
        return pending.event

    def reject(self, commit_id: bytes) -> None:
        """Drop a pending commit that the delivery service has rejected."""
        state = self._may(Call.REJECT)
        self._find(commit_id)
        kept = {name: pending for name, pending in self._pending.items() if name != commit_id}
        self._enter(Call.REJECT, state, kept)

    def process(self, message: bytes, *, now: int | None = None) -> Event:
        """Process another member's message; raise a RemoteError if it is invalid.

        This member's own commits are not processed but confirmed with :meth:`confirm`.
        """
        state = self._may(Call.PROCESS)
        check_type("process", bytes, message=message)
        got = receive(self.config, state, message, self.config.policy.received(now))
        if isinstance(got, ReceivedData):
            self._enter(Call.PROCESS, got.state, self._pending)
            return ApplicationMessage.of(got)
        if isinstance(got, ReceivedProposal):
            self._enter(Call.PROCESS, got.state, self._pending)
            return ProposalArrived(got.proposal, got.authenticated_data)
        self._enter(Call.PROCESS, got.state, {})
        epoch = state.context.epoch + 1
        if got.state is None:
            return Removed(epoch, got.committer)
        return EpochStarted(
            epoch,
            got.committer,
            got.proposals,
            got.added,
            got.removed,
            got.updated,
            got.state.reinit,
            got.authenticated_data,
        )

    def after(self, commit_id: bytes) -> GroupState:
        """Return the state that a pending commit leads to."""
        self._may(Call.AFTER)
        return self._find(commit_id).after

    def expected(self, commit_id: bytes) -> EpochStarted:
        """Return the event of confirming a pending commit."""
        self._may(Call.AFTER)
        return self._find(commit_id).event

    def restore_pending(
        self, commit_id: bytes, after: GroupState, event: EpochStarted | None = None
    ) -> None:
        """Restore a pending commit of a saved member; without its event, one of no proposals."""
        state = self._may(Call.RESTORE_PENDING)
        event = event or EpochStarted(
            after.context.epoch, after.leaf, (), (), (), (), after.reinit, b""
        )
        pending = {**self._pending, commit_id: PendingCommit(after, event)}
        self._enter(Call.RESTORE_PENDING, state, pending)

    # Successors and branches of this group

    def successor(
        self,
        client: Client,
        packages: Sequence[KeyPackage],
        *,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> tuple[Member, CommitMade]:
        """Create the group that a ReInit announced, with these key packages (section 11.2).

        ``client`` has the new group's configuration. Return the member of the new group and its
        first commit: confirm the commit, then send its Welcome.
        """
        state = self._may(Call.SUCCESSOR)
        assert state.reinit is not None  # noqa: S101 - the group is closed
        if client.config.suite.number != state.reinit.cipher_suite:
            raise LocalError(
                f"cannot create the successor with cipher suite {client.config.suite.number}: "
                f"the ReInit announced {state.reinit.cipher_suite}"
            )
        found = (state.reinit.group_id, state.reinit.extensions)
        return self._linked(client, found, packages, PskUsage.REINIT, options, now)

    def branch(
        self,
        client: Client,
        group_id: bytes,
        packages: Sequence[KeyPackage],
        *,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> tuple[Member, CommitMade]:
        """Create a group of a subset of the members (section 11.3), as :meth:`successor` does."""
        found = (group_id, self._may(Call.BRANCH).context.extensions)
        return self._linked(client, found, packages, PskUsage.BRANCH, options, now)

    def _linked(
        self,
        client: Client,
        found: tuple[bytes, tuple[Extension, ...]],
        packages: Sequence[KeyPackage],
        usage: PskUsage,
        options: CommitOptions | None,
        now: int | None,
    ) -> tuple[Member, CommitMade]:
        state = self.state
        check_type("create the group", (CommitOptions, type(None)), options=options)
        check_each("create the group", KeyPackage, packages=packages)
        group_id, extensions = found
        made = Member.create(client, group_id, self._randomness, extensions=extensions)
        name = ResumptionPsk(usage, state.context.group_id, state.context.epoch)
        options = replace(
            options or CommitOptions(),
            linking=True,
            psks=lambda psk: state.secrets.resumption_psk if psk == name else None,
        )
        proposals: list[Proposal] = [made.psk(name), *map(Add, packages)]
        commit = made.commit(proposals, options=options, now=now)
        after = made.after(commit.id)
        with local_errors("cannot create this group"):
            check_link(client.config, name, after.context, after.tree, state)
        return made, commit

    def _find(self, commit_id: bytes) -> PendingCommit:
        check_type("find the commit", bytes, commit_id=commit_id)
        pending = self._pending.get(commit_id)
        if pending is None:
            raise LocalError(
                f"no pending commit {commit_id.hex()[:16]!r}: it was confirmed or rejected "
                "already, or another commit has started a new epoch since"
            )
        return pending
