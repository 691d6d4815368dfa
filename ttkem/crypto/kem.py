"""Key encapsulation: DHKEM (RFC 9180 section 4.1) and the X-Wing hybrid MLKEM768-X25519."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem

from ttkem.crypto.groups import P256, P384, P521, X448, X25519, Group
from ttkem.crypto.kdf import SHA256, SHA384, SHA512, Hash
from ttkem.crypto.randomness import draw
from ttkem.errors import KeyFormatError

if TYPE_CHECKING:
    from ttkem.crypto.randomness import Randomness

__all__ = [
    "DHKEM_P256",
    "DHKEM_P384",
    "DHKEM_P521",
    "DHKEM_X448",
    "DHKEM_X25519",
    "X_WING",
    "DhKem",
    "Kem",
    "KeyPair",
    "XWing",
]


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A public key and its secret key, as bytes."""

    public: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public.hex()[:16]}…)"


class Kem(Protocol):
    """A key encapsulation mechanism; all keys are bytes (RFC 9180 section 4)."""

    @property
    def id(self) -> int:
        """The identifier of the KEM in HPKE (RFC 9180 section 7.1)."""
        ...

    @property
    def enc_length(self) -> int:
        """``Nenc``: the length of an encapsulation in bytes."""
        ...

    @property
    def seed_length(self) -> int:
        """The number of bytes of keying material for a fresh key pair."""
        ...

    @property
    def library_kem(self) -> hpke.KEM | None:
        """The KEM's name in the library's one-shot HPKE; None if the library lacks it."""
        ...

    def derive_key_pair(self, ikm: bytes) -> KeyPair:
        """Derive a key pair from keying material: ``DeriveKeyPair`` (RFC 9180 section 7.1.3)."""
        ...

    def check_public_key(self, public: bytes) -> None:
        """Raise KeyFormatError unless these bytes are a public key, and not of low order."""
        ...

    def encap(self, public: bytes, randomness: Randomness) -> tuple[bytes, bytes]:
        """Return a shared secret, and its encapsulation for the owner of ``public``."""
        ...

    def decap(self, secret: bytes, enc: bytes) -> bytes:
        """Return the shared secret of an encapsulation."""
        ...

    def library_public(self, public: bytes) -> Any:  # noqa: ANN401
        """Return the library's object for a public key."""
        ...


