"""Signature schemes; keys and signatures are bytes, encoded as in RFC 9420 section 5.1.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519

from ttkem.crypto.groups import P256, P384, P521, NistCurve
from ttkem.crypto.kem import DHKEM_P256, DHKEM_P384, DHKEM_P521, DhKem, KeyPair
from ttkem.crypto.randomness import draw
from ttkem.errors import KeyFormatError, SignatureError

if TYPE_CHECKING:
    from ttkem.crypto.randomness import Randomness

__all__ = [
    "ECDSA_P256",
    "ECDSA_P384",
    "ECDSA_P521",
    "ED448",
    "ED25519",
    "Ecdsa",
    "EdDsa",
    "SignatureScheme",
]


class SignatureScheme(Protocol):
    """A signature scheme."""

    @property
    def name(self) -> str:
        """The name of the scheme in RFC 8446."""
        ...

    def generate_key_pair(self, randomness: Randomness) -> KeyPair:
        """Make a fresh key pair."""
        ...

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """Return the signature of a message; it is deterministic."""
        ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise SignatureError, or KeyFormatError, unless the signature is valid."""
        ...


@dataclass(frozen=True, slots=True)
class EdDsa:
    """Ed25519 or Ed448 (RFC 8032)."""

    name: str
    length: int
    """The length of a key in bytes."""
    private_type: Any
    public_type: Any

    def generate_key_pair(self, randomness: Randomness) -> KeyPair:
        """Make a fresh key pair; the drawn bytes are the secret key."""
        secret = draw(randomness, self.length)
        return KeyPair(self._private(secret).public_key().public_bytes_raw(), secret)

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """Return the signature of a message."""
        signature: bytes = self._private(secret).sign(message)
        return signature

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise SignatureError, or KeyFormatError, unless the signature is valid."""
        if len(public) != self.length:
            raise KeyFormatError(
                "cannot use the public key: "
                f"{self.name} public keys have {self.length} bytes, not {len(public)}"
            )
        try:
            self.public_type.from_public_bytes(public).verify(signature, message)
        except InvalidSignature:
            raise SignatureError(
                "cannot accept the signature: it is not valid for this key and message"
            ) from None

    def _private(self, secret: bytes) -> Any:  # noqa: ANN401 - one of the library's key types
        if len(secret) != self.length:
            raise KeyFormatError(
                "cannot use the secret key: "
                f"{self.name} secret keys have {self.length} bytes, not {len(secret)}"
            )
        return self.private_type.from_private_bytes(secret)


@dataclass(frozen=True, slots=True)
class Ecdsa:
    """ECDSA with deterministic nonces (RFC 6979); signatures are DER."""

    name: str
    group: NistCurve
    kem: DhKem
    """The KEM of the same group, whose key derivation also makes fresh signature keys."""
    algorithm: hashes.HashAlgorithm

    def generate_key_pair(self, randomness: Randomness) -> KeyPair:
        """Make a fresh key pair from drawn bytes, by RFC 9180's ``DeriveKeyPair``."""
        return self.kem.derive_key_pair(draw(randomness, self.group.secret_length))

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """Return the signature of a message."""
        key = self.group.private(secret)
        return key.sign(message, ec.ECDSA(self.algorithm, deterministic_signing=True))

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise SignatureError, or KeyFormatError, unless the signature is valid."""
        try:
            self.group.public(public).verify(signature, message, ec.ECDSA(self.algorithm))
        except InvalidSignature:
            raise SignatureError(
                "cannot accept the signature: it is not valid for this key and message"
            ) from None


ED25519 = EdDsa("ed25519", 32, ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)
ED448 = EdDsa("ed448", 57, ed448.Ed448PrivateKey, ed448.Ed448PublicKey)
ECDSA_P256 = Ecdsa("ecdsa_secp256r1_sha256", P256, DHKEM_P256, hashes.SHA256())
ECDSA_P384 = Ecdsa("ecdsa_secp384r1_sha384", P384, DHKEM_P384, hashes.SHA384())
ECDSA_P521 = Ecdsa("ecdsa_secp521r1_sha512", P521, DHKEM_P521, hashes.SHA512())
