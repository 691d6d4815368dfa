"""A member of a group: a shell around one frozen state, sans-I/O.

Bytes go in, bytes and events come out, randomness and the time are arguments. A commit leaves the
member in its epoch until :meth:`Member.confirm` or :meth:`Member.reject` says what became of it
(section 14); processing another commit drops all that are pending. A call that raises has changed
nothing. *Erased* means that no state refers to a secret any more; Python cannot wipe memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttkem.crypto.randomness import SystemRandomness, draw
from ttkem.errors import InvalidMessageError, LocalError
from ttkem.mls import key_schedule
from ttkem.mls.codepoints import PskUsage
from ttkem.mls.content import MemberSender
from ttkem.mls.epochs import first_epoch
from ttkem.mls.external import ExternalJoin, join_by_commit
from ttkem.mls.leaf_node import InKeyPackage, LeafNode
from ttkem.mls.messages import GroupInfo, Welcome, read_message, write_message
from ttkem.mls.proposals import Add, PreSharedKey, Remove, Update
from ttkem.mls.psk import ExternalPsk, PreSharedKeyID, ResumptionPsk
from ttkem.mls.ratchet_tree import write_ratchet_tree
from ttkem.mls.receive import ReceivedData, ReceivedProposal, receive
from ttkem.mls.rules import no_psks
from ttkem.mls.send import (
    CommitOptions,
    Framing,
    LeafChange,
    commit,
    propose,
    propose_update,
    send_data,
)
from ttkem.mls.state import PastEpoch
from ttkem.mls.welcome import OwnKeyPackage, group_info, join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto import Randomness
    from ttkem.mls.client import Client
    from ttkem.mls.extensions import Extension
    from ttkem.mls.key_package import KeyPackage
    from ttkem.mls.proposals import Proposal, ReInit
    from ttkem.mls.rules import PskStore, Rules
    from ttkem.mls.state import GroupState, Received

__all__ = [
    "ApplicationMessage",
    "CommitMade",
    "EpochStarted",
    "Event",
    "Member",
    "ProposalArrived",
    "Removed",
]


@dataclass(frozen=True, slots=True)
class ApplicationMessage:
    """Application data has arrived."""

    sender: int
    """Leaf number."""
    data: bytes
    authenticated_data: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class ProposalArrived:
    """Somebody proposes something; a commit may refer to it."""

    proposal: Received
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class EpochStarted:
    """A commit has been adopted."""

    epoch: int
    committer: int
    """Leaf number."""
    proposals: tuple[Received, ...]
    """What was committed; of an own commit, what it carried by itself is not repeated."""
    added: tuple[int, ...]
    reinit: ReInit | None
    """Set if the group is closed now and another one will follow it (section 11.2)."""
    authenticated_data: bytes


@dataclass(frozen=True, slots=True)
class Removed:
    """The member has been removed; its secrets are gone."""

    epoch: int
    committer: int


Event = ApplicationMessage | ProposalArrived | EpochStarted | Removed


@dataclass(frozen=True, slots=True)
class CommitMade:
    """A commit to send; it takes effect with :meth:`Member.confirm`."""

    id: bytes
    message: bytes
    welcome: bytes | None
    """For the new members, once the commit has been accepted."""
    added: tuple[int, ...]
    refreshed: tuple[int, ...]
    """Array indices of the parent nodes with new keys."""
    ciphertexts: int
    """Path secrets that were encrypted."""


@dataclass(frozen=True, slots=True)
class _Pending:
    after: GroupState
    event: EpochStarted


class Member:
    """A member of one group."""

    __slots__ = ("_pending", "_psks", "_randomness", "_state", "rules", "welcomed_by")

    def __init__(
        self,
        rules: Rules,
        state: GroupState,
        randomness: Randomness | None = None,
        psks: PskStore = no_psks,
    ) -> None:
        self.rules = rules
        self._state: GroupState | None = state
        self._randomness = randomness or SystemRandomness()
        self._psks = psks
        self._pending: dict[bytes, _Pending] = {}
        self.welcomed_by: int | None = None
        """Leaf of the member whose welcome let this one in."""

    # Coming into a group

    @classmethod
    def create(
        cls,
        client: Client,
        group_id: bytes,
        randomness: Randomness | None = None,
        *,
        extensions: tuple[Extension, ...] = (),
        psks: PskStore = no_psks,
    ) -> Member:
        """A new group with this client alone (section 11)."""
        randomness = randomness or SystemRandomness()
        own = client.key_package(randomness)
        try:
            state = first_epoch(
                client.rules,
                group_id,
                own.package.leaf_node,
                own.leaf_secret,
                client.signature,
                extensions,
                randomness,
            )
        except InvalidMessageError as error:
            raise LocalError(f"such a group cannot be: {error}") from None
        return cls(client.rules, state, randomness, psks)

    @classmethod
    def join(
        cls,
        rules: Rules,
        welcome: bytes,
        own: OwnKeyPackage,
        randomness: Randomness | None = None,
        *,
        tree: bytes | None = None,
        psks: PskStore = no_psks,
        now: int | None = None,
        predecessor: Member | None = None,
    ) -> Member:
        """Join by a welcome (section 12.4.3.1); forget the secrets of the key package then."""
        message = read_message(welcome)
        if not isinstance(message, Welcome):
            raise InvalidMessageError(f"a {type(message).__name__} is no welcome")
        before = None if predecessor is None else predecessor.state
        state, signer = join(rules, message, own, tree, psks, now, before)
        member = cls(rules, state, randomness, psks)
        member.welcomed_by = signer
        return member

    @classmethod
    def join_by_commit(
        cls,
        client: Client,
        info: bytes,
        randomness: Randomness | None = None,
        *,
        tree: bytes | None = None,
        removed: int | None = None,
        psk_names: tuple[PreSharedKeyID, ...] = (),
        psks: PskStore = no_psks,
        now: int | None = None,
    ) -> tuple[Member, bytes]:
        """Join by an external commit (section 12.4.3.2).

        The message goes to the group; the member is one once the group has accepted it.
        """
        message = read_message(info)
        if not isinstance(message, GroupInfo):
            raise InvalidMessageError(f"a {type(message).__name__} is no group info")
        randomness = randomness or SystemRandomness()
        template = LeafNode(
            b"",
            client.signature.public,
            client.credential,
            client.capabilities,
            InKeyPackage(0, 0),
            client.leaf_extensions,
            b"",
        )
        how = ExternalJoin(template, client.signature, removed, psk_names, psks)
        state, sent = join_by_commit(client.rules, message, tree, how, randomness, now)
        return cls(client.rules, state, randomness, psks), sent

    # What a member sees

    @property
    def state(self) -> GroupState:
        """The frozen state; keeping a reference to it is a snapshot."""
        if self._state is None:
            raise LocalError("this member was removed from the group")
        return self._state

    @property
    def in_group(self) -> bool:
        """False once the member has been removed."""
        return self._state is not None

    @property
    def epoch(self) -> int:
        """Number of commits since the group was created."""
        return self.state.context.epoch

    @property
    def group_id(self) -> bytes:
        """What the creator called the group."""
        return self.state.context.group_id

    @property
    def leaf(self) -> int:
        """Own leaf number."""
        return self.state.leaf

    @property
    def epoch_authenticator(self) -> bytes:
        """Equal for two members exactly if they agree on everything (section 8.7)."""
        return self.state.secrets.epoch_authenticator

    @property
    def roster(self) -> dict[int, LeafNode]:
        """Leaf nodes by leaf number."""
        return {number: leaf.node for number, leaf in self.state.tree.leaves()}

    @property
    def pending(self) -> tuple[bytes, ...]:
        """Ids of own commits of this epoch that are neither confirmed nor rejected."""
        return tuple(self._pending)

    def export(self, label: bytes, context: bytes, length: int) -> bytes:
        """``MLS-Exporter`` (section 8.5)."""
        secret = self.state.secrets.exporter_secret
        return key_schedule.export(self.rules.crypto, secret, label, context, length)

    def ratchet_tree(self) -> bytes:
        """The tree, for welcomes and group infos that do not carry it."""
        return write_ratchet_tree(self.state.tree)

    def group_info(self, *, with_tree: bool = True, external: bool = True) -> bytes:
        """A group info of this epoch; with ``external`` others can join by commit."""
        info = group_info(self.rules, self.state, with_tree=with_tree, external=external)
        return write_message(info)

    # Sending

    def send(self, data: bytes, *, authenticated_data: bytes = b"", padding: int = 0) -> bytes:
        """Encrypt application data."""
        framing = Framing(authenticated_data=authenticated_data, padding=padding)
        self._state, message = send_data(self.rules, self.state, data, framing, self._randomness)
        return message

    def propose(
        self, proposal: Proposal, framing: Framing | None = None, *, now: int | None = None
    ) -> bytes:
        """Send a proposal; anybody may commit it. An Update comes from :meth:`propose_update`."""
        if isinstance(proposal, Update):
            raise LocalError("an Update is proposed with propose_update, which keeps its secrets")
        made = propose(
            self.rules, self.state, proposal, framing or Framing(), self._randomness, now
        )
        self._state = made.state
        return made.message

    def propose_update(
        self, change: LeafChange | None = None, framing: Framing | None = None
    ) -> bytes:
        """Propose new keys for one's own leaf."""
        made = propose_update(
            self.rules, self.state, change or LeafChange(), framing or Framing(), self._randomness
        )
        self._state = made.state
        return made.message

    def commit(
        self,
        proposals: Sequence[Proposal] = (),
        *,
        references: Sequence[bytes] | None = None,
        options: CommitOptions | None = None,
        now: int | None = None,
    ) -> CommitMade:
        """Commit these proposals and, unless ``references`` says which, all that were sent.

        Own Updates are left out, since nobody commits those; the leaf is new anyhow.
        """
        state = self.state
        if references is None:
            references = [
                reference
                for reference, received in state.proposals.items()
                if not (
                    isinstance(received.proposal, Update)
                    and received.sender == MemberSender(state.leaf)
                )
            ]
        options = options or CommitOptions()
        if options.psks is no_psks:
            options = replace(options, psks=self._psks)
        made = commit(self.rules, state, proposals, references, options, self._randomness, now)
        name = self.rules.suite.hash(made.message)
        event = EpochStarted(
            made.after.context.epoch,
            state.leaf,
            tuple(state.proposals[reference] for reference in references),
            made.added,
            made.after.reinit,
            options.framing.authenticated_data,
        )
        self._state = made.state
        self._pending[name] = _Pending(made.after, event)
        return CommitMade(
            name, made.message, made.welcome, made.added, made.refreshed, made.ciphertexts
        )

    def add(self, *packages: KeyPackage, now: int | None = None) -> CommitMade:
        """Commit Adds of these key packages, and what was proposed."""
        return self.commit([Add(package) for package in packages], now=now)

    def remove(self, *leaves: int) -> CommitMade:
        """Commit Removes of these leaves, and what was proposed."""
        return self.commit([Remove(leaf) for leaf in leaves])

    def psk(self, psk: ExternalPsk | ResumptionPsk) -> PreSharedKey:
        """A proposal that uses a pre-shared key once (section 8.4)."""
        nonce = draw(self._randomness, self.rules.suite.hash_length)
        return PreSharedKey(PreSharedKeyID(psk, nonce))

    # What becomes of commits, and what others send

    def confirm(self, commit_id: bytes) -> EpochStarted:
        """The group has accepted this pending commit: adopt it, drop all others."""
        pending = self._find(commit_id)
        state, after = self.state, pending.after
        # The old epoch's keys may have been used since the commit was made.
        past = PastEpoch(
            state.context, state.tree, state.secrets.sender_data_secret, state.secret_tree
        )
        kept = (past, *state.past)[: self.rules.past_epochs]
        self._state = replace(after, past=kept)
        self._pending = {}
        return pending.event

    def reject(self, commit_id: bytes) -> None:
        """The group has refused this pending commit: drop it."""
        self._find(commit_id)
        del self._pending[commit_id]

    def process(self, message: bytes, *, now: int | None = None) -> Event:
        """Another's message has arrived; one's own commits are for :meth:`confirm`."""
        state = self.state
        got = receive(self.rules, state, message, self._psks, now)
        if isinstance(got, ReceivedData):
            self._state = got.state
            return ApplicationMessage(got.sender, got.data, got.authenticated_data, got.epoch)
        if isinstance(got, ReceivedProposal):
            self._state = got.state
            return ProposalArrived(got.proposal, got.authenticated_data)
        self._state, self._pending = got.state, {}
        epoch = state.context.epoch + 1
        if got.state is None:
            return Removed(epoch, got.committer)
        return EpochStarted(
            epoch,
            got.committer,
            got.proposals,
            got.added,
            got.state.reinit,
            got.authenticated_data,
        )

    def after(self, commit_id: bytes) -> GroupState:
        """The state that a pending commit leads to."""
        return self._find(commit_id).after

    def restore_pending(self, commit_id: bytes, after: GroupState) -> None:
        """Take up a pending commit of a saved member; its event has lost what was committed."""
        event = EpochStarted(after.context.epoch, after.leaf, (), (), after.reinit, b"")
        self._pending[commit_id] = _Pending(after, event)

    # Other groups that come out of this one

    def successor(
        self, client: Client, packages: Sequence[KeyPackage], *, now: int | None = None
    ) -> tuple[Member, CommitMade]:
        """After a ReInit: the announced group, with these key packages (section 11.2).

        ``client`` has the new group's rules. Confirm the commit, then send the welcome.
        """
        state = self.state
        if state.reinit is None:
            raise LocalError("no ReInit has been committed")
        if client.rules.suite.number != state.reinit.cipher_suite:
            raise LocalError(f"the successor has cipher suite {state.reinit.cipher_suite}")
        found = (state.reinit.group_id, state.reinit.extensions)
        return self._linked(client, found, packages, PskUsage.REINIT, now)

    def branch(
        self,
        client: Client,
        group_id: bytes,
        packages: Sequence[KeyPackage],
        *,
        now: int | None = None,
    ) -> tuple[Member, CommitMade]:
        """A group of some of this one's members (section 11.3); as for :meth:`successor`."""
        found = (group_id, self.state.context.extensions)
        return self._linked(client, found, packages, PskUsage.BRANCH, now)

    def _linked(
        self,
        client: Client,
        found: tuple[bytes, tuple[Extension, ...]],
        packages: Sequence[KeyPackage],
        usage: PskUsage,
        now: int | None,
    ) -> tuple[Member, CommitMade]:
        state = self.state
        group_id, extensions = found
        made = Member.create(client, group_id, self._randomness, extensions=extensions)
        name = ResumptionPsk(usage, state.context.group_id, state.context.epoch)
        options = CommitOptions(
            linking=True,
            psks=lambda psk: state.secrets.resumption_psk if psk == name else None,
        )
        proposals: list[Proposal] = [made.psk(name), *map(Add, packages)]
        return made, made.commit(proposals, options=options, now=now)

    def _find(self, commit_id: bytes) -> _Pending:
        pending = self._pending.get(commit_id)
        if pending is None:
            raise LocalError(
                f"no pending commit {commit_id.hex()[:16]!r}: it was judged already, "
                "or another commit has started a new epoch since"
            )
        return pending
