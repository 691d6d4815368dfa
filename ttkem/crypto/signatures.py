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

    def check_public_key(self, public: bytes) -> None:
        """Raise KeyFormatError unless these bytes are a public key, and not of low order."""
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
    prime: int
    low_order: frozenset[int]
    """The coordinates y of the points whose order divides the cofactor."""
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

    def check_public_key(self, public: bytes) -> None:
        """Raise KeyFormatError for a wrong length, a coordinate that is too large, or low order.

        With a key of low order, signatures that nobody made are valid for many messages. The
        decoding of a coordinate that is not below the prime fails (RFC 8032 sections 5.1.3 and
        5.2.3): such encodings would let one key count as two.
        """
        if len(public) != self.length:
            raise KeyFormatError(
                "cannot use the public key: "
                f"{self.name} public keys have {self.length} bytes, not {len(public)}"
            )
        # The highest bit is the sign of the other coordinate.
        coordinate = int.from_bytes(public, "little") % (1 << (8 * self.length - 1))
        if coordinate >= self.prime:
            raise KeyFormatError(f"the {self.name} public key has a coordinate above the prime")
        if coordinate in self.low_order:
            raise KeyFormatError(f"the {self.name} public key has low order")

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise SignatureError, or KeyFormatError, unless the signature is valid."""
        self.check_public_key(public)
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

    def check_public_key(self, public: bytes) -> None:
        """Raise KeyFormatError unless these bytes are a point on the curve, uncompressed."""
        self.group.check(public)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise SignatureError, or KeyFormatError, unless the signature is valid."""
        try:
            self.group.public(public).verify(signature, message, ec.ECDSA(self.algorithm))
        except InvalidSignature:
            raise SignatureError(
                "cannot accept the signature: it is not valid for this key and message"
            ) from None


_P25519 = 2**255 - 19
_P448 = 2**448 - 2**224 - 1

ED25519 = EdDsa(
    "ed25519",
    32,
    _P25519,
    # Orders 1, 2 and 4, then order 8: the roots of d y^4 + 2 y^2 = 1 (RFC 8032 section 5.1).
    frozenset(
        {
            1,
            _P25519 - 1,
            0,
            2707385501144840649318225287225658788936804267575313519463743609750303402022,
            55188659117513257062467267217118295137698188065244968500265048394206261417927,
        }
    ),
    ed25519.Ed25519PrivateKey,
    ed25519.Ed25519PublicKey,
)
ED448 = EdDsa(
    "ed448",
    57,
    _P448,
    frozenset({1, _P448 - 1, 0}),  # orders 1, 2 and 4
    ed448.Ed448PrivateKey,
    ed448.Ed448PublicKey,
)
ECDSA_P256 = Ecdsa("ecdsa_secp256r1_sha256", P256, DHKEM_P256, hashes.SHA256())
ECDSA_P384 = Ecdsa("ecdsa_secp384r1_sha384", P384, DHKEM_P384, hashes.SHA384())
ECDSA_P521 = Ecdsa("ecdsa_secp521r1_sha512", P521, DHKEM_P521, hashes.SHA512())
