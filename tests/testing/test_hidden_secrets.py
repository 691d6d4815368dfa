"""Protocols that hide how they compute: what is found, and what is reported as not understood."""

import base64
import hashlib
import hmac
import json
import os
import pickle
import random
import time
import zlib
from types import SimpleNamespace

import pytest
import replay_program

from ttkem.crypto.recording import Recorder, recording
from ttkem.testing.knowledge import RecordedGraph, replayed
from ttkem.testing.state_bytes import state_bytes

PUBLIC = {"a message": b"header" + bytes(range(200, 232)) + b"end"}
KNOWN = PUBLIC["a message"][6:38]
LABEL = b"next group key"


@pytest.fixture(autouse=True, scope="module")
def _primitives_are_replaced_once():
    with recording(Recorder()):
        yield


def played(compute, public=None):
    """Return the graph of a computation, what it leaked, and its key."""
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        state, key = compute()
    return RecordedGraph(recorder.calls, PUBLIC if public is None else public), state, key


def attacked(compute, public=None):
    """Return from what the key follows: "public", "state" or None; carry the derivation out."""
    public = PUBLIC if public is None else public
    graph, state, key = played(compute, public)
    number = graph.values.add(key)
    shown = graph.reading(state, "ann's state")
    known = graph.known([shown])[number]
    if not known:
        assert graph.explain(number, shown) is None
        return None, graph
    leaked = [] if known < 0 else [state]
    derivation = graph.explain(number, () if known < 0 else shown)
    document = json.loads(json.dumps(replayed(graph, derivation, number, leaked, public)))
    assert replay_program.carry_out(document) == key
    return ("public" if known < 0 else "state"), graph


def keyed(encode, stored=lambda secret: secret):
    """Return a computation: a drawn secret is stored in one way, and hashed in another."""

    def compute():
        secret = os.urandom(32)
        return b"state\x00" + stored(secret) + b"\x00", hashlib.sha256(
            LABEL + encode(secret)
        ).digest()

    return compute


def masked(secret):
    """Return the secret, masked with a value that everybody can compute."""
    mask = hashlib.sha256(KNOWN).digest()
    return bytes(a ^ b for a, b in zip(secret, mask, strict=True))


