"""Every primitive is recorded with its inputs and outputs, and computes what it always did."""

import hashlib
import hmac
import os
import secrets
from random import SystemRandom
from typing import Any

import pytest
from cryptography.hazmat.primitives import ciphers, hashes, hpke
from cryptography.hazmat.primitives import hmac as library_hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.ciphers import aead, algorithms, modes
from cryptography.hazmat.primitives.kdf import concatkdf, hkdf, pbkdf2, scrypt, x963kdf

from ttkem.crypto import SeededRandomness, SystemRandomness, cipher_suite
from ttkem.crypto.groups import P256, P384, P521, X448, X25519
from ttkem.crypto.hpke import Aead, HpkeCiphertext
from ttkem.crypto.kem import DHKEM_P256, DHKEM_X448, DHKEM_X25519, X_WING
from ttkem.crypto.recording import CallKind, Recorder, recording
from ttkem.crypto.recording.library import LIBRARY
from ttkem.crypto.recording.standard_library import ALGORITHMS, STANDARD_LIBRARY
from ttkem.crypto.recording.suites import suite_patches
from ttkem.crypto.signatures import ECDSA_P256, ED25519

KEY, DATA, SALT = bytes(range(32)), b"some data", b"salt" * 4


def recorded(compute):
    """Return what was computed, after checking that it is the same unrecorded, and the calls."""
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 3):
        result = compute()
    assert all(where == ("ann", 3) for where in recorder.calls.values())
    return result, list(recorder.calls)


def check(compute, function, inputs, outputs=None, kind=CallKind.DERIVE):
    """Check that a deterministic computation is recorded as one call, with these inputs."""
    plain = compute()
    result, calls = recorded(compute)
    assert result == plain
    (call,) = [call for call in calls if call.kind is kind]
    assert (call.function, call.inputs) == (function, inputs)
    assert call.outputs == ((plain,) if outputs is None else outputs)


SHORT = [name for name in ALGORITHMS if not name.startswith("shake")]


@pytest.mark.parametrize("name", SHORT)
def test_every_hash_of_the_standard_library(name):
    def at_once():
        return getattr(hashlib, name)(DATA).digest()

    def in_pieces():
        made = hashlib.new(name, usedforsecurity=False)
        made.update(DATA[:3])
        twin = made.copy()
        made.update(b"something else")
        twin.update(memoryview(bytearray(DATA[3:])))
        return bytes.fromhex(twin.hexdigest())

    for compute in (at_once, in_pieces, lambda: hashlib.new(name, DATA).digest()):
        check(compute, f"hash {name}", (DATA,))


@pytest.mark.parametrize("name", ["shake_128", "shake_256"])
def test_hashes_of_any_length(name):
    check(lambda: getattr(hashlib, name)(DATA).digest(40), f"hash {name} 40", (DATA,))
    check(lambda: getattr(hashlib, name)(DATA).digest(length=40), f"hash {name} 40", (DATA,))
    library: Any = hashlib
    check(lambda: bytes.fromhex(library.new(name, DATA).hexdigest(9)), f"hash {name} 9", (DATA,))


def test_keys_and_sizes_of_hashes_are_recorded():
    check(
        lambda: hashlib.blake2b(DATA, key=bytearray(KEY), digest_size=20).digest(),
        "hash blake2b, key, digest_size 20",
        (KEY, DATA),
    )
    check(lambda: hashlib.blake2s(key=KEY).digest(), "hash blake2s, key", (KEY, b""))
    check(lambda: hashlib.sha256(string=DATA).digest(), "hash sha256", (DATA,))


@pytest.mark.parametrize("digest", ["sha256", hashlib.sha256, hashlib.sha3_512, "sha1"])
def test_hmac(digest):
    name = digest if isinstance(digest, str) else digest().name
    check(lambda: hmac.digest(KEY, DATA, digest), f"HMAC {name}", (KEY, DATA))
    check(lambda: hmac.new(bytearray(KEY), DATA, digest).digest(), f"HMAC {name}", (KEY, DATA))

    def in_pieces():
        made = hmac.new(KEY, digestmod=getattr(hashlib, name))  # the replacement, if recorded
        made.update(DATA)
        return made.digest()

    check(in_pieces, f"HMAC {name}", (KEY, DATA))


