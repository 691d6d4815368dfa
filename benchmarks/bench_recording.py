"""The cost of recording, as ratios within one run: recorded and judged runs to plain ones.

The same steps are played three times: by the game alone, recorded, and recorded and judged at the
end. The three are measured alternately, because the speed of a machine drifts.
"""

from random import Random
from statistics import median
from time import process_time

import pytest

from ttkem.adversary import STRATEGIES, Game, Player
from ttkem.crypto.recording import Recorder, recording
from ttkem.mls.cgka import mls_cgka
from ttkem.tainted import tainted_treekem
from ttkem.testing import Run

NAMES = tuple(f"m{number}" for number in range(6))
STEPS, ROUNDS = 100, 3


def traces(protocol):
    """Return runs by each strategy in turn."""
    found = []
    for number, strategy in enumerate(STRATEGIES.values()):
        game = Game(protocol, "bench", NAMES)
        chance = Random(number)  # noqa: S311 - the adversary's choices, not keys
        player = Player(strategy, game.ledger, chance, 5)
        for _ in range(STEPS):
            game.play(player.step())
        found.append(game.steps)
    return found


def seconds(function):
    start = process_time()
    function()
    return process_time() - start


@pytest.fixture(scope="module", params=[tainted_treekem, mls_cgka], ids=["TTKEM", "MLS"])
def ratios(request):
    protocol = request.param()
    played = traces(protocol)

    def plain():
        for steps in played:
            game = Game(protocol, "bench", NAMES)
            for step in steps:
                game.play(step)

    def recorded(*, judged=False):
        with recording(Recorder()):
            for steps in played:
                run = Run(protocol, "bench", NAMES, recorded_only=True)
                run.play(*steps)
                if judged:
                    run.judge()

    slower = {"recorded": [], "recorded and judged": []}
    for _ in range(ROUNDS):
        base = seconds(plain)
        slower["recorded"].append(seconds(recorded) / base)
        slower["recorded and judged"].append(seconds(lambda: recorded(judged=True)) / base)
    medians = {name: median(values) for name, values in slower.items()}
    print()
    for name, value in medians.items():
        print(f"{protocol.name}, {name}: {value:.2f} times the time of a plain run")
    return medians


def test_recording_slows_a_run_by_at_most_3(ratios):
    assert ratios["recorded"] < 3


def test_judging_costs_as_much_as_a_few_runs(ratios):
    assert ratios["recorded and judged"] < 8
