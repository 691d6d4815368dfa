"""HPKE base mode (RFC 9180): one-shot seal and open, and contexts with export.

The library's own one-shot HPKE draws its ephemeral key itself. It is used to seal with the
operating system's randomness and without associated data. Everything else, such as deterministic
runs, X448 and contexts, uses the implementation below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from ttkem.crypto.randomness import SystemRandomness
from ttkem.errors import DecryptionError, KeyFormatError, LocalError

if TYPE_CHECKING:
    from ttkem.crypto.kdf import Hash
    from ttkem.crypto.kem import Kem
    from ttkem.crypto.randomness import Randomness

__all__ = [
    "AES_128_GCM",
    "AES_256_GCM",
    "CHACHA20_POLY1305",
    "Aead",
    "Context",
    "Hpke",
    "HpkeCiphertext",
    "Info",
]


@dataclass(frozen=True, slots=True)
class Aead:
    """Authenticated encryption with associated data (RFC 9180 section 7.3)."""

    id: int
    key_length: int
    """``Nk``: the length of a key in bytes."""
    cipher: type[AESGCM | ChaCha20Poly1305]
    library_aead: hpke.AEAD
    nonce_length: int = 12
    """``Nn``: the length of a nonce in bytes."""

    def seal(self, key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
        """Return ciphertext and tag; raise a LocalError if the key or nonce has a wrong length."""
        return self._keyed(key, nonce).encrypt(nonce, plaintext, aad)

    def open(self, key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext; raise a DecryptionError if the tag is wrong."""
        try:
            return self._keyed(key, nonce).decrypt(nonce, ciphertext, aad)
        except InvalidTag:
            raise DecryptionError(
                "cannot decrypt: the ciphertext does not open with this key"
            ) from None

    def _keyed(self, key: bytes, nonce: bytes) -> AESGCM | ChaCha20Poly1305:
        if len(key) != self.key_length or len(nonce) != self.nonce_length:
            raise LocalError(
                f"AEAD keys have {self.key_length} bytes and nonces {self.nonce_length}, "
                f"not {len(key)} and {len(nonce)}"
            )
        return self.cipher(key)


AES_128_GCM = Aead(1, 16, AESGCM, hpke.AEAD.AES_128_GCM)
AES_256_GCM = Aead(2, 32, AESGCM, hpke.AEAD.AES_256_GCM)
CHACHA20_POLY1305 = Aead(3, 32, ChaCha20Poly1305, hpke.AEAD.CHACHA20_POLY1305)

_LIBRARY_KDFS = {1: hpke.KDF.HKDF_SHA256, 2: hpke.KDF.HKDF_SHA384, 3: hpke.KDF.HKDF_SHA512}


@dataclass(frozen=True, slots=True)
class HpkeCiphertext:
    """An encapsulated key and a ciphertext under it, as made by :meth:`Hpke.seal`."""

    kem_output: bytes
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class Info:
    """The ``info`` of several messages, hashed once: made by :meth:`Hpke.hashed`."""

    schedule_context: bytes
    """``key_schedule_context``, of which the hash of the ``info`` is a part (section 5.1)."""


class Context:
    """An encryption context (section 5.2). It is mutable: it counts its messages."""

    __slots__ = ("_aead", "_base_nonce", "_expand", "_exporter", "_key", "_sequence")

    def __init__(self, hpke_: Hpke, shared_secret: bytes, info: bytes | Info) -> None:
        key, base_nonce, exporter = hpke_.key_schedule(shared_secret, info)
        self._aead = hpke_.aead
        self._key, self._base_nonce, self._exporter = key, base_nonce, exporter
        self._expand = hpke_.labeled_expand
        self._sequence = 0

    def seal(self, aad: bytes, plaintext: bytes) -> bytes:
        """Return the next ciphertext of this context."""
        ciphertext = self._aead.seal(self._key, self._nonce(), aad, plaintext)
        self._sequence += 1
        return ciphertext

    def open(self, aad: bytes, ciphertext: bytes) -> bytes:
        """Return the next plaintext.

        Raise a DecryptionError for a wrong ciphertext, which is not counted.
        """
        plaintext = self._aead.open(self._key, self._nonce(), aad, ciphertext)
        self._sequence += 1
        return plaintext

    def export(self, exporter_context: bytes, length: int) -> bytes:
        """Export a secret of ``length`` bytes for another use (section 5.3)."""
        return self._expand(self._exporter, b"sec", exporter_context, length)

    def _nonce(self) -> bytes:
        """Return the next nonce; raise a LocalError at the limit of ``IncrementSeq``."""
        length = self._aead.nonce_length
        if self._sequence >= (1 << 8 * length) - 1:
            raise LocalError(
                "cannot use this context: it has reached its limit of messages; set up another"
            )
        number = int.from_bytes(self._base_nonce, "big") ^ self._sequence
        return number.to_bytes(length, "big")