def test_password_hashes_of_the_standard_library():
    check(
        lambda: hashlib.pbkdf2_hmac("sha256", KEY, SALT, 7),
        "PBKDF2 sha256 7 32",
        (KEY, SALT),
    )
    check(
        lambda: hashlib.pbkdf2_hmac("sha512", KEY, SALT, iterations=7, dklen=20),
        "PBKDF2 sha512 7 20",
        (KEY, SALT),
    )
    check(lambda: hashlib.scrypt(KEY, salt=SALT, n=4, r=1, p=1), "scrypt", (KEY, SALT))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: os.urandom(16),
        lambda: secrets.token_bytes(16),
        lambda: bytes.fromhex(secrets.token_hex(16)),
        lambda: SystemRandom().randbytes(16),
        lambda: SystemRandomness().draw(16),
        lambda: aead.AESGCM.generate_key(128),
        lambda: x25519.X25519PrivateKey.generate().private_bytes_raw(),
        lambda: (
            ec.generate_private_key(ec.SECP256R1())
            .private_numbers()
            .private_value.to_bytes(32, "big")
        ),
    ],
)
def test_every_draw_is_an_atom(draw):
    data, calls = recorded(draw)
    assert [(call.kind, call.inputs, call.outputs) for call in calls] == [
        (CallKind.DRAW, (), (data,))
    ]
    assert draw() != data


def test_seeded_draws_are_recorded_and_the_same():
    plain = SeededRandomness(5).draw(20)
    source = SeededRandomness(5)
    data, calls = recorded(lambda: source.draw(20))
    assert data == plain
    assert [call.kind for call in calls] == [CallKind.DRAW]


@pytest.mark.parametrize("kem", [DHKEM_X25519, DHKEM_X448, DHKEM_P256, X_WING])
def test_key_encapsulation(kem):
    pair = kem.derive_key_pair(KEY * 2)
    name = f"KEM {kem.id:#06x}"
    check(
        lambda: kem.derive_key_pair(KEY * 2),
        f"key pair {name}",
        (KEY * 2,),
        (pair.public, pair.secret),
        CallKind.KEY_PAIR,
    )
    (shared, enc), calls = recorded(lambda: kem.encap(pair.public, SeededRandomness(1)))
    (call,) = [call for call in calls if call.kind is CallKind.ENCAPSULATE]
    drawn = [call.outputs[0] for call in calls if call.kind is CallKind.DRAW]
    assert (call.inputs, call.outputs) == ((pair.public, *drawn), (shared, enc))
    check(
        lambda: kem.decap(pair.secret, enc),
        f"decapsulate {name}",
        (pair.secret, enc),
        kind=CallKind.DECAPSULATE,
    )
    assert kem.decap(pair.secret, enc) == shared


def test_secret_keys_are_derived():
    secret: Any = bytearray(KEY)
    check(lambda: DHKEM_X25519.derive_secret(secret), "secret key KEM 0x0020", (KEY,))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_hpke(number):
    suite: Any = cipher_suite(number).hpke
    pair = suite.kem.derive_key_pair(KEY * 2)
    name = f"HPKE {suite.kem.id:#06x} {suite.kdf.kdf_id} {suite.aead.id}"
    info: Any
    for info, told in ((b"info", name), (suite.hashed(b"info"), f"{name} hashed")):
        sealed, calls = recorded(
            lambda info=info: suite.seal(pair.public, info, b"aad", KEY, SeededRandomness(1))
        )
        (call,) = [call for call in calls if call.kind is CallKind.SEAL]
        drawn = [call.outputs[0] for call in calls if call.kind is CallKind.DRAW]
        length = suite.kdf.length
        hashed = b"info" if info == b"info" else info.schedule_context[-length:]
        assert call.function == told
        assert call.inputs == (pair.public, hashed, b"aad", KEY, *drawn)
        assert call.outputs == (sealed.kem_output, sealed.ciphertext)
        assert sealed == suite.seal(pair.public, info, b"aad", KEY, SeededRandomness(1))
        check(
            lambda info=info: b"".join(suite.key_schedule(KEY, info)),
            f"key schedule {told}",
            (KEY, hashed),
            suite.key_schedule(KEY, info),
        )
    ciphertext = HpkeCiphertext(sealed.kem_output, sealed.ciphertext)
    check(
        lambda: suite.open(pair.secret, ciphertext, b"info", b"aad"),
        name,
        (pair.secret, sealed.kem_output, b"info", b"aad", sealed.ciphertext),
        kind=CallKind.OPEN,
    )
    check(
        lambda: suite.labeled_expand(KEY, b"label", b"info", 20),
        f"LabeledExpand {name} 20",
        (KEY, b"label", b"info"),
    )


