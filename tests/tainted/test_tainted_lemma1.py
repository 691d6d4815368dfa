"""KPWK21 Lemma 1, counted in real messages."""

import random

import pytest

from ttkem.cgka.messages import Content, ControlMessage
from ttkem.wire import decode

COSTS = {8: 9, 16: 28, 32: 75, 64: 186, 128: 441, 256: 1016}


def heal(make_group, size, seed, *, only_authors=False):
    """Let every second member but the creator's pair update once; what the messages contain.

    ``only_authors``: nobody processes anything who will not author another message.
    """
    order = list(range(2, size, 2))
    random.Random(seed).shuffle(order)
    authors = [f"m{number + seed % 2}" for number in order]
    names = [f"m{n}" for n in range(size)]
    group = make_group(names, only={"m0", *authors} if only_authors else None)
    tree = group["m0"].tree
    tainted = {node for node, internal in tree.internal_nodes() if internal.taint is not None}
    assert tainted == set(range(1, 2 * size - 1, 2)) - set(tree.path(0))
    total = 0
    for author in authors:
        operation = group.update(author)
        signed = decode(ControlMessage, operation.message).signed
        sent = len(decode(Content, signed.content).ciphertexts)
        assert operation.ciphertexts == sent
        total += sent
        if only_authors:
            del group.members[author]
    assert all(internal.taint is None for _, internal in group["m0"].tree.internal_nodes())
    return total, group


@pytest.mark.sample(3)
@pytest.mark.parametrize("size", [8, 16, 32])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_untainting_costs_the_same_in_any_order(make_group, size, seed):
    total, group = heal(make_group, size, seed)
    assert total == COSTS[size] == (size // 2 - 1) * (size.bit_length() - 1)
    group.check()


@pytest.mark.thorough
@pytest.mark.parametrize("size", [64, 128, pytest.param(256, marks=pytest.mark.slow)])
def test_untainting_large_groups(make_group, size):
    total, group = heal(make_group, size, seed=1, only_authors=True)
    assert total == COSTS[size]
    group.check()


def test_an_untainted_update_sends_one_ciphertext_a_level(make_group):
    for size in (2, 4, 8, 16, 32):
        group = make_group([f"m{n}" for n in range(size)])
        assert group.update(f"m{size - 1}").ciphertexts == size.bit_length() - 1
