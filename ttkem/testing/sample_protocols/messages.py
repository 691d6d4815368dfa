"""Messages and saved states of the sample protocols, in TLS presentation language.

Every byte is authenticated. A message contains a hash of all that its recipients know in common
(:class:`Public`), so that it belongs to one history; its author signs it. A welcome contains what
joiners do not know yet, and that hash covers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ttkem.cgka.interface import Kind
from ttkem.cgka.messages import Ciphertext
from ttkem.wire import (
    enum,
    opaque_v,
    optional,
    struct,
    text,
    uint8,
    uint16,
    uint32,
    uint64,
    vector,
)

__all__ = [
    "GENESIS",
    "Card",
    "Content",
    "Message",
    "Package",
    "PackageContent",
    "Pair",
    "Pending",
    "Public",
    "Saved",
    "State",
    "Welcome",
]


@struct
@dataclass(frozen=True, slots=True)
class PackageContent:
    """The owner of a key package, and its one-time key."""

    protocol: Annotated[str, text]
    suite: Annotated[int, uint16]
    identity: Annotated[str, text]
    signature_key: Annotated[bytes, opaque_v]
    init_key: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Package:
    """A key package, signed by its owner."""

    content: Annotated[PackageContent, PackageContent]
    signature: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Card:
    """What everybody in the group knows about a member."""

    identity: Annotated[str, text]
    signature_key: Annotated[bytes, opaque_v]
    encryption_key: Annotated[bytes, opaque_v]
    """The HPKE key of its latest operation; before the first, the init key it joined with."""
    joined: Annotated[int, uint64]
    """Its first epoch."""
    acted: Annotated[int, uint64]
    """The epoch that its latest operation started; 0 if there was none."""


@struct
@dataclass(frozen=True, slots=True)
class Public:
    """What all members know in common in an epoch."""

    epoch: Annotated[int, uint64]
    transcript: Annotated[bytes, opaque_v]
    cards: Annotated[tuple[Card, ...], vector(Card)]
    shrunk: Annotated[int, uint64]
    """The epoch that the latest remove started; 0 if there was none."""


GENESIS = Public(0, b"", (), 0)
"""Before a create there is no group."""


@struct
@dataclass(frozen=True, slots=True)
class Content:
    """An operation, before it is signed."""

    protocol: Annotated[str, text]
    suite: Annotated[int, uint16]
    before: Annotated[bytes, opaque_v]
    """The hash of the public state that the operation was made in."""
    kind: Annotated[Kind, enum(Kind, uint8)]
    author: Annotated[str, text]
    target: Annotated[str | None, optional(text)]
    packages: Annotated[tuple[Package, ...], vector(Package)]
    """The key packages of those who join."""
    encryption_key: Annotated[bytes, opaque_v]
    """The author's fresh HPKE key."""
    number: Annotated[int, uint32]
    """How many operations the author had made in this epoch before this one."""
    ciphertexts: Annotated[tuple[Ciphertext, ...], vector(Ciphertext)]
    """The secret of the operation, for each recipient in the order of the roster."""


@struct
@dataclass(frozen=True, slots=True)
class Message:
    """An operation with a tag that proves that its author has the group key, and its signature."""

    content: Annotated[bytes, opaque_v]
    confirmation: Annotated[bytes, opaque_v]
    signature: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Welcome:
    """The public state before an operation, and its message."""

    before: Annotated[Public, Public]
    message: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class State:
    """A member's state in one epoch."""

    public: Annotated[Public, Public]
    decryption_key: Annotated[bytes, opaque_v]
    group_key: Annotated[bytes, opaque_v]
    made: Annotated[int, uint32]
    """The number of operations that the member has made in this epoch."""
    memory: Annotated[bytes, opaque_v]
    """The other secrets of the protocol."""


@struct
@dataclass(frozen=True, slots=True)
class Pending:
    """An own operation that waits for the verdict of the delivery service."""

    id: Annotated[bytes, opaque_v]
    kind: Annotated[Kind, enum(Kind, uint8)]
    target: Annotated[str | None, optional(text)]
    after: Annotated[State, State]


@struct
@dataclass(frozen=True, slots=True)
class Pair:
    """A key pair."""

    public: Annotated[bytes, opaque_v]
    secret: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Saved:
    """Everything that a member knows."""

    protocol: Annotated[str, text]
    suite: Annotated[int, uint16]
    identity: Annotated[str, text]
    signature: Annotated[Pair, Pair]
    init_keys: Annotated[tuple[Pair, ...], vector(Pair)]
    state: Annotated[State | None, optional(State)]
    pending: Annotated[tuple[Pending, ...], vector(Pending)]
