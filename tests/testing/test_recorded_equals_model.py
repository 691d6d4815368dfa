"""The recorded knowledge graph of Tainted TreeKEM is that of the symbolic model."""

import pytest
from broken_rules import node_keys_by_h1, patched
from recorded_campaigns import Figures, compared, played, sent

from ttkem.cgka import seeds
from ttkem.testing.knowledge import RecordedGraph


def agree(seeds, steps):
    total = Figures()
    for seed in seeds:
        total.add(compared(seed, steps))
    assert total.differences == []
    assert (total.unseen, total.unknown) == (0, 0)
    assert total.group_keys == total.operations
    assert 0 < total.derivable < total.pairs
    return total


def test_key_by_key_and_atom_by_atom():
    total = agree(range(2), 60)
    assert total.campaigns == 2
    assert total.secret_keys > total.group_keys > 20


@pytest.mark.thorough
def test_on_longer_campaigns():
    assert agree(range(2, 22), 120).pairs > 200_000


@pytest.mark.slow
def test_on_200_campaigns_of_500_steps():
    total = agree(range(200), 500)
    assert total.campaigns == 200
    assert total.pairs > 50_000_000


def test_a_rule_that_is_missing_is_a_difference(monkeypatch):
    """Negative twin: without decryption, the record derives less than the model."""
    derive = RecordedGraph._derive

    def forgetful(self, call):
        if "HPKE" not in call.function:
            derive(self, call)

    monkeypatch.setattr(RecordedGraph, "_derive", forgetful)
    told = [each for seed in range(4) for each in compared(seed, 60).differences]
    assert told
    assert all(each.endswith("only the model derives it") for each in told)


def test_a_secret_that_leaks_is_a_difference(monkeypatch):
    """Negative twin: the model knows nothing of a key that travels beside the messages."""
    game, _ = played(0, 60)
    key = next(iter(game.real.keys.values()))
    monkeypatch.setattr(
        "recorded_campaigns.sent", lambda game: {**sent(game), "a note": b"note" + key}
    )
    told = compared(0, 60).differences
    assert [each for each in told if each.endswith("is public")]


def test_a_weak_derivation_is_a_difference(monkeypatch):
    """Negative twin: a node's keying material is its next seed; the model keeps them apart."""
    protocol = patched(seeds, "node_keys", node_keys_by_h1)(monkeypatch)
    told = [each for seed in range(3) for each in compared(seed, 60, protocol).differences]
    assert told
    assert all(each.endswith("only the record derives it") for each in told)
