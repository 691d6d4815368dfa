"""The labelled functions of RFC 9420 (sections 5.1.2, 5.1.3, 5.2, 8 and 9.1).

The prefix of labels is a parameter, ``b"MLS 1.0 "`` for MLS. Protocols with different prefixes may
share keys and suites, and never compute the same value for different purposes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttkem.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttkem.crypto.hpke import HpkeCiphertext
    from ttkem.crypto.randomness import Randomness
    from ttkem.crypto.suites import CipherSuite

__all__ = ["Labelled"]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A cipher suite under a label prefix."""

    suite: CipherSuite
    prefix: bytes

    def expand_with_label(self, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
        """Expand a secret to ``length`` bytes: ``ExpandWithLabel`` (section 8)."""
        if not 0 <= length < 1 << 16:
            raise LocalError(f"cannot derive {length} bytes: ExpandWithLabel derives 0 to 65535")
        info = length.to_bytes(2, "big") + self._labelled(label, context)
        return self.suite.expand(secret, info, length)

    def derive_secret(self, secret: bytes, label: bytes) -> bytes:
        """Derive a secret as long as a hash: ``DeriveSecret`` (section 8)."""
        return self.expand_with_label(secret, label, b"", self.suite.hash_length)

    def derive_tree_secret(
        self, secret: bytes, label: bytes, generation: int, length: int
    ) -> bytes:
        """Derive a secret of a generation: ``DeriveTreeSecret`` (section 9.1)."""
        if not 0 <= generation < 1 << 32:
            raise LocalError(
                f"cannot derive the secret of generation {generation}: it is not a uint32"
            )
        return self.expand_with_label(secret, label, generation.to_bytes(4, "big"), length)

    def sign_with_label(self, secret: bytes, label: bytes, content: bytes) -> bytes:
        """Sign a content: ``SignWithLabel`` (section 5.1.2)."""
        return self.suite.sign(secret, self._labelled(label, content))

    def verify_with_label(
        self, public: bytes, label: bytes, content: bytes, signature: bytes
    ) -> None:
        """Raise a CryptoError unless a signature is valid: ``VerifyWithLabel`` (section 5.1.2)."""
        self.suite.verify(public, self._labelled(label, content), signature)

    def encrypt_with_label(
        self, public: bytes, label: bytes, context: bytes, plaintext: bytes, randomness: Randomness
    ) -> HpkeCiphertext:
        """Encrypt to the owner of ``public``: ``EncryptWithLabel`` (section 5.1.3)."""
        return self.suite.seal(public, self._labelled(label, context), b"", plaintext, randomness)

    def encrypt_to_each(
        self,
        receivers: Sequence[tuple[bytes, bytes]],
        label: bytes,
        context: bytes,
        randomness: Randomness,
    ) -> list[HpkeCiphertext]:
        """Encrypt to each public key its plaintext, as :meth:`encrypt_with_label` does.

        Several ciphertexts share one hash of the context, which may be long.
        """
        info = self._labelled(label, context)
        shared = self.suite.hpke.hashed(info) if len(receivers) > 1 else info
        return [
            self.suite.seal(public, shared, b"", plaintext, randomness)
            for public, plaintext in receivers
        ]

    def decrypt_with_label(
        self, secret: bytes, label: bytes, context: bytes, ciphertext: HpkeCiphertext
    ) -> bytes:
        """Decrypt a ciphertext: ``DecryptWithLabel`` (section 5.1.3)."""
        return self.suite.open(secret, ciphertext, self._labelled(label, context), b"")

    def ref_hash(self, label: bytes, value: bytes) -> bytes:
        """Return the hash that refers to a value: ``RefHash`` (section 5.2); it uses no prefix."""
        return self.suite.hash(_vector(label) + _vector(value))

    def _labelled(self, label: bytes, content: bytes) -> bytes:
        return _vector(self.prefix + label) + _vector(content)


def _vector(data: bytes) -> bytes:
    """Encode ``opaque data<V>`` (section 2.1.2); this package does not import the wire codec."""
    length = len(data)
    if length < 1 << 6:
        return bytes((length,)) + data
    if length < 1 << 14:
        return (length | 1 << 14).to_bytes(2, "big") + data
    if length < 1 << 30:
        return (length | 1 << 31).to_bytes(4, "big") + data
    raise LocalError(f"cannot encode a vector of {length} bytes: that is too many")
