"""A wrapper for a protocol under test: it records events and errors, and fills in lacking features.

The game (:class:`ttkem.adversary.Game`) uses the whole interface of a member. Where a protocol
declares that it lacks a feature (:func:`~ttkem.testing.features.lacking`), the wrapper supplies a
stand-in, from which no check draws a conclusion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ttkem.errors import LocalError, RemoteError
from ttkem.testing.features import Feature, lacking
from ttkem.testing.recorded import RecordedMember, RecordedProtocol
from ttkem.testing.state_bytes import state_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttkem.cgka import CGKA, Event, Member, Operation
    from ttkem.crypto import Randomness
    from ttkem.crypto.recording import Recorder

__all__ = ["Watched", "WatchedMember"]

T = TypeVar("T")


class Watched:
    """A wrapped :class:`~ttkem.cgka.CGKA`, whose members record their last event and error."""

    def __init__(self, protocol: CGKA, recorder: Recorder | None = None) -> None:
        self.protocol = protocol
        self.recorder = recorder
        self.name = protocol.name
        self.lacks = lacking(protocol)
        self.suite = getattr(protocol, "suite", None)

    def member(
        self, identity: str, pki: Mapping[str, bytes], randomness: Randomness
    ) -> WatchedMember:
        """Return a new member, wrapped; its cryptography is recorded if there is a recorder."""
        if self.recorder is None:
            return WatchedMember(self, self.protocol.member(identity, pki, randomness))
        recorded = RecordedProtocol(self.protocol, self.recorder)
        return WatchedMember(self, recorded.member(identity, pki, randomness))

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> WatchedMember:
        """Load a saved member and return it wrapped."""
        return WatchedMember(self, self.protocol.load(data, pki, randomness))


class WatchedMember:
    """A wrapped :class:`~ttkem.cgka.Member` that records the result of its last call."""

    __slots__ = ("_member", "_protocol", "error", "event")

    def __init__(self, protocol: Watched, member: Member) -> None:
        self._protocol = protocol
        self._member = member
        self.event: Event | None = None
        """The event of the last confirm, process or join; None if it raised an error."""
        self.error: Exception | None = None
        """The error that the last call raised; None if it returned."""

    @property
    def unwrapped(self) -> object:
        """The protocol's own member object."""
        member: object = self._member
        return member.unwrapped if isinstance(member, RecordedMember) else member

    @property
    def identity(self) -> str:
        """The member's name."""
        return self._member.identity

    @property
    def signature_key(self) -> bytes:
        """The member's signature verification key."""
        return self._member.signature_key

    @property
    def in_group(self) -> bool:
        """Whether the member is in a group."""
        return self._member.in_group

    @property
    def epoch(self) -> int:
        """The number of operations since the create."""
        return self._member.epoch

    @property
    def group_key(self) -> bytes:
        """The shared secret of the epoch."""
        return self._member.group_key

    @property
    def roster(self) -> tuple[str, ...]:
        """The members of the group."""
        return tuple(self._member.roster)

    @property
    def transcript_hash(self) -> bytes:
        """The transcript hash; without one, the group key, which must distinguish histories too."""
        lacks = self._protocol.lacks
        return self.group_key if Feature.TRANSCRIPT in lacks else self._member.transcript_hash

    @property
    def pending(self) -> tuple[bytes, ...]:
        """The member's operations that are not yet acknowledged."""
        return tuple(self._member.pending)

    def key_package(self) -> bytes:
        """Return a fresh key package."""
        return self._called(self._member.key_package)

    def discard_key_packages(self) -> None:
        """Erase unused key packages; do nothing if the protocol lacks that."""
        if Feature.DISCARD not in self._protocol.lacks:
            self._called(self._member.discard_key_packages)

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """Create a group."""
        return self._called(lambda: self._member.create(key_packages))

    def add(self, key_package: bytes) -> Operation:
        """Add somebody."""
        return self._called(lambda: self._member.add(key_package))

    def remove(self, identity: str) -> Operation:
        """Remove somebody."""
        return self._called(lambda: self._member.remove(identity))

    def update(self) -> Operation:
        """Update."""
        return self._called(self._member.update)

    def confirm(self, operation: bytes) -> Event:
        """Confirm a pending operation."""
        return self._started(lambda: self._member.confirm(operation))

    def reject(self, operation: bytes) -> None:
        """Reject a pending operation."""
        self._called(lambda: self._member.reject(operation))

    def process(self, message: bytes) -> Event:
        """Process a message."""
        return self._started(lambda: self._member.process(message))

    def join(self, welcome: bytes) -> Event:
        """Join by a welcome."""
        return self._started(lambda: self._member.join(welcome))

    def save(self) -> bytes:
        """Return the saved state; if it cannot be saved, a description of its visible part."""
        if Feature.SAVE not in self._protocol.lacks:
            return self._member.save()
        seen: tuple[object, ...] = (self.in_group, self.pending)
        if self.in_group:
            seen += (self.epoch, self.roster)
        return repr(seen).encode()

    def exposed(self) -> bytes:
        """Return what a corruption reveals: the saved state, or all bytes that the member holds."""
        if Feature.SAVE not in self._protocol.lacks:
            return self._member.save()
        return state_bytes(self.unwrapped)

    def _started(self, call: Callable[[], Event]) -> Event:
        self.event = None
        self.event = self._called(call)
        return self.event

    def _called(self, call: Callable[[], T]) -> T:
        self.error = None
        try:
            return call()
        except (LocalError, RemoteError) as error:
            self.error = error
            raise
