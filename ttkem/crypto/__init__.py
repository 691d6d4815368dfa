"""Cipher suites and their primitives: a thin layer over `cryptography`; all keys are bytes.

>>> suite = cipher_suite(1)
>>> pair = suite.generate_key_pair(SeededRandomness(1))
>>> sealed = suite.seal(pair.public, b"info", b"", b"hello", SeededRandomness(2))
>>> suite.open(pair.secret, sealed, b"info", b"")
b'hello'

All of ttkem encrypts, signs and derives keys through this package only.
"""

from ttkem.crypto.hpke import Aead, Context, Hpke, HpkeCiphertext
from ttkem.crypto.kdf import Hash
from ttkem.crypto.kem import Kem, KeyPair
from ttkem.crypto.labelled import Labelled
from ttkem.crypto.randomness import Randomness, SeededRandomness, SystemRandomness
from ttkem.crypto.signatures import SignatureScheme
from ttkem.crypto.suites import SUITES, CipherSuite, cipher_suite

__all__ = [
    "SUITES",
    "Aead",
    "CipherSuite",
    "Context",
    "Hash",
    "Hpke",
    "HpkeCiphertext",
    "Kem",
    "KeyPair",
    "Labelled",
    "Randomness",
    "SeededRandomness",
    "SignatureScheme",
    "SystemRandomness",
    "cipher_suite",
]
