"""Malformed signatures, ciphertexts and keys, each rejected with the right error."""

from __future__ import annotations

import pytest

from ttkem.crypto import SUITES, CipherSuite, HpkeCiphertext, SeededRandomness
from ttkem.errors import CryptoError, DecryptionError, KeyFormatError, SignatureError

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=str)


def flips(data: bytes, step: int = 1) -> list[bytes]:
    """Return copies of the data with one bit changed, for every ``step``-th bit."""
    number, size = int.from_bytes(data, "big"), len(data)
    return [(number ^ 1 << bit).to_bytes(size, "big") for bit in range(0, 8 * size, step)]


@every_suite
def test_a_flipped_bit_is_noticed(suite: CipherSuite) -> None:
    # Every bit of signature and message for Ed25519, which is fast; every seventh otherwise.
    step = 1 if suite.number == 1 else 7
    pair = suite.generate_signature_key_pair(SeededRandomness(1))
    message = b"sixteen bytes..."
    signature = suite.sign(pair.secret, message)
    for wrong in flips(signature, step):
        with pytest.raises(SignatureError):
            suite.verify(pair.public, message, wrong)
    for wrong in flips(message, step):
        with pytest.raises(SignatureError):
            suite.verify(pair.public, wrong, signature)
    suite.verify(pair.public, message, signature)


@every_suite
def test_a_flipped_bit_of_a_ciphertext_is_noticed(suite: CipherSuite) -> None:
    pair = suite.generate_key_pair(SeededRandomness(1))
    sealed = suite.seal(pair.public, b"info", b"aad", b"plaintext", SeededRandomness(2))
    for wrong in flips(sealed.ciphertext):
        with pytest.raises(DecryptionError):
            suite.open(pair.secret, HpkeCiphertext(sealed.kem_output, wrong), b"info", b"aad")
    # The highest bit of an X25519 key is masked, but the encapsulation is also an input of the key
    # derivation.
    for wrong in flips(sealed.kem_output, 97 if len(sealed.kem_output) > 200 else 7):
        with pytest.raises(CryptoError):
            suite.open(pair.secret, HpkeCiphertext(wrong, sealed.ciphertext), b"info", b"aad")


def der(tag: int, content: bytes) -> bytes:
    """Return the DER encoding of a value of less than 128 bytes."""
    return bytes((tag, len(content))) + content


SIGNATURES = {
    "nothing": b"",
    "a zero": b"\0",
    "64 zeros": bytes(64),
    "114 zeros": bytes(114),
    "ones": b"\xff" * 72,
    "an empty sequence": der(0x30, b""),
    "one integer": der(0x30, der(2, b"\1")),
    "zero integers": der(0x30, der(2, b"\0") + der(2, b"\0")),
    "ones for integers": der(0x30, der(2, b"\1") + der(2, b"\1")),
    "negative integers": der(0x30, der(2, b"\xff") + der(2, b"\xff")),
    "integers without bytes": der(0x30, der(2, b"") + der(2, b"")),
    "padded integers": der(0x30, der(2, b"\0\1") + der(2, b"\0\1")),
    "huge integers": der(0x30, der(2, b"\x7f" * 60) + der(2, b"\x7f" * 60)),
    "three integers": der(0x30, der(2, b"\1") * 3),
    "a set": der(0x31, der(2, b"\1") * 2),
    "a trailing byte": der(0x30, der(2, b"\1") * 2) + b"\0",
    "a length without content": b"\x30\x7f",
    "an endless length": b"\x30\x80" + der(2, b"\1") * 2 + b"\0\0",
    "a length of lengths": b"\x30\xff" + b"\xff" * 70,
}


@every_suite
@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES)
def test_malformed_signatures(suite: CipherSuite, signature: bytes) -> None:
    pair = suite.generate_signature_key_pair(SeededRandomness(1))
    with pytest.raises(SignatureError):
        suite.verify(pair.public, b"message", signature)


