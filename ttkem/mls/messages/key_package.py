"""Key packages (section 10): they let a client be added to a group while it is offline."""

from dataclasses import dataclass, replace
from typing import Annotated

from ttkem.crypto import Labelled
from ttkem.mls.messages.extensions import Extension
from ttkem.mls.messages.leaf_node import LeafNode
from ttkem.wire import encode, opaque_v, struct, uint16, vector

__all__ = ["KeyPackage", "key_package_ref", "sign_key_package", "verify_key_package"]


@struct
@dataclass(frozen=True, slots=True)
class KeyPackage:
    """``KeyPackage`` (section 10)."""

    version: Annotated[int, uint16]
    cipher_suite: Annotated[int, uint16]
    init_key: Annotated[bytes, opaque_v]
    leaf_node: Annotated[LeafNode, LeafNode]
    extensions: Annotated[tuple[Extension, ...], vector(Extension)]
    signature: Annotated[bytes, opaque_v]


_LABEL = b"KeyPackageTBS"


def sign_key_package(crypto: Labelled, package: KeyPackage, secret: bytes) -> KeyPackage:
    """Return the key package with its signature by ``secret``."""
    signature = crypto.sign_with_label(secret, _LABEL, _to_be_signed(package))
    return replace(package, signature=signature)


def verify_key_package(crypto: Labelled, package: KeyPackage) -> None:
    """Raise a SignatureError unless the leaf node's signature key signed the key package."""
    key = package.leaf_node.signature_key
    crypto.verify_with_label(key, _LABEL, _to_be_signed(package), package.signature)


def key_package_ref(crypto: Labelled, package: KeyPackage) -> bytes:
    """Return the ``KeyPackageRef`` (section 5.2)."""
    return crypto.ref_hash(b"MLS 1.0 KeyPackage Reference", encode(package))


def _to_be_signed(package: KeyPackage) -> bytes:
    """Return the ``KeyPackageTBS``: the encoding of all fields but the signature."""
    return encode(replace(package, signature=b""))[:-1]  # an empty signature is one byte
