"""Key packages, control messages and welcomes, in TLS presentation language.

The layouts are our own (specification T2 and T5 [D]); the paper fixes what a message carries,
not its bytes.
"""

from dataclasses import dataclass
from typing import Annotated

from ttkem.cgka.interface import Kind
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
    variant,
    vector,
)

__all__ = [
    "Add",
    "Ciphertext",
    "Content",
    "ControlMessage",
    "Create",
    "KeyPackage",
    "KeyPackageContent",
    "PublicInternalNode",
    "PublicLeaf",
    "Remove",
    "SeedContext",
    "Signed",
    "Snapshot",
    "TranscriptInput",
    "Update",
    "Welcome",
]


@struct
@dataclass(frozen=True, slots=True)
class KeyPackageContent:
    """The owner of a key package, and a one-time init key."""

    protocol: Annotated[str, text]
    suite: Annotated[int, uint16]
    identity: Annotated[str, text]
    signature_key: Annotated[bytes, opaque_v]
    init_key: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class KeyPackage:
    """A key package, signed by its owner."""

    content: Annotated[KeyPackageContent, KeyPackageContent]
    signature: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Create:
    """A new group: the author at leaf 0, then the owners of the key packages, in order."""

    identity: Annotated[str, text]
    signature_key: Annotated[bytes, opaque_v]
    key_packages: Annotated[tuple[KeyPackage, ...], vector(KeyPackage)]


@struct
@dataclass(frozen=True, slots=True)
class Add:
    """The addition of a key package's owner, at the leftmost empty leaf."""

    key_package: Annotated[KeyPackage, KeyPackage]


@struct
@dataclass(frozen=True, slots=True)
class Remove:
    """The removal of the member at this leaf number."""

    leaf: Annotated[int, uint32]


@struct
@dataclass(frozen=True, slots=True)
class Update:
    """An operation by which nobody joins or leaves."""


Body = Create | Add | Remove | Update
BODIES: dict[Kind, type[Body]] = {
    Kind.CREATE: Create,
    Kind.ADD: Add,
    Kind.REMOVE: Remove,
    Kind.UPDATE: Update,
}


@struct
@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An HPKE ciphertext of one seed."""

    kem_output: Annotated[bytes, opaque_v]
    ciphertext: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class Content:
    """The content of an operation; its hash continues the transcript (specification T5)."""

    protocol: Annotated[str, text]
    suite: Annotated[int, uint16]
    epoch: Annotated[int, uint64]
    """The author's epoch; the operation starts the next."""
    transcript_hash: Annotated[bytes, opaque_v]
    """The author's transcript hash before the operation; empty for a create."""
    tree_hash: Annotated[bytes, opaque_v]
    """Hash of the public tree before the operation."""
    author: Annotated[int, uint32]
    body: Annotated[Body, variant(enum(Kind, uint8), BODIES)]
    leaf_key: Annotated[bytes | None, optional(opaque_v)]
    """The author's fresh leaf key, where the operation makes one."""
    public_keys: Annotated[tuple[bytes, ...], vector(opaque_v)]
    """New keys of the refreshed nodes, chain by chain, each bottom to top."""
    new_tree_hash: Annotated[bytes, opaque_v]
    """Hash of the public tree after the operation."""
    ciphertexts: Annotated[tuple[Ciphertext, ...], vector(Ciphertext)]


@struct
@dataclass(frozen=True, slots=True)
class Signed:
    """The part of a control message that its signature covers."""

    content: Annotated[bytes, opaque_v]
    """An encoded :class:`Content`."""
    confirmation: Annotated[bytes | None, optional(opaque_v)]
    """Shows that the author has the new group key; absent if the operation makes none."""


@struct
@dataclass(frozen=True, slots=True)
class ControlMessage:
    """An operation as it is sent."""

    signed: Annotated[Signed, Signed]
    signature: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class TranscriptInput:
    """The input of the hash that continues the transcript."""

    transcript_hash: Annotated[bytes, opaque_v]
    content: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class SeedContext:
    """The context that binds the ciphertext of a seed to a history and a place in the tree."""

    transcript_hash: Annotated[bytes, opaque_v]
    refreshed: Annotated[int, uint32]
    """The node whose seed is encrypted."""
    recipient: Annotated[int, uint32]
    """The node to whose key it is encrypted."""


@struct
@dataclass(frozen=True, slots=True)
class PublicLeaf:
    """A member's leaf, in a snapshot."""

    node: Annotated[int, uint32]
    identity: Annotated[str, text]
    signature_key: Annotated[bytes, opaque_v]
    public_key: Annotated[bytes, opaque_v]


@struct
@dataclass(frozen=True, slots=True)
class PublicInternalNode:
    """A keyed internal node with its tainter's leaf number, in a snapshot."""

    node: Annotated[int, uint32]
    public_key: Annotated[bytes, opaque_v]
    taint: Annotated[int | None, optional(uint32)]


@struct
@dataclass(frozen=True, slots=True)
class Snapshot:
    """The public state of a group in one epoch: nodes by array index, ascending."""

    epoch: Annotated[int, uint64]
    transcript_hash: Annotated[bytes, opaque_v]
    capacity: Annotated[int, uint32]
    leaves: Annotated[tuple[PublicLeaf, ...], vector(PublicLeaf)]
    internal: Annotated[tuple[PublicInternalNode, ...], vector(PublicInternalNode)]


@struct
@dataclass(frozen=True, slots=True)
class Welcome:
    """A welcome for new members: the group just before the operation, and the operation."""

    snapshot: Annotated[Snapshot | None, optional(Snapshot)]
    """Absent for a create."""
    message: Annotated[bytes, opaque_v]
    """An encoded :class:`ControlMessage`."""
