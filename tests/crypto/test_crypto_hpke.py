"""HPKE against the published vectors and against the one-shot HPKE of ``cryptography``."""

from __future__ import annotations

import json
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives import hpke as library

from ttkem.crypto import SUITES, CipherSuite, Hpke, HpkeCiphertext, KeyPair, SeededRandomness
from ttkem.crypto import SystemRandomness as System
from ttkem.crypto.groups import X25519
from ttkem.crypto.hpke import AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305
from ttkem.crypto.kdf import SHA256, SHA384, SHA512
from ttkem.crypto.kem import (
    DHKEM_P256,
    DHKEM_P384,
    DHKEM_P521,
    DHKEM_X448,
    DHKEM_X25519,
    X_WING,
    DhKem,
)
from ttkem.errors import DecryptionError, KeyFormatError, LocalError

KEMS = {0x10: DHKEM_P256, 0x11: DHKEM_P384, 0x12: DHKEM_P521, 0x20: DHKEM_X25519, 0x21: DHKEM_X448}
KDFS = {1: SHA256, 2: SHA384, 3: SHA512}
AEADS = {1: AES_128_GCM, 2: AES_256_GCM, 3: CHACHA20_POLY1305}


class Given:
    """Randomness that returns one string, and demands that its length is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def draw(self, length: int) -> bytes:
        assert length == len(self.data)
        return self.data


def vectors(name: str) -> list[dict[str, Any]]:
    with cryptography_vectors.open_vector_file(f"HPKE/{name}", "r") as file:
        return [vector for vector in json.load(file) if vector["mode"] == 0]


def named(vector: dict[str, Any]) -> str:
    return f"kem{vector['kem_id']:#x}-kdf{vector['kdf_id']}-aead{vector['aead_id']}"


def raw(vector: dict[str, Any], *names: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(vector[name]) for name in names)


RFC_9180 = [v for v in vectors("test-vectors.json") if v["aead_id"] in AEADS]
PQ = vectors("hpke-pq-test-vectors.json")
DHKEM_OF_PQ = [v for v in PQ if v["kem_id"] in KEMS]
X_WING_OF_PQ = [v for v in PQ if v["kem_id"] == 0x647A]


def test_the_vectors_cover_what_they_should() -> None:
    assert {(v["kem_id"], v["kdf_id"], v["aead_id"]) for v in RFC_9180} == {
        (kem, kdf, aead) for kem in (0x10, 0x12, 0x20, 0x21) for kdf in (1, 3) for aead in (1, 2, 3)
    }
    assert {v["kem_id"] for v in DHKEM_OF_PQ} == {0x10, 0x11, 0x20, 0x21}
    assert [v["kdf_id"] for v in X_WING_OF_PQ] == [1, 17]


def check_schedule(hpke: Hpke, vector: dict[str, Any], shared_secret: bytes) -> None:
    (info,) = raw(vector, "info")
    expected = raw(vector, "key", "base_nonce", "exporter_secret")
    assert hpke.key_schedule(shared_secret, info) == expected


def check_receiver(hpke: Hpke, vector: dict[str, Any]) -> None:
    enc, secret, info = raw(vector, "enc", "skRm", "info")
    receiver = hpke.setup_receiver(enc, secret, info)
    for message in vector["encryptions"]:
        aad, plaintext, ciphertext = raw(message, "aad", "pt", "ct")
        assert receiver.open(aad, ciphertext) == plaintext
    check_exports(receiver, vector)
    aad, plaintext, ciphertext = raw(vector["encryptions"][0], "aad", "pt", "ct")
    assert hpke.open(secret, HpkeCiphertext(enc, ciphertext), info, aad) == plaintext


def check_exports(context: Any, vector: dict[str, Any]) -> None:
    assert vector["exports"]
    for export in vector["exports"]:
        exporter_context, value = raw(export, "exporter_context", "exported_value")
        assert context.export(exporter_context, export["L"]) == value


def check_dhkem(kem: DhKem, vector: dict[str, Any]) -> None:
    ikm_r, public, secret = raw(vector, "ikmR", "pkRm", "skRm")
    assert kem.derive_key_pair(ikm_r) == KeyPair(public, secret)
    check_agreement(kem, vector)


def check_agreement(kem: DhKem, vector: dict[str, Any]) -> None:
    ikm_e, shared, enc, public, secret = raw(vector, "ikmE", "shared_secret", "enc", "pkRm", "skRm")
    assert kem.encap(public, Given(ikm_e)) == (shared, enc)
    assert kem.decap(secret, enc) == shared


@pytest.mark.parametrize("vector", RFC_9180, ids=named)
def test_rfc_9180_base_mode(vector: dict[str, Any]) -> None:
    kem = KEMS[vector["kem_id"]]
    hpke = Hpke(kem, KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])
    check_dhkem(kem, vector)
    check_schedule(hpke, vector, *raw(vector, "shared_secret"))
    check_receiver(hpke, vector)

    public, ikm_e, info, enc = raw(vector, "pkRm", "ikmE", "info", "enc")
    sent, sender = hpke.setup_sender(public, info, Given(ikm_e))
    assert sent == enc
    for message in vector["encryptions"]:
        aad, plaintext, ciphertext = raw(message, "aad", "pt", "ct")
        assert sender.seal(aad, plaintext) == ciphertext
    check_exports(sender, vector)
    aad, plaintext, ciphertext = raw(vector["encryptions"][0], "aad", "pt", "ct")
    sealed = hpke.seal(public, info, aad, plaintext, Given(ikm_e))
    assert sealed == HpkeCiphertext(enc, ciphertext)


@pytest.mark.parametrize("vector", DHKEM_OF_PQ, ids=named)
def test_dhkem_of_the_newer_vectors(vector: dict[str, Any]) -> None:
    # The KDFs of these vectors are not HKDF, but the KEM does not depend on them. No other vectors
    # have P-384. They give secret keys of X448 clamped (RFC 7748 section 5), so clamped keys are
    # compared.
    kem = KEMS[vector["kem_id"]]
    ikm, public, secret = raw(vector, "ikmR", "pkRm", "skRm")
    pair = kem.derive_key_pair(ikm)
    assert pair.public == public
    assert clamped(kem, pair.secret) == clamped(kem, secret)
    check_agreement(kem, vector)


def clamped(kem: DhKem, secret: bytes) -> bytes:
    first, middle, last = secret[0], secret[1:-1], secret[-1]
    if kem is DHKEM_X25519:
        return bytes((first & 248,)) + middle + bytes((last & 127 | 64,))
    if kem is DHKEM_X448:
        return bytes((first & 252,)) + middle + bytes((last | 128,))
    return secret


@pytest.mark.parametrize("vector", X_WING_OF_PQ, ids=named)
def test_x_wing(vector: dict[str, Any]) -> None:
    ikm, public, secret, enc, shared = raw(vector, "ikmR", "pkRm", "skRm", "enc", "shared_secret")
    assert X_WING.derive_key_pair(ikm) == KeyPair(public, secret)
    X_WING.check_public_key(public)
    assert X_WING.decap(secret, enc) == shared
    if vector["kdf_id"] == 1:
        hpke = Hpke(X_WING, SHA256, AEADS[vector["aead_id"]])
        check_schedule(hpke, vector, shared)
        check_receiver(hpke, vector)


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
@pytest.mark.parametrize("aad", [b"", b"aad"])
@pytest.mark.parametrize("randomness", [SeededRandomness(1), System()], ids=["seeded", "system"])
def test_seal_and_open(
    suite: CipherSuite, aad: bytes, randomness: SeededRandomness | System
) -> None:
    pair = suite.generate_key_pair(randomness)
    suite.check_public_key(pair.public)
    sealed = suite.seal(pair.public, b"info", aad, b"plaintext", randomness)
    assert b"plaintext" not in sealed.kem_output + sealed.ciphertext
    assert suite.open(pair.secret, sealed, b"info", aad) == b"plaintext"
    other = suite.generate_key_pair(randomness)
    for secret, info, other_aad in (
        (other.secret, b"info", aad),
        (pair.secret, b"other", aad),
        (pair.secret, b"info", b"other"),
    ):
        with pytest.raises(DecryptionError):
            suite.open(secret, sealed, info, other_aad)


def library_suite(suite: CipherSuite) -> library.Suite:
    kems = {
        0x10: library.KEM.P256,
        0x11: library.KEM.P384,
        0x12: library.KEM.P521,
        0x20: library.KEM.X25519,
        0x647A: library.KEM.MLKEM768_X25519,
    }
    kdfs = {
        "sha256": library.KDF.HKDF_SHA256,
        "sha384": library.KDF.HKDF_SHA384,
        "sha512": library.KDF.HKDF_SHA512,
    }
    aeads = {
        1: library.AEAD.AES_128_GCM,
        2: library.AEAD.AES_256_GCM,
        3: library.AEAD.CHACHA20_POLY1305,
    }
    return library.Suite(kems[suite.kem.id], kdfs[suite.kdf.name], aeads[suite.aead.id])


def library_private(suite: CipherSuite, secret: bytes) -> Any:
    if isinstance(suite.kem, DhKem):
        return suite.kem.group.private(secret)
    lattice, curve = X_WING._expanded(secret)
    return library.MLKEM768X25519PrivateKey(lattice, X25519.private(curve))


@pytest.mark.parametrize("number", [1, 2, 3, 5, 7, 0xF001])
def test_the_library_opens_what_we_seal_and_the_reverse(number: int) -> None:
    suite = SUITES[number]
    theirs = library_suite(suite)
    pair = suite.generate_key_pair(SeededRandomness(number))
    private = library_private(suite, pair.secret)

    sealed = suite.seal(pair.public, b"info", b"", b"to them", SeededRandomness(2))
    assert theirs.decrypt(sealed.kem_output + sealed.ciphertext, private, b"info") == b"to them"

    received = theirs.encrypt(b"from them", private.public_key(), b"info")
    at = suite.kem.enc_length
    ciphertext = HpkeCiphertext(received[:at], received[at:])
    assert suite.open(pair.secret, ciphertext, b"info", b"") == b"from them"


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
def test_a_seed_determines_what_it_can(suite: CipherSuite) -> None:
    def run() -> tuple[KeyPair, HpkeCiphertext]:
        randomness = SeededRandomness("replay")
        pair = suite.generate_key_pair(randomness)
        return pair, suite.seal(pair.public, b"info", b"", b"plaintext", randomness)

    (first_pair, first), (second_pair, second) = run(), run()
    assert first_pair == second_pair
    if suite.kem is X_WING:
        assert first.kem_output[1088:] == second.kem_output[1088:]
        assert first.kem_output[:1088] != second.kem_output[:1088]
    else:
        assert first == second


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
@pytest.mark.parametrize("ikm", [b"", b"short", bytes(64)], ids=len)
def test_key_pairs_are_derived_from_any_bytes(suite: CipherSuite, ikm: bytes) -> None:
    pair = suite.derive_key_pair(ikm)
    assert pair == suite.derive_key_pair(ikm) != suite.derive_key_pair(ikm + b"\0")
    sealed = suite.seal(pair.public, b"", b"", b"plaintext", SeededRandomness(1))
    assert suite.open(pair.secret, sealed, b"", b"") == b"plaintext"


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
def test_a_generated_key_pair_is_derived_from_what_is_drawn(suite: CipherSuite) -> None:
    ikm = bytes(range(suite.kem.seed_length))
    assert suite.generate_key_pair(Given(ikm)) == suite.derive_key_pair(ikm)


def test_a_subclass_of_the_system_randomness_is_asked() -> None:
    class Recording(System):
        drawn = b""

        def draw(self, length: int) -> bytes:
            self.drawn = super().draw(length)
            return self.drawn

    suite, recording = SUITES[1], Recording()
    pair = suite.generate_key_pair(SeededRandomness(1))
    sealed = suite.seal(pair.public, b"", b"", b"plaintext", recording)
    assert sealed == suite.seal(pair.public, b"", b"", b"plaintext", Given(recording.drawn))


def test_a_message_that_does_not_open_does_not_count() -> None:
    suite = SUITES[1]
    pair = suite.generate_key_pair(SeededRandomness(1))
    enc, sender = suite.setup_sender(pair.public, b"info", SeededRandomness(2))
    receiver = suite.setup_receiver(enc, pair.secret, b"info")
    first, second = sender.seal(b"", b"first"), sender.seal(b"", b"second")
    with pytest.raises(DecryptionError):
        receiver.open(b"", second)
    assert receiver.open(b"", first) == b"first"
    with pytest.raises(DecryptionError):
        receiver.open(b"", first)
    assert receiver.open(b"", second) == b"second"


def test_a_context_ends_before_its_nonces_repeat() -> None:
    suite = SUITES[1]
    pair = suite.generate_key_pair(SeededRandomness(1))
    enc, sender = suite.setup_sender(pair.public, b"info", SeededRandomness(2))
    receiver = suite.setup_receiver(enc, pair.secret, b"info")
    sender._sequence = receiver._sequence = 2**96 - 2
    assert receiver.open(b"", sender.seal(b"", b"the last")) == b"the last"
    with pytest.raises(LocalError, match="set up another"):
        sender.seal(b"", b"one more")
    with pytest.raises(LocalError, match="set up another"):
        receiver.open(b"", b"")


@pytest.mark.parametrize("length", [-1, 1 << 16, 255 * 32 + 1])
def test_an_export_of_impossible_length(length: int) -> None:
    suite = SUITES[1]
    pair = suite.generate_key_pair(SeededRandomness(1))
    _, sender = suite.setup_sender(pair.public, b"info", SeededRandomness(2))
    with pytest.raises(LocalError):
        sender.export(b"", length)


@pytest.mark.parametrize("number", [1, 0xF001])
@pytest.mark.parametrize("randomness", [SeededRandomness(1), System()], ids=["seeded", "system"])
def test_sealing_to_a_key_of_low_order_is_rejected(
    number: int, randomness: SeededRandomness | System
) -> None:
    suite = SUITES[number]
    public = suite.generate_key_pair(SeededRandomness(1)).public[:-32] + bytes(32)
    with pytest.raises(KeyFormatError, match="low order"):
        suite.seal(public, b"", b"", b"", randomness)
    with pytest.raises(KeyFormatError, match="low order"):
        suite.check_public_key(public)


@pytest.mark.parametrize("suite", SUITES.values(), ids=str)
def test_keys_and_encapsulations_of_another_length(suite: CipherSuite) -> None:
    pair = suite.generate_key_pair(SeededRandomness(1))
    sealed = suite.seal(pair.public, b"", b"", b"plaintext", SeededRandomness(2))
    for change in (lambda data: data[:-1], lambda data: data + b"\0", lambda _: b""):
        with pytest.raises(KeyFormatError):
            suite.check_public_key(change(pair.public))
        with pytest.raises(KeyFormatError):
            suite.seal(change(pair.public), b"", b"", b"", System())
        with pytest.raises(KeyFormatError):
            suite.open(change(pair.secret), sealed, b"", b"")
        enc = HpkeCiphertext(change(sealed.kem_output), sealed.ciphertext)
        with pytest.raises(KeyFormatError):
            suite.open(pair.secret, enc, b"", b"")


def test_a_lattice_key_that_is_not_reduced() -> None:
    public = SUITES[0xF001].generate_key_pair(SeededRandomness(1)).public
    with pytest.raises(KeyFormatError, match="ML-KEM"):
        X_WING.check_public_key(b"\xff" * 3 + public[3:])


def test_a_secret_key_is_not_printed() -> None:
    pair = SUITES[1].generate_key_pair(SeededRandomness(1))
    assert pair.public.hex()[:16] in repr(pair)
    assert pair.secret.hex()[:16] not in repr(pair)