@dataclass(frozen=True, slots=True)
class DhKem:
    """``DHKEM(Group, HKDF)`` (RFC 9180 section 4.1)."""

    id: int
    group: Group
    hash: Hash
    library_kem: hpke.KEM | None

    @property
    def enc_length(self) -> int:
        """``Nenc``: the length of a public key, since an encapsulation is one."""
        return self.group.public_length

    @property
    def seed_length(self) -> int:
        """The number of bytes of keying material for a fresh key pair: that of a secret key."""
        return self.group.secret_length

    def derive_key_pair(self, ikm: bytes) -> KeyPair:
        """Derive a key pair from keying material: ``DeriveKeyPair`` (RFC 9180 section 7.1.3)."""
        secret = self.derive_secret(ikm)
        return KeyPair(self.group.public_bytes(secret), secret)

    def derive_secret(self, ikm: bytes) -> bytes:
        """Derive the secret key of :meth:`derive_key_pair`, without the cost of its public key."""
        prk = self._extract(b"dkp_prk", ikm)
        return self.group.derive_secret(
            lambda label, info, length: self._expand(prk, label, info, length)
        )

    def check_public_key(self, public: bytes) -> None:
        """Raise KeyFormatError unless these bytes are a public key, and not of low order."""
        self.group.check(public)

    def encap(self, public: bytes, randomness: Randomness) -> tuple[bytes, bytes]:
        """Return a shared secret and its encapsulation: ``Encap``.

        The ephemeral key is derived from drawn bytes.
        """
        ephemeral = self.derive_secret(draw(randomness, self.seed_length))
        shared, enc = self.group.exchange(ephemeral, public)
        return self._extract_and_expand(shared, enc + public), enc

    def decap(self, secret: bytes, enc: bytes) -> bytes:
        """Return the shared secret of an encapsulation: ``Decap``."""
        shared, public = self.group.exchange(secret, enc)
        return self._extract_and_expand(shared, enc + public)

    def library_public(self, public: bytes) -> Any:  # noqa: ANN401 - the library's key types
        """Return the library's object for a public key."""
        return self.group.public(public)

    def _extract_and_expand(self, shared: bytes, context: bytes) -> bytes:
        prk = self._extract(b"eae_prk", shared)
        return self._expand(prk, b"shared_secret", context, self.hash.length)

    def _extract(self, label: bytes, ikm: bytes) -> bytes:
        return self.hash.extract(b"", b"HPKE-v1KEM" + self.id.to_bytes(2, "big") + label + ikm)

    def _expand(self, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
        head = length.to_bytes(2, "big") + b"HPKE-v1KEM" + self.id.to_bytes(2, "big")
        return self.hash.expand(prk, head + label + info, length)


@dataclass(frozen=True, slots=True)
class XWing:
    """X-Wing, the hybrid of ML-KEM-768 and X25519 (draft-connolly-cfrg-xwing-kem, HPKE-PQ).

    The library draws the randomness of ML-KEM's encapsulation itself, so a seed does not determine
    an encapsulation; it determines everything else in this package. This class is stricter than the
    draft in one point: it rejects an X25519 half of low order.
    """

    id: int = 0x647A
    library_kem: hpke.KEM | None = hpke.KEM.MLKEM768_X25519
    enc_length: int = 1088 + 32
    seed_length: int = 32
    public_length: int = 1184 + 32

    def derive_key_pair(self, ikm: bytes) -> KeyPair:
        """Derive a key pair as HPKE-PQ does: a SHAKE-256 seed, expanded when the key is used."""
        label = b"HPKE-v1KEM" + self.id.to_bytes(2, "big") + b"\x00\x0dDeriveKeyPair"
        seed = hashlib.shake_256(ikm + label + self.seed_length.to_bytes(2, "big")).digest(
            self.seed_length
        )
        return KeyPair(self.public_of(seed), seed)

    def public_of(self, secret: bytes) -> bytes:
        """Return the public key of a secret key, which is a seed."""
        lattice, curve = self._expanded(secret)
        return lattice.public_key().public_bytes_raw() + X25519.public_bytes(curve)

    def check_public_key(self, public: bytes) -> None:
        """Raise KeyFormatError unless these bytes are a public key, and not of low order."""
        X25519.check(self._split(public)[1])

    def encap(self, public: bytes, randomness: Randomness) -> tuple[bytes, bytes]:
        """Return a shared secret and its encapsulation.

        The X25519 half draws from ``randomness``, and the library draws for the other itself.
        """
        lattice, curve = self._split(public)
        ephemeral = DHKEM_X25519.derive_secret(draw(randomness, X25519.secret_length))
        curve_shared, curve_enc = X25519.exchange(ephemeral, curve)
        lattice_shared, lattice_enc = lattice.encapsulate()
        return _combine(lattice_shared, curve_shared, curve_enc, curve), lattice_enc + curve_enc

    def decap(self, secret: bytes, enc: bytes) -> bytes:
        """Return the shared secret of an encapsulation.

        A wrong encapsulation of the right length gives another secret (implicit rejection).
        """
        if len(enc) != self.enc_length:
            raise KeyFormatError(
                "cannot open the encapsulation: "
                f"X-Wing encapsulations have {self.enc_length} bytes, not {len(enc)}"
            )
        lattice, curve = self._expanded(secret)
        lattice_enc, curve_enc = enc[:1088], enc[1088:]
        curve_shared, curve_public = X25519.exchange(curve, curve_enc)
        return _combine(lattice.decapsulate(lattice_enc), curve_shared, curve_enc, curve_public)

    def library_public(self, public: bytes) -> hpke.MLKEM768X25519PublicKey:
        """Return the library's object for a public key."""
        lattice, curve = self._split(public)
        return hpke.MLKEM768X25519PublicKey(lattice, X25519.public(curve))

    def _expanded(self, secret: bytes) -> tuple[mlkem.MLKEM768PrivateKey, bytes]:
        if len(secret) != self.seed_length:
            raise KeyFormatError(
                "cannot use the secret key: "
                f"X-Wing secret keys have {self.seed_length} bytes, not {len(secret)}"
            )
        expanded = hashlib.shake_256(secret).digest(96)
        return mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), expanded[64:]

    def _split(self, public: bytes) -> tuple[mlkem.MLKEM768PublicKey, bytes]:
        if len(public) != self.public_length:
            raise KeyFormatError(
                "cannot use the public key: "
                f"X-Wing public keys have {self.public_length} bytes, not {len(public)}"
            )
        try:
            return mlkem.MLKEM768PublicKey.from_public_bytes(public[:1184]), public[1184:]
        except ValueError:
            raise KeyFormatError(
                "cannot use the public key: it is not valid for ML-KEM-768"
            ) from None


def _combine(lattice: bytes, curve: bytes, curve_enc: bytes, curve_public: bytes) -> bytes:
    """Return the shared secret, given those of both halves: X-Wing's combiner."""
    label = b"\\.//^\\"
    return hashlib.sha3_256(lattice + curve + curve_enc + curve_public + label).digest()


DHKEM_P256 = DhKem(0x0010, P256, SHA256, hpke.KEM.P256)
DHKEM_P384 = DhKem(0x0011, P384, SHA384, hpke.KEM.P384)
DHKEM_P521 = DhKem(0x0012, P521, SHA512, hpke.KEM.P521)
DHKEM_X25519 = DhKem(0x0020, X25519, SHA256, hpke.KEM.X25519)
DHKEM_X448 = DhKem(0x0021, X448, SHA512, None)
X_WING = XWing()
