"""The symbolic model against the real protocol: the same traces on both, compared at every step."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.adversary.test_game import NAMES, START
from ttkem.adversary import (
    STRATEGIES,
    Add,
    Confirm,
    Deliver,
    EraseKeys,
    PairedGame,
    Player,
    Reject,
    Remove,
    SampleKey,
    SymbolicGame,
    TaintRules,
    Update,
    Violation,
    play_symbolically,
)
from ttkem.adversary.paired import compare
from ttkem.adversary.rules import above, below, children, path
from ttkem.errors import LocalError
from ttkem.tainted import tainted_treekem
from ttkem.tree import math

STEPS: tuple[Any, ...] = (
    *START,
    SampleKey("eve", 3),
    Add("cat", 1, 3),
    Confirm(1),
    *(Deliver(1, who) for who in ("ann", "bob", "dan", "eve")),
    Update("eve", 2),
    Update("ann", 3),
    Reject(2),
    Deliver(3, "bob"),
    Deliver(3, "dan"),
    Confirm(3),
    Remove("bob", 4, "ann"),
    Confirm(4),
    Deliver(4, "ann"),
    Deliver(4, "dan"),
    EraseKeys("ann"),
)


def test_tree_arithmetic_is_that_of_the_array_tree():
    for leaf in range(16):
        assert path(leaf, 4) == math.direct_path(2 * leaf, 16)
    for node in range(31):
        leaves = [leaf for leaf in range(16) if math.spans(node, 2 * leaf)]
        assert below(node) == sum(1 << leaf for leaf in leaves)
        if node & 1:
            assert children(node) == (math.left(node), math.right(node))
            assert above(node, 4) == math.direct_path(node, 16)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_random_traces_are_the_same_on_both(name):
    for number in range(3):
        chance = Random(f"{name} {number}")
        names = tuple(f"m{n}" for n in range(chance.randint(2, 9)))
        pair = PairedGame(tainted_treekem(), f"{name} {number}", names)
        player = Player(STRATEGIES[name], pair.real.ledger, chance, len(names))
        for _ in range(80):
            pair.play(player.step())
        assert pair.findings == pair.real.findings == pair.model.findings == []
        assert not pair.over
        member: Any
        for who, member in pair.real.members.items():
            state = pair.model.states[who]
            assert member.in_group == (state.now is not None)
            if state.now:
                assert sorted(member.state.group.secrets) == sorted(state.now.secrets)
                assert member.epoch == pair.model.ledger.made[state.now.op].epoch
            assert len(member.state.pending) == len(state.pending)
            assert len(member.state.init_secrets) == len(state.unused)


@pytest.fixture
def pair():
    pair = PairedGame(tainted_treekem(), "1", (*NAMES, "eve"))
    for step in STEPS:
        assert pair.play(step).accepted
    assert not pair.over
    return pair


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"before": {}}, "refreshed"),
        ({"sent": {}}, "ciphertexts, the model has 0"),
        ({"leaves": ("ann",)}, "members"),
        ({"taints": {}}, "taints"),
        ({"keys": {}}, "keyed nodes"),
        ({"depth": 9}, "keyed nodes"),
    ],
)
def test_every_difference_is_told(pair, change, words):
    operation = pair.model.operations[4]
    of_view = {name: value for name, value in change.items() if name not in ("before", "sent")}
    others = {name: value for name, value in change.items() if name in ("before", "sent")}
    view = replace(operation.view, **of_view)
    pair.model.operations[4] = replace(operation, view=view, **others)
    (told,) = compare(pair.real, pair.model, Deliver(4, "dan"))
    assert words in told


def test_who_is_in_a_group_on_one_side_only_is_told(pair):
    assert list(compare(pair.real, pair.model, Deliver(4, "ann"))) == []
    pair.model.states["dan"].now = None
    assert list(compare(pair.real, pair.model, Deliver(4, "dan"))) == [
        "dan is in a group in only one of protocol and model"
    ]
    assert list(compare(pair.real, pair.model, SampleKey("dan", 9))) == []
    assert list(compare(pair.real, pair.model, Update("zoe", 99))) == []


def test_what_one_side_accepts_alone_ends_the_game(pair):
    pair.model.ledger.members["dan"].at = None
    pair.play(Update("dan", 5))
    assert [finding.kind for finding in pair.findings] == ["model"]
    assert pair.over


def test_a_difference_ends_the_game(pair):
    class Other(TaintRules):
        def taints(self, now, refreshed):
            return {}

    pair.model.rules = Other()
    pair.play(Update("dan", 5))
    pair.play(Remove("dan", 6, "bob"))
    pair.play(Confirm(6))
    assert pair.over
    assert "taints" in pair.findings[0].what


def test_a_copy_goes_its_own_way():
    game = play_symbolically(("a", "b"), (SampleKey("b", 0), SampleKey("b", 1)))
    before = game.digest
    copied = game.copy()
    assert copied.digest == before
    copied.play(EraseKeys("b"))
    assert (game.digest, copied.digest == before) == (before, False)
    assert game.ledger.members["b"].unused == [0, 1]


def test_digests_and_traces():
    game = play_symbolically((*NAMES, "eve"), STEPS)
    again = play_symbolically((*NAMES, "eve"), STEPS)
    shorter = play_symbolically((*NAMES, "eve"), STEPS[:-1])
    assert game.digest == again.digest != shorter.digest
    assert (game.trace().suite, game.trace().steps) == (0, STEPS)
    assert game.view("ann") is None
    assert game.view("dan").leaves[0] is None


def test_a_member_that_cannot_open_is_noticed():
    game = play_symbolically(NAMES, (*START, Update("ann", 1), Confirm(1)))
    game.operations[1] = replace(game.operations[1], sent={})
    game.play(Deliver(1, "cat"))
    assert [finding.kind for finding in game.findings] == ["refused"]
    assert "leaf 2 cannot decrypt the seed of node 5" in game.findings[0].what
    assert game.over
    with pytest.raises(LocalError, match="could not open"):
        game.play(Update("ann", 2))


def test_playing_stops_when_the_model_cannot_open_a_ciphertext(monkeypatch):
    monkeypatch.setattr(SymbolicGame, "_opened", _lost)
    game = play_symbolically(NAMES, START)
    assert (game.over, len(game.steps)) == (True, 6)


def _lost(game, made, leaf, old):
    game.findings.append(Violation("x", 0, ""))
    game.over = True
    return old


def test_other_secrets_than_those_of_the_path_are_noticed():
    game = play_symbolically(NAMES, START)
    game.states["bob"].now.secrets[5] = 0
    game.play(SampleKey("bob", 9))
    assert [finding.kind for finding in game.findings] == ["invariant"]
