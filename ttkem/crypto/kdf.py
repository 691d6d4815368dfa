"""Hash, MAC and HKDF of one hash function (RFC 2104, RFC 5869)."""

import hashlib
import hmac
from dataclasses import dataclass

from ttkem.errors import LocalError

__all__ = ["SHA256", "SHA384", "SHA512", "Hash"]


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash function, with the HMAC and HKDF that are built on it."""

    name: str
    """The name of the hash function in hashlib."""
    length: int
    """The length of a digest in bytes, and of a secret."""
    kdf_id: int
    """The identifier of its HKDF in HPKE (RFC 9180 section 7.2)."""

    def digest(self, data: bytes) -> bytes:
        """Return the hash of ``data``."""
        digest: bytes = getattr(hashlib, self.name)(data).digest()
        return digest

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the HMAC of ``data`` (RFC 2104)."""
        return hmac.digest(key, data, self.name)

    def extract(self, salt: bytes, ikm: bytes) -> bytes:
        """Extract a pseudorandom key: HKDF-Extract (RFC 5869 section 2.2)."""
        return hmac.digest(salt, ikm, self.name)

    def expand(self, prk: bytes, info: bytes, length: int) -> bytes:
        """Expand a key to ``length`` bytes: HKDF-Expand (RFC 5869 section 2.3).

        Raise a :class:`~ttkem.errors.LocalError` for more than 255 digests.
        """
        if not 0 <= length <= 255 * self.length:
            raise LocalError(f"cannot derive {length} bytes: HKDF derives 0 to {255 * self.length}")
        block, blocks = b"", []
        for count in range(1, -(-length // self.length) + 1):
            block = hmac.digest(prk, b"".join((block, info, bytes((count,)))), self.name)
            blocks.append(block)
        return b"".join(blocks)[:length]


SHA256 = Hash("sha256", 32, 1)
SHA384 = Hash("sha384", 48, 2)
SHA512 = Hash("sha512", 64, 3)
