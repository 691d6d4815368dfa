"""MLS as an implementation of :mod:`ttkem.cgka.interface` (own design).

Every operation is one commit: a create or add commits Adds by value, a remove one Remove, and an
update nothing. Every commit has a path, except that ``path_in_adds=False`` omits it from adds. The
group key is an exported secret (section 8.5), the transcript hash the interim transcript hash
(section 8.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from ttkem.cgka.interface import EpochStarted, Event, Kind, Operation, Removed
from ttkem.crypto import KeyPair, cipher_suite
from ttkem.errors import (
    HistoryError,
    InvalidMessageError,
    LocalError,
    RemoteError,
    StateFileError,
)
from ttkem.mls import events
from ttkem.mls import member as mls
from ttkem.mls.cgka_base import CgkaBase, PendingOperation
from ttkem.mls.client import Client, KeyPackages, capabilities
from ttkem.mls.group.commit_creation import CommitOptions
from ttkem.mls.group.policy import Configuration, Policy, TrustEverybody, fixed_clock
from ttkem.mls.group.sending import Framing
from ttkem.mls.group.validation import check_key_package
from ttkem.mls.group.welcomes import OwnKeyPackage
from ttkem.mls.limits import Limits
from ttkem.mls.messages.codepoints import ContentType
from ttkem.mls.messages.content import CommitContent
from ttkem.mls.messages.credentials import BasicCredential, Credential
from ttkem.mls.messages.envelope import read_key_package, read_message
from ttkem.mls.messages.framing import PrivateMessage, PublicMessage
from ttkem.mls.messages.key_package import KeyPackage
from ttkem.mls.messages.proposals import Add, Remove
from ttkem.mls.storage import read_state, write_state
from ttkem.mls.tainted import tainted_configuration
from ttkem.wire import decode, encode, enum, opaque_v, optional, struct, text, uint8, uint64, vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.crypto import CipherSuite, Randomness
    from ttkem.mls.messages.proposals import Proposal

__all__ = ["MlsCgka", "MlsCgkaMember", "mls_cgka", "tainted_mls_cgka"]


def mls_cgka(
    suite: CipherSuite | int | str = 1, *, path_in_adds: bool = True, tainted: bool = False
) -> MlsCgka:
    """Return MLS with a cipher suite, its number or its name; ``tainted`` is experimental."""
    found = cipher_suite(suite) if isinstance(suite, int | str) else suite
    return MlsCgka(found, path_in_adds, tainted)


def tainted_mls_cgka(suite: CipherSuite | int | str = 1) -> MlsCgka:
    """Return Tainted MLS (:mod:`ttkem.mls.tainted`, experimental)."""
    return mls_cgka(suite, tainted=True)


@dataclass(frozen=True, slots=True)
class _Infrastructure(TrustEverybody):
    """The authentication service that the CGKA interface assumes: one key for each identity."""

    keys: Mapping[str, bytes]

    def validate(self, credential: Credential, signature_key: bytes) -> None:
        """Check that the identity of a basic credential has this key."""
        if self.keys.get(_name(credential)) != signature_key:
            raise InvalidMessageError(f"the signature key is not that of {_name(credential)!r}")


def _name(credential: Credential) -> str:
    """Return the identity of a basic credential."""
    if not isinstance(credential, BasicCredential):
        raise InvalidMessageError(f"expected a BasicCredential, got {type(credential).__name__}")
    return credential.identity.decode(errors="replace")


def _check_commit(data: bytes) -> None:
    """Raise a HistoryError for a proposal or application data: every operation is a commit."""
    message = read_message(data)
    if isinstance(message, PublicMessage) and isinstance(message.content.content, CommitContent):
        return
    if not isinstance(message, PrivateMessage) or message.content_type is not ContentType.COMMIT:
        raise HistoryError("the message is not a commit, as every operation is")


@dataclass(frozen=True, slots=True)
class MlsCgka:
    """MLS as a CGKA protocol, which creates and loads members."""

    suite: CipherSuite
    path_in_adds: bool = True
    tainted: bool = False

    @property
    def name(self) -> str:
        """The short name that reports print."""
        return "Tainted MLS" if self.tainted else "MLS"

    def member(
        self, identity: str, pki: Mapping[str, bytes], randomness: Randomness
    ) -> MlsCgkaMember:
        """Return a new member with a fresh signature key, which the caller enters in ``pki``."""
        if not identity:
            raise LocalError("cannot create a member: its identity is empty")
        signature = self.suite.generate_signature_key_pair(randomness)
        return MlsCgkaMember(self, identity, signature, pki, randomness)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> MlsCgkaMember:
        """Return the member that :meth:`MlsCgkaMember.save` wrote.

        Raise a StateFileError for other bytes.
        """
        try:
            saved = decode(_Member, data)
        except RemoteError as error:
            raise StateFileError(f"cannot read the saved member: {error}") from None
        signature = KeyPair(saved.signature_public, saved.signature_secret)
        found = MlsCgkaMember(self, saved.identity, signature, pki, randomness)
        found.restore(saved)
        return found


@struct
@dataclass(frozen=True, slots=True)
class _Package:
    package: Annotated[KeyPackage, KeyPackage]
    init_secret: Annotated[bytes, opaque_v]
    leaf_secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Pending:
    id: Annotated[bytes, opaque_v]
    kind: Annotated[Kind, enum(Kind, uint8)]
    target: Annotated[str | None, optional(text)]
    epoch: Annotated[int, uint64]
    before: Annotated[bytes, opaque_v]
    after: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Member:
    identity: Annotated[str, text]
    signature_public: Annotated[bytes, opaque_v]
    signature_secret: Annotated[bytes, opaque_v]
    packages: Annotated[tuple[_Package, ...], vector(_Package)]
    state: Annotated[bytes | None, optional(opaque_v)]
    pending: Annotated[tuple[_Pending, ...], vector(_Pending)]


class MlsCgkaMember(CgkaBase[mls.Member]):
    """A :class:`~ttkem.cgka.interface.Member` whose group is an MLS group."""

    __slots__ = ("_client", "_packages", "_protocol", "_randomness")

    def __init__(
        self,
        protocol: MlsCgka,
        identity: str,
        signature: KeyPair,
        pki: Mapping[str, bytes],
        randomness: Randomness,
    ) -> None:
        super().__init__(identity)
        self._protocol = protocol
        self._randomness = randomness
        suite = protocol.suite
        config = (
            tainted_configuration(suite)
            if protocol.tainted
            else Configuration(suite, Policy(clock=fixed_clock()))
        )
        policy = replace(config.policy, authentication=_Infrastructure(pki))
        config = replace(config, policy=policy, limits=Limits(past_epochs=0))
        credential = BasicCredential(identity.encode())
        self._client = Client(config, credential, signature, capabilities(config, credential))
        self._packages = KeyPackages(self._client)

    def __repr__(self) -> str:
        place = f"epoch {self.epoch}" if self.in_group else "in no group"
        return f"<MLS member {self.identity!r}, {place}>"

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        return self._client.signature.public

    @property
    def group_key(self) -> bytes:
        """The shared secret of this epoch, as long as the suite's hash."""
        return self.group.export(b"ttkem group key", b"", self._protocol.suite.hash_length)

    @property
    def roster(self) -> tuple[str, ...]:
        """The identities of the members, in leaf order."""
        return tuple(_name(leaf.credential) for leaf in self.group.roster.values())

    @property
    def transcript_hash(self) -> bytes:
        """The interim transcript hash, which covers all operations so far."""
        return self.group.state.interim_transcript_hash

    def key_package(self) -> bytes:
        """Return a fresh key package, with which others create a group or add this member."""
        return self._packages.publish(self._randomness)

    def discard_key_packages(self) -> None:
        """Erase the secrets of all key packages that no group has used."""
        self._packages.clear()

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """Create a group of this member and the owners of ``key_packages``, in leaf order."""
        self._require_no_group()
        packages = [self._read(data) for data in key_packages]
        names = [_name(package.leaf_node.credential) for package in packages]
        if len({self.identity, *names}) != 1 + len(names):
            raise LocalError("cannot create the group: an identity occurs twice")
        group_id = self._randomness.draw(16)
        alone = mls.Member.create(self._client, group_id, self._randomness)
        return self._author(alone, Kind.CREATE, [Add(p) for p in packages], None, tuple(names))

    def add(self, key_package: bytes) -> Operation:
        """Add the owner of ``key_package``."""
        group, package = self.group, self._read(key_package)
        name = _name(package.leaf_node.credential)
        if name in self.roster:
            raise LocalError(f"cannot add {name!r}: {name!r} is a member already")
        return self._author(group, Kind.ADD, [Add(package)], name, (name,))

    def remove(self, identity: str) -> Operation:
        """Remove another member."""
        if identity == self.identity:
            raise LocalError("cannot remove oneself: ask another member")
        group = self.group
        for number, leaf in group.roster.items():
            if _name(leaf.credential) == identity:
                return self._author(group, Kind.REMOVE, [Remove(number)], identity)
        raise LocalError(f"cannot remove {identity!r}: {identity!r} is no member")

    def update(self) -> Operation:
        """Replace the keys of this member's leaf and direct path."""
        return self._author(self.group, Kind.UPDATE, [])

    def confirm(self, operation: bytes) -> Event:
        """Start the epoch of a pending operation that was accepted; drop all others."""
        made = self._find(operation)
        made.group.confirm(operation)
        self._enter(made.group)
        return made.event

    def reject(self, operation: bytes) -> None:
        """Drop a pending operation that the delivery service has rejected."""
        self._find(operation).group.reject(operation)
        self._drop(operation)

    def process(self, message: bytes) -> Event:
        """Process another member's control message."""
        group = self.group
        _check_commit(message)
        before = group.roster
        event = group.process(message)
        if isinstance(event, events.Removed):
            self._enter(None)
            return Removed(event.epoch, _name(before[event.committer].credential))
        assert isinstance(event, events.EpochStarted)  # noqa: S101 - a commit yields no other event
        self._enter(group)
        author = _name(before[event.committer].credential)
        kind, target = Kind.UPDATE, None
        for received in event.proposals:
            if isinstance(received.proposal, Add):
                kind = Kind.ADD
                target = _name(received.proposal.key_package.leaf_node.credential)
            elif isinstance(received.proposal, Remove):
                kind, target = Kind.REMOVE, _name(before[received.proposal.removed].credential)
        return EpochStarted(event.epoch, kind, author, target)

    def join(self, welcome: bytes) -> Event:
        """Join with a Welcome for one of this member's key packages; erase the package."""
        self._require_no_group()
        own = self._packages.addressee(welcome)
        joined = mls.Member.join(self._client.config, welcome, own, self._randomness)
        self._packages.forget(own)
        self._enter(joined)
        kind = Kind.CREATE if self.epoch == 1 else Kind.ADD
        signer = joined.welcomed_by
        assert signer is not None  # noqa: S101 - it has joined with a Welcome
        author = _name(joined.roster[signer].credential)
        target = self.identity if kind is Kind.ADD else None
        return EpochStarted(self.epoch, kind, author, target)

    def save(self) -> bytes:
        """Return the whole state; its secrets are in clear, so keep it secret."""
        config = self._client.config
        packages = (
            _Package(own.package, own.init_secret, own.leaf_secret) for own in self._packages
        )
        pending = []
        for name, made in self._operations.items():
            event = made.event
            before = write_state(config, made.group.state)
            after = write_state(config, made.group.after(name))
            pending.append(_Pending(name, event.kind, event.target, event.epoch, before, after))
        return encode(
            _Member(
                self.identity,
                self.signature_key,
                self._client.signature.secret,
                tuple(packages),
                write_state(config, self.group.state) if self.in_group else None,
                tuple(pending),
            )
        )

    def restore(self, saved: _Member) -> None:
        """Restore the saved key packages, group and pending operations."""
        config, signature = self._client.config, self._client.signature
        for item in saved.packages:
            self._packages.add(
                OwnKeyPackage(item.package, item.init_secret, item.leaf_secret, signature)
            )
        if saved.state is not None:
            self._enter(mls.Member(config, read_state(config, saved.state), self._randomness))
        for pending in saved.pending:
            group = self._group
            if group is None:
                group = mls.Member(config, read_state(config, pending.before), self._randomness)
            after = read_state(config, pending.after, group.state)
            group.restore_pending(pending.id, after)
            event = EpochStarted(pending.epoch, pending.kind, self.identity, pending.target)
            self._add(pending.id, PendingOperation(event, group))

    def _read(self, data: bytes) -> KeyPackage:
        package = read_key_package(data)
        check_key_package(self._client.config, package, None)
        return package

    def _author(
        self,
        group: mls.Member,
        kind: Kind,
        proposals: list[Proposal],
        target: str | None = None,
        joiners: tuple[str, ...] = (),
    ) -> Operation:
        path = kind is not Kind.ADD or self._protocol.path_in_adds
        options = CommitOptions(framing=Framing(public=True), path=path)
        made = group.commit(proposals, options=options)
        operation = self._operation(
            made.id, kind, target, joiners, group, made.message, made.welcome
        )
        return replace(operation, refreshed=made.refreshed, ciphertexts=made.ciphertexts)