def test_contexts_are_seen_through_the_calls_they_make():
    suite = cipher_suite(1).hpke
    pair = suite.kem.derive_key_pair(KEY)

    def exported():
        _, context = suite.setup_sender(pair.public, b"info", SeededRandomness(1))
        return context.seal(b"", KEY), context.export(b"context", 32)

    result, calls = recorded(exported)
    assert result == exported()
    outputs = [output for call in calls for output in call.outputs]
    assert set(result) <= set(outputs)
    assert {call.kind for call in calls} == {
        CallKind.DRAW,
        CallKind.ENCAPSULATE,
        CallKind.DERIVE,
        CallKind.AEAD,
    }


@pytest.mark.parametrize("number", [1, 2, 3])
def test_hash_mac_and_aead_of_a_suite(number):
    suite: Any = cipher_suite(number)
    name = suite.kdf.name
    check(lambda: suite.kdf.digest(DATA), f"hash {name}", (DATA,))
    check(lambda: suite.kdf.mac(bytearray(KEY), DATA), f"HMAC {name}", (KEY, DATA))
    check(lambda: suite.kdf.extract(SALT, KEY), f"HKDF-Extract {name}", (SALT, KEY))
    check(lambda: suite.kdf.expand(KEY, DATA, 50), f"HKDF-Expand {name} 50", (KEY, DATA))
    key, nonce = KEY[: suite.aead.key_length], SALT[:12]
    sealed = suite.aead.seal(key, nonce, b"aad", DATA)
    kind, told = CallKind.AEAD, f"AEAD {suite.aead.id}"
    inputs = (key, nonce, b"aad", DATA)
    check(lambda: suite.aead.seal(bytearray(key), nonce, b"aad", DATA), told, inputs, kind=kind)
    check(
        lambda: suite.aead.open(key, bytearray(nonce), b"aad", sealed),
        told,
        inputs,
        (sealed,),
        kind,
    )


@pytest.mark.parametrize("group", [X25519, X448, P256, P384, P521], ids=lambda group: group.name)
def test_groups(group):
    secret = bytes(1) + b"\x07" * (group.secret_length - 1)
    other = bytes(1) + b"\x09" * (group.secret_length - 1)
    public = group.public_bytes(other)
    check(
        lambda: group.public_bytes(other),
        f"public key {group.name}",
        (other,),
        kind=CallKind.PUBLIC_KEY,
    )
    check(
        lambda: group.exchange(secret, public)[0],
        f"exchange {group.name}",
        (secret, public),
        group.exchange(secret, public),
        CallKind.EXCHANGE,
    )