ENCODINGS = {
    "itself": lambda secret: secret,
    "twice": lambda secret: secret + b", again " + secret,
    "bytearray": lambda secret: bytes(bytearray(secret)),
    "memoryview": lambda secret: memoryview(secret).tobytes(),
    "hexadecimal": lambda secret: secret.hex().encode(),
    "capitals": lambda secret: secret.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64 without padding": lambda secret: base64.b64encode(secret).rstrip(b"="),
    "URL-safe base64": base64.urlsafe_b64encode,
    "base32": base64.b32encode,
    "decimal": lambda secret: str(int.from_bytes(secret, "big")).encode(),
    "little-endian decimal": lambda secret: str(int.from_bytes(secret, "little")).encode(),
    "list of bytes": lambda secret: str(list(secret)).encode(),
    "Python literal": lambda secret: repr(secret).encode(),
    "zlib": zlib.compress,
    "reversed": lambda secret: secret[::-1],
    "generator": lambda secret: b"".join(bytes((each,)) for each in secret),
    "hexadecimal in base64": lambda secret: base64.b64encode(b"x" + secret.hex().encode()),
    "JSON": lambda secret: json.dumps({"k": secret.hex(), "n": 7}).encode(),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_an_encoded_secret_is_found_in_states_and_in_inputs(name):
    encode = ENCODINGS[name]
    assert attacked(keyed(lambda secret: secret, encode))[0] == "state"
    found, graph = attacked(keyed(encode))
    assert (found, graph.unknown) == ("state", [])
    assert attacked(keyed(encode, encode))[0] == "state"


@pytest.mark.parametrize(
    "cut",
    [
        lambda secret: secret[:16],
        lambda secret: secret[16:],
        lambda secret: secret[7:23],
        lambda secret: secret[:8],
        lambda secret: secret[5:13],
        lambda secret: secret[:12].hex().encode(),
        lambda secret: b"a" + secret[:16] + b"b" + secret[16:],
        lambda secret: secret[16:] + secret[:16],
        lambda secret: bytes(16) + secret[3:],
    ],
)
def test_a_piece_is_found(cut):
    found, graph = attacked(keyed(cut))
    assert (found, graph.unknown) == ("state", [])


def test_a_secret_in_two_fields_is_put_together():
    found, graph = attacked(
        keyed(lambda secret: secret, lambda secret: secret[:16] + b" and " + secret[16:])
    )
    assert (found, graph.unknown) == ("state", [])
    assert attacked(keyed(lambda s: s, lambda s: s[:16] + b" and " + s[17:]))[0] is None
    assert attacked(keyed(lambda s: s, lambda s: s[:20] + b" and " + s[12:]))[0] == "state"


def test_masks():
    assert attacked(keyed(masked, lambda secret: secret))[0] == "state"
    assert attacked(keyed(lambda secret: secret, masked))[0] == "state"

    def two_shares():
        secret, pad = os.urandom(32), os.urandom(32)
        share = bytes(a ^ b for a, b in zip(secret, pad, strict=True))
        return share + b"|" + pad, hashlib.sha256(secret).digest()

    def one_share():
        secret, pad = os.urandom(32), os.urandom(32)
        share = bytes(a ^ b for a, b in zip(secret, pad, strict=True))
        return share, hashlib.sha256(secret + pad[:0]).digest()

    assert attacked(two_shares)[0] == "state"
    assert attacked(one_share)[0] is None


def test_keys_of_macs_and_repeated_hashes():
    def from_integer():
        number = int.from_bytes(os.urandom(32), "big")
        state = SimpleNamespace(number=number)
        key = hmac.new(number.to_bytes(32, "big"), LABEL, "sha256").digest()
        return state_bytes(state), key

    def many_times():
        key = secret = os.urandom(32)
        for _ in range(20):
            key = hashlib.sha256(key).digest()
        return pickle.dumps({"secret": secret}), hashlib.sha3_256(key + LABEL).digest()

    def one_of_two():
        one, other = os.urandom(32), os.urandom(32)
        return one, hashlib.sha256(one + other).digest()

    assert attacked(from_integer)[0] == "state"
    assert attacked(many_times)[0] == "state"
    assert attacked(one_of_two)[0] is None


def test_what_anybody_can_compute_is_public():
    def of_public():
        return b"", hashlib.sha256(LABEL + KNOWN).digest()

    def of_the_clock():
        return b"", hashlib.sha256(str(time.time_ns()).encode()).digest()

    def of_a_small_number():
        return b"", hashlib.sha256(random.Random(1).randbytes(4)).digest()

    for compute in (of_public, of_the_clock, of_a_small_number):
        assert attacked(compute)[0] == "public"


def test_a_key_that_travels_masked_is_public():
    recorder = Recorder()
    with recording(recorder), recorder.acting("ann", 0):
        key, pad = hashlib.sha256(os.urandom(32)).digest(), os.urandom(32)
        share = bytes(a ^ b for a, b in zip(key, pad, strict=True))
    public = {"one": b"share" + share, "other": b"pad" + pad}
    graph = RecordedGraph(recorder.calls, public)
    number = graph.values.number(key)
    assert graph.known(())[number] < 0
    document = replayed(graph, graph.explain(number, ()), number, [], public)
    assert replay_program.carry_out(document) == key


BY_A_CONSTANT = {
    "complement": lambda secret: bytes(255 - each for each in secret),
    "constant mask": lambda secret: bytes(each ^ 0x5C for each in secret),
}


@pytest.mark.parametrize("name", BY_A_CONSTANT)
def test_a_secret_under_a_constant_mask_is_found(name):
    def compute():
        drawn = os.urandom(32)
        return BY_A_CONSTANT[name](drawn), hashlib.sha256(LABEL + drawn).digest()

    def used():
        drawn = os.urandom(32)
        return drawn, hashlib.sha256(LABEL + BY_A_CONSTANT[name](drawn)).digest()

    for each in (compute, used):
        found, graph = attacked(each)
        assert found == "state"
        assert graph.unknown == []


STRANGE = {
    "public mask": lambda secret: bytes(a ^ b for a, b in zip(secret, KNOWN, strict=True)),
    "base85": base64.b85encode,
    "swapped": lambda secret: b"".join(secret[i : i + 2][::-1] for i in range(0, 32, 2)),
    "shifted": lambda secret: (int.from_bytes(secret, "big") << 3).to_bytes(33, "big"),
    "every other byte of two": lambda secret: b"".join(
        bytes(pair) for pair in zip(secret[:16], secret[16:], strict=True)
    ),
}


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("seed", range(3))
def test_what_is_not_understood_is_reported(name, seed):
    secret = random.Random(seed).randbytes(32)

    def compute():
        drawn = os.urandom(32)
        return drawn, hashlib.sha256(LABEL + STRANGE[name](drawn)).digest()

    found, graph = attacked(compute)
    assert found is None
    assert [where for where, _ in graph.unknown] == ["hash sha256"]
    graph, _, _ = played(lambda: (b"", hashlib.sha256(b"x").digest()))
    graph.reading(b"state" + STRANGE[name](secret), "ann's state")
    assert [where for where, _ in graph.unknown] == ["ann's state"]


def test_randomness_that_is_not_recorded_is_reported():
    def compute():
        secret = random.Random("a seed").randbytes(32)
        return secret, hashlib.sha256(LABEL + secret).digest()

    found, graph = attacked(compute)
    assert found is None
    assert [where for where, _ in graph.unknown] == ["hash sha256"]


def test_ordinary_text_and_numbers_are_not_reported():
    graph, _, _ = played(lambda: (b"", hashlib.sha256(b"x").digest()))
    for data in (
        b"ttkem member\x0a\x00\x01\x05TTKEM\x00\x01\x02m0",
        b"application_export_label of the derive-external-init-secret",
        bytes(range(64)),
        b"".join(number.to_bytes(2, "big") for number in range(100)),
        json.dumps({"epoch": 12, "roster": ["ann", "bob"], "pending": None}).encode(),
        b"/usr/lib/python3/dist-packages/cryptography/hazmat/primitives",
        b"\xff" * 64,
        "prénom: Zoë Müller, où?".encode(),
    ):
        graph.reading(data, "state")
    assert graph.unknown == []
