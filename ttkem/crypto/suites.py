"""Cipher suites as objects (RFC 9420 sections 5.1 and 17.1)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from ttkem.crypto.hpke import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, Aead, Hpke
from ttkem.crypto.kdf import SHA256, SHA384, SHA512, Hash
from ttkem.crypto.kem import (
    DHKEM_P256,
    DHKEM_P384,
    DHKEM_P521,
    DHKEM_X448,
    DHKEM_X25519,
    X_WING,
    Kem,
    KeyPair,
)
from ttkem.crypto.randomness import draw
from ttkem.crypto.signatures import (
    ECDSA_P256,
    ECDSA_P384,
    ECDSA_P521,
    ED448,
    ED25519,
    SignatureScheme,
)
from ttkem.errors import LocalError, MacError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ttkem.crypto.hpke import Context, HpkeCiphertext, Info
    from ttkem.crypto.randomness import Randomness

__all__ = ["SUITES", "CipherSuite", "cipher_suite"]


@dataclass(frozen=True)
class CipherSuite:
    """A cipher suite: a KEM, an AEAD, a hash function and a signature scheme.

    All keys are bytes. Wrong bytes from a peer raise a :class:`~ttkem.errors.CryptoError`. Copies
    and pickles refer to the suite by number, and so give back the object in :data:`SUITES`.
    """

    number: int
    """The code point; those from 0xF000 are for private use (RFC 9420 section 17.1)."""
    name: str
    kem: Kem
    aead: Aead
    kdf: Hash
    """The hash function, with its MAC and KDF."""
    signature: SignatureScheme

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def __reduce__(self) -> tuple[Callable[[int], CipherSuite], tuple[int]]:
        return cipher_suite, (self.number,)

    @cached_property
    def hpke(self) -> Hpke:
        """HPKE with the suite's algorithms."""
        return Hpke(self.kem, self.kdf, self.aead)

    @property
    def hash_length(self) -> int:
        """``Nh``: the length of a hash, a MAC or a secret in bytes."""
        return self.kdf.length

    def hash(self, data: bytes) -> bytes:
        """Return the hash of ``data``."""
        return self.kdf.digest(data)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return the HMAC of ``data`` with the suite's hash function."""
        return self.kdf.mac(key, data)

    def verify_mac(self, key: bytes, data: bytes, tag: bytes) -> None:
        """Compare in constant time; raise a :class:`~ttkem.errors.MacError` for a wrong tag."""
        if not hmac.compare_digest(self.kdf.mac(key, data), tag):
            raise MacError("cannot accept the MAC: it is not valid for this key and message")

    def extract(self, salt: bytes, ikm: bytes) -> bytes:
        """Extract a pseudorandom key: HKDF-Extract."""
        return self.kdf.extract(salt, ikm)

    def expand(self, prk: bytes, info: bytes, length: int) -> bytes:
        """Expand a key to ``length`` bytes: HKDF-Expand."""
        return self.kdf.expand(prk, info, length)

    @property
    def key_length(self) -> int:
        """``Nk``: the length of an AEAD key in bytes."""
        return self.aead.key_length

    @property
    def nonce_length(self) -> int:
        """``Nn``: the length of an AEAD nonce in bytes."""
        return self.aead.nonce_length

    def aead_seal(self, key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
        """Return ciphertext and tag; raise a LocalError if the key or nonce has a wrong length."""
        return self.aead.seal(key, nonce, aad, plaintext)

    def aead_open(self, key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext; raise a DecryptionError if the tag is wrong."""
        return self.aead.open(key, nonce, aad, ciphertext)

    def generate_key_pair(self, randomness: Randomness) -> KeyPair:
        """Make a fresh HPKE key pair."""
        return self.kem.derive_key_pair(draw(randomness, self.kem.seed_length))

    def derive_key_pair(self, ikm: bytes) -> KeyPair:
        """Derive a key pair: HPKE's ``DeriveKeyPair`` (RFC 9180 section 7.1.3)."""
        return self.kem.derive_key_pair(ikm)

    def check_public_key(self, public: bytes) -> None:
        """Raise :class:`~ttkem.errors.KeyFormatError` unless these bytes are an HPKE public key."""
        self.kem.check_public_key(public)

    def check_signature_key(self, public: bytes) -> None:
        """Raise :class:`~ttkem.errors.KeyFormatError` unless it is a signature public key."""
        self.signature.check_public_key(public)

    def seal(
        self,
        public: bytes,
        info: bytes | Info,
        aad: bytes,
        plaintext: bytes,
        randomness: Randomness,
    ) -> HpkeCiphertext:
        """Encrypt one message with HPKE."""
        return self.hpke.seal(public, info, aad, plaintext, randomness)

    def open(self, secret: bytes, ciphertext: HpkeCiphertext, info: bytes, aad: bytes) -> bytes:
        """Decrypt one message with HPKE."""
        return self.hpke.open(secret, ciphertext, info, aad)

    def setup_sender(
        self, public: bytes, info: bytes, randomness: Randomness
    ) -> tuple[bytes, Context]:
        """Return an encapsulation and the HPKE context to send in."""
        return self.hpke.setup_sender(public, info, randomness)

    def setup_receiver(self, enc: bytes, secret: bytes, info: bytes) -> Context:
        """Return the HPKE context of an encapsulation, to receive in."""
        return self.hpke.setup_receiver(enc, secret, info)

    def generate_signature_key_pair(self, randomness: Randomness) -> KeyPair:
        """Make a fresh signature key pair."""
        return self.signature.generate_key_pair(randomness)

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """Return the signature of a message; it is deterministic."""
        return self.signature.sign(secret, message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise a :class:`~ttkem.errors.SignatureError` unless the signature is valid."""
        self.signature.verify(public, message, signature)


_ALL = (
    CipherSuite(
        1,
        "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
        DHKEM_X25519,
        AES_128_GCM,
        SHA256,
        ED25519,
    ),
    CipherSuite(
        2, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", DHKEM_P256, AES_128_GCM, SHA256, ECDSA_P256
    ),
    CipherSuite(
        3,
        "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
        DHKEM_X25519,
        CHACHA20_POLY1305,
        SHA256,
        ED25519,
    ),
    CipherSuite(
        4, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", DHKEM_X448, AES_256_GCM, SHA512, ED448
    ),
    CipherSuite(
        5, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", DHKEM_P521, AES_256_GCM, SHA512, ECDSA_P521
    ),
    CipherSuite(
        6,
        "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
        DHKEM_X448,
        CHACHA20_POLY1305,
        SHA512,
        ED448,
    ),
    CipherSuite(
        7, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", DHKEM_P384, AES_256_GCM, SHA384, ECDSA_P384
    ),
    CipherSuite(
        0xF001,
        "MLS_192_MLKEM768X25519_CHACHA20POLY1305_SHA256_Ed25519",
        X_WING,
        CHACHA20_POLY1305,
        SHA256,
        ED25519,
    ),
)

SUITES: Mapping[int, CipherSuite] = MappingProxyType({suite.number: suite for suite in _ALL})
"""The cipher suites by number: RFC 9420's seven, and the X-Wing hybrid at a private code point [D].

A seed determines all results except sealing with the hybrid: the library draws the randomness of
ML-KEM's encapsulation itself.
"""


def cipher_suite(which: int | str) -> CipherSuite:
    """Return the cipher suite with this number or name; raise a LocalError if there is none."""
    for suite in _ALL:
        if which in (suite.number, suite.name):
            return suite
    known = ", ".join(str(suite) for suite in _ALL)
    raise LocalError(f"unknown cipher suite {which!r}: choose one of {known}")