@pytest.mark.parametrize("scheme", [ED25519, ECDSA_P256])
def test_signatures(scheme):
    pair, calls = recorded(lambda: scheme.generate_key_pair(SeededRandomness(1)))
    (call,) = [call for call in calls if call.kind is CallKind.KEY_PAIR]
    drawn = tuple(call.outputs[0] for call in calls if call.kind is CallKind.DRAW)
    assert (call.inputs, call.outputs) == (drawn, (pair.public, pair.secret))
    signature, calls = recorded(lambda: scheme.sign(pair.secret, DATA))
    (call,) = [call for call in calls if call.kind is CallKind.DERIVE]
    assert (call.inputs, call.outputs) == ((pair.secret, DATA), (signature,))
    scheme.verify(pair.public, DATA, signature)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (x25519, "X25519PrivateKey"),
        (x448, "X448PrivateKey"),
    ],
)
def test_exchanges_of_the_library(module, name):
    size = 32 if name.startswith("X25519") else 56
    secret, other = b"\x07" * size, b"\x09" * size

    def exchanged():
        key = getattr(module, name).from_private_bytes(secret)
        theirs = getattr(module, name).from_private_bytes(other).public_key()
        assert isinstance(key, getattr(module, name))
        assert key.private_bytes_raw() == secret
        return key.exchange(theirs)

    plain = exchanged()
    result, calls = recorded(exchanged)
    assert result == plain
    own = getattr(module, name).from_private_bytes(secret).public_key().public_bytes_raw()
    public = getattr(module, name).from_private_bytes(other).public_key().public_bytes_raw()
    group = name.removesuffix("PrivateKey")
    assert [(call.kind, call.function, call.inputs, call.outputs) for call in calls] == [
        (CallKind.PUBLIC_KEY, f"public key {group}", (other,), (public,)),
        (CallKind.EXCHANGE, f"exchange {group}", (secret, public), (plain, own)),
    ]


def test_curves_of_the_library():
    def exchanged():
        key = ec.derive_private_key(7, ec.SECP384R1())
        theirs = ec.derive_private_key(9, ec.SECP384R1())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.exchange(ec.ECDH(), theirs.public_key())

    plain = exchanged()
    result, calls = recorded(exchanged)
    assert result == plain
    (call,) = [call for call in calls if call.kind is CallKind.EXCHANGE]
    assert call.inputs[0] == (7).to_bytes(48, "big")
    assert call.outputs[0] == plain
    assert P384.exchange((7).to_bytes(48, "big"), call.inputs[1]) == call.outputs


@pytest.mark.parametrize(
    ("make", "verify"),
    [
        (lambda: ed25519.Ed25519PrivateKey.from_private_bytes(KEY), ()),
        (lambda: ed448.Ed448PrivateKey.from_private_bytes(KEY + KEY[:25]), ()),
        (lambda: ec.derive_private_key(7, ec.SECP256R1()), (ec.ECDSA(hashes.SHA256()),)),
    ],
)
def test_signatures_of_the_library(make, verify):
    def signed():
        key = make()
        return key.public_key(), key.sign(DATA, *verify)

    (public, signature), calls = recorded(signed)
    public.verify(signature, DATA, *verify)
    (call,) = [call for call in calls if call.kind is CallKind.DERIVE]
    assert (call.inputs[1], call.outputs) == (DATA, (signature,))


@pytest.mark.parametrize("name", ["AESGCM", "AESCCM", "AESOCB3", "ChaCha20Poly1305"])
def test_aeads_of_the_library(name):
    nonce = SALT[:12]
    sealed = getattr(aead, name)(KEY).encrypt(nonce, DATA, None)
    for data in (None, b"aad"):
        sealed = getattr(aead, name)(KEY).encrypt(nonce, DATA, data)
        inputs = (KEY, nonce, data or b"", DATA)
        check(
            lambda data=data: getattr(aead, name)(bytearray(KEY)).encrypt(nonce, DATA, data),
            f"AEAD {name}",
            inputs,
            kind=CallKind.AEAD,
        )
        check(
            lambda data=data, sealed=sealed: getattr(aead, name)(KEY).decrypt(nonce, sealed, data),
            f"AEAD {name}",
            inputs,
            (sealed,),
            CallKind.AEAD,
        )


