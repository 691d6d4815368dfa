"""The interface that every group key agreement protocol here implements.

Continuous group key agreement (CGKA) as KPWK21 section 2 has it: members create operations, a
delivery server orders them, one operation makes one epoch, and every epoch has a group key.
A member is *sans-I/O*: bytes go in, bytes and events come out, and randomness is an argument.

Creating an operation leaves the member in its epoch with a *pending* state. The server's verdict
ends it: :meth:`Member.confirm` adopts it, :meth:`Member.reject` drops it. Processing anything else
drops every pending state of the epoch. A call that raises has changed nothing.
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
    """What an operation does (KPWK21 section 2)."""

    CREATE = 1
    ADD = 2
    REMOVE = 3
    UPDATE = 4


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation its author has created and the server has not yet judged."""

    id: bytes
    """Names the operation in :meth:`Member.confirm` and :meth:`Member.reject`."""
    kind: Kind
    author: str
    target: str | None
    """Who is added or removed."""
    joiners: tuple[str, ...]
    """Who needs its welcome: at create everyone but the creator, at add the added member."""
    epoch: int
    """The epoch it was created in; if confirmed, it starts the next."""
    message: bytes
    """The control message, for every member of the author's epoch but the author."""
    refreshed: tuple[int, ...]
    """Array indices of the inner nodes it gives new keys, in the order of the message."""
    ciphertexts: int
    """How many seeds it encrypts: the cost the paper counts."""
    make_welcome: Callable[[], bytes]
    """Makes the bytes that let new members :meth:`Member.join`; linear in the group, so on demand.

    The same bytes serve all joiners; a :class:`~ttkem.errors.LocalError` if there are none.
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
    """The member was removed; all its secrets of the group are gone."""

    epoch: int
    author: str


Event = EpochStarted | Removed


class Member(Protocol):
    """One member of one group.

    Every method either returns and has done all it says, or raises and has changed nothing:
    :class:`~ttkem.errors.LocalError` when called out of turn, :class:`~ttkem.errors.RemoteError`
    when bytes from outside are wrong.
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
        """Hash of all operations so far: equal for members with the same history, only."""
        ...

    @property
    def pending(self) -> tuple[bytes, ...]:
        """Ids of own operations of this epoch that the server has not judged."""
        ...

    def key_package(self) -> bytes:
        """A fresh one-time key package, with which others create a group or add this member."""
        ...

    def discard_key_packages(self) -> None:
        """Erase the secrets of all key packages that no group has used."""
        ...

    def create(self, key_packages: Sequence[bytes]) -> Operation:
        """A group of this member and the owners of ``key_packages``, in that leaf order."""
        ...

    def add(self, key_package: bytes) -> Operation:
        """The owner of ``key_package`` joins."""
        ...

    def remove(self, identity: str) -> Operation:
        """Another member leaves."""
        ...

    def update(self) -> Operation:
        """This member's keys, and all whose seeds it has seen, are replaced."""
        ...

    def confirm(self, operation: bytes) -> Event:
        """The server has accepted this pending operation: adopt it, drop all others."""
        ...

    def reject(self, operation: bytes) -> None:
        """The server has refused this pending operation: drop it."""
        ...

    def process(self, message: bytes) -> Event:
        """Another member's control message has arrived."""
        ...

    def join(self, welcome: bytes) -> Event:
        """A welcome made with one of this member's key packages has arrived."""
        ...

    def save(self) -> bytes:
        """The whole state, secrets included, to be loaded by the protocol's ``load``."""
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
        """A new member with a fresh signature key; enter it in ``pki`` before others meet it."""
        ...

    def load(self, data: bytes, pki: Mapping[str, bytes], randomness: Randomness) -> Member:
        """A member as :meth:`Member.save` left it; a RemoteError for damaged or foreign bytes."""
        ...
