"""Nominal security levels of the cipher suites' parts, in bits, with a source for each.

The levels are nominal: what the standards say of the best attacks known on classical computers. A
suite's KEM and AEAD make the public-key encryption that the bounds of :mod:`ttkem.bounds`
rest on; its level is that of the weaker one. RFC 9420 section 17.1 puts 256 into the names of
suites 4 to 7, though X448 and P-384 are rated lower. Signatures are not part of those bounds, whose
adversary cannot forge.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from ttkem.crypto import cipher_suite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttkem.crypto import CipherSuite

__all__ = ["STRENGTHS", "Part", "SuiteStrength", "strength_of"]

_NIST = "NIST SP 800-57 part 1 rev. 5, table 2"
_RFC_7748 = "RFC 7748 section 1"


@dataclass(frozen=True, slots=True)
class Part:
    """An algorithm, its security level in bits, and the source of that level."""

    name: str
    bits: int
    source: str


@dataclass(frozen=True, slots=True)
class SuiteStrength:
    """The parts of a suite that matter for secrecy, and its signatures."""

    kem: Part
    aead: Part
    signature: Part

    @property
    def encryption(self) -> int:
        """Bits of the public-key encryption: those of its weaker part."""
        return min(self.kem.bits, self.aead.bits)


_X25519 = Part("X25519", 128, _RFC_7748)
_X448 = Part("X448", 224, _RFC_7748)
_P256 = Part("P-256", 128, _NIST)
_P384 = Part("P-384", 192, _NIST)
_P521 = Part("P-521", 256, _NIST)
_X_WING = Part(
    "X-Wing", 192, "its stronger half, ML-KEM-768: FIPS 203, category 3; X25519 alone: 128"
)
_AES_128 = Part("AES-128-GCM", 128, _NIST)
_AES_256 = Part("AES-256-GCM", 256, _NIST)
_CHACHA20 = Part("ChaCha20-Poly1305", 256, "RFC 8439: a key of 256 bits")
_ED25519 = Part("Ed25519", 128, "RFC 8032 section 1")
_ED448 = Part("Ed448", 224, "RFC 8032 section 1")

STRENGTHS: Mapping[int, SuiteStrength] = MappingProxyType(
    {
        1: SuiteStrength(_X25519, _AES_128, _ED25519),
        2: SuiteStrength(_P256, _AES_128, _P256),
        3: SuiteStrength(_X25519, _CHACHA20, _ED25519),
        4: SuiteStrength(_X448, _AES_256, _ED448),
        5: SuiteStrength(_P521, _AES_256, _P521),
        6: SuiteStrength(_X448, _CHACHA20, _ED448),
        7: SuiteStrength(_P384, _AES_256, _P384),
        0xF001: SuiteStrength(_X_WING, _CHACHA20, _ED25519),
    }
)
"""The strengths of the suites in :data:`ttkem.crypto.SUITES`, by number."""


def strength_of(suite: CipherSuite | int | str) -> SuiteStrength:
    """Return the strength of a suite, given also by number or name.

    Raise a LocalError that lists the known suites if there is none of that number or name.


    >>> strength_of(1).encryption, strength_of(7).encryption
    (128, 192)
    """
    number = cipher_suite(suite).number if isinstance(suite, int | str) else suite.number
    return STRENGTHS[number]
