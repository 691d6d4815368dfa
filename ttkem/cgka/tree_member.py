"""The member of a tree-based protocol: a shell around one frozen state.

Each method first asks the table of :mod:`ttkem.cgka.lifecycle` whether it is allowed at this stage,
makes the next state from the current one with the pure functions of `group`, and installs it as its
last act, so that a call that raises has changed nothing. Python cannot wipe memory: *erased* means
here that no state refers to a secret any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from rpds import HashTrieMap

from ttkem.cgka import group
from ttkem.cgka.group import GroupState
from ttkem.cgka.interface import EpochStarted, Event, Kind, Operation, Removed
from ttkem.cgka.key_packages import make_key_package, read_key_package
from ttkem.cgka.lifecycle import Call, Stage, require
from ttkem.cgka.messages import (
    Add,
    Body,
    Create,
    KeyPackage,
    Remove,
    Update,
    Welcome,
)
from ttkem.cgka.plan import Planner, TreeProtocol
from ttkem.cgka.snapshot import public_state, snapshot
from ttkem.cgka.state import MemberState, Pending
from ttkem.cgka.storage import load_state, save_state
from ttkem.errors import HistoryError, InvalidMessageError, LocalError
from ttkem.wire import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.cgka.group import Incoming, PublicState
    from ttkem.crypto import CipherSuite, Randomness
    from ttkem.tree import KeyTree

__all__ = ["TreeCGKA", "TreeMember"]


@dataclass(frozen=True)
class TreeCGKA(TreeProtocol):
    """A tree-based protocol on a cipher suite: makes and loads its members."""

    name: str
    suite: CipherSuite
    plan: Planner
    lacks: frozenset[str] = frozenset()
    """Features that it does not have, for :mod:`ttkem.testing`."""

    def member(self, identity: str, pki: Mapping[str, bytes], randomness: Randomness) -> TreeMember:
        """Make a member with a fresh signature key; enter that in ``pki`` before others meet it."""
        if not identity:
            raise LocalError(
                "cannot make a member: its identity is empty; name it by a non-empty string"
            )
        signature = self.suite.generate_signature_key_pair(randomness)
        state = MemberState(identity, signature, HashTrieMap({}), None, ())
        return TreeMember(self, state, pki, randomness)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> TreeMember:
        """Load a member from what :meth:`TreeMember.save` gave.

        Raise a :class:`~ttkem.errors.StateFileError` for bytes that are damaged, of another
        protocol, or of a version this package does not know.
        """
        return TreeMember(self, load_state(self, data), pki, randomness)


class TreeMember:
    """A :class:`~ttkem.cgka.interface.Member` of a tree-based protocol."""

    __slots__ = ("_pki", "_protocol", "_randomness", "_state")

    def __init__(
        self,
        protocol: TreeProtocol,
        state: MemberState,
        pki: Mapping[str, bytes],
        randomness: Randomness,
    ) -> None:
        self._protocol = protocol
        self._state = state
        self._pki = pki
        self._randomness = randomness

    def __repr__(self) -> str:
        place = f"epoch {self.epoch}" if self.in_group else "in no group"
        return f"<{self._protocol.name} member {self.identity!r}, {place}>"

    @property
    def state(self) -> MemberState:
        """The frozen state; keeping a reference to it is a snapshot."""
        return self._state

    @property
    def identity(self) -> str:
        """The member's name, as in the public-key infrastructure."""
        return self._state.identity

    @property
    def signature_key(self) -> bytes:
        """Public signature verification key."""
        return self._state.signature.public

    @property
    def in_group(self) -> bool:
        """Whether the member is in a group now."""
        return self._state.group is not None

    @property
    def stage(self) -> Stage:
        """The member's stage, which decides what it may do next (:mod:`ttkem.cgka.lifecycle`)."""
        return self._state.stage

    @property
    def tree(self) -> KeyTree:
        """The public key tree of this epoch, taints included."""
        return self._in(Call.READ).public.tree

    @property
    def epoch(self) -> int:
        """Number of operations since the group was created; 1 after the create."""
        return self._in(Call.READ).public.epoch

    @property
    def transcript_hash(self) -> bytes:
        """Hash of all operations so far."""
        return self._in(Call.READ).public.transcript_hash

    @property
    def roster(self) -> tuple[str, ...]:
        """Identities of the members, in tree order."""
        return tuple(leaf.identity for _, leaf in self.tree.roster())

    @property
    def group_key(self) -> bytes:
        """The shared secret of this epoch, as long as the suite's hash."""
        key = self._in(Call.READ).group_key
        if key is None:
            raise LocalError(
                "cannot read the group key: this epoch has none; it comes with the next update"
            )
        return key

    @property
    def pending(self) -> tuple[bytes, ...]:
        """Ids of own operations of this epoch that the delivery service has not acknowledged."""
        return tuple(pending.id for pending in self._state.pending)

    def key_package(self) -> bytes:
        """Return a fresh one-time key package, to create a group with or to be added by."""
        self._require(Call.KEY_PACKAGE)
        pair = self._protocol.suite.generate_key_pair(self._randomness)
        package = make_key_package(
            self._protocol, self.identity, self._state.signature, pair.public
        )
        known = self._state.init_secrets.insert(pair.public, pair.secret)
        self._state = replace(self._state, init_secrets=known)
        return encode(package)

    def discard_key_packages(self) -> None:
        """Erase the secrets of all key packages that no group has used."""
        self._require(Call.DISCARD_KEY_PACKAGES)
        self._state = replace(self._state, init_secrets=HashTrieMap({}))

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """Create a group of this member, at leaf 0, and the owners of ``key_packages``."""
        self._require(Call.CREATE)
        packages = tuple(self._read(data) for data in key_packages)
        identities = {self.identity, *(p.content.identity for p in packages)}
        if len(identities) != 1 + len(packages):
            raise LocalError(
                "cannot create a group: two key packages are of one identity; "
                "a group has each member once"
            )
        body = Create(self.identity, self.signature_key, packages)
        joiners = tuple(package.content.identity for package in packages)
        return self._author(Kind.CREATE, body, joiners=joiners)

    def add(self, key_package: bytes) -> Operation:
        """Add the owner of ``key_package``, at the leftmost empty leaf."""
        tree = self._in(Call.ADD).public.tree
        package = self._read(key_package)
        identity = package.content.identity
        if identity in tree.leaf_of:
            raise LocalError(f"cannot add {identity!r}: {identity!r} is a member already")
        return self._author(Kind.ADD, Add(package), target=identity, joiners=(identity,))

    def remove(self, identity: str) -> Operation:
        """Remove another member."""
        state = self._in(Call.REMOVE)
        leaf = state.public.tree.leaf_of.get(identity)
        if leaf is None:
            raise LocalError(f"cannot remove {identity!r}: {identity!r} is not a member")
        if leaf == state.leaf:
            raise LocalError("cannot remove oneself: ask another member to do it")
        return self._author(Kind.REMOVE, Remove(leaf), target=identity)

    def update(self) -> Operation:
        """Replace this member's keys, and those of all nodes that it taints."""
        self._require(Call.UPDATE)
        return self._author(Kind.UPDATE, Update())

    def confirm(self, operation: bytes) -> EpochStarted:
        """Adopt a pending operation that the delivery service has accepted, and drop all others."""
        self._require(Call.CONFIRM)
        pending = self._find(operation)
        self._state = replace(self._state, group=pending.group, pending=())
        return pending.event

    def reject(self, operation: bytes) -> None:
        """Drop a pending operation that the delivery service has rejected."""
        self._require(Call.REJECT)
        refused = self._find(operation)
        rest = tuple(pending for pending in self._state.pending if pending is not refused)
        self._state = replace(self._state, pending=rest)

    def process(self, message: bytes) -> Event:
        """Process another member's control message; own ones are for :meth:`confirm`."""
        state = self._in(Call.PROCESS)
        incoming = group.read(self._protocol, state.public, message, self._pki)
        change = incoming.change
        if change.author == state.leaf:
            raise HistoryError(
                "cannot process an own message: an own operation is confirmed or rejected"
            )
        if change.kind is Kind.REMOVE and change.target == state.leaf:
            self._state = replace(self._state, group=None, pending=())
            return Removed(state.public.epoch + 1, _name(state.public.tree, change.author))
        after = group.follow(self._protocol, state.public, incoming, state.leaf, state.secrets)
        event = _event(state.public, incoming)
        self._state = replace(self._state, group=after, pending=())
        return event

    def join(self, welcome: bytes) -> EpochStarted:
        """Join the group of a welcome that was made with one of this member's key packages.

        Its init secret becomes the secret of the member's leaf and cannot be used to join again.
        """
        self._require(Call.JOIN)
        message = decode(Welcome, welcome)
        public = (
            group.genesis(self._protocol)
            if message.snapshot is None
            else public_state(self._protocol, message.snapshot, self._pki)
        )
        incoming = group.read(self._protocol, public, message.message, self._pki)
        leaf = incoming.plan.tree.leaf_of.get(self.identity)
        if leaf is None or self.identity in public.tree.leaf_of:
            raise InvalidMessageError(f"cannot join: the welcome does not add {self.identity!r}")
        holder = incoming.plan.tree.leaf(leaf)
        init_key = b"" if holder is None else holder.public_key
        init_secret = self._state.init_secrets.get(init_key)
        if init_secret is None:
            raise InvalidMessageError(
                "cannot join: the welcome is for a key package that is used, erased or foreign"
            )
        after = group.follow(self._protocol, public, incoming, leaf, {2 * leaf: init_secret})
        unused = self._state.init_secrets.remove(init_key)
        self._state = replace(self._state, init_secrets=unused, group=after, pending=())
        return _event(public, incoming)

    def save(self) -> bytes:
        """Return the whole state with all secrets, unencrypted: a reader can act as this member."""
        self._require(Call.SAVE)
        return save_state(self._protocol, self._state)

    def _require(self, call: Call) -> None:
        require(self._state.stage, call, self._state.identity)

    def _in(self, call: Call) -> GroupState:
        """Return the group, for a call that is allowed in a group only."""
        self._require(call)
        state = self._state.group
        assert state is not None  # noqa: S101 - the table allows these calls in a group only
        return state

    def _read(self, data: bytes) -> KeyPackage:
        package = decode(KeyPackage, data)
        read_key_package(self._protocol, package, self._pki)
        return package

    def _find(self, operation: bytes) -> Pending:
        for pending in self._state.pending:
            if pending.id == operation:
                return pending
        raise LocalError(
            f"cannot end operation {operation.hex()[:16]!r}: it is not pending; it was "
            "acknowledged already, or another operation has started a new epoch since"
        )

    def _author(
        self,
        kind: Kind,
        body: Body,
        *,
        target: str | None = None,
        joiners: tuple[str, ...] = (),
    ) -> Operation:
        state = self._state.group
        if state is None:
            state = GroupState(group.genesis(self._protocol), 0, HashTrieMap({}), None)
        made = group.author_operation(
            self._protocol,
            state.public,
            body,
            state.leaf,
            state.secrets,
            self._state.signature.secret,
            self._randomness,
        )
        event = EpochStarted(state.public.epoch + 1, kind, self.identity, target)
        pending = Pending(self._protocol.suite.hash(made.message), event, made.state)
        self._state = replace(self._state, pending=(*self._state.pending, pending))
        return Operation(
            id=pending.id,
            kind=kind,
            author=self.identity,
            target=target,
            joiners=joiners,
            epoch=state.public.epoch,
            message=made.message,
            refreshed=made.plan.refreshed,
            ciphertexts=made.ciphertexts,
            make_welcome=partial(_welcome, kind, state.public, made.message),
        )


def _welcome(kind: Kind, public: PublicState, message: bytes) -> bytes:
    if kind not in (Kind.CREATE, Kind.ADD):
        raise LocalError(
            "cannot make a welcome: only a create or an add has one, "
            f"not kind {kind.name.lower()!r}"
        )
    before = None if kind is Kind.CREATE else snapshot(public)
    return encode(Welcome(before, message))


def _name(tree: KeyTree, leaf: int) -> str:
    member = tree.leaf(leaf)
    assert member is not None  # noqa: S101 - only asked of members
    return member.identity


def _event(public: PublicState, incoming: Incoming) -> EpochStarted:
    change, after = incoming.change, incoming.plan.tree
    target = None
    if change.kind is Kind.ADD:
        target = _name(after, change.target)
    elif change.kind is Kind.REMOVE:
        target = _name(public.tree, change.target)
    return EpochStarted(public.epoch + 1, change.kind, _name(after, change.author), target)
