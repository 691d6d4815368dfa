"""A protocol under test, wrapped: what it lacks is filled in, and what its calls return is kept.

The game (:class:`ttkem.adversary.Game`) plays real members through their whole interface. A
protocol that says it lacks something (:func:`~ttkem.testing.features.lacking`) is given a stand-in
for it here, of which nothing is concluded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ttkem.errors import LocalError, RemoteError
from ttkem.testing.features import Feature, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttkem.cgka import CGKA, Event, Member, Operation
    from ttkem.crypto import Randomness

__all__ = ["Watched", "WatchedMember"]

T = TypeVar("T")


class Watched:
    """A :class:`~ttkem.cgka.CGKA` whose members remember their last event and error."""

    def __init__(self, protocol: CGKA) -> None:
        self.protocol = protocol
        self.name = protocol.name
        self.lacks = lacking(protocol)
        self.suite = getattr(protocol, "suite", None)

    def member(
        self, identity: str, pki: Mapping[str, bytes], randomness: Randomness
    ) -> WatchedMember:
        """A new member, wrapped."""
        return WatchedMember(self, self.protocol.member(identity, pki, randomness))

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> WatchedMember:
        """A saved member, wrapped."""
        return WatchedMember(self, self.protocol.load(data, pki, randomness))


class WatchedMember:
    """A :class:`~ttkem.cgka.Member`, called as it is, and what came of the last call."""

    __slots__ = ("_member", "_protocol", "error", "event")

    def __init__(self, protocol: Watched, member: Member) -> None:
        self._protocol = protocol
        self._member = member
        self.event: Event | None = None
        """What the last call that starts an epoch returned."""
        self.error: Exception | None = None
        """What the last call raised, None if it returned."""

    @property
    def identity(self) -> str:
        """The member's name."""
        return self._member.identity

    @property
    def signature_key(self) -> bytes:
        """Its signature verification key."""
        return self._member.signature_key

    @property
    def in_group(self) -> bool:
        """Whether it is in a group."""
        return self._member.in_group

    @property
    def epoch(self) -> int:
        """Number of operations since the create."""
        return self._member.epoch

    @property
    def group_key(self) -> bytes:
        """The shared secret of the epoch."""
        return self._member.group_key

    @property
    def roster(self) -> tuple[str, ...]:
        """Who is in the group."""
        return tuple(self._member.roster)

    @property
    def transcript_hash(self) -> bytes:
        """The transcript hash; where there is none the group key, which must tell as much."""
        lacks = self._protocol.lacks
        return self.group_key if Feature.TRANSCRIPT in lacks else self._member.transcript_hash

    @property
    def pending(self) -> tuple[bytes, ...]:
        """Own operations that are not acknowledged."""
        return tuple(self._member.pending)

    def key_package(self) -> bytes:
        """A fresh key package."""
        return self._called(self._member.key_package)

    def discard_key_packages(self) -> None:
        """Erase unused key packages; where that is lacking, nothing happens."""
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
        """The whole state; where it cannot be saved, what can be seen of it."""
        if Feature.SAVE not in self._protocol.lacks:
            return self._member.save()
        seen: tuple[object, ...] = (self.in_group, self.pending)
        if self.in_group:
            seen += (self.epoch, self.roster)
        return repr(seen).encode()

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
