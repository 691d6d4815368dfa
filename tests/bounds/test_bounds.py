"""Bounds against exact arithmetic; monotone; the inverse is one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ttkem.bounds import (
    BEFORE,
    BOUNDS,
    ROM,
    STANDARD,
    STRENGTHS,
    Guarantee,
    LossIs,
    Standing,
    depth,
    guarantee,
    log2_loss_of_secrets,
    loss_of_secrets,
    most_operations,
    strength_of,
)
from ttkem.crypto import SUITES
from ttkem.errors import LocalError

BOUND = st.sampled_from(BOUNDS)
MEMBERS = st.integers(2, 300) | st.integers(0, 15).map(lambda power: 2 << power)
OPERATIONS = st.integers(1, 1000) | st.integers(0, 40).map(lambda power: 1 << power)
POWERS = {
    "rom": lambda n, q: [8] + 2 * [n * q],
    "standard": lambda n, q: [5, n, n] + (2 + math.ceil(math.log2(n))) * [q],
    "before": lambda n, q: n * [n * q],
}
"""The factors of each loss, written out."""


@given(BOUND, st.integers(2, 300), OPERATIONS)
def test_the_loss_is_the_product(bound, members, operations):
    product = math.prod(POWERS[bound.name](members, operations))
    assert bound.loss(members, operations) == product
    assert math.isclose(bound.log2_loss(members, operations), math.log2(product), rel_tol=1e-12)


def test_the_logarithm_of_a_number_with_a_million_digits():
    members, operations = 1 << 15, 1 << 40
    assert BEFORE.loss(members, operations) == 1 << 55 * members
    assert BEFORE.log2_loss(members, operations) == 55 * members
    assert STANDARD.loss(members, operations) == 5 << 30 + 17 * 40
    assert ROM.log2_loss(members, operations) == 3 + 2 * 55
    assert BEFORE.log2_loss(10**30, 10**30) == pytest.approx(10**30 * 60 * math.log2(10))


@given(BOUND, MEMBERS, OPERATIONS)
def test_more_members_or_operations_lose_more(bound, members, operations):
    now = bound.log2_loss(members, operations)
    assert bound.log2_loss(members + 1, operations) > now
    assert bound.log2_loss(members, operations + 1) >= now
    assert bound.log2_loss(members, 2 * operations) > now
    left = guarantee(bound, 128, members, operations)
    assert guarantee(bound, 128, members, 2 * operations).bits <= left.bits
    assert guarantee(bound, 256, members, operations).bits >= left.bits


@given(BOUND, st.sampled_from([128, 192, 224, 256]), MEMBERS, st.integers(0, 260))
def test_the_inverse_is_the_inverse(bound, encryption, members, level):
    most = most_operations(bound, encryption, members=members, level=level)
    if most:
        assert guarantee(bound, encryption, members, most).bits >= level - 1e-9
        assert bound.loss(members, most) << level <= 1 << encryption
    allowed = encryption - level
    assert bound.log2_loss(members, most + 1) > allowed - 1e-9
    if bound.log2_loss(members, most + 1) < allowed + 2:
        assert bound.loss(members, most + 1) << level > 1 << encryption


@pytest.mark.parametrize(
    ("bound", "members", "level", "most"),
    [
        (ROM, 2, 0, math.isqrt(2**128 // 32)),  # 8 (2 Q)^2 = 32 Q^2
        (ROM, 2, 125, 0),
        (ROM, 1 << 20, 61, 1 << 12),  # 3 + 2 (20 + 12) = 67 = 128 - 61, exactly
        (ROM, 1 << 20, 62, 2896),  # the root of 2^23
        (STANDARD, 4, 0, 1 << 30),  # 5 * 16 * Q^4 allows log2 Q = (128 - log2 80) / 4 at most
        (BEFORE, 2, 0, 1 << 63),
        (BEFORE, 1024, 0, 0),
        (ROM, 2, 129, 0),
    ],
)
def test_most_operations(bound, members, level, most):
    found = most_operations(bound, 128, members=members, level=level)
    if bound is STANDARD:
        assert most <= found == math.isqrt(math.isqrt(2**128 // 80))
    else:
        assert found == most


def test_nothing_left_is_no_guarantee():
    assert str(guarantee(ROM, 128, 1000, 100_000)) == "71.8 bits"
    none = guarantee(STANDARD, 128, 1000, 100_000)
    assert (none.bits, none.holds, str(none)) == (0.0, False, "no guarantee")


@given(MEMBERS, OPERATIONS)
def test_a_lower_bound_on_a_loss_guarantees_nothing(members, operations):
    # Whatever a proof loses at least, it may lose more: the bits left are bounded from above.
    left = guarantee(BEFORE, 256, members, operations)
    assert not left.holds
    assert str(left).startswith(("no guarantee", "at most "))
    assert [bound for bound in BOUNDS if bound.loss_is is LossIs.AT_LEAST] == [BEFORE]


def test_a_lower_bound_that_leaves_most_guarantees_nothing():
    # Two members, nine operations: (2 * 9)^2 is the least of the three losses.
    lower, rom = guarantee(BEFORE, 128, 2, 9), guarantee(ROM, 128, 2, 9)
    assert (lower.bits, str(lower)) == (128 - 2 * math.log2(18), "at most 119.7 bits")
    assert (rom.holds, lower.holds) == (True, False)
    assert not Guarantee(64, 64.0).holds


@given(st.integers(2, 1 << 40))
def test_depth_is_the_height_of_the_smallest_tree(members):
    assert 1 << depth(members) - 1 < members <= 1 << depth(members)


@given(MEMBERS, OPERATIONS)
def test_the_first_bound_is_that_of_all_nodes_at_every_operation(members, operations):
    secrets = 2 * members * operations
    assert loss_of_secrets(secrets) == ROM.loss(members, operations)
    exact = math.log2(2 * secrets**2)
    assert log2_loss_of_secrets(secrets) == exact


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ROM.loss(1, 5), "members must be at least 2, not 1"),
        (lambda: BEFORE.log2_loss(2, 0), "operations must be at least 1, not 0"),
        (
            lambda: most_operations(ROM, 128, members=0, level=0),
            "members must be at least 2, not 0",
        ),
        (lambda: most_operations(ROM, 128, members=2, level=-1), "0 bits or more, not -1"),
        (lambda: most_operations(ROM, -1, members=2, level=0), "encryption must be 0 bits or more"),
        (lambda: most_operations(ROM, 9.5, members=2, level=0), "a whole number, not 9.5"),
        (lambda: guarantee(ROM, -1, 1000, 100), "encryption must be 0 bits or more, not -1"),
        (lambda: guarantee(ROM, math.nan, 1000, 100), "0 bits or more, not nan"),
        (lambda: guarantee(ROM, math.inf, 1000, 100), "0 bits or more, not inf"),
        (lambda: guarantee(ROM, 128, 2.5, 100), "of members must be a whole number, not 2.5"),
        (lambda: BEFORE.loss(3, 1.5), "of operations must be a whole number, not 1.5"),
        (lambda: loss_of_secrets(1.5), "of seeds must be a whole number, not 1.5"),
        (lambda: loss_of_secrets(0), "the loss of 0 seeds: give at least one seed"),
        (lambda: strength_of(9), "unknown cipher suite 9"),
    ],
)
def test_what_cannot_be(call, said):
    with pytest.raises(LocalError, match=said):
        call()


def test_every_bound_says_what_it_rests_on():
    assert [(bound.name, bound.standing) for bound in BOUNDS] == [
        ("rom", Standing.DERIVED),
        ("standard", Standing.QUOTED),
        ("before", Standing.RECALLED),
    ]
    for bound in BOUNDS:
        assert "KPWK21" in bound.source
        assert bound.constants
        assert bound.about


def test_strengths_of_all_suites():
    assert set(STRENGTHS) == set(SUITES)
    found = {number: strength.encryption for number, strength in STRENGTHS.items()}
    assert found == {1: 128, 2: 128, 3: 128, 4: 224, 5: 256, 6: 224, 7: 192, 0xF001: 192}
    for suite in SUITES.values():
        strength = strength_of(suite)
        assert strength is strength_of(suite.name) is strength_of(suite.number)
        named = suite.name.upper().replace("-", "")
        for part in (strength.kem, strength.aead, strength.signature):
            assert part.source
            if part.name != "X-Wing":
                assert part.name.upper().replace("-", "") in named
        assert strength.aead.bits <= 8 * suite.key_length
        assert 8 * suite.hash_length - strength.encryption >= 64  # the docstring's additive term
