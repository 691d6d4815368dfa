"""Diffie-Hellman groups with keys as bytes (RFC 9180 section 7.1, RFC 7748).

Keys of X25519 and X448 are encoded as in RFC 7748. Points of NIST curves are uncompressed, and
their scalars are big-endian at full length. Bytes that are not a key raise a
:class:`~ttkem.errors.KeyFormatError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ttkem.errors import KeyFormatError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["P256", "P384", "P521", "X448", "X25519", "Group", "Montgomery", "NistCurve"]


@dataclass(frozen=True, slots=True)
class Montgomery:
    """The function X25519 or X448, on keys as bytes."""

    name: str
    secret_length: int
    """``Nsk``: the length of a secret key in bytes; public keys and shared secrets are as long."""
    prime: int
    bits: int
    """The number of significant bits of a public key; others are masked (RFC 7748 section 5)."""
    low_order: frozenset[int]
    """The coordinates below the prime that give the shared secret zero with every secret key."""
    private_type: Any
    public_type: Any

    @property
    def public_length(self) -> int:
        """``Npk``: the length of a public key in bytes."""
        return self.secret_length

    def private(self, secret: bytes) -> Any:  # noqa: ANN401 - one of the library's key types
        """Return the library's object for a secret key."""
        if len(secret) != self.secret_length:
            raise KeyFormatError(
                f"cannot use the {self.name} secret key: {self.name} secret keys have "
                f"{self.secret_length} bytes, not {len(secret)}"
            )
        return self.private_type.from_private_bytes(secret)

    def public(self, public: bytes) -> Any:  # noqa: ANN401 - one of the library's key types
        """Return the library's object for a public key."""
        self._check_length(public)
        return self.public_type.from_public_bytes(public)

    def check(self, public: bytes) -> None:
        """Raise KeyFormatError unless every exchange with this public key can succeed.

        Keys of another length are rejected, and points of low order in any encoding. So are other
        encodings than the one that the function X25519 or X448 gives: RFC 7748 section 5 lets an
        exchange mask and reduce them, but the owner of such a key could open no ciphertext, since
        in RFC 9180 section 4.1 the sender hashes the key as it was published and the receiver the
        encoding of ``pk(skR)``.
        """
        self._check_length(public)
        coordinate = int.from_bytes(public, "little")
        if coordinate % (1 << self.bits) % self.prime in self.low_order:
            raise KeyFormatError(f"cannot use the {self.name} public key: it has low order")
        if coordinate >= self.prime:
            raise KeyFormatError(
                f"cannot use the {self.name} public key: it is not encoded as its owner has it"
            )

    def _check_length(self, public: bytes) -> None:
        if len(public) != self.secret_length:
            raise KeyFormatError(
                f"cannot use the {self.name} public key: {self.name} public keys have "
                f"{self.secret_length} bytes, not {len(public)}"
            )

    def derive_secret(self, expand: Callable[[bytes, bytes, int], bytes]) -> bytes:
        """Derive a secret key by ``expand(label, info, length)`` (RFC 9180 section 7.1.3)."""
        return expand(b"sk", b"", self.secret_length)

    def public_bytes(self, secret: bytes) -> bytes:
        """Return the public key of a secret key."""
        key: bytes = self.private(secret).public_key().public_bytes_raw()
        return key

    def exchange(self, secret: bytes, public: bytes) -> tuple[bytes, bytes]:
        """Return the shared secret, and the public key of ``secret``.

        A public key of low order, which gives an all-zero secret, is rejected (RFC 9180 section
        7.1.4).
        """
        private = self.private(secret)
        try:
            shared: bytes = private.exchange(self.public(public))
        except ValueError:
            raise KeyFormatError(
                f"cannot use the {self.name} public key: it has low order"
            ) from None
        return shared, private.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class NistCurve:
    """The curve P-256, P-384 or P-521, on keys as bytes."""

    name: str
    secret_length: int
    """``Nsk``: the length of a secret key in bytes."""
    curve: ec.EllipticCurve
    order: int
    bitmask: int
    """The mask of the first byte of a candidate secret key (RFC 9180 section 7.1.3)."""

    @property
    def public_length(self) -> int:
        """``Npk``: the length of a public key in bytes."""
        return 1 + 2 * self.secret_length

    def private(self, secret: bytes) -> ec.EllipticCurvePrivateKey:
        """Return the library's object for a secret key."""
        number = int.from_bytes(secret, "big")
        if len(secret) != self.secret_length or not 0 < number < self.order:
            raise KeyFormatError(
                f"cannot use the {self.name} secret key: "
                f"it must be a scalar of {self.secret_length} "
                "bytes, above zero and below the order of the group"
            )
        return ec.derive_private_key(number, self.curve)

    def public(self, public: bytes) -> ec.EllipticCurvePublicKey:
        """Return the library's object for a public key, which is checked to be on the curve."""
        if len(public) != self.public_length or public[0] != 4:  # noqa: PLR2004 - uncompressed
            raise KeyFormatError(
                f"cannot use the {self.name} public key: "
                f"it must have {self.public_length} bytes, the "
                "first of them 4"
            )
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(self.curve, public)
        except ValueError:
            raise KeyFormatError(
                f"cannot use the public key: it is not a point on {self.name}"
            ) from None

    def check(self, public: bytes) -> None:
        """Raise KeyFormatError unless these bytes are a public key.

        No check for low order is needed: the groups have prime order.
        """
        self.public(public)

    def derive_secret(self, expand: Callable[[bytes, bytes, int], bytes]) -> bytes:
        """Derive a secret key by ``expand``, with rejection sampling (RFC 9180 section 7.1.3)."""
        for counter in range(256):
            candidate = bytearray(expand(b"candidate", bytes((counter,)), self.secret_length))
            candidate[0] &= self.bitmask
            if 0 < int.from_bytes(candidate, "big") < self.order:
                return bytes(candidate)
        raise KeyFormatError(
            f"cannot derive a {self.name} secret key: none of 256 candidates is a valid scalar"
        )

    def public_bytes(self, secret: bytes) -> bytes:
        """Return the public key of a secret key."""
        return _point(self.private(secret).public_key())

    def exchange(self, secret: bytes, public: bytes) -> tuple[bytes, bytes]:
        """Return the shared secret, and the public key of ``secret``."""
        private = self.private(secret)
        return private.exchange(ec.ECDH(), self.public(public)), _point(private.public_key())


Group = Montgomery | NistCurve


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


_P25519 = 2**255 - 19
_P448 = 2**448 - 2**224 - 1

X25519 = Montgomery(
    "X25519",
    32,
    _P25519,
    255,
    # Orders 1, 2 and 4 on the curve or its twist, then order 8: https://cr.yp.to/ecdh.html
    frozenset(
        {
            0,
            1,
            _P25519 - 1,
            325606250916557431795983626356110631294008115727848805560023387167927233504,
            39382357235489614581723060781553021112529911719440698176882885853963445705823,
        }
    ),
    x25519.X25519PrivateKey,
    x25519.X25519PublicKey,
)
X448 = Montgomery(
    "X448",
    56,
    _P448,
    448,
    frozenset({0, 1, _P448 - 1}),
    x448.X448PrivateKey,
    x448.X448PublicKey,
)
P256 = NistCurve(
    "P-256",
    32,
    ec.SECP256R1(),
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    0xFF,
)
P384 = NistCurve(
    "P-384",
    48,
    ec.SECP384R1(),
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    0xFF,
)
P521 = NistCurve(
    "P-521",
    66,
    ec.SECP521R1(),
    0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
    0x01,
)
