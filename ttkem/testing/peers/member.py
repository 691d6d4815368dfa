"""An implementation of MLS, given by its clients, behind the CGKA interface (own design).

What the interface promises and these packages leave to the application is done here: the PKI is
asked before a member relies on a key (the authentication service of RFC 9420 section 5.3.1), every
operation is made on a copy of the group, so that several can be pending, and ids are hashes. The
rest is the package's, and so are its mistakes: only what it raises on purpose becomes one of the
two errors, and where it refuses a message, the group that goes on is the one that refused.
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
"""What no package here shows: whole states, its randomness, who committed, a transcript hash."""


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
    """Makes members of one implementation."""

    name: str
    client: Callable[[str, Randomness], Client]
    """A new client of that name."""
    lacks: tuple[str, ...] = LACKS

    def member(self, identity: str, pki: Mapping[str, bytes], randomness: Randomness) -> PeerMember:
        """A new member with a fresh signature key; enter it in ``pki`` before others meet it."""
        return PeerMember(identity, self.client(identity, randomness), pki)

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> NoReturn:
        """Refused: states are not saved."""
        del data, pki, randomness
        raise LocalError(f"a member of {self.name} cannot be saved")


class PeerMember(CgkaBase["Group"]):
    """A :class:`~ttkem.cgka.Member` whose group is another implementation's.

    Of an event's author nothing is known: it is the empty name.
    """

    __slots__ = ("_client", "_pki")

    def __init__(self, identity: str, client: Client, pki: Mapping[str, bytes]) -> None:
        super().__init__(identity)
        self._client = client
        self._pki = pki

    @property
    def signature_key(self) -> bytes:
        """Public signature verification key."""
        return self._client.signature_key

    @property
    def group_key(self) -> bytes:
        """The shared secret of this epoch: 32 bytes of the exporter."""
        return self.group.exported(b"ttkem group key", b"", 32)

    @property
    def roster(self) -> tuple[str, ...]:
        """Identities of the members, in tree order."""
        return tuple(name for name, _ in self.group.members)

    @property
    def transcript_hash(self) -> bytes:
        """The group key, which tells as much: no package gives its transcript hash."""
        return self.group_key

    def key_package(self) -> bytes:
        """A fresh one-time key package."""
        return self._client.key_package()

    def discard_key_packages(self) -> NoReturn:
        """Refused: no package can be told to forget its key packages."""
        raise LocalError("key packages cannot be discarded here")

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """A group of this member and the owners of ``key_packages``, in that leaf order."""
        self._require_no_group()
        return self._author(Kind.CREATE, self._client.found(), key_packages, None)

    def add(self, key_package: bytes) -> Operation:
        """The owner of ``key_package`` joins."""
        return self._author(Kind.ADD, self.group.copy(), [key_package], None)

    def remove(self, identity: str) -> Operation:
        """Another member leaves."""
        group = self.group
        for member in group.members:
            if member[0] == identity:
                return self._author(Kind.REMOVE, group.copy(), [], member)
        raise LocalError(f"{identity!r} is no member")

    def update(self) -> Operation:
        """An empty commit."""
        return self._author(Kind.UPDATE, self.group.copy(), [], None)

    def confirm(self, operation: bytes) -> Event:
        """The delivery service has accepted this pending operation: adopt it, drop all others."""
        made = self._find(operation)
        made.group.confirm()
        self._enter(made.group)
        return made.event

    def reject(self, operation: bytes) -> None:
        """The delivery service has refused this pending operation: drop it."""
        self._find(operation)
        self._drop(operation)

    def process(self, message: bytes) -> Event:
        """Another member's control message has arrived."""
        group = self.group
        parts = tuple(message.part for message in decode(_Messages, message).parts)
        trial = group.copy()
        try:
            if trial.process(parts):
                self._authenticate(trial.members)
        except self._client.refusals:
            pass  # the group itself is to refuse it too, and to stay as it is
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
        """A welcome made with one of this member's key packages has arrived."""
        self._require_no_group()
        group = self._remote(lambda: self._client.join(welcome))
        self._authenticate(group.members)
        self._enter(group)
        if group.epoch == 1:
            return EpochStarted(1, Kind.CREATE, "", None)
        return EpochStarted(group.epoch, Kind.ADD, "", self.identity)

    def save(self) -> NoReturn:
        """Refused: no package shows a whole state."""
        raise LocalError("a member cannot be saved here")

    def _author(
        self, kind: Kind, group: Group, adds: Sequence[bytes], removed: Identity | None
    ) -> Operation:
        """An operation, made on a group of its own."""
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
                raise InvalidMessageError(f"not the signature key of {name!r}")

    def _local(self, call: Callable[[], T]) -> T:
        """What the package refuses here was asked of it by this member's caller."""
        try:
            return call()
        except self._client.refusals as error:
            raise LocalError(_told(error)) from error

    def _remote(self, call: Callable[[], T]) -> T:
        """What the package refuses here came from somebody else."""
        try:
            return call()
        except self._client.refusals as error:
            if isinstance(error, RemoteError):
                raise
            raise RemoteError(_told(error)) from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