@pytest.mark.parametrize("number", [2, 5, 7])
def test_another_encoding_of_a_signature_is_rejected(number: int) -> None:
    suite = SUITES[number]
    pair = suite.generate_signature_key_pair(SeededRandomness(1))
    good = suite.sign(pair.secret, b"message")
    head = 2 if good[1] < 128 else 3  # a P-521 signature needs two bytes of length
    body = good[head:]
    first = body[: 2 + body[1]]
    padded = b"\x02" + bytes((first[1] + 1,)) + b"\0" + first[2:] + body[len(first) :]
    for wrong in (
        good + b"\0",
        good[:-1],
        b"\x30\x80" + body + b"\0\0",
        b"\x30\x82" + len(body).to_bytes(2, "big") + body,
        b"\x30" + (bytes((0x81,)) if len(padded) > 127 else b"") + bytes((len(padded),)) + padded,
        body,
    ):
        with pytest.raises(SignatureError):
            suite.verify(pair.public, b"message", wrong)


def test_ed25519_signatures_are_not_malleable() -> None:
    # RFC 8032 section 5.1.7: the scalar must be below the order of the group. Otherwise anyone
    # could make a second signature by adding the order.
    order = 2**252 + 27742317777372353535851937790883648493
    suite = SUITES[1]
    pair = suite.generate_signature_key_pair(SeededRandomness(1))
    good = suite.sign(pair.secret, b"message")
    scalar = int.from_bytes(good[32:], "little")
    other = good[:32] + (scalar + order).to_bytes(32, "little")
    with pytest.raises(SignatureError):
        suite.verify(pair.public, b"message", other)


@every_suite
@pytest.mark.parametrize("fill", [0x00, 0x01, 0x04, 0x7F, 0x80, 0xFF], ids=hex)
def test_verification_keys_of_one_repeated_byte(suite: CipherSuite, fill: int) -> None:
    pair = suite.generate_signature_key_pair(SeededRandomness(1))
    signature = suite.sign(pair.secret, b"message")
    for size in (len(pair.public), len(pair.public) - 1, 1, 0):
        with pytest.raises((KeyFormatError, SignatureError)):
            suite.verify(bytes((fill,)) * size, b"message", signature)


@pytest.mark.parametrize(
    ("sizes", "error"),
    [  # lengths of the ML-KEM and the X25519 part; right are 1088 and 32 bytes
        ((1088, 32), DecryptionError),  # ML-KEM rejects implicitly (FIPS 203 section 6.3)
        ((1087, 32), KeyFormatError),
        ((1089, 32), KeyFormatError),
        ((1088, 0), KeyFormatError),
        ((0, 32), KeyFormatError),
        ((0, 0), KeyFormatError),
        ((1568, 32), KeyFormatError),  # the length of ML-KEM-1024
        ((768, 32), KeyFormatError),  # the length of ML-KEM-512
    ],
)
def test_encapsulations_of_the_hybrid(sizes: tuple[int, int], error: type[CryptoError]) -> None:
    suite = SUITES[0xF001]
    pair = suite.generate_key_pair(SeededRandomness(1))
    sealed = suite.seal(pair.public, b"", b"", b"plaintext", SeededRandomness(2))
    lattice = (SeededRandomness(3).draw(sizes[0]), b"\x09" + bytes(31))
    enc = lattice[0] + lattice[1][: sizes[1]]
    with pytest.raises(error) as caught:
        suite.open(pair.secret, HpkeCiphertext(enc, sealed.ciphertext), b"", b"")
    assert type(caught.value) is error


@pytest.mark.parametrize("sizes", [(1183, 32), (1185, 32), (1184, 0), (0, 32), (800, 32), (0, 0)])
def test_public_keys_of_the_hybrid(sizes: tuple[int, int]) -> None:
    suite = SUITES[0xF001]
    good = suite.generate_key_pair(SeededRandomness(1)).public
    public = (good[:1184] + bytes(1))[: sizes[0]] + good[1184:][: sizes[1]]
    with pytest.raises(KeyFormatError):
        suite.check_public_key(public)
    with pytest.raises(KeyFormatError):
        suite.seal(public, b"", b"", b"", SeededRandomness(1))
