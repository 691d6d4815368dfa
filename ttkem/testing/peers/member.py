"""Another implementation of MLS, adapted to the CGKA interface (own design).

The adapter does what the interface promises and the packages leave to the application: it looks up
signature keys in the PKI before relying on them (the authentication service of RFC 9420 section
5.3.1), makes each operation on a copy of the group, so that several can be pending, and uses hashes
as ids. It does not hide mistakes of the package: only exceptions by which the package rejects an
input become a LocalError or RemoteError, and after a rejected message the member continues with the
group object that rejected it, not with a copy.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

from ttkem.cgka import EpochStarted, Event, Kind, Operation, Removed
from ttkem.errors import InvalidMessageError, LocalError, RemoteError
from ttkem.mls.cgka_base import CgkaBase
from ttkem.testing.peers.party import owner
from ttkem.wire import decode, encode, opaque_v, struct, vector

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttkem.crypto import Randomness
    from ttkem.testing.peers.party import Client, Group, Identity

__all__ = ["LACKS", "PeerCgka", "PeerMember"]

T = TypeVar("T")
LACKS = ("discard", "events", "save", "seeded", "transcript")
"""Features of the suites that no package exposes."""


@struct
@dataclass(frozen=True, slots=True)
class _Message:
    part: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class _Messages:
    parts: Annotated[tuple[_Message, ...], vector(_Message)]


@dataclass(frozen=True, slots=True)
class PeerCgka:
    """A CGKA protocol whose members use one implementation of MLS."""

    name: str
    client: Callable[[str, Randomness], Client]
    """Creates a client from its name and a source of randomness."""
    lacks: tuple[str, ...] = LACKS

    def member(self, identity: str, pki: Mapping[str, bytes], randomness: Randomness) -> PeerMember:
        """Return a new member with a fresh signature key, which the caller enters in ``pki``."""
        return PeerMember(identity, self.client(identity, randomness), pki)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> NoReturn:
        """Raise a LocalError: the package cannot load states."""
        del data, pki, randomness
        raise LocalError(f"cannot load a member of {self.name}: its states cannot be saved")


class PeerMember(CgkaBase["Group"]):
    """A :class:`~ttkem.cgka.Member` whose group is another implementation's.

    The author of its events is always the empty name, since the packages do not report it.
    """

    __slots__ = ("_client", "_pki")

    def __init__(self, identity: str, client: Client, pki: Mapping[str, bytes]) -> None:
        super().__init__(identity)
        self._client = client
        self._pki = pki

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        return self._client.signature_key

    @property
    def group_key(self) -> bytes:
        """The shared secret of this epoch: 32 bytes of the exporter."""
        return self.group.exported(b"ttkem group key", b"", 32)

    @property
    def roster(self) -> tuple[str, ...]:
        """The identities of the members, in leaf order."""
        return tuple(name for name, _ in self.group.members)

    @property
    def transcript_hash(self) -> bytes:
        """The group key, as a substitute: no package exposes its transcript hash."""
        return self.group_key

    def key_package(self) -> bytes:
        """Return a fresh one-time key package."""
        return self._client.key_package()

    def discard_key_packages(self) -> NoReturn:
        """Raise a LocalError: no package can erase its unused key packages."""
        raise LocalError("cannot discard key packages: the package has no such call")

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """Create a group of this member and the owners of ``key_packages``, in leaf order."""
        self._require_no_group()
        return self._author(Kind.CREATE, self._client.found(), key_packages, None)

    def add(self, key_package: bytes) -> Operation:
        """Add the owner of ``key_package``."""
        return self._author(Kind.ADD, self.group.copy(), [key_package], None)

    def remove(self, identity: str) -> Operation:
        """Remove another member."""
        group = self.group
        for member in group.members:
            if member[0] == identity:
                return self._author(Kind.REMOVE, group.copy(), [], member)
        raise LocalError(f"cannot remove {identity!r}: {identity!r} is not a member")

    def update(self) -> Operation:
        """Make an empty commit."""
        return self._author(Kind.UPDATE, self.group.copy(), [], None)

    def confirm(self, operation: bytes) -> Event:
        """Start the epoch of a pending operation that was accepted; drop all others."""
        made = self._find(operation)
        made.group.confirm()
        self._enter(made.group)
        return made.event

    def reject(self, operation: bytes) -> None:
        """Drop a pending operation that the delivery service has rejected."""
        self._find(operation)
        self._drop(operation)

    def process(self, message: bytes) -> Event:
        """Process another member's control message."""
        group = self.group
        parts = tuple(message.part for message in decode(_Messages, message).parts)
        trial = group.copy()
        try:
            if trial.process(parts):
                self._authenticate(trial.members)
        except self._client.refusals:
            pass  # the group itself must reject it as well, and stay unchanged
        before, epoch = set(self.roster), group.epoch + 1
        inside = self._remote(lambda: group.process(parts))
        self._enter(group if inside else None)
        if not inside:
            return Removed(epoch, "")
        after = set(self.roster)
        for kind, changed in ((Kind.ADD, after - before), (Kind.REMOVE, before - after)):
            if changed:
                return EpochStarted(epoch, kind, "", min(changed))
        return EpochStarted(epoch, Kind.UPDATE, "", None)

    def join(self, welcome: bytes) -> Event:
        """Join with a Welcome for one of this member's key packages."""
        self._require_no_group()
        group = self._remote(lambda: self._client.join(welcome))
        self._authenticate(group.members)
        self._enter(group)
        if group.epoch == 1:
            return EpochStarted(1, Kind.CREATE, "", None)
        return EpochStarted(group.epoch, Kind.ADD, "", self.identity)

    def save(self) -> NoReturn:
        """Raise a LocalError: no package exposes a whole state."""
        raise LocalError("cannot save the member: the package does not expose its state")

    def _author(
        self, kind: Kind, group: Group, adds: Sequence[bytes], removed: Identity | None
    ) -> Operation:
        """Return an operation, made on its own copy of the group."""
        call = self._remote if adds else self._local
        made = call(lambda: group.commit(adds, removed))
        joiners = tuple(owner(package) for package in adds)
        self._authenticate(joiners)
        target = removed
        if kind is Kind.ADD:
            (target,) = joiners
        message = encode(_Messages(tuple(_Message(part) for part in made.messages)))
        name = hashlib.sha256(message).digest()
        names = tuple(who for who, _ in joiners)
        named = None if target is None else target[0]
        return self._operation(name, kind, named, names, group, message, made.welcome)

    def _authenticate(self, members: Sequence[Identity]) -> None:
        for name, key in members:
            if self._pki.get(name) != key:
                raise InvalidMessageError(f"the signature key is not that of {name!r}")

    def _local(self, call: Callable[[], T]) -> T:
        """Return the result of a call; turn a refusal into a LocalError."""
        try:
            return call()
        except self._client.refusals as error:
            raise LocalError(_told(error)) from error

    def _remote(self, call: Callable[[], T]) -> T:
        """Return the result of a call; turn a refusal into a RemoteError."""
        try:
            return call()
        except self._client.refusals as error:
            if isinstance(error, RemoteError):
                raise
            raise RemoteError(_told(error)) from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
