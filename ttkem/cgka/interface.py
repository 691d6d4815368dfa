"""The interface that every group key agreement protocol here implements.

Continuous group key agreement (CGKA) as KPWK21 section 2 defines it: members create operations, a
delivery service orders them, one operation makes one epoch, and every epoch has a group key.
A member is *sans-I/O*: bytes go in, bytes and events come out, and randomness is an argument.

Creating an operation leaves the member in its epoch with a *pending* state. The acknowledgement of
the delivery service ends it: :meth:`Member.confirm` adopts it, :meth:`Member.reject` drops it.
Processing anything else drops every pending state of the epoch. A call that raises has changed
nothing. What may be done when is the table of :mod:`ttkem.cgka.lifecycle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttkem.crypto import Randomness

__all__ = ["CGKA", "EpochStarted", "Event", "Kind", "Member", "Operation", "Removed"]


class Kind(IntEnum):
    """The kind of an operation (KPWK21 section 2)."""

    CREATE = 1
    ADD = 2
    REMOVE = 3
    UPDATE = 4


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that its author has created, before the delivery service acknowledges it."""

    id: bytes
    """The name of the operation in :meth:`Member.confirm` and :meth:`Member.reject`."""
    kind: Kind
    author: str
    target: str | None
    """The identity that is added or removed."""
    joiners: tuple[str, ...]
    """The recipients of its welcome: for a create all but the creator, for an add the newcomer."""
    epoch: int
    """The epoch it was created in; if confirmed, it starts the next."""
    message: bytes
    """The control message, for every member of the author's epoch but the author."""
    refreshed: tuple[int, ...]
    """Array indices of the internal nodes it gives new keys, in the order of the message."""
    ciphertexts: int
    """The number of seeds that it encrypts, which is the cost that the paper counts."""
    make_welcome: Callable[[], bytes]
    """The function that makes the welcome with which new members :meth:`Member.join`.

    It is called on demand, since the size of a welcome is linear in the group's. One welcome serves
    all joiners; if there are none, the function raises a :class:`~ttkem.errors.LocalError`.
    """


@dataclass(frozen=True, slots=True)
class EpochStarted:
    """The member has moved to a new epoch and has its group key."""

    epoch: int
    kind: Kind
    author: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Removed:
    """The member was removed, and has erased all its secrets of the group."""

    epoch: int
    author: str


Event = EpochStarted | Removed


class Member(Protocol):
    """One member of one group.

    Every method either returns and has done all it says, or raises and has changed nothing:
    a :class:`~ttkem.errors.LocalError` when the call is not allowed at this stage
    (:mod:`ttkem.cgka.lifecycle`), a :class:`~ttkem.errors.RemoteError` when bytes from outside are
    wrong.
    """

    @property
    def identity(self) -> str:
        """The member's name, as in the public-key infrastructure."""
        ...

    @property
    def signature_key(self) -> bytes:
        """Public signature verification key, to be entered in the public-key infrastructure."""
        ...

    @property
    def in_group(self) -> bool:
        """Whether the member is in a group now; the properties below need that."""
        ...

    @property
    def epoch(self) -> int:
        """Number of operations since the group was created; 1 after the create."""
        ...

    @property
    def group_key(self) -> bytes:
        """The shared secret of this epoch."""
        ...

    @property
    def roster(self) -> tuple[str, ...]:
        """Identities of the members, in tree order."""
        ...

    @property
    def transcript_hash(self) -> bytes:
        """Hash of all operations so far: equal exactly for members with the same history."""
        ...

    @property
    def pending(self) -> tuple[bytes, ...]:
        """Ids of own operations of this epoch that the delivery service has not acknowledged."""
        ...

    def key_package(self) -> bytes:
        """Return a fresh one-time key package, to create a group with or to be added by."""
        ...

    def discard_key_packages(self) -> None:
        """Erase the secrets of all key packages that no group has used."""
        ...

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """Create a group of this member and the owners of ``key_packages``, in that leaf order."""
        ...

    def add(self, key_package: bytes) -> Operation:
        """Add the owner of ``key_package``."""
        ...

    def remove(self, identity: str) -> Operation:
        """Remove another member."""
        ...

    def update(self) -> Operation:
        """Replace this member's keys, and all keys whose seeds it has seen."""
        ...

    def confirm(self, operation: bytes) -> Event:
        """Adopt a pending operation that the delivery service has accepted, and drop all others."""
        ...

    def reject(self, operation: bytes) -> None:
        """Drop a pending operation that the delivery service has rejected."""
        ...

    def process(self, message: bytes) -> Event:
        """Process another member's control message."""
        ...

    def join(self, welcome: bytes) -> Event:
        """Join the group of a welcome that was made with one of this member's key packages."""
        ...

    def save(self) -> bytes:
        """Return the whole state, secrets included, for the protocol's ``load``."""
        ...


class CGKA(Protocol):
    """A protocol: makes and loads members.

    ``pki`` is the public-key infrastructure that the paper assumes: everyone's signature
    verification key by identity. It is read when a message arrives, never written.
    """

    @property
    def name(self) -> str:
        """Short name, as reports print it."""
        ...

    def member(self, identity: str, pki: Mapping[str, bytes], randomness: Randomness) -> Member:
        """Make a member with a fresh signature key; enter that in ``pki`` before others meet it."""
        ...

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> Member:
        """Load a member from what :meth:`Member.save` gave.

        Raise a :class:`~ttkem.errors.RemoteError` for damaged bytes, or those of another protocol.
        """
        ...
