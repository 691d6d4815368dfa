"""Public keys of signature schemes: no small order, one encoding a key."""

import pytest

from ttkem.crypto import SUITES, SeededRandomness, cipher_suite
from ttkem.crypto.signatures import ED448, ED25519
from ttkem.errors import KeyFormatError

EDWARDS = pytest.mark.parametrize("scheme", [ED25519, ED448], ids=lambda scheme: scheme.name)


def encodings(scheme, value):
    """Return the encodings of a coordinate y with both signs, the larger ones included."""
    bits = 8 * scheme.length
    top = 1 << (bits - 1)
    values = [value, *([value + scheme.prime] if value + scheme.prime < top else [])]
    return [each.to_bytes(scheme.length, "little") for y in values for each in (y, y + top)]


@EDWARDS
def test_keys_of_small_order_are_rejected(scheme):
    for y in scheme.low_order:
        for public in encodings(scheme, y):
            with pytest.raises(KeyFormatError, match=r"low order|above the prime"):
                scheme.check_public_key(public)
            with pytest.raises(KeyFormatError, match=r"low order|above the prime"):
                scheme.verify(public, b"message", bytes(2 * scheme.length))


def test_a_signature_that_nobody_made():
    """With the identity point as key, R = identity and S = 0 are valid for each message."""
    identity = (1).to_bytes(32, "little")
    key = ED25519.public_type.from_public_bytes(identity)
    key.verify(identity + bytes(32), b"any message")  # the library accepts it
    with pytest.raises(KeyFormatError, match="low order"):
        ED25519.verify(identity, b"any message", identity + bytes(32))


@pytest.mark.parametrize(
    ("scheme", "a", "d", "cofactor"),
    [
        (ED25519, -1, -121665 * pow(121666, -1, ED25519.prime), 8),
        (ED448, 1, -39081, 4),
    ],
    ids=["ed25519", "ed448"],
)
def test_the_list_of_small_orders_is_complete(scheme, a, d, cofactor):
    """The torsion group is cyclic of the order of the cofactor; generate it."""
    p = scheme.prime

    def add(one, other):
        (x1, y1), (x2, y2) = one, other
        k = d * x1 * x2 * y1 * y2
        x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, p) % p
        return x, (y1 * y2 - a * x1 * x2) * pow(1 - k, -1, p) % p

    def root(square):
        """Return a square root modulo p, or None."""
        if p % 8 == 5:
            found = pow(square, (p + 3) // 8, p)
            if found * found % p != square % p:
                found = found * pow(2, (p - 1) // 4, p) % p
        else:
            found = pow(square, (p + 1) // 4, p)
        return found if found * found % p == square % p else None

    orders = {}
    for y in scheme.low_order:
        x = root((1 - y * y) * pow(a - d * y * y, -1, p))
        assert x is not None
        for point in {(x, y), (-x % p, y)}:
            order, multiple = 1, point
            while multiple != (0, 1):
                multiple, order = add(multiple, point), order + 1
            orders[point] = order
    assert len(orders) == cofactor
    assert all(cofactor % order == 0 for order in orders.values())


@EDWARDS
def test_a_coordinate_above_the_prime_is_no_key(scheme):
    public = (scheme.prime + 4).to_bytes(scheme.length, "little")
    with pytest.raises(KeyFormatError, match="a coordinate above the prime"):
        scheme.check_public_key(public)
    with pytest.raises(KeyFormatError, match=f"have {scheme.length} bytes, not 3"):
        scheme.check_public_key(b"abc")


@pytest.mark.parametrize("number", SUITES)
def test_the_keys_that_suites_make_are_accepted(number):
    suite = cipher_suite(number)
    pair = suite.generate_signature_key_pair(SeededRandomness(number))
    suite.check_signature_key(pair.public)
    suite.verify(pair.public, b"m", suite.sign(pair.secret, b"m"))
    with pytest.raises(KeyFormatError):
        suite.check_signature_key(pair.public[:-1])
