"""Leaf nodes (section 7.2): how a client appears in a group, signed by that client."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.messages.codepoints import DEFAULT_EXTENSIONS, MLS10, CredentialType, LeafNodeSource
from ttkem.mls.messages.credentials import Credential, credential
from ttkem.mls.messages.extensions import Extension
from ttkem.wire import (
    encode,
    enum,
    opaque_v,
    struct,
    uint8,
    uint16,
    uint32,
    uint64,
    variant,
    vector,
)

__all__ = [
    "Capabilities",
    "InCommit",
    "InKeyPackage",
    "InUpdate",
    "LeafNode",
    "path_leaf_signer",
    "sign_leaf_node",
    "verify_leaf_node",
]

_numbers = vector(uint16)


@struct
@dataclass(frozen=True, slots=True)
class Capabilities:
    """``Capabilities`` (section 7.2): what a client supports beyond the RFC's defaults.

    Unknown numbers are ignored.
    """

    versions: Annotated[tuple[int, ...], _numbers] = (MLS10,)
    cipher_suites: Annotated[tuple[int, ...], _numbers] = (1,)
    extensions: Annotated[tuple[int, ...], _numbers] = ()
    proposals: Annotated[tuple[int, ...], _numbers] = ()
    credentials: Annotated[tuple[int, ...], _numbers] = (CredentialType.BASIC,)

    def supports_extension(self, number: int) -> bool:
        """Return whether the client supports this extension type: it is a default or listed."""
        return number in DEFAULT_EXTENSIONS or number in self.extensions


@struct
@dataclass(frozen=True, slots=True)
class InKeyPackage:
    """The source ``key_package``, with the ``Lifetime`` in seconds since 1970."""

    not_before: Annotated[int, uint64]
    not_after: Annotated[int, uint64]


@struct
@dataclass(frozen=True, slots=True)
class InUpdate:
    """The source ``update`` (of an Update proposal)."""


@struct
@dataclass(frozen=True, slots=True)
class InCommit:
    """The source ``commit`` (of an UpdatePath), with the parent hash (section 7.9)."""

    parent_hash: Annotated[bytes, opaque_v]


_source = variant(
    enum(LeafNodeSource, uint8),
    {
        LeafNodeSource.KEY_PACKAGE: InKeyPackage,
        LeafNodeSource.UPDATE: InUpdate,
        LeafNodeSource.COMMIT: InCommit,
    },
)


@struct
@dataclass(frozen=True, slots=True)
class LeafNode:
    """``LeafNode`` (section 7.2); ``source`` holds ``leaf_node_source`` and what it selects."""

    encryption_key: Annotated[bytes, opaque_v]
    signature_key: Annotated[bytes, opaque_v]
    credential: Annotated[Credential, credential]
    capabilities: Annotated[Capabilities, Capabilities]
    source: Annotated[InKeyPackage | InUpdate | InCommit, _source]
    extensions: Annotated[tuple[Extension, ...], vector(Extension)]
    signature: Annotated[bytes, opaque_v]


_LABEL = b"LeafNodeTBS"


def sign_leaf_node(
    crypto: Labelled, leaf: LeafNode, secret: bytes, group_id: bytes = b"", leaf_index: int = 0
) -> LeafNode:
    """Return the leaf node with its signature by ``secret``.

    The group id and leaf index are signed too, unless the leaf node is for a key package.
    """
    unsigned = replace(leaf, signature=b"")
    content = _to_be_signed(unsigned, encode(unsigned), group_id, leaf_index)
    return replace(leaf, signature=crypto.sign_with_label(secret, _LABEL, content))


def path_leaf_signer(
    crypto: Labelled, leaf: LeafNode, secret: bytes, group_id: bytes, leaf_index: int
) -> Callable[[bytes, InCommit], LeafNode]:
    """Return the function that makes the leaf node of an update path (section 7.5).

    The function takes the new encryption key and the source with the parent hash, puts them into
    ``leaf`` and signs it for this group and leaf index.
    """

    def new_leaf(key: bytes, source: InCommit) -> LeafNode:
        unsigned = replace(leaf, encryption_key=key, source=source)
        return sign_leaf_node(crypto, unsigned, secret, group_id, leaf_index)

    return new_leaf


def verify_leaf_node(
    crypto: Labelled,
    leaf: LeafNode,
    group_id: bytes = b"",
    leaf_index: int = 0,
    encoded: bytes | None = None,
) -> None:
    """Raise a SignatureError unless the leaf node's own key signed it for this group and index.

    ``encoded`` may give the leaf node's encoding, to save its computation.
    """
    if encoded is None:
        encoded = encode(leaf)
    # The signature is the last field. Replace its encoding by that of an empty one, one zero byte.
    out: list[bytes] = []
    opaque_v.write(leaf.signature, out)
    unsigned = encoded[: len(encoded) - sum(map(len, out))] + b"\x00"
    content = _to_be_signed(leaf, unsigned, group_id, leaf_index)
    crypto.verify_with_label(leaf.signature_key, _LABEL, content, leaf.signature)


def _to_be_signed(leaf: LeafNode, unsigned: bytes, group_id: bytes, leaf_index: int) -> bytes:
    """Return the ``LeafNodeTBS``, given the encoding of the leaf node with an empty signature."""
    fields = unsigned[:-1]
    if isinstance(leaf.source, InKeyPackage):
        return fields
    out = [fields]
    opaque_v.write(group_id, out)
    uint32.write(leaf_index, out)
    return b"".join(out)
