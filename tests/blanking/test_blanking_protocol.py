"""TreeKEM with blanking, counted in real messages (specification T4 and T7)."""

import pytest

from ttkem.blanking import NAME, NAME_WITH_COMMIT, treekem, treekem_with_commit
from ttkem.crypto import SUITES, cipher_suite

BEST = {8: 10, 16: 34, 32: 98, 64: 258, 128: 642, 256: 1538}


def bit_reversed(count):
    bits = count.bit_length() - 1
    return sorted(range(count), key=lambda n: int(f"{n:0{bits}b}"[::-1], 2))


def unblank(make_group, size, pairs, *, only_authors=False):
    """Let one of each pair but the creator's update; ``only_authors``: only they listen."""
    names = [f"m{n}" for n in range(size)]
    authors = [f"m{2 * pair}" for pair in pairs if pair]
    only = {"m0", *authors} if only_authors else None
    group = make_group(names, only=only, protocol=treekem())
    total = 0
    for author in authors:
        total += group.update(author).ciphertexts
        if only_authors:
            del group.members[author]
    assert all(group["m0"].tree.internal(node) for node in range(1, 2 * size - 1, 2))
    group.check()
    return total


@pytest.mark.parametrize("size", [8, 16, 32])
def test_bit_reversal_order_is_best(make_group, size):
    assert unblank(make_group, size, bit_reversed(size // 2)) == BEST[size]
    levels = size.bit_length() - 1
    assert BEST[size] == size * (levels - 2) + 2


@pytest.mark.thorough
@pytest.mark.parametrize("size", [64, 128, pytest.param(256, marks=pytest.mark.slow)])
def test_bit_reversal_order_in_large_groups(make_group, size):
    assert unblank(make_group, size, bit_reversed(size // 2), only_authors=True) == BEST[size]


@pytest.mark.slow
def test_left_to_right_is_dear(make_group):
    assert unblank(make_group, 256, range(128), only_authors=True) == 16577


@pytest.mark.parametrize("protocol", [treekem, treekem_with_commit])
def test_adding_and_removing_blank_a_path(make_group, protocol):
    group = make_group([f"m{n}" for n in range(8)], protocol=protocol())
    for name in ("m2", "m4", "m6"):
        group.update(name)
    group.remove("m0", "m6")
    tree = group["m0"].tree
    assert tree.internal(13) is None
    assert tree.internal(11) is None
    assert tree.resolution(11) == (9, 14)
    assert tree.internal(5) is not None
    assert (tree.internal(7) is None) == (protocol is treekem)
    group.add("m1", "new")
    assert group["m0"].tree.leaf_of["new"] == 6
    assert group["m0"].tree.resolution(13) == (12, 14)
    group.update("m3")
    group.check()


def test_without_commit_nothing_is_sent(make_group):
    group = make_group(protocol=treekem())
    added = group.add("ann", "eve")
    removed = group.remove("bob", "eve")
    assert (added.ciphertexts, added.refreshed) == (0, ())
    assert (removed.ciphertexts, removed.refreshed) == (0, ())


def test_with_commit_every_operation_is_an_update(make_group):
    group = make_group(protocol=treekem_with_commit())
    before = group["ann"].tree.leaf(0).public_key
    operation = group.remove("ann", "dan")
    assert operation.refreshed == (1, 3)
    assert group["bob"].tree.leaf(0).public_key != before
    assert group.add("ann", "eve").refreshed == (1, 3)
    group.check()


def test_protocols_are_told_apart_by_name():
    assert (treekem().name, treekem_with_commit().name) == (NAME, NAME_WITH_COMMIT)
    assert treekem(cipher_suite(3)).suite is SUITES[3]
    assert treekem_with_commit("MLS_128_DHKEMP256_AES128GCM_SHA256_P256").suite is SUITES[2]