@pytest.mark.parametrize(
    ("make", "function", "rest"),
    [
        (
            lambda: hkdf.HKDF(hashes.SHA256(), 20, SALT, b"info"),
            "HKDF sha256 20",
            (SALT, b"info"),
        ),
        (
            lambda: hkdf.HKDF(algorithm=hashes.SHA512(), length=20, salt=None, info=None),
            "HKDF sha512 20",
            (b"", b""),
        ),
        (
            lambda: hkdf.HKDFExpand(hashes.SHA256(), length=20, info=b"info"),
            "HKDF-Expand sha256 20",
            (b"info",),
        ),
        (lambda: pbkdf2.PBKDF2HMAC(hashes.SHA256(), 32, SALT, 3), "KDF PBKDF2HMAC", (SALT,)),
        (lambda: scrypt.Scrypt(SALT, 32, 4, 1, 1), "KDF Scrypt", (SALT,)),
        (
            lambda: concatkdf.ConcatKDFHash(hashes.SHA256(), 32, b"info"),
            "KDF ConcatKDFHash",
            (b"info",),
        ),
        (
            lambda: concatkdf.ConcatKDFHMAC(hashes.SHA256(), 32, SALT, otherinfo=b"info"),
            "KDF ConcatKDFHMAC",
            (SALT, b"info"),
        ),
        (lambda: x963kdf.X963KDF(hashes.SHA256(), 32, b"info"), "KDF X963KDF", (b"info",)),
    ],
)
def test_key_derivation_of_the_library(make, function, rest):
    check(lambda: make().derive(KEY), function, (KEY, *rest))


def test_hashes_of_the_library():
    def hashed(made):
        made.update(DATA[:4])
        twin = made.copy()
        twin.update(bytearray(DATA[4:]))
        return twin.finalize()

    check(lambda: hashed(hashes.Hash(hashes.SHA256())), "hash sha256", (DATA,))
    check(lambda: hashed(library_hmac.HMAC(KEY, hashes.SHA512())), "HMAC sha512", (KEY, DATA))


def test_ciphers_of_the_library():
    def encrypted():
        stream = ciphers.Cipher(algorithms.AES(KEY), modes.CTR(SALT)).encryptor()
        return stream.update(DATA[:4]) + stream.update(DATA[4:]) + stream.finalize()

    sealed = encrypted()

    def decrypted():
        stream = ciphers.Cipher(algorithms.ChaCha20(KEY, SALT), None).decryptor()
        return stream.update(sealed) + stream.finalize()

    inputs = (KEY, SALT, b"", DATA)
    check(encrypted, "cipher", inputs, kind=CallKind.AEAD)
    inputs = (KEY, SALT, b"", decrypted())
    check(decrypted, "cipher", inputs, (sealed,), CallKind.AEAD)


def test_hpke_of_the_library():
    key = x25519.X25519PrivateKey.from_private_bytes(KEY)

    def suite():
        return hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)

    public = key.public_key()
    sealed, calls = recorded(lambda: suite().encrypt(DATA, public, b"info"))
    (call,) = calls
    assert (call.kind, call.outputs) == (CallKind.SEAL, (b"", sealed))
    assert call.inputs == (public.public_bytes_raw(), b"info", b"", DATA)

    def opened():
        own = x25519.X25519PrivateKey.from_private_bytes(KEY)
        return suite().decrypt(sealed, own, info=b"info")

    check(opened, "HPKE of the library", call.inputs, (b"", sealed), CallKind.SEAL)


def test_every_entry_of_the_tables_has_a_test():
    """A primitive that is added to a table must be added to this file."""
    assert len(SHORT) == 12
    assert {each.__name__ for each in LIBRARY} == {
        *("X25519PrivateKey", "X448PrivateKey", "Ed25519PrivateKey", "Ed448PrivateKey"),
        *(
            "EllipticCurvePrivateKey",
            "generate_private_key",
            "derive_private_key",
            "Hash",
            "HMAC",
            "Cipher",
            "Suite",
        ),
        *("AESGCM", "AESCCM", "AESOCB3", "ChaCha20Poly1305", "HKDF", "HKDFExpand", "X963KDF"),
        *("PBKDF2HMAC", "Scrypt", "ConcatKDFHash", "ConcatKDFHMAC"),
    }
    assert len(STANDARD_LIBRARY) == len(ALGORITHMS) + 6
    assert len(list(suite_patches())) == 27
    assert Aead.seal.__name__ == "seal"