@dataclass(frozen=True)
class Hpke:
    """HPKE in base mode with one KEM, KDF and AEAD; keys are bytes."""

    kem: Kem
    kdf: Hash
    aead: Aead
    _suite_id: bytes = field(init=False, repr=False)
    _psk_id_hash: bytes = field(init=False, repr=False)
    _library: hpke.Suite | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        numbers = (self.kem.id, self.kdf.kdf_id, self.aead.id)
        suite_id = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in numbers)
        object.__setattr__(self, "_suite_id", suite_id)
        psk_id_hash = self._labeled_extract(b"", b"psk_id_hash", b"")
        object.__setattr__(self, "_psk_id_hash", psk_id_hash)
        kem = self.kem.library_kem
        library = kem and hpke.Suite(kem, _LIBRARY_KDFS[self.kdf.kdf_id], self.aead.library_aead)
        object.__setattr__(self, "_library", library)

    def hashed(self, info: bytes) -> Info:
        """Return an ``info`` for :meth:`seal` that is hashed now, and not for each message."""
        info_hash = self._labeled_extract(b"", b"info_hash", info)
        return Info(b"\x00" + self._psk_id_hash + info_hash)

    def seal(
        self,
        public: bytes,
        info: bytes | Info,
        aad: bytes,
        plaintext: bytes,
        randomness: Randomness,
    ) -> HpkeCiphertext:
        """Encrypt one message to the owner of ``public`` (section 6.1)."""
        # Only for the class itself: a subclass may record what is drawn, so its draw() is called.
        system = type(randomness) is SystemRandomness
        if self._library is not None and not aad and system and isinstance(info, bytes):
            try:
                sealed = self._library.encrypt(plaintext, self.kem.library_public(public), info)
            except ValueError:
                raise KeyFormatError("cannot use the public key: it has low order") from None
            return HpkeCiphertext(sealed[: self.kem.enc_length], sealed[self.kem.enc_length :])
        enc, context = self.setup_sender(public, info, randomness)
        return HpkeCiphertext(enc, context.seal(aad, plaintext))

    def open(self, secret: bytes, ciphertext: HpkeCiphertext, info: bytes, aad: bytes) -> bytes:
        """Decrypt one message (section 6.1); raise a :class:`~ttkem.errors.CryptoError`."""
        context = self.setup_receiver(ciphertext.kem_output, secret, info)
        return context.open(aad, ciphertext.ciphertext)

    def setup_sender(
        self, public: bytes, info: bytes | Info, randomness: Randomness
    ) -> tuple[bytes, Context]:
        """Return an encapsulation and its context to send in: ``SetupBaseS`` (section 5.1.1)."""
        shared, enc = self.kem.encap(public, randomness)
        return enc, Context(self, shared, info)

    def setup_receiver(self, enc: bytes, secret: bytes, info: bytes) -> Context:
        """Return the context of an encapsulation to receive in: ``SetupBaseR`` (section 5.1.1)."""
        return Context(self, self.kem.decap(secret, enc), info)

    def key_schedule(self, shared_secret: bytes, info: bytes | Info) -> tuple[bytes, bytes, bytes]:
        """Derive key, base nonce and exporter secret: ``KeySchedule``, base mode (section 5.1)."""
        info = self.hashed(info) if isinstance(info, bytes) else info
        context = info.schedule_context
        secret = self._labeled_extract(shared_secret, b"secret", b"")
        return (
            self.labeled_expand(secret, b"key", context, self.aead.key_length),
            self.labeled_expand(secret, b"base_nonce", context, self.aead.nonce_length),
            self.labeled_expand(secret, b"exp", context, self.kdf.length),
        )

    def labeled_expand(self, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
        """Expand a key under the suite's identifier: ``LabeledExpand`` (section 4)."""
        if not 0 <= length < 1 << 16:
            raise LocalError(f"cannot derive {length} bytes: HPKE derives 0 to 65535")
        head = length.to_bytes(2, "big") + b"HPKE-v1" + self._suite_id
        return self.kdf.expand(prk, head + label + info, length)

    def _labeled_extract(self, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        return self.kdf.extract(salt, b"HPKE-v1" + self._suite_id + label + ikm)
