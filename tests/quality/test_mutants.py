"""The matrix of seeded bugs is exact: each is found by the layer named, with the words named."""

from collections import Counter

import pytest
from layers import LAYERS, executed_attack, insider, specification
from mutants import LISTED, MATRIX
from mutants_mls import MLS
from mutants_without_tree import WITHOUT_TREE

from ttkem.adversary import Windows
from ttkem.tainted import tainted_treekem
from ttkem.testing import CHECKS, carry_out


def killed(mutant, seed, monkeypatch):
    """Fail unless the layer says the mutant's words; its runs are bounded in examples and steps."""
    said = []
    for found in LAYERS[mutant.layer](mutant.protocol(monkeypatch), seed):
        said.append(found)
        if mutant.message in found:
            break
    else:
        pytest.fail(f"{mutant.name!r} is alive: {mutant.layer} says {said}")


@pytest.mark.parametrize("mutant", MATRIX, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed(mutant, monkeypatch):
    killed(mutant, "1", monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["2", "3"])
@pytest.mark.parametrize("mutant", MATRIX, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed_on_other_seeds(mutant, seed, monkeypatch):
    killed(mutant, seed, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", LISTED, ids=lambda mutant: mutant.name)
def test_a_listed_mutant_dies_on_every_seed(mutant):
    """By the named suite of ``pytest --cgka`` at its defaults."""
    checks = [check for check in CHECKS if check.suite == mutant.layer]
    with pytest.MonkeyPatch.context() as monkeypatch:
        protocol = mutant.protocol(monkeypatch)
        for seed in map(str, range(20)):
            results = (carry_out(check, protocol, seed, shrunk=False) for check in checks)
            said = (f"{result.broken}: {result.seen}" for result in results)
            assert any(mutant.message in words for words in said), f"alive on seed {seed}"


def test_the_matrix_has_what_it_must():
    names = Counter(mutant.name for mutant in MATRIX)
    assert max(names.values()) == 1
    assert len(MATRIX) >= 100
    assert len(MLS) >= 20
    assert len(WITHOUT_TREE) >= 10
    assert len(LISTED) == 12
    layers = Counter(mutant.layer for mutant in MATRIX)
    assert set(layers) <= set(LAYERS)
    assert layers["sampled secrets"] >= 10
    assert layers["executed attack"] >= 4
    assert all(mutant.rule and mutant.message for mutant in MATRIX)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_layers_say_nothing_of_the_true_protocol(seed):
    protocol = tainted_treekem()
    assert list(specification(protocol, seed)) == []
    assert list(insider(protocol, seed)) == []
    assert list(executed_attack(Windows, seed)) == []
