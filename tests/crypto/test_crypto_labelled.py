"""The labelled functions: the MLS working group's vectors, and errors."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from mls_vectors import vectors

from ttkem.crypto import (
    HpkeCiphertext,
    Labelled,
    SeededRandomness,
    SystemRandomness,
    cipher_suite,
)
from ttkem.crypto.labelled import _vector
from ttkem.errors import DecryptionError, LocalError, SignatureError


@pytest.fixture(params=range(1, 8))
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    (found,) = (v for v in vectors("crypto-basics") if v["cipher_suite"] == request.param)
    return found


@pytest.fixture
def mls(vector: dict[str, Any]) -> Labelled:
    return Labelled(cipher_suite(vector["cipher_suite"]), b"MLS 1.0 ")


def read(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with its hexadecimal strings as bytes, and its label encoded as it is."""
    return {
        name: value
        if isinstance(value, int)
        else value.encode()
        if name == "label"
        else bytes.fromhex(value)
        for name, value in case.items()
    }


def test_ref_hash(vector: dict[str, Any], mls: Labelled) -> None:
    case = read(vector["ref_hash"])
    assert mls.ref_hash(case["label"], case["value"]) == case["out"]


def test_expand_with_label(vector: dict[str, Any], mls: Labelled) -> None:
    case = read(vector["expand_with_label"])
    expanded = mls.expand_with_label(case["secret"], case["label"], case["context"], case["length"])
    assert expanded == case["out"]


def test_derive_secret(vector: dict[str, Any], mls: Labelled) -> None:
    case = read(vector["derive_secret"])
    assert mls.derive_secret(case["secret"], case["label"]) == case["out"]


def test_derive_tree_secret(vector: dict[str, Any], mls: Labelled) -> None:
    case = read(vector["derive_tree_secret"])
    derived = mls.derive_tree_secret(
        case["secret"], case["label"], case["generation"], case["length"]
    )
    assert derived == case["out"]


def test_sign_with_label(vector: dict[str, Any], mls: Labelled) -> None:
    case = read(vector["sign_with_label"])
    label, content = case["label"], case["content"]
    mls.verify_with_label(case["pub"], label, content, case["signature"])
    mls.verify_with_label(
        case["pub"], label, content, mls.sign_with_label(case["priv"], label, content)
    )
    for other_label, other_content in ((label + b"2", content), (label, content + b"2")):
        with pytest.raises(SignatureError):
            mls.verify_with_label(case["pub"], other_label, other_content, case["signature"])


def test_encrypt_with_label(vector: dict[str, Any], mls: Labelled) -> None:
    case = read(vector["encrypt_with_label"])
    label, context, plaintext = case["label"], case["context"], case["plaintext"]
    theirs = HpkeCiphertext(case["kem_output"], case["ciphertext"])
    assert mls.decrypt_with_label(case["priv"], label, context, theirs) == plaintext
    ours = mls.encrypt_with_label(case["pub"], label, context, plaintext, SeededRandomness(1))
    assert mls.decrypt_with_label(case["priv"], label, context, ours) == plaintext
    for other_label, other_context in ((label + b"2", context), (label, context + b"2")):
        with pytest.raises(DecryptionError):
            mls.decrypt_with_label(case["priv"], other_label, other_context, theirs)


@pytest.mark.parametrize("count", range(4))
def test_many_encryptions_hash_a_long_context_once(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 9180 section 5.1 hashes the info, which contains the context, for each message."""
    suite, context = cipher_suite(1), bytes(100_000)
    mls = Labelled(suite, b"MLS 1.0 ")
    pairs = [suite.generate_key_pair(SeededRandomness(number)) for number in range(count)]
    receivers = [(pair.public, b"%d" % number) for number, pair in enumerate(pairs)]
    long = []
    real = hmac.digest
    monkeypatch.setattr(
        hmac,
        "digest",
        lambda key, data, name: (
            (len(data) > 100_000 and long.append(name)) or real(key, data, name)
        ),
    )
    for randomness in (SeededRandomness(1), SystemRandomness()):
        long.clear()
        found = mls.encrypt_to_each(receivers, b"label", context, randomness)
        assert len(long) <= 1
        for pair, (_, plaintext), sealed in zip(pairs, receivers, found, strict=True):
            assert mls.decrypt_with_label(pair.secret, b"label", context, sealed) == plaintext
    randomness = SeededRandomness(1)
    assert mls.encrypt_to_each(receivers, b"label", context, SeededRandomness(1)) == [
        mls.encrypt_with_label(public, b"label", context, plaintext, randomness)
        for public, plaintext in receivers
    ]


def test_the_prefix_keeps_protocols_apart() -> None:
    suite = cipher_suite(1)
    mls, ours = Labelled(suite, b"MLS 1.0 "), Labelled(suite, b"TTKEM 1.0 ")
    # One block of HKDF-Expand over KDFLabel (RFC 9420 section 8, RFC 5869 section 2.3).
    info = b"\x00\x20" + b"\x0eTTKEM 1.0 path" + b"\x00" + b"\x01"
    expected = hmac.digest(b"secret", info, "sha256")
    assert ours.derive_secret(b"secret", b"path") == expected
    assert mls.derive_secret(b"secret", b"path") != expected
    # References are the exception: the prefix is not added to their labels.
    reference = hashlib.sha256(b"\x05label\x05value").digest()
    assert mls.ref_hash(b"label", b"value") == ours.ref_hash(b"label", b"value") == reference


def test_a_label_and_its_content_do_not_run_together() -> None:
    labelled = Labelled(cipher_suite(1), b"")
    assert labelled.expand_with_label(b"s", b"a", b"bc", 32) != labelled.expand_with_label(
        b"s", b"ab", b"c", 32
    )


@pytest.mark.parametrize(
    ("size", "head"),
    [  # RFC 9000 section 16: the two upper bits give the number of bytes of the length
        (0, "00"),
        (63, "3f"),
        (64, "4040"),
        (16383, "7fff"),
        (16384, "80004000"),
    ],
)
def test_vector_lengths(size: int, head: str) -> None:
    assert _vector(b"x" * size) == bytes.fromhex(head) + b"x" * size


def test_a_vector_too_long() -> None:
    class Endless(bytes):
        __slots__ = ()

        def __len__(self) -> int:
            return 1 << 30

    with pytest.raises(LocalError, match="too many"):
        _vector(Endless())


@pytest.mark.parametrize("length", [-1, 1 << 16, 255 * 32 + 1])
def test_impossible_lengths(length: int) -> None:
    with pytest.raises(LocalError):
        Labelled(cipher_suite(1), b"").expand_with_label(b"", b"", b"", length)


@pytest.mark.parametrize("generation", [-1, 1 << 32])
def test_impossible_generations(generation: int) -> None:
    with pytest.raises(LocalError, match="uint32"):
        Labelled(cipher_suite(1), b"").derive_tree_secret(b"", b"", generation, 32)
