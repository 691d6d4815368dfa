"""Diffie-Hellman groups: rejection sampling, points that must be rejected."""

from __future__ import annotations

import re

import pytest

from ttkem.crypto import SeededRandomness, cipher_suite
from ttkem.crypto.groups import P256, P384, P521, X448, X25519, Montgomery, NistCurve
from ttkem.errors import DecryptionError, KeyFormatError


class Candidates:
    """An ``expand`` function that returns the listed candidates, and then repeats the last."""

    def __init__(self, *candidates: bytes) -> None:
        self.candidates = candidates
        self.asked: list[tuple[bytes, bytes, int]] = []

    def __call__(self, label: bytes, info: bytes, length: int) -> bytes:
        self.asked.append((label, info, length))
        return self.candidates[min(len(self.asked), len(self.candidates)) - 1]


@pytest.mark.parametrize(("curve", "size"), [(P256, 32), (P384, 48), (P521, 66)])
def test_candidates_are_rejected_until_one_is_a_scalar(curve: NistCurve, size: int) -> None:
    highest = (curve.order - 1).to_bytes(size, "big")
    order = curve.order.to_bytes(size, "big")
    expand = Candidates(bytes(size), order, b"\xff" * size, highest, b"\1" * size)
    assert curve.derive_secret(expand) == highest
    assert expand.asked == [(b"candidate", bytes((counter,)), size) for counter in range(4)]


def test_a_candidate_of_p521_has_521_bits() -> None:
    assert P521.derive_secret(Candidates(b"\xfe" + b"\1" * 65)) == b"\0" + b"\1" * 65


def test_candidates_run_out() -> None:
    expand = Candidates(bytes(32))
    with pytest.raises(KeyFormatError, match="256 candidates"):
        P256.derive_secret(expand)
    assert len(expand.asked) == 256


@pytest.mark.parametrize("curve", [P256, P384, P521], ids=lambda curve: curve.name)
def test_the_order_is_the_order(curve: NistCurve) -> None:
    # (order - 1) G = -G: the same x, the other y.
    size = curve.secret_length
    one, minus_one = (
        curve.public_bytes(scalar.to_bytes(size, "big")) for scalar in (1, curve.order - 1)
    )
    assert one[: 1 + size] == minus_one[: 1 + size]
    assert one != minus_one


@pytest.mark.parametrize("curve", [P256, P384, P521], ids=lambda curve: curve.name)
def test_bytes_that_are_not_a_key_of_a_curve(curve: NistCurve) -> None:
    size = curve.secret_length
    for scalar in (0, curve.order):
        with pytest.raises(
            KeyFormatError,
            match=f"^cannot use the {curve.name} secret key: it must be a scalar of {size} bytes",
        ):
            curve.private(scalar.to_bytes(size, "big"))
    point = curve.public_bytes((7).to_bytes(size, "big"))
    curve.check(point)
    off = point[:-1] + bytes((point[-1] ^ 1,))
    compressed = bytes((2 + (point[-1] & 1),)) + point[1 : 1 + size]
    hybrid = bytes((6 + (point[-1] & 1),)) + point[1:]
    for public in (off, compressed, hybrid, b"\0", b""):
        with pytest.raises(KeyFormatError, match=f"^cannot use the .*{re.escape(curve.name)}"):
            curve.check(public)
        with pytest.raises(KeyFormatError):
            curve.exchange((5).to_bytes(size, "big"), public)


def encodings(group: Montgomery, low: int) -> list[bytes]:
    """Return every byte string that RFC 7748 decodes to this coordinate."""
    length = 8 * group.secret_length
    values = [value for value in (low, low + group.prime) if value < 1 << group.bits]
    values += [value + (1 << group.bits) for value in values if group.bits < length]
    return [value.to_bytes(group.secret_length, "little") for value in values]


@pytest.mark.parametrize("group", [X25519, X448], ids=lambda group: group.name)
def test_points_of_low_order(group: Montgomery) -> None:
    secret = bytes(range(1, group.secret_length + 1))
    for low in group.low_order:
        for public in encodings(group, low):
            with pytest.raises(KeyFormatError, match="low order"):
                group.check(public)
            with pytest.raises(KeyFormatError, match="low order"):
                group.exchange(secret, public)
            private = group.private(secret)
            with pytest.raises(ValueError, match="shared key"):  # the library agrees
                private.exchange(group.public(public))


@pytest.mark.parametrize(
    ("group", "coefficient", "orders"),
    [(X25519, 486662, [2, 4, 4, 8, 8]), (X448, 156326, [2, 4, 4])],
    ids=["X25519", "X448"],
)
def test_the_list_of_low_order_is_complete(
    group: Montgomery, coefficient: int, orders: list[int]
) -> None:
    # Doubling is u -> (u^2 - 1)^2 / (4 u (u^2 + A u + 1)). The cofactors of curve and twist are 8
    # and 4 for Curve25519, 4 and 4 for Curve448. So there is one coordinate of order 2, which curve
    # and twist share; one of order 4 on each of them; and two of order 8 on Curve25519.
    p = group.prime

    def order(u: int) -> int:
        doublings = 2
        while u:
            below = 4 * u * (u * u + coefficient * u + 1)
            u = (u * u - 1) ** 2 * pow(below, -1, p) % p
            doublings *= 2
            assert doublings <= 8
        return doublings

    assert sorted(map(order, group.low_order)) == orders


@pytest.mark.parametrize("group", [X25519, X448], ids=lambda group: group.name)
def test_other_points_are_accepted(group: Montgomery) -> None:
    one, two = (bytes((n,)) * group.secret_length for n in (1, 2))
    public_one, public_two = group.public_bytes(one), group.public_bytes(two)
    group.check(public_one)
    assert group.exchange(one, public_two) == (group.exchange(two, public_one)[0], public_one)


@pytest.mark.parametrize("group", [X25519, X448], ids=lambda group: group.name)
def test_a_key_in_an_encoding_that_its_owner_does_not_have(group: Montgomery) -> None:
    secret = bytes((9,)) * group.secret_length
    canonical = group.public_bytes(secret)
    # The coordinate 5 is on the curve or its twist, and below all gaps above the primes.
    coordinates = [int.from_bytes(canonical, "little"), 5]
    others = [e for c in coordinates for e in encodings(group, c)[1:]]
    assert others
    group.check((5).to_bytes(group.secret_length, "little"))
    for public in others:
        with pytest.raises(KeyFormatError, match="not encoded as its owner has it"):
            group.check(public)
        reduced = int.from_bytes(public, "little") % (1 << group.bits) % group.prime
        same = reduced.to_bytes(group.secret_length, "little")
        assert group.exchange(secret, public) == group.exchange(secret, same)


def test_the_owner_of_a_key_with_the_top_bit_set_cannot_open() -> None:
    suite = cipher_suite(1)
    pair = suite.derive_key_pair(b"owner")
    marked = pair.public[:-1] + bytes((pair.public[-1] | 0x80,))
    sealed = suite.seal(marked, b"", b"", b"plaintext", SeededRandomness(1))
    with pytest.raises(DecryptionError):
        suite.open(pair.secret, sealed, b"", b"")
    with pytest.raises(KeyFormatError, match="not encoded as its owner has it"):
        suite.check_public_key(marked)
