"""An untainted update with real cryptography: growth with the group, and distance to the floor.

Everything compared is measured in turn within one run, because machines drift. The *floor* of an
operation is the sum of the primitive operations that it cannot do without, on the same suite:
for the author the seals, key derivations and the signature; for a receiver one open, its key
derivations, the signature check; and for both the hashing of the message.
"""

import gc
import os
from statistics import median
from time import process_time

import pytest

from ttkem.cgka.messages import Content, ControlMessage
from ttkem.crypto import SystemRandomness, cipher_suite
from ttkem.tainted import tainted_treekem
from ttkem.wire import decode

SMALL = 1_000
LARGE = int(os.environ.get("TTKEM_BENCH_LARGE", "32000"))
ROUNDS = 60
SUITE = cipher_suite(1)
RANDOMNESS = SystemRandomness()


def make_pair(size):
    """Return two members of a fresh group of ``size``, far apart in the tree, who taint nothing."""
    pki = {}
    protocol = tainted_treekem(SUITE)
    members = [protocol.member(f"member {number}", pki, RANDOMNESS) for number in range(size)]
    pki.update({member.identity: member.signature_key for member in members})
    creator = members[0]
    operation = creator.create([member.key_package() for member in members[1:]])
    welcome = operation.make_welcome()
    pair = [members[size // 4 + 1], members[size // 2]]
    for member in pair:
        member.join(welcome)
    return pair


def timed(function):
    start = process_time()
    result = function()
    return process_time() - start, result


def author_floor(message):
    content = decode(Content, decode(ControlMessage, message).signed.content)
    seed, signature = b"s" * SUITE.hash_length, SUITE.generate_signature_key_pair(RANDOMNESS)
    to = SUITE.generate_key_pair(RANDOMNESS).public

    def primitives():
        for _ in content.ciphertexts:
            SUITE.seal(to, b"", b"", seed, RANDOMNESS)
        for _ in range(len(content.public_keys) + 1):
            SUITE.derive_key_pair(seed)
        SUITE.hash(message)
        SUITE.sign(signature.secret, message)

    return timed(primitives)[0]


def receiver_floor(message, learned):
    """Return the receiver's floor; each of the ``learned`` node keys is one key derivation."""
    seed, signature = b"s" * SUITE.hash_length, SUITE.generate_signature_key_pair(RANDOMNESS)
    pair = SUITE.generate_key_pair(RANDOMNESS)
    sealed = SUITE.seal(pair.public, b"", b"", seed, RANDOMNESS)
    signed = SUITE.sign(signature.secret, message)

    def primitives():
        SUITE.open(pair.secret, sealed, b"", b"")
        for _ in range(learned):
            SUITE.derive_key_pair(seed)
        SUITE.hash(message)
        SUITE.verify(signature.public, message, signed)

    return timed(primitives)[0]


def one_round(pair, figures):
    author, receiver = pair
    before = receiver.state.group.secrets
    created, operation = timed(author.update)
    processed, _ = timed(lambda: receiver.process(operation.message))
    author.confirm(operation.id)
    after = receiver.state.group.secrets
    learned = sum(after[node] != before[node] for node in after)
    assert operation.ciphertexts == author.tree.capacity.bit_length() - 1
    figures["create"].append(created)
    figures["process"].append(processed)
    figures["create floor"].append(author_floor(operation.message))
    figures["process floor"].append(receiver_floor(operation.message, learned))
    pair.reverse()


@pytest.fixture(scope="module")
def figures():
    pairs = {SMALL: make_pair(SMALL), LARGE: make_pair(LARGE)}
    names = ("create", "process", "create floor", "process floor")
    measured = {size: {name: [] for name in names} for size in pairs}
    gc.collect()
    gc.disable()
    for number in range(ROUNDS + 5):
        for size, pair in pairs.items():
            one_round(pair, measured[size] if number >= 5 else {name: [] for name in names})
    gc.enable()
    medians = {
        size: {name: median(values) for name, values in by.items()} for size, by in measured.items()
    }
    print()
    for size, by in medians.items():
        row = "  ".join(f"{name} {1000 * value:.2f} ms" for name, value in by.items())
        print(f"{size:>6} members: {row}")
    return medians


@pytest.mark.parametrize("name", ["create", "process"])
def test_growth_from_small_to_large(figures, name):
    ratio = figures[LARGE][name] / figures[SMALL][name]
    print(f"\n{name}: {LARGE} members take {ratio:.2f} x {SMALL} members")
    assert ratio < 2


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("name", ["create", "process"])
def test_distance_to_the_floor(figures, name, size):
    ratio = figures[size][name] / figures[size][f"{name} floor"]
    print(f"\n{name} at {size} members: {ratio:.2f} x the floor")
    assert ratio < 2.5
