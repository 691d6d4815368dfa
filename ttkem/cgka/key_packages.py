"""Key packages: one-time init keys, signed by their owners (specification T1 and T5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttkem.cgka.messages import KeyPackage, KeyPackageContent
from ttkem.errors import InvalidMessageError
from ttkem.wire import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.cgka.plan import TreeProtocol
    from ttkem.crypto import KeyPair

__all__ = ["make_key_package", "read_key_package"]


def make_key_package(
    protocol: TreeProtocol, identity: str, signature: KeyPair, init_key: bytes
) -> KeyPackage:
    """Make a key package for ``init_key``, signed with the owner's signature key."""
    content = KeyPackageContent(
        protocol.name, protocol.suite.number, identity, signature.public, init_key
    )
    signed = protocol.kdf.sign_with_label(signature.secret, b"key package", encode(content))
    return KeyPackage(content, signed)


def read_key_package(protocol: TreeProtocol, package: KeyPackage, pki: Mapping[str, bytes]) -> None:
    """Check that a key package is of this protocol and suite, and signed by its owner.

    Raise a :class:`~ttkem.errors.RemoteError` if it is not.
    """
    content = package.content
    if (content.protocol, content.suite) != (protocol.name, protocol.suite.number):
        raise InvalidMessageError(
            f"cannot accept a key package of {content.protocol} on suite {content.suite}: "
            f"this group runs {protocol.name} on suite {protocol.suite.number}"
        )
    if pki.get(content.identity) != content.signature_key:
        raise InvalidMessageError(
            f"cannot accept the key package: {content.identity!r} has another signature key "
            "in the public-key infrastructure"
        )
    protocol.kdf.verify_with_label(
        content.signature_key, b"key package", encode(content), package.signature
    )
    protocol.suite.check_public_key(content.init_key)
