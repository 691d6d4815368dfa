"""Strategies: every move in every situation; all randomness comes from the given generator."""

from random import Random

import pytest

from ttkem.adversary import (
    STRATEGIES,
    Challenge,
    Confirm,
    Create,
    Deliver,
    EndCorrupt,
    Player,
    Remove,
    SampleKey,
    StartCorrupt,
    SymbolicGame,
    Update,
)
from ttkem.adversary.strategies import MOVES

NAMES = ("a", "b", "c")


def player_of(game, seed=1, tainters=lambda who: set(), first=0):
    return Player(STRATEGIES["random"], game.ledger, Random(seed), first, tainters)


def group():
    game = SymbolicGame(NAMES)
    player = player_of(game, first=3)
    for _ in range(6):
        game.play(player.step())
    assert [game.ledger.members[name].at for name in NAMES] == [0, 0, 0]
    return game


def empty():
    """Return a game in which two members have removed each other on different forks."""
    game = SymbolicGame(("a", "b"))
    for step in (
        SampleKey("b", 0),
        Create("a", 0, (0,)),
        Confirm(0),
        Deliver(0, "b"),
        Remove("a", 1, "b"),
        Remove("b", 2, "a"),
        Deliver(1, "b"),
        Deliver(2, "a"),
        SampleKey("a", 1),
        SampleKey("b", 2),
    ):
        assert game.play(step).accepted
    return game


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_where_nobody_is_in_a_group(name):
    for seed in range(20):
        game = empty()
        for step in MOVES[name](player_of(game, seed)):
            assert game.ledger.misuse(step) is None
            game.play(step)


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_before_anything_has_happened(name):
    for seed in range(20):
        game = SymbolicGame(NAMES)
        for step in MOVES[name](player_of(game, seed)):
            assert game.ledger.misuse(step) is None
            game.play(step)


@pytest.mark.parametrize("name", sorted(MOVES))
def test_every_move_in_a_group_makes_sense(name):
    done = set()
    for seed in range(60):
        game = group()
        for who in NAMES[seed % 4 :]:
            game.play(StartCorrupt(who))
        game.play(Challenge(0))
        game.play(Update("b", 1))
        watched = {"a"} if seed % 2 else set()
        player = player_of(game, seed, lambda who, watched=watched: watched)
        for step in MOVES[name](player):
            done.add(type(step))
            assert game.ledger.misuse(step) is None
            game.play(step)
    assert bool(done) is (name != "create")


def test_a_new_group_where_everybody_has_left():
    game = empty()
    create, confirm = MOVES["create"](player_of(game))
    assert isinstance(create, Create)
    assert create.keys in ((1,), (2,))
    assert confirm == Confirm(3)
    assert MOVES["create"](player_of(group())) == []


def test_the_hoarder_watches_whoever_taints():
    for seed in range(9):
        steps = MOVES["hoard"](player_of(group(), seed, lambda who: {"a"}))
        assert {StartCorrupt("a"), EndCorrupt("a"), Update("a", 1)} <= set(steps)


def test_a_player_depends_on_its_generator_alone():
    def steps(seed):
        game = group()
        player = player_of(game, seed)
        played = []
        for _ in range(50):
            played.append(player.step())
            game.play(played[-1])
        return played

    assert steps(1) == steps(1) != steps(2)
