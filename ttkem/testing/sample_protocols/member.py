"""A member of a sample protocol: calls that are allowed, pending operations, saved states."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ttkem.cgka.interface import EpochStarted, Event, Kind, Operation, Removed
from ttkem.crypto import KeyPair
from ttkem.errors import HistoryError, InvalidMessageError, LocalError, RemoteError, StateFileError
from ttkem.testing.sample_protocols import operations
from ttkem.testing.sample_protocols.messages import (
    GENESIS,
    Content,
    Package,
    PackageContent,
    Pair,
    Pending,
    Public,
    Saved,
    State,
    Welcome,
)
from ttkem.wire import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttkem.crypto import Randomness
    from ttkem.testing.sample_protocols.operations import Change, SampleProtocol

__all__ = ["SampleMember", "load_member", "new_member"]


LAST_EPOCH = 1 << 32
"""The last epoch in which anybody can join: a welcome must not exhaust the joiner's counters."""


class SampleMember:
    """A :class:`ttkem.cgka.Member` of a sample protocol: its whole state is in one object."""

    def __init__(
        self,
        protocol: SampleProtocol,
        saved: Saved,
        pki: Mapping[str, bytes],
        randomness: Randomness,
    ) -> None:
        self.protocol = protocol
        self.saved = saved
        self.pki = pki
        self.randomness = randomness

    @property
    def identity(self) -> str:
        """The member's name."""
        return self.saved.identity

    @property
    def signature_key(self) -> bytes:
        """The public signature key."""
        return self.saved.signature.public

    @property
    def in_group(self) -> bool:
        """Whether the member is in a group."""
        return self.saved.state is not None

    @property
    def epoch(self) -> int:
        """The number of operations so far."""
        return self._state().public.epoch

    @property
    def group_key(self) -> bytes:
        """The shared secret of this epoch."""
        return self._state().group_key

    @property
    def roster(self) -> tuple[str, ...]:
        """The members' names, in the order in which they joined."""
        return tuple(card.identity for card in self._state().public.cards)

    @property
    def transcript_hash(self) -> bytes:
        """A hash of all operations so far."""
        return self._state().public.transcript

    @property
    def pending(self) -> tuple[bytes, ...]:
        """The ids of own operations that wait for a verdict."""
        return tuple(pending.id for pending in self.saved.pending)

    def key_package(self) -> bytes:
        """Return a fresh one-time key package."""
        protocol, saved = self.protocol, self.saved
        pair = protocol.suite.generate_key_pair(self.randomness)
        content = PackageContent(
            protocol.name, protocol.suite.number, self.identity, self.signature_key, pair.public
        )
        signature = protocol.kdf.sign_with_label(
            saved.signature.secret, b"key package", encode(content)
        )
        init_keys = (*saved.init_keys, Pair(pair.public, pair.secret))
        self.saved = replace(saved, init_keys=init_keys)
        return encode(Package(content, signature))

    def discard_key_packages(self) -> None:
        """Erase the secrets of all unused key packages."""
        self.saved = replace(self.saved, init_keys=())

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """Create a group with the owners of key packages."""
        self._require_no_group()
        packages = tuple(self._package(data) for data in key_packages)
        names = {self.identity, *(package.content.identity for package in packages)}
        if len(names) != 1 + len(packages):
            raise LocalError("cannot create the group: somebody is in it twice")
        return self._author(Kind.CREATE, None, packages)

    def add(self, key_package: bytes) -> Operation:
        """Add the owner of a key package."""
        roster, package = self.roster, self._package(key_package)
        if package.content.identity in roster:
            raise LocalError(f"cannot add {package.content.identity!r}: it is a member already")
        return self._author(Kind.ADD, package.content.identity, (package,))

    def remove(self, identity: str) -> Operation:
        """Remove another member."""
        if identity not in self.roster or identity == self.identity:
            raise LocalError(f"cannot remove {identity!r}: it is not another member")
        return self._author(Kind.REMOVE, identity, ())

    def update(self) -> Operation:
        """Replace this member's keys."""
        self._state()
        return self._author(Kind.UPDATE, None, ())

    def confirm(self, operation: bytes) -> Event:
        """Adopt a pending operation; drop all others."""
        found = self._find(operation)
        self.saved = replace(self.saved, state=found.after, pending=())
        return EpochStarted(found.after.public.epoch, found.kind, self.identity, found.target)

    def reject(self, operation: bytes) -> None:
        """Drop a pending operation."""
        found = self._find(operation)
        rest = tuple(pending for pending in self.saved.pending if pending is not found)
        self.saved = replace(self.saved, pending=rest)

    def process(self, message: bytes) -> Event:
        """Process another member's message."""
        state = self._state()
        read = operations.read(self.protocol, state.public, message, self.pki)
        change = read[2]
        if change.author == self.identity:
            raise HistoryError("cannot process an own message: confirm or reject the operation")
        if change.kind is Kind.REMOVE and change.target == self.identity:
            self.saved = replace(self.saved, state=None, pending=())
            return Removed(change.after.epoch, change.author)
        after = operations.follow(self.protocol, self.identity, state, state.decryption_key, read)
        self.saved = replace(self.saved, state=after, pending=())
        return _event(change)

    def join(self, welcome: bytes) -> Event:
        """Join the group of a welcome; erase the init key that it was made for."""
        self._require_no_group()
        whole = decode(Welcome, welcome)
        _check_public(self.protocol, whole.before, self.pki)
        read = operations.read(self.protocol, whole.before, whole.message, self.pki)
        packages = [package.content for package in read[1].packages]
        keys = [package.init_key for package in packages if package.identity == self.identity]
        own = [pair for pair in self.saved.init_keys if pair.public in keys]
        if not own:
            raise InvalidMessageError(
                "cannot join: the welcome is for a key package that is used, erased or foreign"
            )
        after = operations.follow(self.protocol, self.identity, None, own[0].secret, read)
        unused = tuple(pair for pair in self.saved.init_keys if pair is not own[0])
        self.saved = replace(self.saved, init_keys=unused, state=after, pending=())
        return _event(read[2])

    def save(self) -> bytes:
        """Return the whole state, secrets included."""
        return encode(self.saved)

    def _state(self) -> State:
        if self.saved.state is None:
            raise LocalError(f"{self.identity!r} is in no group: create one or join one")
        return self.saved.state

    def _require_no_group(self) -> None:
        if self.in_group:
            raise LocalError(f"{self.identity!r} is in a group already")

    def _find(self, operation: bytes) -> Pending:
        for pending in self.saved.pending:
            if pending.id == operation:
                return pending
        raise LocalError(f"cannot end operation {operation.hex()[:16]!r}: it is not pending")

    def _package(self, data: bytes) -> Package:
        package = decode(Package, data)
        operations.check_package(self.protocol, package, self.pki)
        return package

    def _author(self, kind: Kind, target: str | None, packages: tuple[Package, ...]) -> Operation:
        protocol, state = self.protocol, self.saved.state
        public, number = (GENESIS, 0) if state is None else (state.public, state.made)
        content = Content(
            protocol.name,
            protocol.suite.number,
            protocol.suite.hash(encode(public)),
            kind,
            self.identity,
            target,
            packages,
            b"",
            number,
            (),
        )
        signature = KeyPair(self.saved.signature.public, self.saved.signature.secret)
        message, after, change = operations.author(
            protocol, state, content, signature, self.randomness
        )
        pending = Pending(protocol.suite.hash(message), kind, target, after)
        if state is not None:
            state = replace(protocol.made(change, state), made=number + 1)
        self.saved = replace(self.saved, state=state, pending=(*self.saved.pending, pending))
        return Operation(
            id=pending.id,
            kind=kind,
            author=self.identity,
            target=target,
            joiners=tuple(package.content.identity for package in packages),
            epoch=public.epoch,
            message=message,
            refreshed=(),
            ciphertexts=len(protocol.recipients(change)),
            make_welcome=partial(_welcome, kind, public, message),
        )


