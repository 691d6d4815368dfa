"""Steps per second of the game: the symbolic model with both oracles, and real messages.

The model is compared with the real game, and with its judge with the model alone. The quantities
are measured alternately within one run, because the speed of a machine drifts.
"""

from random import Random
from statistics import median
from time import process_time

import pytest

from ttkem.adversary import (
    STRATEGIES,
    Campaign,
    Player,
    SymbolicGame,
    judge,
    play,
    play_symbolically,
    run_campaign,
)
from ttkem.tainted import tainted_treekem

NAMES = tuple(f"m{number}" for number in range(6))
ROUNDS = 7


def traces(count):
    """Return traces of 150 steps, by each strategy in turn."""
    found = []
    for number in range(count):
        game = SymbolicGame(NAMES)
        strategy = list(STRATEGIES.values())[number % len(STRATEGIES)]
        chance = Random(number)  # noqa: S311 - the adversary's choices, not keys
        player = Player(strategy, game.ledger, chance, 5)
        for _ in range(150):
            game.play(player.step())
        found.append(game.steps)
    return found


def rate(function, steps):
    start = process_time()
    function()
    return steps / (process_time() - start)


@pytest.fixture(scope="module")
def rates():
    played = traces(len(STRATEGIES))
    steps = sum(map(len, played))

    def real():
        for trace in played:
            play(tainted_treekem(), "bench", NAMES, trace)

    def model():
        for trace in played:
            play_symbolically(NAMES, trace)

    def judged():
        for trace in played:
            judge(play_symbolically(NAMES, trace))

    def campaign():
        run_campaign(Campaign(steps=20_000))

    measured = {"real": [], "model": [], "model and judge": [], "campaign": []}
    for _ in range(ROUNDS):
        measured["real"].append(rate(real, steps))
        measured["model"].append(rate(model, steps))
        measured["model and judge"].append(rate(judged, steps))
        measured["campaign"].append(rate(campaign, 20_000))
    medians = {name: median(values) for name, values in measured.items()}
    print()
    for name, value in medians.items():
        print(f"{name:>16}: {value:,.0f} steps/s of processor time")
    return medians


def test_the_model_is_much_faster_than_real_messages(rates):
    assert rates["model and judge"] > 8 * rates["real"]


def test_judging_costs_less_than_playing(rates):
    assert rates["model and judge"] > rates["model"] / 2


def test_a_campaign_is_mostly_play(rates):
    assert rates["campaign"] > rates["model and judge"] / 3
