"""Cipher suites as objects: their table, published vectors of each primitive, errors."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import pickle
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from ttkem.crypto import (
    SUITES,
    CipherSuite,
    HpkeCiphertext,
    SeededRandomness,
    SystemRandomness,
    cipher_suite,
)
from ttkem.crypto.kdf import SHA256
from ttkem.errors import (
    CryptoError,
    DecryptionError,
    KeyFormatError,
    LocalError,
    MacError,
    SignatureError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ttkem.crypto import Randomness

every_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=str)

# RFC 9420 section 17.1, RFC 9180 section 7, RFC 8446 section 4.2.3: HPKE's KEM, KDF and AEAD,
# hash, signature scheme; lengths of a secret and public HPKE key, AEAD key, digest.
TABLE = {
    1: ("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", 0x20, 1, 1, "sha256", "ed25519"),
    2: ("MLS_128_DHKEMP256_AES128GCM_SHA256_P256", 0x10, 1, 1, "sha256", "ecdsa_secp256r1_sha256"),
    3: ("MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", 0x20, 1, 3, "sha256", "ed25519"),
    4: ("MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", 0x21, 3, 2, "sha512", "ed448"),
    5: ("MLS_256_DHKEMP521_AES256GCM_SHA512_P521", 0x12, 3, 2, "sha512", "ecdsa_secp521r1_sha512"),
    6: ("MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", 0x21, 3, 3, "sha512", "ed448"),
    7: ("MLS_256_DHKEMP384_AES256GCM_SHA384_P384", 0x11, 2, 2, "sha384", "ecdsa_secp384r1_sha384"),
    0xF001: (
        "MLS_192_MLKEM768X25519_CHACHA20POLY1305_SHA256_Ed25519",
        *(0x647A, 1, 3, "sha256", "ed25519"),
    ),
}
LENGTHS = {
    1: (32, 32, 16, 32),
    2: (32, 65, 16, 32),
    3: (32, 32, 32, 32),
    4: (56, 56, 32, 64),
    5: (66, 133, 32, 64),
    6: (56, 56, 32, 64),
    7: (48, 97, 32, 48),
    0xF001: (32, 1216, 32, 32),
}


def test_the_table() -> None:
    assert {
        number: (s.name, s.kem.id, s.kdf.kdf_id, s.aead.id, s.kdf.name, s.signature.name)
        for number, s in SUITES.items()
    } == TABLE
    assert all(number == suite.number for number, suite in SUITES.items())


@every_suite
def test_lengths(suite: CipherSuite) -> None:
    pair = suite.generate_key_pair(SystemRandomness())
    figures = (len(pair.secret), len(pair.public), suite.key_length, suite.hash_length)
    assert figures == LENGTHS[suite.number]
    assert suite.nonce_length == 12
    assert len(suite.hash(b"")) == len(suite.mac(b"", b"")) == suite.hash_length


@every_suite
def test_suites_are_found_by_number_and_name(suite: CipherSuite) -> None:
    assert cipher_suite(suite.number) is suite
    assert cipher_suite(suite.name) is suite


@pytest.mark.parametrize("unknown", [0, 8, -1, "", "MLS", "1"])
def test_unknown_suites_get_the_list(unknown: int | str) -> None:
    with pytest.raises(LocalError) as caught:
        cipher_suite(unknown)
    for name, *_ in TABLE.values():
        assert name in str(caught.value)


@every_suite
def test_copies_are_the_suite_itself(suite: CipherSuite) -> None:
    suite.hpke  # noqa: B018 - worked out when first asked for, and must not travel
    assert pickle.loads(pickle.dumps(suite)) is suite  # noqa: S301 - our own bytes
    assert copy.deepcopy(suite) is suite


@every_suite
def test_hash_functions(suite: CipherSuite) -> None:
    assert suite.hash(b"abc") == hashlib.new(TABLE[suite.number][4], b"abc").digest()


def test_mac() -> None:
    # RFC 4231 section 4.3, test case 2
    tag = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    suite, key, data = cipher_suite(1), b"Jefe", b"what do ya want for nothing?"
    assert suite.mac(key, data) == tag
    suite.verify_mac(key, data, tag)
    for wrong in (b"", tag[:-1], tag + b"\0", bytes((tag[0] ^ 1,)) + tag[1:]):
        with pytest.raises(MacError):
            suite.verify_mac(key, data, wrong)


def fields(name: str) -> Iterator[dict[str, str]]:
    """Yield records of ``NAME = value`` lines; each COUNT begins a new one."""
    with cryptography_vectors.open_vector_file(name, "r") as file:
        _, *records = file.read().split("COUNT")
    for record in records:
        yield dict(re.findall(r"^(\w+)\s*=[ \t]*(.*)$", record, re.MULTILINE))


def test_hkdf() -> None:
    records = list(fields("KDF/rfc-5869-HKDF-SHA256.txt"))
    assert len(records) == 3
    for record in records:
        salt, ikm, info, prk, okm = (
            bytes.fromhex(record[name]) for name in ("salt", "IKM", "info", "PRK", "OKM")
        )
        suite = cipher_suite(1)
        assert suite.extract(salt, ikm) == prk
        assert suite.expand(prk, info, int(record["L"])) == okm


def test_the_limits_of_hkdf() -> None:
    assert SHA256.expand(b"key", b"", 0) == b""
    longest = SHA256.expand(b"key", b"", 255 * 32)
    assert len(longest) == 255 * 32
    assert SHA256.expand(b"key", b"", 33) == longest[:33]
    for length in (-1, 255 * 32 + 1):
        with pytest.raises(LocalError):
            SHA256.expand(b"key", b"", length)


@every_suite
def test_aead(suite: CipherSuite) -> None:
    key, nonce = bytes(range(suite.key_length)), bytes(range(12))
    sealed = suite.aead_seal(key, nonce, b"aad", b"plaintext")
    assert len(sealed) == len(b"plaintext") + 16
    assert suite.aead_open(key, nonce, b"aad", sealed) == b"plaintext"
    for other in (
        (bytes(suite.key_length), nonce, b"aad", sealed),
        (key, bytes(12), b"aad", sealed),
        (key, nonce, b"", sealed),
        (key, nonce, b"aad", sealed[:-1]),
        (key, nonce, b"aad", b""),
    ):
        with pytest.raises(DecryptionError):
            suite.aead_open(*other)
    for bad_key, bad_nonce in (
        (key[1:], nonce),
        (key, nonce[1:]),
        (key + b"\0", nonce),
        (key, b""),
    ):
        with pytest.raises(LocalError):
            suite.aead_seal(bad_key, bad_nonce, b"", b"")
        with pytest.raises(LocalError):
            suite.aead_open(bad_key, bad_nonce, b"", sealed)


def test_chacha20_poly1305() -> None:
    # RFC 8439 section 2.8.2
    key, nonce = bytes(range(0x80, 0xA0)), bytes.fromhex("070000004041424344454647")
    sealed = cipher_suite(3).aead_seal(
        key,
        nonce,
        bytes.fromhex("50515253c0c1c2c3c4c5c6c7"),
        b"Ladies and Gentlemen of the class of '99: "
        b"If I could offer you only one tip for the future, sunscreen would be it.",
    )
    assert sealed[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"


def test_aes_gcm() -> None:
    # The GCM specification's test cases 2 and 14
    assert cipher_suite(1).aead_seal(bytes(16), bytes(12), b"", bytes(16)).hex() == (
        "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"
    )
    assert cipher_suite(4).aead_seal(bytes(32), bytes(12), b"", bytes(16)).hex() == (
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )


def check_signature(
    suite: CipherSuite, secret: bytes, public: bytes, message: bytes, signature: bytes
) -> None:
    assert suite.sign(secret, message) == signature
    suite.verify(public, message, signature)
    with pytest.raises(SignatureError):
        suite.verify(public, message + b"\0", signature)


def test_ed25519() -> None:
    with cryptography_vectors.open_vector_file("asymmetric/Ed25519/sign.input", "r") as file:
        lines = file.read().splitlines()[:64]
    for line in lines:
        secret, public, message, signature = map(bytes.fromhex, line.split(":")[:4])
        check_signature(cipher_suite(1), secret[:32], public, message, signature[:64])


def test_ed448() -> None:
    records = [
        {name: bytes.fromhex(value) for name, value in record.items()}
        for record in fields("asymmetric/Ed448/rfc8032.txt")
        if {"SECRET", "PUBLIC", "MESSAGE", "SIGNATURE"} == set(record)  # none has a context
    ]
    assert len(records) > 5
    for record in records:
        check_signature(
            cipher_suite(4),
            *(record[name] for name in ("SECRET", "PUBLIC", "MESSAGE", "SIGNATURE")),
        )


@pytest.mark.parametrize(
    ("number", "curve", "hash_name"),
    [(2, "P-256", "SHA256"), (7, "P-384", "SHA384"), (5, "P-521", "SHA512")],
)
def test_deterministic_ecdsa(number: int, curve: str, hash_name: str) -> None:
    suite = cipher_suite(number)
    name = "asymmetric/ECDSA/RFC6979/evppkey_ecdsa_rfc6979.txt"
    with cryptography_vectors.open_vector_file(name, "r") as file:
        text = file.read()
    pem = re.search(rf"PrivateKey={curve}_PRIV\n(-----BEGIN.*?-----END[^\n]*\n)", text, re.DOTALL)
    assert pem
    key = load_pem_private_key(pem[1].encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    numbers = key.private_numbers()
    size = -(-key.key_size // 8)
    secret = numbers.private_value.to_bytes(size, "big")
    point = numbers.public_numbers
    public = b"\x04" + point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big")
    found = re.findall(
        rf"DigestSign = {hash_name}\nKey = {curve}_PRIV\nNonceType = deterministic\n"
        r'Input = "(\w+)"\nOutput = (\w+)\n',
        text,
    )
    assert {message for message, _ in found} == {"sample", "test"}
    for message, signature in found:
        check_signature(suite, secret, public, message.encode(), bytes.fromhex(signature))


@every_suite
def test_generated_signature_keys(suite: CipherSuite) -> None:
    pair = suite.generate_signature_key_pair(SeededRandomness(1))
    assert pair == suite.generate_signature_key_pair(SeededRandomness(1))
    other = suite.generate_signature_key_pair(SystemRandomness())
    signature = suite.sign(pair.secret, b"message")
    assert signature == suite.sign(pair.secret, b"message")
    suite.verify(pair.public, b"message", signature)
    with pytest.raises(SignatureError):
        suite.verify(other.public, b"message", signature)
    for bad in (b"", pair.secret[:-1], pair.secret + b"\0"):
        with pytest.raises(KeyFormatError):
            suite.sign(bad, b"message")
        with pytest.raises(KeyFormatError):
            suite.verify(bad, b"message", signature)


# Arbitrary bytes

_PAIRS = {n: s.generate_key_pair(SeededRandomness(n)) for n, s in SUITES.items()}
_SIGNERS = {n: s.generate_signature_key_pair(SeededRandomness(n)) for n, s in SUITES.items()}


@st.composite
def near(draw: st.DrawFn, good: bytes) -> bytes:
    """Draw arbitrary bytes, bytes of the right length, or the good bytes with a few changed."""
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return draw(st.binary(max_size=80))
    if kind == 1:
        return SeededRandomness(draw(st.integers())).draw(len(good))
    changed = bytearray(good)
    for at in draw(st.lists(st.integers(0, len(good) - 1), max_size=3)):
        changed[at] = draw(st.integers(0, 255))
    return bytes(changed)


@every_suite
@settings(max_examples=40)
@given(data=st.data())
def test_arbitrary_bytes_raise_crypto_errors_only(suite: CipherSuite, data: st.DataObject) -> None:
    pair, signer = _PAIRS[suite.number], _SIGNERS[suite.number]
    sources: list[Randomness] = [SeededRandomness(1), SystemRandomness()]
    randomness = data.draw(st.sampled_from(sources))
    sealed = suite.seal(pair.public, b"", b"", b"plaintext", SeededRandomness(2))
    signature = suite.sign(signer.secret, b"message")

    public = data.draw(near(pair.public))
    try:
        suite.check_public_key(public)
    except KeyFormatError as error:
        # RFC 7748 lets one send to other encodings of a coordinate, whose owner cannot open.
        if "is not encoded as its owner has it" not in str(error):
            with pytest.raises(KeyFormatError):
                suite.seal(public, b"", b"", b"", randomness)
    else:  # a key that is accepted can be sealed to
        suite.seal(public, b"", b"", b"", randomness)

    ciphertext = HpkeCiphertext(
        data.draw(near(sealed.kem_output)), data.draw(near(sealed.ciphertext))
    )
    try:
        plaintext = suite.open(pair.secret, ciphertext, b"", b"")
    except (KeyFormatError, DecryptionError):
        assert ciphertext != sealed
    else:
        assert plaintext == b"plaintext"
    _quietly(lambda: suite.open(data.draw(near(pair.secret)), sealed, b"", b""))
    _quietly(lambda: suite.sign(data.draw(near(signer.secret)), b""))
    bad = data.draw(near(signature))
    try:
        suite.verify(signer.public, b"message", bad)
    except SignatureError:
        assert bad != signature
    _quietly(lambda: suite.verify(data.draw(near(signer.public)), b"message", signature))


def _quietly(call: Callable[[], object]) -> None:
    with contextlib.suppress(CryptoError):
        call()


# Randomness


def test_seeded_randomness_is_the_documented_stream() -> None:
    seeded = SeededRandomness(7)
    key = hashlib.sha256(b"ttkem seed int 7").digest()
    for count, length in enumerate((4, 0, 1000)):
        block = key + count.to_bytes(8, "big")
        assert seeded.draw(length) == hashlib.shake_256(block).digest(length)


def test_seeds_differ_by_value_and_kind() -> None:
    seeds: list[bytes | str | int] = [1, -1, 2**80, "1", "", "\ud800", b"1", b"", b"\xff"]
    draws = sorted(SeededRandomness(seed).draw(16) for seed in seeds)
    assert all(one != two for one, two in pairwise(draws))
    assert draws == sorted(SeededRandomness(seed).draw(16) for seed in seeds)


@pytest.mark.parametrize("seed", [None, 1.5, True, ["a"]])
def test_malformed_seeds(seed: object) -> None:
    with pytest.raises(LocalError, match="a seed is"):
        SeededRandomness(seed)  # type: ignore[arg-type]


def test_negative_draws_change_nothing() -> None:
    seeded, same = SeededRandomness(1), SeededRandomness(1)
    for randomness in (seeded, SystemRandomness()):
        with pytest.raises(LocalError, match="ask for 0 or more"):
            randomness.draw(-1)
    assert seeded.draw(16) == same.draw(16)
    assert SystemRandomness().draw(16) != SystemRandomness().draw(16)


@every_suite
def test_a_source_that_returns_too_few_bytes(suite: CipherSuite) -> None:
    class Short:
        def draw(self, length: int) -> bytes:
            return bytes(length - 1)

    for use in (suite.generate_key_pair, suite.generate_signature_key_pair):
        with pytest.raises(LocalError, match="the randomness gave"):
            use(Short())
    with pytest.raises(LocalError, match="the randomness gave"):
        suite.seal(_PAIRS[suite.number].public, b"", b"", b"", Short())