def _welcome(kind: Kind, public: Public, message: bytes) -> bytes:
    if kind not in (Kind.CREATE, Kind.ADD):
        raise LocalError(f"cannot make a welcome: a kind {kind.name.lower()!r} lets nobody in")
    return encode(Welcome(public, message))


def _event(change: Change) -> EpochStarted:
    return EpochStarted(change.after.epoch, change.kind, change.author, change.target)


def _check_public(protocol: SampleProtocol, public: Public, pki: Mapping[str, bytes]) -> None:
    """Raise a RemoteError unless the members in a welcome are who they claim to be."""
    counts = [public.shrunk, *(n for card in public.cards for n in (card.joined, card.acted))]
    if public.epoch > LAST_EPOCH or max(counts) > public.epoch:
        raise InvalidMessageError("cannot join: the welcome counts epochs that cannot have been")
    if len({card.identity for card in public.cards}) != len(public.cards):
        raise InvalidMessageError("cannot join: somebody is in the group twice")
    for card in public.cards:
        if pki.get(card.identity) != card.signature_key:
            raise InvalidMessageError(f"cannot join: {card.identity!r} has another signature key")
        protocol.suite.check_public_key(card.encryption_key)


def new_member(
    protocol: SampleProtocol, identity: str, pki: Mapping[str, bytes], randomness: Randomness
) -> SampleMember:
    """Return a new member with a fresh signature key."""
    pair = protocol.suite.generate_signature_key_pair(randomness)
    signature = Pair(pair.public, pair.secret)
    saved = Saved(protocol.name, protocol.suite.number, identity, signature, (), None, ())
    return SampleMember(protocol, saved, pki, randomness)


def load_member(
    protocol: SampleProtocol, data: bytes, pki: Mapping[str, bytes], randomness: Randomness
) -> SampleMember:
    """Return a saved member; raise a StateFileError for anything else."""
    try:
        saved = decode(Saved, data)
    except RemoteError as error:
        raise StateFileError(f"cannot load the member: {error}") from None
    if (saved.protocol, saved.suite) != (protocol.name, protocol.suite.number):
        raise StateFileError(
            f"cannot load the member: it is of {saved.protocol!r} on suite {saved.suite}"
        )
    return SampleMember(protocol, saved, pki, randomness)
